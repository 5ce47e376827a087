"""`skysail instances start`: what was stopped runs again, with its new address told."""

from __future__ import annotations

from skysail.cli.power import power_command

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

command = power_command("start", HELP, ends="running")
