"""`skysail list`: all of one kind, in one place or in many; `skysail disks` and the like are short for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import click

from skysail.cli.commands import NOUNS
from skysail.cli.ends import Ends
from skysail.cli.failures import Status, wrong_usage
from skysail.cli.invocation import Invocation
from skysail.cli.options import Command, Connection, Where, listing_options, look_options, where_options
from skysail.cli.screen import Screen

if TYPE_CHECKING:
    from skysail.caller.sync import Client
    from skysail.cli.acting import Acting
    from skysail.cli.fleet_sources import Failure
    from skysail.cli.kinds import Kind
    from skysail.cli.listings import Format

HELP = """
  skysail disks --where gb>=100 --sort -gb         short for: skysail list disks
  skysail static-ips --region all --where attached-to=      that nothing uses
  skysail snapshots --profile 'prod*' --region all -o csv

  KIND  disks, snapshots, static-ips, key-pairs, load-balancers, certificates,
        container-services, databases, buckets, distributions, domains, alarms,
        contact-methods (instances have a command of their own)

where, and which
  --region NAME|GLOB|all  --profile NAME|GLOB  --role-arn ARN   more than once
  --org --role-name ROLE  --skip-disabled      as of skysail instances
  --endpoint URL                               also: demo, local:fleet.db
  --where CONDITION  --sort a,-b               by columns and members
  --fail-empty                                 exit 4 where there is nothing

how it looks
  -o table|wide|json|jsonl|csv|tsv|name        JSON has the members of the API
  --columns a,b.c  or  +x,-y  --no-header
  --query JMESPATH                             of the whole result
  -q  -v  --color auto|always|never  --debug
"""

_FORMATS = ["table", "wide", "json", "jsonl", "csv", "tsv", "name"]
_AT_ONCE = 8


class Found(NamedTuple):
    """What was found in all places; `where` is how they are told, `let_in` the logins that were anywhere."""

    things: list[dict[str, Any]]
    where: str
    failures: list[Failure]
    places: int = 1
    let_in: frozenset[str] = frozenset()
    elsewhere: Mapping[str, str] = {}
    """How many a service on this machine has in other regions, where there are none here."""


@click.command("list", cls=Command, help=HELP)
@click.argument("kind", metavar="KIND", type=click.Choice(NOUNS))
@where_options
@listing_options
@click.option("-o", "--output", type=click.Choice(_FORMATS))
@click.option("--query")
@click.option("--skip-disabled", is_flag=True)
@look_options
@click.pass_obj
def command(
    invocation: Invocation,
    kind: str,
    where: Where,
    conditions: tuple[str, ...],
    sort: str | None,
    output: str | None,
    columns: str | None,
    no_header: bool,
    query: str | None,
    fail_empty: bool,
    skip_disabled: bool,
) -> int:
    # Late: help needs no service model.
    from skysail.cli.kinds import KINDS
    from skysail.cli.listings import listing
    from skysail.cli.sifting import Condition
    from skysail.cli.whereabouts import time_of
    from skysail.telling.columns import choose
    from skysail.telling.ordering import Order

    if columns is not None and (output in ("json", "jsonl", "name") or query is not None):
        raise wrong_usage("--columns is for table, csv and tsv", "JSON is cut by --query")
    known = KINDS[kind]
    fits = [Condition(text, known.columns) for text in conditions]
    order = None if sort is None else Order(sort, known.columns)
    screen = Screen(invocation)
    shown = choose(columns, _front(where), is_wide=output == "wide", of=known.columns)
    if output == "name":
        shown = choose("name", of=replace(known.columns, short={"name": (known.named, "plain")}))
    look = listing(
        cast("Format | None", output),
        shown,
        query,
        screen,
        partial(time_of, invocation, where),
        has_header=not no_header,
        may_hide=columns is None and output != "wide",
        member=known.member,
        expendable=known.expendable,
    )
    began = invocation.world.now()
    found = _found(invocation, where, known, screen)
    things = [thing for thing in found.things if all(fit(thing) for fit in fits)]
    things = things if order is None else [dict(thing) for thing in order.of(things)]
    failed, disabled = Ends(fail_empty, skip_disabled).apart(found.failures, found.let_in)
    if things or not failed:
        screen.write(f"{look.begin()}{look.page(things)}{look.end(None)}")
    _tell(invocation, screen, known, found, things, disabled, failed, invocation.world.now() - began, look.hidden)
    if failed:
        statuses = {failure.trouble.status for failure in failed}
        nowhere = len(found.failures) == found.places
        return statuses.pop() if nowhere and len(statuses) == 1 else Status.PARTIAL
    return Ends(fail_empty, skip_disabled).status(len(things))


def _front(where: Where) -> tuple[str, ...]:
    """The columns that tell several logins apart."""
    return ("profile",) if len(where.profiles) > 1 or any("*" in name for name in where.profiles) else ()


def _tell(
    invocation: Invocation,
    screen: Screen,
    kind: Kind,
    found: Found,
    things: Sequence[Any],
    disabled: Sequence[Failure],
    failed: Sequence[Failure],
    seconds: float,
    hidden: Sequence[str],
) -> None:
    from skysail.cli import fleet_summary
    from skysail.cli.failures import as_json
    from skysail.cli.summary import elsewhere, hidden_line

    if disabled:
        screen.tell(fleet_summary.left_out(disabled))
    counted = f"{len(things):,} {kind.one if len(things) == 1 else kind.many}"
    if failed:
        came = f"{counted} in {found.places - len(failed)} of {fleet_summary.places(found.places)}. Missing:"
        if invocation.is_json:
            for failure in failed:
                screen.insist(as_json(failure.trouble))
        else:
            colour, verbose = screen.error_has_colour, invocation.verbose
            screen.insist(f"{came}\n{fleet_summary.reasons(failed, colour=colour, verbose=verbose)}")
    elif things:
        screen.tell(f"{counted}   {found.where}, {seconds:.1f} s{hidden_line(hidden)}")
    elif found.things:
        screen.tell(f"nothing: none of {len(found.things):,} {kind.many} fits   {found.where}")
    else:
        hint = elsewhere(found.elsewhere, 0) if found.elsewhere else None
        screen.tell(f"nothing: no {kind.many} in {found.where}{f'. {hint}' if hint else ''}")


def _found(invocation: Invocation, where: Where, kind: Kind, screen: Screen) -> Found:
    from skysail.cli.acting import Acting, elements

    if kind.only_region is not None and (not where.regions or "all" in where.regions):
        where = where._replace(regions=(kind.only_region,))
    one = where.one
    if one is None:
        return _everywhere(invocation, where, kind, screen)
    acting = Acting(invocation, one)
    with acting.told():
        things = _all_of(acting.client, kind, elements)
        others = {} if things else _elsewhere(invocation, one, acting, kind)
    return Found(things, acting.place.in_summary, [], elsewhere=others)


def _elsewhere(invocation: Invocation, connection: Connection, acting: Acting, kind: Kind) -> dict[str, str]:
    """Of AWS itself nothing is asked: it would be a call for each region."""
    from skysail.caller.endpoint import is_local
    from skysail.cli.acting import elements

    found: dict[str, str] = {}
    if kind.only_region is not None or not is_local(acting.client.meta.config.endpoint_url):
        return found
    for region in acting.client.get_regions()["regions"]:
        with invocation.connect(
            region_name=region["name"], profile_name=connection.profile, endpoint_url=connection.endpoint
        ) as other:
            count = len(_all_of(other, kind, elements))
        if count:
            found[region["name"]] = f"{count:,}"
    return found


def _all_of(client: Client, kind: Kind, elements: Any) -> list[dict[str, Any]]:
    return [
        thing
        for listing in kind.listings
        for thing in elements(client, listing.method, listing.member, **listing.arguments)
    ]


def _everywhere(invocation: Invocation, where: Where, kind: Kind, screen: Screen) -> Found:
    """Several places at once; one that fails leaves the others alone."""
    from skysail.caller.fleet.clients import FAILURES, Places, Reach
    from skysail.caller.fleet.places import FleetPlace
    from skysail.caller.sync import Client
    from skysail.cli.acting import elements
    from skysail.cli.fleet_sources import Failure
    from skysail.cli.fleet_summary import places as counted
    from skysail.fleets import SOCKETS, chosen_places
    from skysail.opening import open_transport

    source = where.profiles[0] if where.profiles and (where.role_arns or where.organization_role) else None
    asked = chosen_places(
        where.regions or None, () if source else where.profiles, where.role_arns, where.organization_role, source
    )
    reach = Places(Reach(SOCKETS, endpoint_url=where.endpoint, source_profile=source), open_transport, _AT_ONCE)

    def listed(place: FleetPlace) -> list[dict[str, Any]] | Failure:
        try:
            settings = reach.settings(place)
            client = Client(settings, reach.transport(settings), invocation.world)
            return [_labelled(thing, place) for thing in _all_of(client, kind, elements)]
        except FAILURES as error:
            return Failure.of(place, error)

    def answers() -> Iterator[list[dict[str, Any]] | Failure]:
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            for number, answer in enumerate(pool.map(listed, asked), 1):
                screen.progress(f"{number}/{counted(len(asked))}")
                yield answer

    try:
        came = list(answers())
    finally:
        for transport in reach.transports():
            transport.close()
    return Found(
        [thing for answer in came if isinstance(answer, list) for thing in answer],
        counted(len(asked)),
        [answer for answer in came if isinstance(answer, Failure)],
        len(asked),
        frozenset(str(place.login) for place, answer in zip(asked, came, strict=True) if isinstance(answer, list)),
    )


def _labelled(thing: dict[str, Any], place: Any) -> dict[str, Any]:
    """With the labels that a fleet's instances have."""
    arn = thing.get("arn") or thing.get("certificateArn") or "::::"
    return {
        **thing,
        "_account": arn.split(":")[4] or None,
        "_region": place.region,
        "_profile": place.login.profile,
    }
