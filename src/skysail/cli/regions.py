"""`skysail regions`: where Lightsail is."""

from __future__ import annotations

import click

from skysail.cli.catalogue_listings import Look, catalogue_options, show, text
from skysail.cli.invocation import Invocation
from skysail.cli.options import Command

HELP = """
  skysail regions
  skysail regions -o name

  the regions that have Lightsail, and their zones; from the built-in catalogue:
  nothing is asked of AWS, and no account is needed

  --where CONDITION  --sort a,-b         by columns: continent=eu
  --columns a,b  --no-header             with a minus: all but that
  --fail-empty                           exit 4 where nothing fits
  -o table|json|jsonl|csv|tsv|name       JSON as GetRegions has it
  -q  -v  --color auto|always|never  --debug
"""

COLUMNS = {
    "REGION": text("name"),
    "PLACE": text("displayName"),
    "CONTINENT": text("continentCode"),
    "ZONES": lambda region: " ".join(
        zone["zoneName"].removeprefix(region["name"]) for zone in region["availabilityZones"]
    ),
}


@click.command("regions", cls=Command, help=HELP)
@catalogue_options
@click.pass_obj
def command(invocation: Invocation, look: Look) -> int:
    from skysail.telling.prices import catalogue  # late: help needs no catalogue

    regions = catalogue().regions(zones=True, database_zones=True)
    return show(invocation, regions, COLUMNS, look, id_member="name", note="regions")
