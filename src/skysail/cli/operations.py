"""`skysail operations`: which operations of Lightsail's API a local service has, and which it does not."""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING

import click

from skysail.cli.failures import Status
from skysail.cli.invocation import Invocation
from skysail.cli.options import Command, look_options
from skysail.cli.screen import Screen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from skysail.service.dispatch import Operations

HELP = """
  skysail operations                   every operation, and whether it is here
  skysail operations --missing         those that are not
  skysail operations --missing --fail  for CI: after an upgrade of botocore

The operations are those of the installed botocore's model. A local service
refuses by name, with status 501, what it does not have; `skysail call` and
the client reach all of them on AWS.

  --missing         what a local service lacks, in whole or in part
  --fail            exit 4 where it lacks one
  -o table|json     JSON: name -> complete, missing, or what is lacking
  -q  -v  --color auto|always|never  --debug
"""

HEADERS = ("OPERATION", "LOCAL SERVICE")


@click.command("operations", cls=Command, help=HELP)
@click.option("--missing", is_flag=True)
@click.option("--fail", is_flag=True)
@click.option("-o", "--output", type=click.Choice(["table", "json"]), default="table")
@look_options
@click.pass_obj
def command(invocation: Invocation, missing: bool, fail: bool, output: str) -> int:
    # Late: all of the service, for this command alone.
    from skysail.server import known_operations

    operations = known_operations()
    states = {name: state(operations, name) for name in sorted(operations.model)}
    wanted = {name: told for name, told in states.items() if told != "complete" or not missing}
    screen = Screen(invocation)
    screen.write(shown(wanted, output, screen))
    if output == "table":
        screen.tell(summary(list(states.values()), version("botocore")))
    return Status.NOT_AS_ASKED if fail and operations.missing() else Status.DONE


def state(operations: Operations, name: str) -> str:
    """In a word, or what is lacking."""
    handled = operations.handled.get(name)
    if handled is None:
        return "missing"
    return f"lacks {handled.lacks}" if handled.lacks else "complete"


def shown(states: dict[str, str], output: str, screen: Screen) -> str:
    # Late: help needs none of it.
    from skysail.cli.rendering import json_text
    from skysail.cli.tables import table

    if output == "json":
        return f"{json_text(states)}\n"
    return table(screen, HEADERS, list(states.items())) if states else ""


def summary(states: Sequence[str], botocore: str) -> str:
    missing = states.count("missing")
    partial = len(states) - missing - states.count("complete")
    told = f"botocore {botocore} knows {len(states)} operations: {len(states) - missing} are here"
    return told + (f", {partial} of them in part" if partial else "") + (f"; {missing} are missing" if missing else "")
