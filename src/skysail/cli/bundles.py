"""`skysail bundles`: the plans that instances come in, and what they cost in a region."""

from __future__ import annotations

import click

from skysail.cli.catalogue_listings import Look, catalogue_options, number, region_of, show, text
from skysail.cli.invocation import Invocation
from skysail.cli.options import Command

HELP = """
  skysail bundles
  skysail bundles --region ap-south-1 -o csv

  the plans of instances and their list prices in a region, the cheapest first;
  from the built-in catalogue: nothing is asked of AWS, and no account is needed

  --region NAME                          left out: the environment's, us-east-1
  --all                                  also those that can't be ordered now
  --where CONDITION  --sort a,-b         by columns: ram>=4, platform=linux*
  --columns a,b  --no-header             with a minus: all but that
  --fail-empty                           exit 4 where nothing fits
  -o table|json|jsonl|csv|tsv|name       JSON as GetBundles has it
  -q  -v  --color auto|always|never  --debug
"""

COLUMNS = {
    "BUNDLE": text("bundleId"),
    "USD/MO": lambda bundle: f"{bundle['price']:.2f}",
    "CPU": number("cpuCount"),
    "RAM": number("ramSizeInGb"),
    "DISK": number("diskSizeInGb"),
    "TRANSFER": number("transferPerMonthInGb"),
    "PLATFORM": lambda bundle: " ".join(bundle["supportedPlatforms"]),
    "IPV4": lambda bundle: "yes" if bundle.get("publicIpv4AddressCount") else "no",
}


@click.command("bundles", cls=Command, help=HELP)
@click.option("--region")
@click.option("--all", "shows_all", is_flag=True)
@catalogue_options
@click.pass_obj
def command(invocation: Invocation, region: str | None, shows_all: bool, look: Look) -> int:
    from skysail.telling.prices import catalogue  # late: help needs no catalogue

    where = region_of(region, invocation)
    bundles = [bundle for bundle in catalogue().bundles(where) if bundle["isActive"] or shows_all]
    bundles.sort(key=lambda bundle: (bundle["price"], bundle["bundleId"]))
    return show(invocation, bundles, COLUMNS, look, id_member="bundleId", note=f"bundles in {where}")
