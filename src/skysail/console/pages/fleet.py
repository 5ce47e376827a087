"""The fleet: where there are instances, in what states, and a screenful of those that fit. All of it in the address."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from skysail.console import columns as showing
from skysail.console import plain
from skysail.console.answers import Answer, Page
from skysail.console.code import Called, codes
from skysail.console.sifting import FIELDS, STATES, Sieve, sieve
from skysail.console.visit import USUAL_REGION, Visit
from skysail.console.walk import screenful
from skysail.protocol.model import service_model
from skysail.telling.columns import cell
from skysail.telling.ordering import Order

Lets = Callable[[Mapping[str, Any]], bool]

EVERYWHERE = "all"
_WANTED = 50
_MOST_LOOKED_AT = 1_000
"""Instances that one page looks at, for its rows and for its counts: so it costs the same however many there are."""


class Found(NamedTuple):
    """`on` are the fields of the address that goes on behind these; None at the end."""

    instances: Sequence[Mapping[str, Any]]
    looked_at: int
    on: Mapping[str, str] | None
    token: str | None = None
    amount: int = 0
    """How many fit in all, where all have been looked at to put them into order."""
    states: Counter[str] | None = None
    """How many are in which state, where all have been looked at."""


def fleet(visit: Visit, *, refused: Mapping[str, Any] | None = None) -> Answer:
    """`refused` is what stands on the page besides when the form on it was refused."""
    query = visit.asked.query
    region = query.one("region") or usual_region(visit)
    wanted, order = sieve(query), query.one("sort")
    regions = [region] if region != EVERYWHERE else visit.regions_in_use
    after = query.one("after") or None
    chosen = showing.columns(query.all("cols"), is_everywhere=region == EVERYWHERE)
    by = Order(order) if order else None
    found = _in_order(visit, regions, wanted, by, query.number("from", 0)) if by and not after else None
    is_whole = found is not None
    if found is None:
        found = _found(visit, regions, wanted.lets, query.one("at"), after)
    rows = found.instances if by is None or is_whole else by.of(found.instances)
    if query.one("format") == "json":
        return plain.json({"instances": rows, **({"NextToken": found.token} if found.token else {})})
    if query.one("format") == "csv":
        return plain.table(rows, chosen if query.one("cols") else (), visit.now)
    states = _states(visit, regions) if found.states is None else found.states
    counted = states.total()
    cols = ",".join(filter(None, query.all("cols")))
    shown = {"region": region, "sort": order, "cols": cols} | {name: query.one(name) for name in FIELDS}

    def to(**changes: str) -> str:
        """This page, shown otherwise; from its beginning, unless that is among the changes."""
        return visit.address("instances", **(shown | changes))

    begins_in = query.one("at") if query.one("at") in regions else next(iter(regions), USUAL_REGION)
    paging = {"MaxItems": _WANTED, **({"StartingToken": after} if after else {})}
    return Page(
        "fleet.html",
        "fleet",
        {
            "region": region,
            "regions": _counted_regions(visit, region),
            "total": _total(visit),
            "states": sorted(states.items(), key=lambda one: STATES.index(one[0]) if one[0] in STATES else 99),
            "counted": counted,
            "are_all_counted": counted < _MOST_LOOKED_AT,
            "sieve": wanted,
            "state_names": STATES,
            "to": to,
            "place_on": {name: query.one(name) for name in ("at", "after", "from")},
            "order": order,
            "is_whole": is_whole,
            "columns": [(showing.id_of(one), showing.title(one), one) for one in chosen],
            "chosen": [showing.id_of(one) for one in chosen],
            "others": [id for one in chosen if (id := showing.id_of(one)) not in showing.OFFERED],
            "numbers": showing.NUMBERS,
            "offered": [(name, showing.TITLES[name]) for name in showing.OFFERED],
            "cell": lambda column, instance: cell(column, instance, visit.now).text,
            "rows": rows,
            "found": found,
            "first_row": query.number("from", 0),
            "is_first": after is None and not query.one("at") and not query.number("from", 0),
            "prices": {place: visit.bundles(place) for place in {_region(one) for one in found.instances}},
            "sum": _sum(visit, found.instances),
            "codes": codes(called(visit, "GetInstances", {}, begins_in, paging)),
            "is_busy": any(state in states for state in ("pending", "stopping", "shutting-down", "rebooting")),
            **(refused or {}),
        },
        400 if refused else 200,
    )


def called(
    visit: Visit, operation: str, arguments: Mapping[str, Any], region: str, paging: Mapping[str, Any] | None = None
) -> Called:
    """A call as this visit's browser would have it made."""
    account = None if visit.login is not None else visit.account
    return Called(service_model().operation(operation), arguments, region, visit.endpoint_url, account, paging)


def usual_region(visit: Visit) -> str:
    """Where a visit begins: the only region in use, or the usual one, or all of those that are in use."""
    in_use = visit.regions_in_use if visit.inhabited is not None else []
    if len(in_use) > 1:
        return EVERYWHERE
    return in_use[0] if in_use else USUAL_REGION


def _found(visit: Visit, regions: Sequence[str], lets: Lets, at: str, after: str | None, most: int = _WANTED) -> Found:
    """A screenful, region after region, from the token `after` in the region `at` on."""
    begin = regions.index(at) if at in regions else 0
    instances: list[dict[str, Any]] = []
    looked_at = 0
    for region in regions[begin:]:
        token = after if region == regions[begin] else None
        if len(instances) >= most or looked_at >= _MOST_LOOKED_AT:
            return Found(instances, looked_at, {"at": region})
        pages = visit.look(region).get_paginator("get_instances").paginate(PaginationConfig={"StartingToken": token})
        part = screenful(
            pages,
            "instances",
            lets,
            token,
            wanted=most - len(instances),
            most=_MOST_LOOKED_AT - looked_at,
        )
        instances += part.items
        looked_at += part.looked_at
        if part.next_token is not None:
            place = {"at": region} if len(regions) > 1 else {}
            return Found(instances, looked_at, {**place, "after": part.next_token}, part.next_token)
    return Found(instances, looked_at, None)


def _in_order(visit: Visit, regions: Sequence[str], wanted: Sieve, order: Order, begin: int) -> Found | None:
    """So many of all that fit, from the one numbered `begin` on, in order. None where there are too many to look at."""
    known = visit.inhabited
    if known is not None and sum(known.instances.get(region, 0) for region in regions) > _MOST_LOOKED_AT:
        return None
    states: Counter[str] = Counter()

    def lets(instance: Mapping[str, Any]) -> bool:
        states[instance["state"]["name"]] += 1
        return wanted.lets(instance)

    every = _found(visit, regions, lets, "", None, _MOST_LOOKED_AT)
    if every.on is not None:
        return None
    end = begin + _WANTED
    on = {"from": str(end)} if end < len(every.instances) else None
    return Found(
        list(order.of(every.instances)[begin:end]), every.looked_at, on, amount=len(every.instances), states=states
    )


def _states(visit: Visit, regions: Sequence[str]) -> Counter[str]:
    """How many are in which state, of the first so many."""
    states: Counter[str] = Counter()
    for region in regions:
        left = _MOST_LOOKED_AT - states.total()
        if left <= 0:
            break
        pages = visit.look(region).get_paginator("get_instances").paginate(PaginationConfig={"MaxItems": left})
        states.update(pages.search("instances[].state.name"))
    return states


def _counted_regions(visit: Visit, chosen: str) -> list[tuple[str, str]]:
    """The regions that are worth naming, each with how many instances it has, as far as that is known."""
    if visit.inhabited is None:
        return [(region, "") for region in visit.regions]
    most = visit.inhabited.counted_to
    counts = dict(visit.inhabited.instances)
    if chosen != EVERYWHERE:
        counts.setdefault(chosen, 0)
    return [(region, f"{most:,}+" if count > most else f"{count:,}") for region, count in sorted(counts.items())]


def _total(visit: Visit) -> int | None:
    """How many instances there are in all regions; None where one has more than are counted."""
    known = visit.inhabited
    if known is None or any(count > known.counted_to for count in known.instances.values()):
        return None
    return sum(known.instances.values())


def _sum(visit: Visit, instances: Sequence[Mapping[str, Any]]) -> float:
    """US dollars a month, by list price, of those whose plan is in the catalogue."""
    return sum(
        float(bundle["price"])
        for one in instances
        if (bundle := visit.bundles(_region(one)).get(one.get("bundleId", ""))) is not None
    )


def _region(instance: Mapping[str, Any]) -> str:
    return str(instance["location"]["regionName"])
