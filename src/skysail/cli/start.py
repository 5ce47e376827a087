"""`skysail instances start`: what was stopped runs again, with its new address told."""

from __future__ import annotations

import click

from skysail.cli.invocation import Invocation
from skysail.cli.options import Command, Connection
from skysail.cli.power import power, power_options

HELP = """
  skysail instances start web-1
  skysail instances start --where tag:role=batch

  a dynamic address is another one than before; it is told when it is there

which
  NAME ...                  or
  --where CONDITION         as in skysail instances; all must hold

how
  --wait  --no-wait         for the end of it; usual on a terminal
  --region NAME  --profile NAME  --endpoint URL (also: demo, local:fleet.db)
  -q  -v  --color auto|always|never  --debug
"""


@click.command("start", cls=Command, help=HELP)
@power_options
@click.pass_obj
def command(
    invocation: Invocation,
    connection: Connection,
    names: tuple[str, ...],
    conditions: tuple[str, ...],
    wait: bool | None,
) -> int:
    return power(invocation, connection, names, conditions, verb="start", ends="running", wait=wait)
