"""`skysail blueprints`: the systems and applications that instances can be made with."""

from __future__ import annotations

import click

from skysail.cli.catalogue_listings import Look, catalogue_options, show, text
from skysail.cli.invocation import Invocation
from skysail.cli.options import Command

HELP = """
  skysail blueprints
  skysail blueprints --platform linux -o name

  what an instance can be made with, and the user that one logs in as; from the
  built-in catalogue: nothing is asked of AWS, and no account is needed

  --platform linux|windows
  --all                                  also those that can't be ordered now
  --where CONDITION  --sort a,-b         by columns: type=os, name=word*
  --columns a,b  --no-header             with a minus: all but that
  --fail-empty                           exit 4 where nothing fits
  -o table|json|jsonl|csv|tsv|name       JSON as GetBlueprints has it
  -q  -v  --color auto|always|never  --debug
"""

_PLATFORMS = {"linux": "LINUX_UNIX", "windows": "WINDOWS"}


@click.command("blueprints", cls=Command, help=HELP)
@click.option("--platform", type=click.Choice(list(_PLATFORMS)))
@click.option("--all", "shows_all", is_flag=True)
@catalogue_options
@click.pass_obj
def command(invocation: Invocation, platform: str | None, shows_all: bool, look: Look) -> int:
    from skysail.telling.prices import catalogue  # late: help needs no catalogue

    columns = {
        "BLUEPRINT": text("blueprintId"),
        "TYPE": text("type"),
        "NAME": text("name"),
        "VERSION": text("version"),
        "USER": lambda blueprint: catalogue().username(blueprint["blueprintId"]),
    }
    wanted = None if platform is None else _PLATFORMS[platform]
    blueprints = [
        blueprint
        for blueprint in catalogue().blueprints()
        if (blueprint["isActive"] or shows_all) and wanted in (None, blueprint["platform"])
    ]
    blueprints.sort(key=lambda blueprint: (blueprint["type"] != "os", blueprint["blueprintId"]))
    return show(invocation, blueprints, columns, look, id_member="blueprintId", note="blueprints")
