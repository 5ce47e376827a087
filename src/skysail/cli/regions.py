"""`skysail regions`: where Lightsail is."""

from __future__ import annotations

import click

from skysail.cli.catalogue_listings import catalogue_options, show, text
from skysail.cli.invocation import Invocation
from skysail.cli.options import Command

HELP = """
  skysail regions
  skysail regions -o name

  the regions that have Lightsail, and their zones; from the built-in catalogue:
  nothing is asked of AWS, and no account is needed

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
def command(invocation: Invocation, output: str) -> int:
    from skysail.telling.prices import catalogue  # late: help needs no catalogue

    regions = catalogue().regions(zones=True, database_zones=True)
    return show(invocation, regions, COLUMNS, output, id_member="name", note="regions")
