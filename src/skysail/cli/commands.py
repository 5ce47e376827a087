"""Which commands there are, and in which module each is; nothing of them is loaded here."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise, takewhile
from typing import get_args

from skysail.cli.invocation import Colour

COMMANDS = {
    "instances": "skysail.cli.instances",
    "instances show": "skysail.cli.show",
    "instances create": "skysail.cli.create",
    "instances start": "skysail.cli.start",
    "instances stop": "skysail.cli.stop",
    "instances reboot": "skysail.cli.reboot",
    "instances delete": "skysail.cli.delete",
    "list": "skysail.cli.list_kind",
    "ports": "skysail.cli.ports",
    "metrics": "skysail.cli.metrics",
    "ssh": "skysail.cli.ssh",
    "bundles": "skysail.cli.bundles",
    "blueprints": "skysail.cli.blueprints",
    "regions": "skysail.cli.regions",
    "call": "skysail.cli.call",
    "serve": "skysail.cli.serve",
    "token": "skysail.cli.token",
    "import": "skysail.cli.import_fleet",
    "seed": "skysail.cli.seed",
    "mirror": "skysail.cli.mirror",
    "diff": "skysail.cli.diff",
    "export": "skysail.cli.export",
    "check": "skysail.cli.check",
    "clock": "skysail.cli.clock",
    "faults": "skysail.cli.faults",
    "calls": "skysail.cli.calls",
    "pages": "skysail.cli.pages",
    "reset": "skysail.cli.reset",
    "operations": "skysail.cli.operations",
    "doctor": "skysail.cli.doctor",
    "completion": "skysail.cli.completion",
    "demo": "skysail.cli.demo",
}
"""Each command and the module that has it, as `command`. Some are of two words: a noun, and what is done with it."""

NOUNS = (
    *("disks", "snapshots", "static-ips", "key-pairs", "load-balancers", "certificates", "container-services"),
    *("databases", "buckets", "distributions", "domains", "alarms", "contact-methods"),
)
"""What `skysail list` lists; each is a command of its own too."""

BEFORE_THE_COMMAND = {
    **dict.fromkeys(("--region", "--profile", "--endpoint", "--color", "-o", "--output"), 2),
    **dict.fromkeys(("--columns", "--where", "--sort"), 2),
    **dict.fromkeys(("--no-header", "-q", "--quiet", "-v", "--verbose", "--debug"), 1),
}
"""Options that may stand before the command, and how many words they take with their value."""


def as_options(words: Sequence[str]) -> list[str]:
    """`help`, `help instances` and `version`, commands elsewhere, as the options that they are here."""
    match words:
        case ["help", *named]:
            return [*named, "--help"]
        case ["version"]:
            return ["--version"]
    return list(words)


def command_first(arguments: Sequence[str]) -> list[str]:
    """The same words with the options that stand before the command behind its name, and that name as one word."""
    at = 0
    while at < len(arguments) and arguments[at].partition("=")[0] in BEFORE_THE_COMMAND:
        name, has_value, _ = arguments[at].partition("=")
        at += 1 if has_value else BEFORE_THE_COMMAND[name]
    if at < len(arguments) and arguments[at] in NOUNS:
        return ["list", arguments[at], *arguments[:at], *arguments[at + 1 :]]
    end = at + 2 if " ".join(arguments[at : at + 2]) in COMMANDS else at + 1
    name_of_command = [" ".join(arguments[at:end])] if arguments[at:end] else []
    return [*name_of_command, *arguments[:at], *arguments[end:]]


def verbs_of(noun: str) -> list[str]:
    """What can be done with it: the second words of its commands."""
    return [name.removeprefix(f"{noun} ") for name in COMMANDS if name.startswith(f"{noun} ")]


def asks_for_json(arguments: Sequence[str]) -> bool:
    """Whether errors are to be JSON too: told before anything else is, as also the command line itself may be wrong."""
    values = [
        word.removeprefix("--output=").removeprefix("-o") for word in arguments if word.startswith(("-o", "--output="))
    ]
    values += [word for name, word in pairwise(arguments) if name in ("-o", "--output")]
    return bool({"json", "jsonl"} & set(values))


def asks_for_more(arguments: Sequence[str]) -> bool:
    """Whether -v is there, before what is another program's; for the same reason."""
    return any(word in ("-v", "--verbose") for word in takewhile(lambda word: word != "--", arguments))


def asked_colour(arguments: Sequence[str]) -> Colour | None:
    """What stands behind --color, where it is one of its values; for the same reason."""
    values = [word.removeprefix("--color=") for word in arguments if word.startswith("--color=")]
    values += [word for name, word in pairwise(arguments) if name == "--color"]
    return next((colour for colour in get_args(Colour) if colour in values), None)
