"""`skysail instances stop`: what runs is stopped, after saying what that changes."""

from __future__ import annotations

from skysail.cli.power import power_command
from skysail.telling.consequences import of_stop

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

command = power_command("stop", HELP, ends="stopped", warn=of_stop)
