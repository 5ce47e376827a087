"""`skysail import`: what the AWS CLI printed of a real account, into a local store, all of it or nothing."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click

from skysail.cli.failures import Status, wrong_usage
from skysail.cli.invocation import Invocation
from skysail.cli.loading import Loading
from skysail.cli.options import Command, look_options
from skysail.cli.screen import Screen
from skysail.cli.store_files import store_file
from skysail.cli.summary import instances
from skysail.service.importing import Import

HELP = """
  aws lightsail get-instances > fleet.json
  skysail import fleet.json --into fleet.db
  skysail import pages/ --into fleet.db      all *.json and *.jsonl in it
  skysail import old.json --into fleet.db --account 111122223333

reads what `aws lightsail get-instances` or `skysail instances -o json` printed:
one page, or many one behind the other. Every member is kept. All of it or
nothing is imported.

  --into FILE|URL   the store; made where there is none
  --account NUMBER  of instances whose arn does not tell it
  --region NAME     of instances whose location and arn do not tell it
  --skip-refused    leave out what cannot be imported, and import the others
  -q  -v  --color auto|always|never  --debug

then: skysail serve --data fleet.db
"""


@click.command("import", cls=Command, help=HELP)
@click.argument("paths", metavar="FILE|FOLDER", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--into", required=True, metavar="FILE|URL")
@click.option("--account", metavar="NUMBER")
@click.option("--region", metavar="NAME")
@click.option("--skip-refused", is_flag=True)
@look_options
@click.pass_obj
def command(
    invocation: Invocation,
    paths: tuple[Path, ...],
    into: str,
    account: str | None,
    region: str | None,
    skip_refused: bool,
) -> int:
    if account is not None and not re.fullmatch(r"\d{12}", account):
        raise wrong_usage(f"--account {account} is not 12 digits")
    # Late: for the command itself, not for its help.
    from skysail.server import is_database

    place: str | Path = into if is_database(into) else store_file(into, "--into")
    loading = Loading(invocation, paths, account, region, skips=skip_refused)
    done, store = loading.into_store(place)
    screen = Screen(invocation)
    for line in report(done, len(loading.files), store, is_in_file=isinstance(place, Path)):
        screen.write(f"{line}\n")
    for line in refused_lines(done):
        screen.insist(line)
    return Status.PARTIAL if done.refused else Status.DONE


def report(done: Import, files: int, into: str, *, is_in_file: bool) -> list[str]:
    """What was read and kept, by account and region, and how to look at it."""
    refused_count = f", {done.refused:,} refused" if done.refused else ""
    lines = [f"{instances(done.taken)} from {files} file{'' if files == 1 else 's'} into {into}{refused_count}"]
    lines += [
        f"  account {place.account}  {place.region}  {count:,}" for place, count in sorted((+done.counts).items())
    ]
    if done.taken and not is_in_file:
        lines.append("serve it: skysail serve --data, with the same URL")
    elif done.taken:
        place = min(+done.counts)
        lines.append("look at it: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY set to the account's number, then")
        lines.append(shlex.join(["skysail", "instances", "--endpoint", f"local:{into}", "--region", place.region]))
    return lines


def refused_lines(done: Import) -> list[str]:
    lines = [f"refused: {refusal}" for refusal in done.refusals]
    left = done.refused - len(lines)
    return [*lines, f"refused: {left:,} more"] if left > 0 else lines
