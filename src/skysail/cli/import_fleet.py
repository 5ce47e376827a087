"""`skysail import`: what the AWS CLI printed of a real account, into a local store, all of it or nothing."""

from __future__ import annotations

import re
import shlex
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import click

from skysail.cli.failures import CommandError, Status, Trouble, wrong_usage
from skysail.cli.invocation import Invocation
from skysail.cli.options import Command, look_options
from skysail.cli.screen import Screen
from skysail.cli.summary import instances
from skysail.service.importing import KIND, Found, Plan, Refusal, plan
from skysail.store.base import Place, Store

HELP = """
  aws lightsail get-instances > fleet.json
  skysail import fleet.json --into fleet.db
  skysail import pages/ --into fleet.db      all *.json and *.jsonl in it
  skysail import old.json --into fleet.db --account 111122223333

reads what `aws lightsail get-instances` or `skysail instances -o json` printed:
one page, or many one behind the other. Every member is kept. All of it or
nothing is imported.

  --into FILE       the store; made where there is none
  --account NUMBER  of instances whose arn does not tell it
  --region NAME     of instances whose location and arn do not tell it
  --skip-refused    leave out what cannot be imported, and import the others
  --color auto|always|never  --debug

then: skysail serve --data fleet.db
"""

_MOST_REFUSALS = 10
"""How many refusals are told one by one."""


@click.command("import", cls=Command, help=HELP)
@click.argument("paths", metavar="FILE|FOLDER", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--into", required=True, metavar="FILE")
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
    store_path = store_file(into, "--into")
    files, found, refusals = _read(paths)
    importer = Importer(invocation, found, refusals, account, region, skips=skip_refused)
    done = importer.into(store_path)
    screen = Screen(invocation)
    for line in report(done, files, into):
        screen.write(f"{line}\n")
    for line in refused_lines(done.refusals):
        screen.insist(line)
    return Status.PARTIAL if done.refusals else Status.DONE


def store_file(given: str, option: str) -> Path:
    """The path of a store. Raises CommandError for what is no path."""
    if "://" in given:
        raise wrong_usage(f"{option} {given}: stores are in files or in PostgreSQL", f"{option} fleet.db")
    return Path(given.removeprefix("local:")).expanduser()


def _read(paths: tuple[Path, ...]) -> tuple[int, list[Found], list[Refusal]]:
    """How many files there were, and what was in them."""
    from skysail.cli.instance_files import files_in, read

    found: list[Found] = []
    refusals: list[Refusal] = []
    try:
        files = files_in(paths)
        for path in files:
            instances_found, refused = read(path)
            found += instances_found
            refusals += refused
    except OSError as error:
        raise wrong_usage(f"cannot read {error.filename}: {error.strerror}") from error
    if not files:
        raise wrong_usage(f"no *.json or *.jsonl in {', '.join(map(str, paths))}")
    return len(files), found, refusals


class Importer:
    """One import; `refusals` are what was not JSON."""

    def __init__(
        self,
        invocation: Invocation,
        found: list[Found],
        refusals: list[Refusal],
        account: str | None,
        region: str | None,
        *,
        skips: bool,
    ) -> None:
        self._new_id = invocation.world.new_id
        self._found = found
        self._refusals = refusals
        self._account = account
        self._region = region
        self._skips = skips

    def into(self, path: Path) -> Plan:
        """What was done. Raises CommandError where something is refused and nothing may be left out."""
        # Late: SQLite is not needed to show help.
        from skysail.store.sqlite import SqliteStore

        if not path.exists():  # what is refused anyway must not leave an empty store behind
            self._checked(is_taken=lambda place, name: False, last_number=lambda place: 0)
        store: Store = SqliteStore(path)
        try:
            with store.begin(write=True) as transaction:
                done = self._checked(
                    is_taken=lambda place, name: transaction.get(place, name) is not None,
                    last_number=lambda place: transaction.last_number(place, KIND),
                )
                transaction.insert(done.rows)
        finally:
            store.close()
        return done

    def _checked(self, is_taken: Callable[[Place, str], bool], last_number: Callable[[Place], int]) -> Plan:
        planned = plan(
            self._found,
            account=self._account,
            region=self._region,
            is_taken=is_taken,
            last_number=last_number,
            new_id=self._new_id,
        )
        whole = Plan(planned.rows, [*self._refusals, *planned.refusals])
        if whole.refusals and not self._skips:
            raise CommandError(refused(whole))
        return whole


def refused(planned: Plan) -> Trouble:
    """Why nothing was imported."""
    first, *others = planned.refusals
    more = f" (and {len(others):,} more)" if others else ""
    others_kept = f"; --skip-refused imports the other {len(planned.rows):,}" if planned.rows else ""
    return Trouble(f"{first}{more}", f"nothing was imported{others_kept}")


def report(done: Plan, files: int, into: str) -> list[str]:
    """What was read and kept, by account and region, and how to look at it."""
    refused_count = f", {len(done.refusals):,} refused" if done.refusals else ""
    lines = [f"{instances(len(done.rows))} from {files} file{'' if files == 1 else 's'} into {into}{refused_count}"]
    places = Counter(row.place for row in done.rows)
    lines += [f"  account {place.account}  {place.region}  {count:,}" for place, count in sorted(places.items())]
    if places:
        place = min(places)
        lines.append("look at it: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY set to the account's number, then")
        lines.append(shlex.join(["skysail", "instances", "--endpoint", f"local:{into}", "--region", place.region]))
    return lines


def refused_lines(refusals: list[Refusal]) -> list[str]:
    lines = [f"refused: {refusal}" for refusal in refusals[:_MOST_REFUSALS]]
    left = len(refusals) - len(lines)
    return [*lines, f"refused: {left:,} more"] if left > 0 else lines
