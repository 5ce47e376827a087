"""`skysail calls`: what a local server was asked last, by whom, and how it went."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import click

from skysail.cli.failures import Status, wrong_usage
from skysail.cli.invocation import Invocation
from skysail.cli.options import Command, look_options, server_options
from skysail.cli.screen import Screen

HELP = """
  skysail calls                             the last 100, oldest first
  skysail calls --operation CreateInstances -o json
  skysail calls --error ThrottlingException --region us-east-1
  skysail calls -o jsonl | jq .arguments
  skysail calls clear                       forget them

which
  --operation NAME  --account N  --region NAME  --error CODE
  --after ID        behind that call
  --limit N         at most so many, the last ones: 1 to 1000

A server remembers its last 10,000 calls in memory, each worker its own; after a
restart there are none. Passwords, user data and private keys are shown as ***,
keys and signatures not at all.

which server, and how it looks
  --endpoint URL  --profile NAME   as skysail clock
  -o table|json|jsonl   JSON has the ids and arguments too
  -q  -v  --color auto|always|never  --debug
"""

HEADERS = ("TIME", "OPERATION", "STATUS", "ERROR", "ACCOUNT", "REGION")


@click.command("calls", cls=Command, help=HELP)
@click.argument("verb", metavar="[clear]", required=False)
@click.option("--operation")
@click.option("--account")
@click.option("--region")
@click.option("--error")
@click.option("--after")
@click.option("--limit", type=click.IntRange(1, 1_000))
@server_options
@click.option("-o", "--output", type=click.Choice(["table", "json", "jsonl"]), default="table")
@look_options
@click.pass_obj
def command(
    invocation: Invocation,
    /,
    verb: str | None,
    limit: int | None,
    profile: str | None,
    endpoint: str | None,
    output: str,
    **which: str | None,
) -> int:
    if verb not in (None, "clear"):
        raise wrong_usage(f"calls {verb} is not clear", f"skysail calls --operation {verb}")
    handle = invocation.administer(profile_name=profile, endpoint_url=endpoint)
    screen = Screen(invocation)
    if verb == "clear":
        _check_nothing_else(which, limit)
        handle.calls.clear()
        screen.tell(f"{handle.endpoint_url}: the calls are forgotten")
        return Status.DONE
    calls = handle.calls(limit=limit or 100, **which)
    screen.write(_shown(calls, output, screen))
    if not calls and output == "table":
        asked = " ".join(f"{name}={value}" for name, value in which.items() if value is not None)
        screen.tell(f"nothing: {handle.endpoint_url} remembers no calls{f' with {asked}' if asked else ''}")
    return Status.DONE


def _check_nothing_else(which: Mapping[str, str | None], limit: int | None) -> None:
    """All are forgotten or none; somebody who names some must not lose the others."""
    named = [name for name, value in {**which, "limit": limit}.items() if value is not None]
    if named:
        raise wrong_usage(f"calls clear takes no --{named[0]}", "skysail calls clear forgets all of them")


def _shown(calls: Sequence[Mapping[str, Any]], output: str, screen: Screen) -> str:
    # Late: help needs none of it.
    from skysail.cli.rendering import json_line, json_text
    from skysail.cli.tables import table

    if output == "json":
        return f"{json_text({'calls': list(calls)})}\n"
    if output == "jsonl":
        return "".join(json_line(call) for call in calls)
    return table(screen, HEADERS, [row(call) for call in calls], expendable=("REGION", "ACCOUNT")) if calls else ""


def row(call: Mapping[str, Any]) -> tuple[str, ...]:
    # Late, as above.
    from skysail.service.clock import written

    told = [call.get(name) or "-" for name in ("operation", "status", "error", "account", "region")]
    return (written(call["at"]), *map(str, told))
