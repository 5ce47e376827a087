"""Pictures for the documents: the command line as SVG, and the console as PNG where a browser is there.

    python tools/pictures.py FOLDER

They are made when the site is built and are in no commit. What the command line shows is run in a terminal, on a fleet
that is the same each time; its SVG is text, and loads no font or anything else from anywhere.
"""

from __future__ import annotations

import io
import os
import pty
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

_COLUMNS = 96
_SKYSAIL = str(Path(sys.executable).parent / "skysail")

_FLEET = """\
skysail seed --instances 40 --regions us-east-1,eu-central-1 > fleet.yaml
skysail seed fleet.yaml --into fleet.db
"""

COMMANDS = {
    "instances": ["skysail instances --region us-east-1 --max-items 8"],
    "chosen": [
        "skysail instances --region us-east-1 --where state=running --where 'ram>=2' --sort name"
        " --columns name,state,cpu,ram,ports,tags"
    ],
    "show": ["skysail instances show web-1 --region us-east-1"],
    "token": ["skysail token eyJwYWdlVG9rZW4iOiBudWxsLCAiYm90b190cnVuY2F0ZV9hbW91bnQiOiA1fQ=="],
}
"""Each picture's name and what is typed for it."""

PAGES = {
    "console-fleet": "/console/instances",
    "console-instance": "/console/instances/us-east-1/web-1/networking",
    "console-calls": "/console/calls",
    "console-time": "/console/time",
}
"""Each picture of the console, and the address of its page."""

_CALLED = """\
skysail call GetInstances --region us-east-1
skysail call StopInstance instanceName=web-1 --region us-east-1
skysail call AllocateStaticIp staticIpName=web-ip --region us-east-1
skysail faults add throttle GetInstances --first 1
skysail call GetInstances --region eu-central-1
"""
"""What programs ask of the server before its pictures are taken."""

_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
_WINDOW = "1280,800"
_PATIENCE_S = 60

_THEME = TerminalTheme(
    (24, 27, 38),
    (208, 212, 224),
    [
        (24, 27, 38),
        (230, 100, 110),
        (130, 190, 110),
        (220, 180, 100),
        (110, 160, 240),
        (190, 140, 230),
        (90, 190, 190),
        (208, 212, 224),
    ],
)

_SVG = """\
<svg class="rich-terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<style>
.{unique_id}-matrix {{ font-family: ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace;
  font-size: {char_height}px; line-height: {line_height}px; font-variant-east-asian: full-width; }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}" />
</clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""


def browser_here() -> str | None:
    return next(filter(None, map(shutil.which, _BROWSERS)), None)


def draw(folder: Path, browser: str | None) -> list[Path]:
    """The pictures that can be made, in `folder`: those of the console with a Chromium alone."""
    folder.mkdir(parents=True, exist_ok=True)
    made = []
    with tempfile.TemporaryDirectory() as home:
        environment = {
            "PATH": f"{Path(_SKYSAIL).parent}{os.pathsep}{os.environ['PATH']}",
            "HOME": home,
            "TERM": "xterm-256color",
            "LANG": "C.UTF-8",
            "COLUMNS": str(_COLUMNS),
            "PYTHONPATH": os.environ.get("PYTHONPATH", ""),
            "AWS_ACCESS_KEY_ID": "123456789012",
            "AWS_SECRET_ACCESS_KEY": "local",
            "SKYSAIL_ENDPOINT": "local:fleet.db",
        }
        bare = {**environment, "SKYSAIL_ENDPOINT": ""}
        _run(_FLEET, home, bare)
        for name, typed in COMMANDS.items():
            path = folder / f"{name}.svg"
            path.write_text(_drawn(name, typed, home, environment))
            made.append(path)
        if browser is not None:
            with served(home, bare) as url:
                _run(_CALLED, home, {**environment, "SKYSAIL_ENDPOINT": url})
                seen = [_seen(folder / f"{name}.png", url + place, browser, home) for name, place in PAGES.items()]
                made += filter(None, seen)
    return made


def _run(script: str, folder: str, environment: Mapping[str, str]) -> None:
    subprocess.run(["bash", "-euc", script], cwd=folder, env=dict(environment), check=True, capture_output=True)


@contextmanager
def served(folder: str, environment: Mapping[str, str]) -> Iterator[str]:
    """The URL of a server on the fleet."""
    ready = Path(folder) / "url.txt"
    command = [_SKYSAIL, "serve", "--data", "fleet.db", "--port", "0", "--ready-file", str(ready)]
    silent = subprocess.DEVNULL
    with subprocess.Popen(command, cwd=folder, env=dict(environment), stdout=silent, stderr=silent) as server:
        try:
            patience = time.monotonic() + _PATIENCE_S
            while not ready.exists() or not ready.read_text().strip():
                if server.poll() is not None or time.monotonic() > patience:
                    raise RuntimeError("the server for the console's pictures is not ready")
                time.sleep(0.05)
            yield ready.read_text().strip()
        finally:
            server.terminate()


def _seen(path: Path, url: str, browser: str, home: str) -> Path | None:
    """A page as a browser shows it; None where the browser does not do it, which is told and stops nothing.

    Root is what containers run as, which Chromium's own sandbox refuses.
    """
    command = [browser, "--headless", "--disable-gpu", "--hide-scrollbars", f"--user-data-dir={home}/browser"]
    command += ["--no-sandbox"] if os.geteuid() == 0 else []
    command += [f"--window-size={_WINDOW}", f"--screenshot={path}", url]
    try:
        subprocess.run(command, check=True, capture_output=True, timeout=_PATIENCE_S)
    except (OSError, subprocess.SubprocessError) as error:
        print(f"no picture of {url}: {error}", file=sys.stderr)
        return None
    return path


def _drawn(name: str, typed: list[str], home: str, environment: Mapping[str, str]) -> str:
    console = Console(record=True, width=_COLUMNS, file=io.StringIO(), force_terminal=True, legacy_windows=False)
    for command in typed:
        console.print(Text.assemble(("$ ", "bold"), command))
        console.print(
            Text.from_ansi(in_terminal(shlex.split(command), home, environment).replace("\r\n", "\n").rstrip())
        )
    return console.export_svg(title="", theme=_THEME, code_format=_SVG, unique_id=f"skysail-{name}")


def in_terminal(command: list[str], folder: str, environment: Mapping[str, str]) -> str:
    """What a command shows on a terminal of its own. Raises CalledProcessError where it fails."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        command, cwd=folder, env=dict(environment), stdin=theirs, stdout=theirs, stderr=theirs
    ) as process:
        os.close(theirs)
        shown = b""
        while True:
            try:
                piece = os.read(ours, 65_536)
            except OSError:  # Linux tells the end of a terminal so
                break
            if not piece:
                break
            shown += piece
    os.close(ours)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command, shown)
    return shown.decode()


def main(arguments: list[str]) -> int:
    for path in draw(Path(*arguments), browser_here()):
        print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
