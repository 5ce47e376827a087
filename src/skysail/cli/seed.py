"""`skysail seed`: fleets written down, into a store; or one of any size, to begin with."""

from __future__ import annotations

from pathlib import Path

import click

from skysail.cli.failures import wrong_usage
from skysail.cli.invocation import Invocation
from skysail.cli.options import Command, look_options
from skysail.cli.screen import Screen
from skysail.cli.store_files import store_file
from skysail.cli.summary import with_others
from skysail.service.identity import EXAMPLE_ACCOUNT

HELP = """
  skysail seed fleet.yaml --check          what is wrong with it, by line
  skysail seed fleet.yaml --into fleet.db  order it, in a store
  skysail seed --instances 1000 --regions us-east-1,eu-central-1 > fleet.yaml
  skysail seed --schema > seed.schema.json        for editors

A seed is YAML or JSON: regions, with the instances, disks, static IPs, key
pairs, snapshots, alarms in them. It is ordered by the service's own rules, all
of it or nothing. docs/seeds.md has the format.

  --into FILE|URL     the store; made where there is none
  --account NUMBER    whose it is, where the seed does not tell
  --check             look, and keep nothing
  --instances N       make one, with so many; printed as YAML
  --regions A,B       over these regions; else us-east-1
  --random-seed N     another one of the size
  --schema            the format, as a JSON Schema
  -q  -v  --color auto|always|never  --debug

then: skysail serve --data fleet.db, or skysail serve --seed fleet.yaml
"""


@click.command("seed", cls=Command, help=HELP)
@click.argument("path", metavar="[FILE]", required=False, type=click.Path(path_type=Path))
@click.option("--into", metavar="FILE|URL")
@click.option("--account", metavar="NUMBER", default=EXAMPLE_ACCOUNT)
@click.option("--check", is_flag=True)
@click.option("--instances", type=click.IntRange(0, 1_000_000))
@click.option("--regions", default="us-east-1")
@click.option("--random-seed", type=int, default=0)
@click.option("--schema", is_flag=True)
@look_options
@click.pass_obj
def command(
    invocation: Invocation,
    path: Path | None,
    into: str | None,
    account: str,
    check: bool,
    instances: int | None,
    regions: str,
    random_seed: int,
    schema: bool,
) -> None:
    screen = Screen(invocation)
    wishes = (path is not None) + (instances is not None) + schema
    if wishes != 1:
        raise wrong_usage("one of FILE, --instances and --schema is wanted", "skysail seed fleet.yaml --check")
    if schema:
        screen.write(_schema())
    elif instances is not None:
        screen.write(_made(instances, regions.split(","), random_seed))
    elif path is not None:
        if check == (into is not None):
            raise wrong_usage(
                "a seed is to be looked at (--check) or put somewhere (--into)", f"skysail seed {path} --check"
            )
        screen.write(f"{_grown(invocation, path, into, account)}\n")


def _schema() -> str:
    import msgspec

    from skysail.seeds.format import schema

    return msgspec.json.format(msgspec.json.encode(schema()), indent=2).decode() + "\n"


def _made(instances: int, regions: list[str], random_seed: int) -> str:
    from skysail.seeds.fleets import seed
    from skysail.seeds.writing import written

    return written([seed(instances, [region.strip() for region in regions], random_seed=random_seed)])


def _grown(invocation: Invocation, path: Path, into: str | None, account: str) -> str:
    """Order it; gives what is to be said."""
    # Late: for the command itself, not for its help.
    from skysail.seeds.growing import grown
    from skysail.seeds.reading import read
    from skysail.server import LocalLightsail, is_database

    sown = read(path)
    if into is None:
        made = grown(sown, invocation.world.now(), account)
        return f"{path}: {with_others(made.count('Instance'), len(made.rows))}; nothing is wrong with it"
    place: str | Path = into if is_database(into) else store_file(into, "--into")
    with LocalLightsail(place, world=invocation.world) as local:
        made = grown(sown, local.clock.now(), account)
        local.service.fill(made.into)
        return f"{path}: {with_others(made.count('Instance'), len(made.rows))} into {local.store.description}"
