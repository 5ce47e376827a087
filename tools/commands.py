"""The reference of the command line: docs/cli.md and the man page man/skysail.1, made from the commands themselves;
and the scripts for completion, as files that a wheel brings along.

    python tools/commands.py [--check]

The texts are those that --help shows, the tables what the parser knows. With --check nothing is written; it fails where
one of them is not what the code gives.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path

import click

from skysail.cli.commands import COMMANDS
from skysail.cli.completion import SCRIPTS
from skysail.cli.failures import MEANINGS
from skysail.cli.main import HELP
from skysail.cli.misuse import shown_as

_TREE = Path(__file__).parent.parent
DOCUMENT = _TREE / "docs" / "cli.md"
MAN_PAGE = _TREE / "man" / "skysail.1"
COMPLETIONS = {"bash": "skysail", "zsh": "_skysail", "fish": "skysail.fish"}
"""What a shell wants its file to be called; they lie in completions/, by shell."""

VARIABLES = {
    "AWS_PROFILE, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN": "whose account, as for the AWS CLI",
    "AWS_DEFAULT_REGION": "the region where --region names none",
    "SKYSAIL_ENDPOINT, AWS_ENDPOINT_URL_LIGHTSAIL, AWS_ENDPOINT_URL": "the service to ask, the first before the next",
    "AWS_CONFIG_FILE, AWS_SHARED_CREDENTIALS_FILE": "where the AWS CLI's files are",
    "NO_COLOR, CLICOLOR_FORCE": "no colour; colour into a pipe too; --color is above both",
    "XDG_STATE_HOME, XDG_CACHE_HOME": "where --resume last and completion remember the last listing",
}
_COMMON = {
    "--color": "`auto`, `always`, `never`; else by `NO_COLOR`, `CLICOLOR_FORCE`, and whether it is a terminal",
    "-q, --quiet": "nothing but results and errors",
    "-v, --verbose": "errors with AWS's code, the request's id and their place in docs/errors.md",
    "--debug": "what led to an error, above its line",
}
_HEAD = """\
# Commands

What each command says of itself by `--help`, and what the parser takes. Made by `make commands`; do not edit.
[The command line](command-line.md) says how they go together.
"""


def document() -> str:
    """docs/cli.md as the code gives it."""
    parts = [_HEAD.strip(), _fenced(HELP), "Every command takes", "\n".join(_rows("option", _COMMON))]
    for name, command in commands():
        parts += [f"## skysail {name}", _fenced(command.help or ""), "\n".join(_table(command))]
    statuses = {str(int(status)): meaning for status, meaning in MEANINGS.items()}
    parts += ["## Exit status", "\n".join(_rows("status", statuses))]
    parts += ["## Environment", "\n".join(_rows("variable", VARIABLES))]
    return "\n\n".join(parts) + "\n"


def commands() -> Iterator[tuple[str, click.Command]]:
    """Every command by its name, loaded."""
    for name, module in COMMANDS.items():
        yield name, import_module(module).command


def _fenced(text: str) -> str:
    stripped = text.strip("\n").rstrip()
    return f"```text\n{stripped}\n```"


def _table(command: click.Command) -> Iterator[str]:
    yield "| argument or option | takes | |"
    yield "| --- | --- | --- |"
    common = {spelling for names in _COMMON for spelling in names.split(", ")}
    for parameter in command.params:
        if common & set(parameter.opts):
            continue
        if isinstance(parameter, click.Argument):
            named = f"`{shown_as(parameter).replace('|', '&#124;')}`"
        else:
            named = ", ".join(f"`{spelling}`" for spelling in (*parameter.opts, *parameter.secondary_opts))
        yield f"| {named} | {_taken(parameter)} | {_remarks(parameter)} |"


def _taken(parameter: click.Parameter) -> str:
    if isinstance(parameter, click.Option) and parameter.is_flag:
        return ""
    if isinstance(parameter.type, click.Choice):
        return ", ".join(f"`{choice}`" for choice in parameter.type.choices)
    if isinstance(parameter.type, click.IntRange):
        highest = "" if parameter.type.max is None else f" to {parameter.type.max}"
        return f"a number from {parameter.type.min}{highest}"
    kinds = {"integer": "a number", "float": "a number", "path": "a file", "file": "a file", "directory": "a folder"}
    return kinds.get(parameter.type.name, "text")


def _remarks(parameter: click.Parameter) -> str:
    is_several = parameter.multiple if isinstance(parameter, click.Option) else parameter.nargs == -1
    is_once = parameter.callback is not None and parameter.callback.__name__ == "one"  # it refuses a second one
    told = []
    if parameter.required:
        told.append("required")
    if is_several and not is_once:
        told.append("more than once")
    default = parameter.default
    if isinstance(default, str | int | float) and not isinstance(default, bool):
        told.append(f"else `{default}`")
    return "; ".join(told)


def _rows(what: str, meanings: Mapping[str, str]) -> Iterator[str]:
    """Names, with commas between, and what they mean."""
    yield f"| {what} | |"
    yield "| --- | --- |"
    for names, meaning in meanings.items():
        yield f"| {', '.join(f'`{name}`' for name in names.split(', '))} | {meaning} |"


# --- the man page -----------------------------------------------------------------------------------------


def man_page() -> str:
    """man/skysail.1 as the code gives it. It has no date, so that the same commands give the same bytes."""
    lines = [
        '.\\" Made by "make commands"; do not edit.',
        '.TH SKYSAIL 1 "" skysail "User Commands"',
        ".SH NAME",
        _roff("skysail - list, walk and rehearse Amazon Lightsail"),
        ".SH SYNOPSIS",
        ".B skysail",
        ".I command",
        _roff("[argument ...] [--option ...]"),
        ".SH DESCRIPTION",
        *_verbatim(HELP),
        ".SH COMMANDS",
    ]
    for name, command in commands():
        lines += [f".SS skysail {_roff(name)}", *_verbatim(command.help or "")]
    lines.append(".SH EXIT STATUS")
    for status, meaning in MEANINGS.items():
        lines += [".TP", f".B {int(status)}", _roff(meaning)]
    lines.append(".SH ENVIRONMENT")
    for names, meaning in VARIABLES.items():
        lines += [".TP", f".B {_roff(names)}", _roff(meaning)]
    lines += [".SH SEE ALSO", ".BR aws (1),", ".BR ssh (1)"]
    return "\n".join(lines) + "\n"


def _verbatim(text: str) -> Iterator[str]:
    """A text with its own lines, of one width."""
    yield ".nf"
    yield ".ft CR"
    yield from (_roff(line) for line in text.strip("\n").rstrip().split("\n"))
    yield ".ft R"
    yield ".fi"


def _roff(line: str) -> str:
    """A line as it stands: nothing in it is a command, and each hyphen is the one that is typed."""
    escaped = line.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq").replace("`", "\\(ga")
    return f"\\&{escaped}" if re.match(r"[.']", line) else escaped


def files() -> dict[Path, str]:
    """All that is made, by where it lies."""
    scripts = {_TREE / "completions" / shell / name: SCRIPTS[shell] for shell, name in COMPLETIONS.items()}
    return {DOCUMENT: document(), MAN_PAGE: man_page(), **scripts}


def main(arguments: list[str]) -> int:
    stale = []
    for path, text in files().items():
        if "--check" not in arguments:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        elif not path.exists() or path.read_text() != text:
            stale.append(path.relative_to(_TREE))
    for path in stale:
        print(f"{path} is not what the commands give: make commands", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
