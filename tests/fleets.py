"""Fleets to walk: instances in many accounts and regions of a local Lightsail, and a transport that throttles."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any

import msgspec

import skysail
from skysail.caller.fleet.clients import Connections
from skysail.caller.fleet.fleet import Fleet
from skysail.caller.settings import Settings
from skysail.caller.transport import AsyncInProcess, AsyncTransport, InProcess, Transport
from skysail.protocol.message import Request, Response
from skysail.server import LocalLightsail
from skysail.store.base import Place, Row, Store
from skysail.world import World

REGIONS = (
    *("us-east-1", "us-east-2", "us-west-2", "ca-central-1", "eu-central-1", "eu-west-1", "eu-west-2", "eu-west-3"),
    *("eu-north-1", "ap-south-1", "ap-northeast-1", "ap-northeast-2", "ap-southeast-1", "ap-southeast-2", "sa-east-1"),
)


def accounts(count: int) -> list[str]:
    """Twelve digits each: an open service takes them for access keys, too."""
    return [f"{700_000_000_000 + number}" for number in range(count)]


def keys(names: Iterable[str]) -> dict[str, tuple[str, str]]:
    """A login for each account, under the account's own number."""
    return {account: (account, "secret") for account in names}


def fill(store: Store, places: Iterable[tuple[str, str]], size: int) -> set[str]:
    """So many instances in each account and region; gives their ARNs."""
    rows = list(_rows(places, size))
    with store.begin(write=True) as transaction:
        transaction.insert(rows)
    return {msgspec.json.decode(row.document)["arn"] for row in rows}


def _rows(places: Iterable[tuple[str, str]], size: int) -> Iterator[Row]:
    for account, region in places:
        for number in range(1, size + 1):
            name, id = f"web-{number}", f"{account}-{region}-{number}"
            document = {
                "name": name,
                "arn": f"arn:aws:lightsail:{region}:{account}:Instance/{id}",
                "createdAt": 1_700_000_000 + number,
                "location": {"availabilityZone": f"{region}a", "regionName": region},
                "resourceType": "Instance",
                "state": {"code": 16, "name": "running"},
            }
            yield Row(Place(account, region), "Instance", name, id, number, msgspec.json.encode(document))


@dataclass
class Limits:
    """What a service lets through: for each account `rate` calls a second after a first `burst`; and of all calls a
    `share` is refused or lost at random, the same ones for the same seed and order."""

    now: Callable[[], float]
    rate: float = 1e9
    burst: float = 1e9
    share: float = 0.0
    dice: random.Random = field(default_factory=lambda: random.Random(1))
    asked: int = 0
    refused: int = 0

    def __post_init__(self) -> None:
        self._lock = Lock()
        self._levels: dict[str, tuple[float, float]] = {}

    def refuses(self, request: Request) -> Response | None:
        """The refusal, where the request is one too many."""
        found = re.search(r"Credential=([^/]+)/", request.headers["authorization"])
        assert found is not None
        with self._lock:
            self.asked += 1
            now = self.now()
            level, filled = self._levels.get(found[1], (self.burst, now))
            level = min(self.burst, level + (now - filled) * self.rate)
            fits = level >= 1
            self._levels[found[1]] = (level - 1 if fits else level, now)
            chance = self.dice.random()
            self.refused += not fits
        if not fits or chance < self.share / 2:
            return refusal("ThrottlingException", "Rate exceeded", 400)
        return refusal("ServiceUnavailableException", "try again", 503) if chance < self.share else None


def refusal(kind: str, message: str, status: int) -> Response:
    body = msgspec.json.encode({"__type": kind, "message": message})
    return Response(status, {"content-type": "application/x-amz-json-1.1"}, body)


@dataclass
class Throttled:
    """A transport in front of another, with limits."""

    inner: Transport
    limits: Limits

    def send(self, request: Request) -> Response:
        return self.limits.refuses(request) or self.inner.send(request)

    def close(self) -> None:
        self.inner.close()


@dataclass
class AsyncThrottled:
    inner: AsyncTransport
    limits: Limits

    async def send(self, request: Request) -> Response:
        return self.limits.refuses(request) or await self.inner.send(request)

    async def close(self) -> None:
        await self.inner.close()


class Fleets:
    """A Lightsail in this process with `size` instances in each place, and walks over it."""

    def __init__(
        self,
        world: World,
        accounts: Iterable[str],
        regions: Iterable[str],
        size: int,
        page_size: int,
        limits: Limits | None = None,
    ) -> None:
        self.world = world
        self.accounts, self.regions = list(accounts), list(regions)
        self.lightsail = LocalLightsail(world=world, page_size=page_size)
        self.arns = fill(self.lightsail.store, ((a, r) for a in self.accounts for r in self.regions), size)
        self.limits = limits or Limits(world.now)
        self.connections = Connections(self._open, self._open_async)

    def walk(self, *, again: bool = False, **options: Any) -> Fleet:
        """A walk over all of it, or as the options say; `again` leaves it to the token or the checkpoint where."""
        where = {} if again else {"regions": self.regions}
        given = {"endpoint_url": "local:", "keys": keys(self.accounts), **where, **options}
        return skysail.fleet(world=self.world, connections=self.connections, **given)

    def close(self) -> None:
        self.lightsail.close()

    def _open(self, settings: Settings) -> Transport:
        return Throttled(InProcess(self.lightsail.service.answer), self.limits)

    def _open_async(self, settings: Settings) -> AsyncTransport:
        return AsyncThrottled(AsyncInProcess(self.lightsail.service.answer), self.limits)


def arns(pages: Iterable[Any]) -> list[str]:
    """Of all items of these pages."""
    return [item["arn"] for page in pages for item in page.items]


def arns_in(lines: Path) -> list[str]:
    """Of all lines of a file, which must be whole."""
    return [msgspec.json.decode(line)["arn"] for line in lines.read_bytes().splitlines()]
