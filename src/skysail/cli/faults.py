"""`skysail faults`: what is to go wrong at a local server, how often, and how often it did."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from skysail.cli.failures import Status, wrong_usage
from skysail.cli.invocation import Invocation
from skysail.cli.options import Command, look_options, server_options
from skysail.cli.screen import Screen

if TYPE_CHECKING:
    from skysail.caller.handle import Fault, ServerFaults

HELP = """
  skysail faults                                       which there are
  skysail faults add throttle GetInstances --first 2
  skysail faults add error 'Create*' --code ServiceException --share 0.1
  skysail faults add delay --seconds 2 --account 111122223333
  skysail faults add cut CreateInstances --when after
  skysail faults clear [ID]                            one, or all

what: throttle, error, delay, cut; of an operation, a pattern, or of all
  --account N  --region NAME  of these callers alone
  --first N  --every N        the first N that fit, each Nth; else all
  --share X                   by chance, 0.1: a tenth of them
  --status N  --code NAME  --message TEXT  an error's
  --seconds X                 a delay's: the work is done, the answer late
  --when before|after         a cut's: before the work is done, or behind it

which server, and how it looks
  --endpoint URL  --profile NAME   as skysail clock
  -o table|json               INJECTED: how many, of those that fitted
  -q  -v  --color auto|always|never  --debug
"""

KINDS = ("throttle", "error", "delay", "cut")


@click.command("faults", cls=Command, help=HELP)
@click.argument("words", metavar="[add KIND [OPERATION] | clear [ID]]", nargs=-1)
@click.option("--account")
@click.option("--region")
@click.option("--first", type=click.IntRange(min=1))
@click.option("--every", type=click.IntRange(min=1))
@click.option("--share", type=float)
@click.option("--status", type=int)
@click.option("--code")
@click.option("--message")
@click.option("--seconds", type=float)
@click.option("--when", type=click.Choice(["before", "after"]))
@server_options
@click.option("-o", "--output", type=click.Choice(["table", "json"]), default="table")
@look_options
@click.pass_obj
def command(
    invocation: Invocation,
    /,
    words: tuple[str, ...],
    profile: str | None,
    endpoint: str | None,
    output: str,
    **how: Any,
) -> int:
    given = {name: value for name, value in how.items() if value is not None}
    verb, *rest = words or ("list",)
    _check(verb, rest, given)
    handle = invocation.administer(profile_name=profile, endpoint_url=endpoint)
    screen = Screen(invocation)
    if verb == "clear":
        gone = _cleared(handle.faults, rest)
        screen.tell(f"{handle.endpoint_url}: {counted(gone)} cleared")
        return Status.DONE
    if verb == "add":
        kind, *operation = rest
        _show(screen, [handle.faults.add(kind, operation=_operation(operation), **given)], output)
        return Status.DONE
    faults = handle.faults.rules()
    _show(screen, faults, output)
    if not faults:
        screen.tell(f"nothing: {handle.endpoint_url} has no faults — skysail faults add throttle --first 2")
    return Status.DONE


def _check(verb: str, rest: Sequence[str], given: dict[str, Any]) -> None:
    """Raises CommandError for words that do not go together."""
    if verb not in ("list", "add", "clear"):
        raise wrong_usage(f"faults {verb} is none of list, add, clear", "skysail faults --help")
    if verb == "add" and (not rest or rest[0] not in KINDS):
        said = f"faults add {rest[0]} is none" if rest else "faults add needs one"
        raise wrong_usage(f"{said} of {', '.join(KINDS)}", "skysail faults add throttle GetInstances --first 2")
    most = {"list": 0, "add": 2, "clear": 1}[verb]
    if len(rest) > most:
        raise wrong_usage(f"faults {verb} takes no {rest[most]}", "quote a pattern: 'Get*'")
    if verb != "add" and given:
        raise wrong_usage(
            f"faults {verb} takes no --{next(iter(given))}", f"skysail faults add throttle --{_first(given)}"
        )


def _operation(rest: Sequence[str]) -> str:
    """A pattern, or the name of an operation in any spelling. Raises CommandError for what is neither."""
    if not rest:
        return "*"
    if set("*?[") & set(rest[0]):
        return rest[0]
    from skysail.cli.call_arguments import operation_named  # late: help needs no model

    return operation_named(rest[0]).name


def _first(given: dict[str, Any]) -> str:
    name, value = next(iter(given.items()))
    return f"{name} {value}"


def _cleared(faults: ServerFaults, rest: Sequence[str]) -> int:
    """How many; an id may be cut short to what is one's own."""
    if not rest:
        return faults.clear()
    found = [fault.id for fault in faults.rules() if fault.id.startswith(rest[0])]
    if len(found) != 1:
        said = "there is no fault" if not found else f"{len(found)} faults begin with"
        raise wrong_usage(f"{said} {rest[0]}", "skysail faults lists them")
    return faults.clear(found[0])


def _show(screen: Screen, faults: Sequence[Fault], output: str) -> None:
    # Late: help needs none of it.
    import msgspec

    from skysail.cli.rendering import json_text
    from skysail.cli.tables import table

    if output == "json":
        screen.write(f"{json_text({'faults': [msgspec.to_builtins(fault) for fault in faults]})}\n")
    elif faults:
        screen.write(table(screen, HEADERS, [row(fault) for fault in faults]))


HEADERS = ("ID", "FAULT", "OPERATION", "WHICH", "WHERE", "INJECTED")


def row(fault: Fault) -> tuple[str, ...]:
    where = " ".join(filter(None, (fault.account, fault.region))) or "everywhere"
    injected = f"{fault.injected:,} of {fault.met:,}"
    return fault.id.partition("-")[0], _what(fault), fault.operation, _which(fault), where, injected


def _what(fault: Fault) -> str:
    told = {
        "throttle": "throttle",
        "error": f"error {fault.status} {fault.code}",
        "delay": f"delay {fault.seconds:g} s",
        "cut": f"cut {fault.when}",
    }
    return told[fault.kind]


def _which(fault: Fault) -> str:
    """each 3rd is `each 3`: the first 2, each 3, 10 %, all."""
    parts = []
    if fault.first is not None:
        parts.append(f"first {fault.first}")
    if fault.every is not None:
        parts.append(f"each {fault.every}")
    if fault.share is not None:
        parts.append(f"{100 * fault.share:g} %")
    return " ".join(parts) or "all"


def counted(number: int) -> str:
    return f"{number:,} fault{'' if number == 1 else 's'}"
