"""A seed into a store: its calls are made, each at its time, on a service in memory; what came of them is put in.

So a seed obeys the service's own rules, a fleet has a history, and a store gets all of it or nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple, TypeVar
from zlib import crc32

import msgspec

from skysail.errors import ParameterError, SeedError, ServiceError
from skysail.protocol.model import service_model
from skysail.seeds.checking import Sown
from skysail.seeds.ordering import Order
from skysail.seeds.orders import orders
from skysail.server import LocalLightsail
from skysail.service.accounts import OneAccount
from skysail.service.nouns import default_key_pair
from skysail.store.base import Due, Record, Row, Transaction
from skysail.store.sqlite import SqliteStore
from skysail.world import ManualClock, manual_world

_AT_ONCE = 500
_MOST_TOLD = 10
Item = TypeVar("Item")


class Grown(NamedTuple):
    """What a store is to get."""

    rows: list[Row]
    changes: list[Due]
    records: list[Record]

    def count(self, kind: str) -> int:
        return sum(row.kind == kind for row in self.rows)

    def into(self, transaction: Transaction) -> None:
        """Raises SeedError where a name is taken; nothing is to be committed then."""
        for rows in _in_parts(self.rows):
            taken = [row for row in transaction.insert_free(rows) if row.name != default_key_pair.NAME]
            if taken:
                more = f", and {len(taken) - 1} more of the seed" if len(taken) > 1 else ""
                has = f"the store has {taken[0].name} already ({taken[0].kind}){more}"
                raise SeedError(f"{has}; nothing was added, seed another store")
        for records in _in_parts(self.records):
            transaction.add_records(records)
        transaction.schedule(self.changes)


def grown(every: Iterable[Sown], now: float, account: str) -> Grown:
    """All of them at the time `now`; `account` is for seeds that name none. The same for the same seeds and time.

    Raises SeedError: file and line of what the service refuses, and its words.
    """
    told: list[str] = []
    parts = [_grown(sown, now, sown.seed.account or account, told) for sown in every]
    if told:
        more = [f"and {len(told) - _MOST_TOLD} more"] if len(told) > _MOST_TOLD else []
        raise SeedError("\n".join([*told[:_MOST_TOLD], *more]))
    return Grown(
        [row for part in parts for row in part.rows],
        [change for part in parts for change in part.changes],
        [record for part in parts for record in part.records],
    )


def _grown(sown: Sown, now: float, account: str, told: list[str]) -> Grown:
    ordered = orders(sown)
    clock = ManualClock(now - (ordered[0].age_s if ordered else 0.0))
    ids = crc32(msgspec.json.encode(sown.seed))  # other ones than another seed's in the same store
    store = SqliteStore()
    world = manual_world(clock=clock, seed=ids)
    with LocalLightsail(store, world=world, accounts=OneAccount(account=account), pace="instant") as service:
        told += _called(service, ordered, now, clock)
        with store.begin(write=False) as transaction:
            return Grown(
                list(_all(transaction.every_row)),
                list(_all(transaction.every_change)),
                list(_all(transaction.every_record)),
            )


def _called(service: LocalLightsail, ordered: Sequence[Order], now: float, clock: ManualClock) -> list[str]:
    """Make the calls, and move on to now; gives what was refused."""
    model = service_model()
    by_name = {operation: model.operation(operation).method for operation in model}
    clients: dict[str, Any] = {}
    told: list[str] = []
    failed: set[str] = set()
    for order in ordered:
        if order.where in failed:  # what hangs on it would be refused too
            continue
        clock.advance(max(0.0, now - order.age_s - clock.now()))
        if order.operation not in by_name:
            told.append(f"{order.where}: {order.operation} is no operation of Lightsail's API")
            continue
        client = clients.get(order.region) or clients.setdefault(order.region, service.client(order.region))
        try:
            getattr(client, by_name[order.operation])(**order.members)
        except (ServiceError, ParameterError) as error:
            why = (
                error.response["Error"]["Message"] if isinstance(error, ServiceError) else " ".join(str(error).split())
            )
            told.append(f"{order.where}: {order.operation}: {why}")
            failed.add(order.where)
    clock.advance(max(0.0, now - clock.now()))
    service.clock.settle(within=0.0)
    return told


def _all(page: Callable[[Item | None, int], list[Item]]) -> Iterator[Item]:
    last = None
    while found := page(last, _AT_ONCE):
        yield from found
        last = found[-1]


def _in_parts(items: list[Item]) -> Iterator[list[Item]]:
    for begin in range(0, len(items), _AT_ONCE):
        yield items[begin : begin + _AT_ONCE]
