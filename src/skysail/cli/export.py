"""`skysail export`: what a store or an account has, as a seed, JSON, Terraform's configuration or a table."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import click

from skysail.cli.failures import Status, wrong_usage
from skysail.cli.invocation import Invocation
from skysail.cli.options import Command, Connection, look_options
from skysail.cli.screen import Screen

HELP = """
  skysail export --region us-east-1 > fleet.yaml    an account, as a seed
  skysail export fleet.db -o terraform > fleet.tf   a store: all that it has
  skysail export -o json --region all               as aws lightsail
                                                    get-instances prints it
  skysail export fleet.db -o parquet --output-file fleet.parquet

A seed has all that hangs on instances; put into a store (skysail seed), or
begun with (skysail serve --seed), it gives the same fleet. JSON and Parquet
have the instances. What a form has no words for is told.

  [FILE|URL]          a store; without, the service that is asked
  -o seed|json|terraform|parquet          else seed
  --output-file FILE  else to standard output
  --region NAME|all   once or more; else the usual one, of a store all
  --account NUMBER    of a store with several
  --profile NAME  --endpoint URL          as everywhere; of a service
  -q  -v  --color auto|always|never  --debug

It only looks.
"""

Form = Literal["seed", "json", "terraform", "parquet"]


@click.command("export", cls=Command, help=HELP)
@click.argument("store", metavar="[FILE|URL]", required=False)
@click.option("-o", "--output", type=click.Choice(["seed", "json", "terraform", "parquet"]), default="seed")
@click.option("--output-file", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE")
@click.option("--region", multiple=True, metavar="NAME|all")
@click.option("--account", metavar="NUMBER")
@click.option("--profile", metavar="NAME")
@click.option("--endpoint", metavar="URL")
@look_options
@click.pass_obj
def command(
    invocation: Invocation,
    store: str | None,
    output: Form,
    output_file: Path | None,
    region: tuple[str, ...],
    account: str | None,
    profile: str | None,
    endpoint: str | None,
) -> int:
    if store is not None and (profile is not None or endpoint is not None):
        raise wrong_usage(f"{store} is a store; --profile and --endpoint name a service", "one of the two")
    if store is None and account is not None:
        raise wrong_usage("--account is for a store, which may have several", "--profile for a service")
    # Late: for the command itself, not for its help.
    from skysail.cli.export_forms import FORMS, table
    from skysail.cli.export_sources import of_service, of_store
    from skysail.cli.outputs import text_file

    if store is not None:
        opened = of_store(invocation, store, region, account)
    else:
        opened = of_service(invocation, region, Connection(None, profile, endpoint))
    told: list[str] = []
    with opened as source:
        if output == "parquet":
            table(source, output_file, told)
        else:
            texts = FORMS[output](source, told)
            first = next(texts)  # what goes wrong with it leaves a file as it was
            with text_file(output_file, appends=False) as out:
                screen = Screen(invocation, out=out)
                screen.write(first)
                for text in texts:
                    screen.write(text)
    screen = Screen(invocation)
    for line in told:
        screen.tell(line)
    return Status.DONE
