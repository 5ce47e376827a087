"""Where an export looks: each account and region of a store, or regions of a service; and what time it is there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from skysail.caller.endpoint import is_local
from skysail.caller.sync import Client
from skysail.cli.explanations import told_with
from skysail.cli.failures import wrong_usage
from skysail.cli.invocation import Invocation
from skysail.cli.options import Connection
from skysail.cli.store_files import store_file
from skysail.cli.whereabouts import place_of
from skysail.errors import SkysailError
from skysail.seeds.survey import LISTED_KINDS
from skysail.server import LocalLightsail, is_database
from skysail.store.base import Place as StorePlace

_PAGE = 1_000


class Place(NamedTuple):
    """`account` is None where the service tells whose it is; `name` is for errors."""

    region: str
    account: str | None
    name: str
    client: Client


class Source(NamedTuple):
    """Ages are before `now`."""

    places: Sequence[Place]
    now: float
    description: str

    @property
    def accounts(self) -> list[str | None]:
        return list(dict.fromkeys(place.account for place in self.places))


@contextmanager
def of_store(invocation: Invocation, given: str, regions: Sequence[str], account: str | None) -> Iterator[Source]:
    """Raises CommandError: there is none, or nothing that was asked for in it."""
    place: str | Path = given if is_database(given) else store_file(given, "the store")
    if isinstance(place, Path) and not place.exists():
        raise wrong_usage(f"there is no {place}", "the FILE of skysail serve --data FILE")
    with told_with(str(given)), LocalLightsail(place, world=invocation.world, page_size=_PAGE) as local:
        found = [each for each in _held(local) if account in (None, each.account)]
        chosen = [each for each in found if not regions or "all" in regions or each.region in regions]
        if not chosen:
            held = ", ".join(f"{each.account} {each.region}" for each in found) or "nothing"
            raise wrong_usage(f"{given} has nothing there", f"it has {held}")
        places = [
            Place(each.region, each.account, f"{each.region} ({given})", local.client(each.region, each.account))
            for each in chosen
        ]
        yield Source(places, local.clock.now(), local.store.description)


@contextmanager
def of_service(invocation: Invocation, regions: Sequence[str], connection: Connection) -> Iterator[Source]:
    """Raises CommandError where the service says no."""

    def connect(region: str | None) -> Client:
        return invocation.connect(region_name=region, profile_name=connection.profile, endpoint_url=connection.endpoint)

    first = connect(next((name for name in regions if name != "all"), "us-east-1" if regions else None))
    where = place_of(first.meta.config, connection.profile, invocation.environ)
    with told_with(where.in_error):
        named = [each["name"] for each in first.get_regions()["regions"]] if "all" in regions else regions
        names = list(dict.fromkeys(named)) or [where.region]
        places = []
        for name in names:
            client = first if name == where.region else connect(name)
            told = place_of(client.meta.config, connection.profile, invocation.environ)
            places.append(Place(name, None, told.in_error, client))
        yield Source(places, _now(invocation, first, connection), ", ".join(names))


def _now(invocation: Invocation, client: Client, connection: Connection) -> float:
    """A local service may have a time of its own; else the machine's."""
    if is_local(client.meta.config.endpoint_url):
        try:
            return invocation.administer(
                profile_name=connection.profile, endpoint_url=client.meta.config.endpoint_url
            ).clock.now()
        except SkysailError:  # another program, or one whose keys may not ask
            pass
    return invocation.world.now()


def _held(local: LocalLightsail) -> list[StorePlace]:
    with local.store.begin(write=False) as transaction:
        return sorted({place for kind in LISTED_KINDS for place in transaction.places(kind)})
