"""`skysail instances stop`: what runs is stopped, after saying what that changes."""

from __future__ import annotations

import click

from skysail.cli.invocation import Invocation
from skysail.cli.options import Command, Connection
from skysail.cli.power import power, power_options

HELP = """
  skysail instances stop web-1
  skysail instances stop --where tag:role=batch --yes

  a dynamic address changes with it; a stopped instance is billed as before

which
  NAME ...                  or
  --where CONDITION         as in skysail instances; all must hold

how
  --yes                     without the question, which a program needs
  --wait  --no-wait         for the end of it; usual on a terminal
  --region NAME  --profile NAME  --endpoint URL (also: demo, local:fleet.db)
  -q  -v  --color auto|always|never  --debug
"""


@click.command("stop", cls=Command, help=HELP)
@click.option("--yes", "-y", is_flag=True)
@power_options
@click.pass_obj
def command(
    invocation: Invocation,
    connection: Connection,
    names: tuple[str, ...],
    conditions: tuple[str, ...],
    wait: bool | None,
    yes: bool,
) -> int:
    from skysail.telling.consequences import of_stop  # late: help needs no catalogue

    return power(
        invocation,
        connection,
        names,
        conditions,
        verb="stop",
        ends="stopped",
        wait=wait,
        yes=yes,
        warn=of_stop,
    )
