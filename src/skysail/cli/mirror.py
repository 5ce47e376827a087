"""`skysail mirror`: accounts and regions as they are, into a local store, by reading alone."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from skysail.cli.explanations import explained
from skysail.cli.failures import Status, Trouble
from skysail.cli.invocation import Invocation
from skysail.cli.options import Command, Where, look_options, where_options
from skysail.cli.screen import Screen
from skysail.cli.store_files import store_file

if TYPE_CHECKING:
    from skysail.caller.fleet.places import FleetPlace
    from skysail.mirroring.copying import Copied
    from skysail.mirroring.places import Reached
    from skysail.store.base import Store

HELP = """
  skysail mirror --into fleet.db                      your account, all regions
  skysail mirror --profile 'prod*' --region 'eu-*' --into fleet.db
  skysail mirror --endpoint http://127.0.0.1:4570 --into copy.db
  skysail serve --data fleet.db                       then: rehearse on it

reads instances and what hangs on them, key pairs, alarms, certificates, load
balancers, databases, container services, and what can be ordered. It only ever
sends Get operations. Run again, it goes on where it was broken off, or brings
the copy up to date: what is gone at the source goes from it. It reads again
where something was done meanwhile, three times at most; then it exits with 3,
as it does where an account does not let it see a listing.

  --into FILE|URL   the store; made where there is none
  --region NAME     or all (as without), or a glob; may be repeated
  --profile NAME    or a glob; may be repeated
  --role-arn ARN    roles to assume; --org --role-name ROLE: in each account
  --endpoint URL    of a local service
  -q  -v  --color auto|always|never  --debug
"""
_AT_ONCE = 8


@click.command("mirror", cls=Command, help=HELP)
@click.option("--into", required=True, metavar="FILE|URL")
@where_options
@look_options
@click.pass_obj
def command(invocation: Invocation, into: str, where: Where) -> int:
    # Late: for the command itself, not for its help.
    from skysail.caller.fleet.clients import Reach
    from skysail.cli.fleet_sources import Failure
    from skysail.cli.fleet_summary import are_missing, reasons
    from skysail.fleets import SOCKETS, chosen_places
    from skysail.mirroring.places import reaching
    from skysail.server import is_database, opened

    place: str | Path = into if is_database(into) else store_file(into, "--into")
    profile = where.profiles[0] if where.role_arns or where.organization_role else None
    places = chosen_places(
        where.regions or None, () if profile else where.profiles, where.role_arns, where.organization_role, profile
    )
    reach = Reach(SOCKETS, endpoint_url=where.endpoint, source_profile=profile)
    screen = Screen(invocation)
    began = invocation.world.now()
    store = opened(place)
    try:
        with reaching(places, reach, invocation.world) as clients:
            done = list(_copied(clients, places, store))
        for each in sorted(done, key=lambda each: str(each.place)):
            if each.copied is not None and each.copied.counts.total():
                screen.write(f"{told(each.place, each.copied)}\n")
        screen.write(f"{summary(done, store.description, invocation.world.now() - began)}\n")
    finally:
        store.close()
    for line in left_out(done):
        screen.insist(line)
    failures = [Failure(str(each.place.login), each.place.region, each.trouble) for each in done if each.trouble]
    if failures:
        why = reasons(failures, colour=screen.error_has_colour, verbose=invocation.verbose)
        screen.insist(f"{are_missing(len(failures))}\n{why}\ngo on: {shlex.join(['skysail', *invocation.arguments])}")
    is_whole = all(each.copied is not None and each.copied.is_settled and not each.copied.skipped for each in done)
    return Status.DONE if is_whole else Status.PARTIAL


class Done(NamedTuple):
    place: FleetPlace
    copied: Copied | None
    trouble: Trouble | None = None


def _copied(clients: Iterator[Reached], places: list[FleetPlace], store: Store) -> Iterator[Done]:
    """Several places at once; one that fails leaves the others alone."""
    from skysail.caller.fleet.clients import FAILURES
    from skysail.errors import StoreError
    from skysail.mirroring.copying import Copy

    def copy(reached: Reached) -> Copied:
        return Copy(reached.client, store, str(reached.place.login), reached.place.region).run()

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        begun = []
        for place in places:
            try:
                begun.append((place, pool.submit(copy, next(clients))))
            except FAILURES as error:
                yield Done(place, None, explained(error, str(place), place.login.profile))
        for place, copying in begun:
            try:
                yield Done(place, copying.result())
            except StoreError:
                raise
            except FAILURES as error:
                yield Done(place, None, explained(error, str(place), place.login.profile))


def told(place: FleetPlace, copied: Copied) -> str:
    """us-east-1 (default)  12 Instance, 3 Disk   +2 ~1 -0"""
    kinds = ", ".join(f"{count:,} {kind}" for kind, count in copied.counts.items() if count)
    changes = f"+{copied.added:,} ~{copied.changed:,} -{copied.removed:,}"
    return f"{place.region} ({place.login})  {kinds}   {changes}"


def summary(done: list[Done], into: str, seconds: float) -> str:
    copied = [each.copied for each in done if each.copied is not None]
    total = sum(each.counts.total() for each in copied)
    resumed = sum(each.was_resumed for each in copied)
    on = f", {resumed} gone on with" if resumed else ""
    places = "place" if len(copied) == 1 else "places"
    return f"{total:,} resources of {len(copied)} {places} into {into}{on}, {seconds:.1f} s"


def left_out(done: list[Done]) -> Iterator[str]:
    """What could not be seen, and what did not stand still."""
    skipped: dict[tuple[str, str], list[str]] = {}
    for each in done:
        for operation, why in (each.copied.skipped if each.copied else {}).items():
            skipped.setdefault((operation, why), []).append(str(each.place))
    for (operation, why), places in skipped.items():
        yield f"left out: {operation} ({why}) in {places[0]}" + (f" and {len(places) - 1} more" if places[1:] else "")
    for each in done:
        if each.copied is not None and not each.copied.is_settled:
            yield f"{each.place}: something was done there during each of {each.copied.passes} passes; run it again"
