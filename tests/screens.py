"""A session of the command line on a terminal: the program itself, on a service whose clock is moved by hand.

    PYTHONPATH=src:tests python tests/screens.py           writes tests/cli/screens/*.txt anew
    PYTHONPATH=src:tests python tests/screens.py TASK      plays one task here, to look at it

The commands are the tasks that people come with most often. They are played one after the other on one fleet.
"""

from __future__ import annotations

import json
import os
import re
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from pseudo_terminal import Terminal
from running_server import neutral_environment

FOLDER = Path(__file__).parent / "cli" / "screens"
WIDTHS = (80, 120)
LOOKS = {f"{width}{'-colour' if colour else ''}": (width, colour) for width in WIDTHS for colour in (False, True)}
DAY = 86_400.0
END = "\x04end of the session\x04"
PROFILES = {"prod-eu": "444455556666", "prod-us": "111122223333"}


class Task(NamedTuple):
    """A command line, and what is typed where it asks."""

    words: tuple[str, ...]
    answer: str | None = None
    question: str = ""


def _task(line: str, answer: str | None = None, question: str = "") -> Task:
    return Task(tuple(line.split()), answer, question)


TASKS = {
    "what do I have here": _task("instances"),
    "where is everything": _task("instances --profile prod-* --region us-east-1 --region eu-central-1 --concurrency 1"),
    "and on from there": _task("instances --concurrency 1 --resume last"),
    "give it to a script": _task(
        "instances --where state=running --sort -age -o tsv --columns name,publicIpAddress --no-header"
    ),
    "one machine, all of it": _task("instances show web-1"),
    "what it did lately": _task("metrics web-1"),
    "make one and wait": _task("instances create web-3 --blueprint ubuntu_24_04 --bundle small_3_0"),
    "stop one": _task("instances stop web-2", "n", "Stop it? [y/N] "),
    "delete one": _task("instances delete batch-old", "batch-old", "to delete it: "),
    "the disks": _task("disks"),
    "what there is to order": _task("bundles --where ram<=2 --where platform=linux* --columns=-platform,-ipv4"),
    "the firewall": _task("ports set web-1 22/tcp@198.51.100.0/24 80/tcp 443/tcp", "y", "Apply? [y/N] "),
    "in pages": _task("instances --max-items 2 -o name"),
    "nothing fits": _task("instances --where state=runing"),
    "anything else": _task("call GetInstanceState instanceName=web-1"),
    "what changes": _task("instances --watch"),
    "a wrong word": _task("instances --regoin us-east-1"),
    "a wrong name": _task("instances show wbe-1 -v"),
    "open to all": _task("serve --host 0.0.0.0"),
}


# --- in the terminal --------------------------------------------------------------------------------------


def play(names: list[str], color: str) -> None:
    """Play these tasks on this process's own streams."""
    import skysail
    from bench import Bench
    from skysail.caller.fleet.clients import Connections
    from skysail.cli.invocation import Invocation
    from skysail.cli.main import run
    from skysail.opening import open_async_transport

    bench = Bench()
    fill(bench)
    sleeping = _Sleeping(bench)
    world = replace(bench.lightsail.world, sleep=sleeping)
    connections = Connections(partial(_Troubled, bench), open_async_transport)

    for name in names:
        task = TASKS[name]
        sleeping.is_watched = "--watch" in task.words
        print(f"$ skysail {' '.join(task.words)}", flush=True)
        invocation = Invocation(environ=dict(os.environ), world=world, connect=_own_place(bench, world))
        invocation.fleet = partial(skysail.fleet, connections=connections)
        status = run([*task.words, "--color", color], invocation)
        print(f"({status})", flush=True)
    print(END, flush=True)


def _own_place(bench: Any, world: Any) -> Any:
    """Clients that take the service for AWS's own, as the profile `default` sees it."""
    from skysail.caller.settings import Settings
    from skysail.caller.sync import Client
    from skysail.caller.transport import InProcess
    from skysail.protocol.sigv4 import Key

    def connect(*, region_name: str | None, **_: Any) -> Client:
        region = region_name or "us-east-1"
        key = Key("local", "local")
        settings = Settings(region, f"https://lightsail.{region}.amazonaws.com", region, lambda: key)
        return Client(settings, InProcess(bench.lightsail.service.answer), world)

    return connect


class _Sleeping:
    """Time passes. While somebody watches, an instance is made and started, and then Ctrl-C comes."""

    def __init__(self, bench: Any) -> None:
        self._bench = bench
        self._watched = 0
        self.is_watched = False

    def __call__(self, seconds: float) -> None:
        self._bench.clock.advance(seconds)
        if not self.is_watched:
            return
        self._watched += 1
        if self._watched == 1:
            self._bench.create("web-4")
        if self._watched == 5:
            raise KeyboardInterrupt


class _Troubled:
    """The service, but that one account has not enabled a region, and another region cannot be reached."""

    def __init__(self, bench: Any, settings: Any) -> None:
        self._answer = bench.lightsail.service.answer

    def send(self, request: Any) -> Any:
        from skysail.errors import ConnectError
        from skysail.protocol.message import Response

        signature = request.headers["authorization"]
        if PROFILES["prod-eu"] in signature and "/us-east-1/" in signature:
            message = "The security token included in the request is invalid."
            body = json.dumps({"__type": "UnrecognizedClientException", "message": message}).encode()
            return Response(400, {"content-type": "application/x-amz-json-1.1"}, body)
        if PROFILES["prod-us"] in signature and "/eu-central-1/" in signature:
            raise ConnectError(endpoint_url="https://lightsail.eu-central-1.amazonaws.com")
        return self._answer(request)

    def close(self) -> None:
        """It is closed with the bench."""


_OTHERS = (("prod-us", "us-east-1", ["api-1", "api-2"]), ("prod-eu", "eu-central-1", ["api-1"]))


def fill(bench: Any) -> None:
    """web-1, which has everything; web-2, just ordered; batch-old, stopped long ago; and two accounts with some."""
    client = bench.client
    bench.instance("batch-old", bundleId="micro_3_0", blueprintId="debian_12")
    client.create_instance_snapshot(instanceName="batch-old", instanceSnapshotName="batch-old-kept")
    bench.settle()
    client.stop_instance(instanceName="batch-old")
    bench.clock.advance(196 * DAY)
    tags = [{"key": "role", "value": "web"}, {"key": "env", "value": "prod"}]
    bench.instance("web-1", bundleId="small_3_0", blueprintId="wordpress", tags=tags)
    client.create_disk(diskName="data", sizeInGb=64, availabilityZone="us-east-1a")
    client.allocate_static_ip(staticIpName="web-ip")
    client.attach_static_ip(staticIpName="web-ip", instanceName="web-1")
    at_six = {"addOnType": "AutoSnapshot", "autoSnapshotAddOnRequest": {"snapshotTimeOfDay": "06:00"}}
    client.enable_add_on(resourceName="web-1", addOnRequest=at_six)
    ports = [{"fromPort": port, "toPort": port, "protocol": "tcp"} for port in (22, 80, 8000)]
    client.put_instance_public_ports(instanceName="web-1", portInfos=ports)
    bench.clock.advance(209 * DAY)
    client.create_instance_snapshot(instanceName="web-1", instanceSnapshotName="before-update")
    for account, region, names in (
        ("prod-us", "us-east-1", ["api-1", "api-2"]),
        ("prod-eu", "eu-central-1", ["api-1"]),
    ):
        bench.lightsail.client(region, PROFILES[account]).create_instances(
            instanceNames=names, availabilityZone=f"{region}a", bundleId="nano_3_0", blueprintId="nginx"
        )
    bench.settle()
    bench.create("web-2", bundleId="small_3_0", blueprintId="ubuntu_24_04")


# --- around it --------------------------------------------------------------------------------------------


def session(look: str, home: Path) -> Mapping[str, str]:
    """What a terminal of that look gets, by the tasks' names."""
    width, has_colour = LOOKS[look]
    tests = str(Path(__file__).parent)
    program = (
        f"import sys; sys.path.insert(0, {tests!r});"
        f"import screens; screens.play({list(TASKS)!r}, {'always' if has_colour else 'never'!r})"
    )
    terminal = Terminal(program, environment(home), columns=width)
    for task in TASKS.values():
        if task.answer is not None:
            terminal.read_until(task.question)
            terminal.type(f"{task.answer}\n")
            terminal.read_until(f"{task.question}{task.answer}\n")
    terminal.read_until(END)
    terminal.finish()
    parts = re.split(r"^(?=\$ skysail )", terminal.shown.partition(END)[0], flags=re.MULTILINE)[1:]
    return dict(zip(TASKS, map(readable, parts), strict=True))


def environment(home: Path) -> dict[str, str]:
    """Two profiles; no key of anybody's."""
    config = home / "config"
    config.write_text(
        "".join(
            f"[profile {name}]\naws_access_key_id = {account}\naws_secret_access_key = x\n"
            for name, account in PROFILES.items()
        )
    )
    return neutral_environment(home, AWS_CONFIG_FILE=str(config), TERM="xterm-256color")


_SIGNS = {
    "\x1b[0m": "{}",
    "\x1b[1m": "{bold}",
    "\x1b[4m": "{underlined}",
    "\x1b[31m": "{red}",
    "\x1b[32m": "{green}",
    "\x1b[33m": "{yellow}",
    "\r\x1b[K": "{again}",
}


def readable(shown: str) -> str:
    """The same with names for what cannot be seen; {again} begins a line anew."""
    for sign, name in _SIGNS.items():
        shown = shown.replace(sign, name)
    return shown


def kept(look: str) -> Mapping[str, str]:
    """What stands in the file of that look, by the tasks' names."""
    return dict(_parts((FOLDER / f"{look}.txt").read_text()))


def _parts(text: str) -> Iterator[tuple[str, str]]:
    for part in re.split(r"^== ", text, flags=re.MULTILINE)[1:]:
        name, _, shown = part.partition(" ==\n")
        yield name, shown


def main(arguments: list[str]) -> int:
    if arguments:
        play(arguments, "auto")
        return 0
    FOLDER.mkdir(exist_ok=True)
    for look in LOOKS:
        with tempfile.TemporaryDirectory() as home:
            shown = session(look, Path(home))
        (FOLDER / f"{look}.txt").write_text("".join(f"== {name} ==\n{text}" for name, text in shown.items()))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
