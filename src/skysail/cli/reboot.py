"""`skysail instances reboot`: what runs begins anew, after a question."""

from __future__ import annotations

from skysail.cli.power import power_command
from skysail.telling.consequences import of_reboot

HELP = """
  skysail instances reboot web-1
  skysail instances reboot --where tag:role=batch --yes

  it keeps its addresses

which
  NAME ...                  or
  --where CONDITION         as in skysail instances; all must hold

how
  --yes                     without the question, which a program needs
  --wait  --no-wait         for the end of it; usual on a terminal
  --region NAME  --profile NAME  --endpoint URL (also: demo, local:fleet.db)
  -q  -v  --color auto|always|never  --debug
"""

command = power_command("reboot", HELP, ends="running", warn=of_reboot)
