"""Due changes: made at their own time and in its order, however late somebody comes to ask."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench import START, Bench
from skysail.errors import InvalidInputException
from skysail.service.context import Context
from skysail.service.settlement import AT_ONCE, settle
from skysail.store.base import Due, Place, Transaction
from skysail.store.sqlite import SqliteStore

HERE = Place("111122223333", "us-east-1")


def due(at: float, resource_id: str, step: str = "note") -> Due:
    return Due(at, HERE, "web", resource_id, step, ("op",))


def settled(changes: list[Due], now: float, brings: dict[str, list[Due]] | None = None) -> list[Due]:
    """The changes in the order in which they were made; `brings` has those that a resource's change schedules."""
    made: list[Due] = []
    store = SqliteStore()
    with store.begin(write=True) as transaction:
        transaction.schedule(changes)
    is_all = False
    while not is_all:
        before = len(made)
        with store.begin(write=True) as transaction:

            def note(context: Context, change: Due, transaction: Transaction = transaction) -> None:
                made.append(change)
                transaction.schedule((brings or {}).pop(change.resource_id, []))

            is_all = settle(transaction, now, {"note": note}, lambda change: None)  # type: ignore[arg-type, return-value]
        assert len(made) - before <= AT_ONCE
    store.close()
    return made


@given(
    st.lists(st.tuples(st.integers(0, 20), st.sampled_from("abcdef")), unique=True, max_size=12),
    st.integers(-1, 21),
)
def test_changes_are_made_in_order_of_time_then_id_and_none_before_its_time(
    drawn: list[tuple[int, str]], now: int
) -> None:
    made = settled([due(float(at), id) for at, id in drawn], float(now))
    assert [(change.at, change.resource_id) for change in made] == sorted(one for one in drawn if one[0] <= now)


def test_a_change_that_brings_another_has_it_made_in_its_turn() -> None:
    made = settled([due(1, "a"), due(5, "b")], 10, {"a": [due(3, "c"), due(11, "d")], "c": [due(3, "a0")]})
    assert [change.resource_id for change in made] == ["a", "c", "a0", "b"]


def test_very_many_are_made_in_the_same_order_in_several_transactions() -> None:
    late = 2 * AT_ONCE
    changes = [due(float(number), f"id-{number}") for number in range(late + 1)]
    made = settled(changes, late, {f"id-{AT_ONCE - 1}": [due(AT_ONCE - 0.5, "brought")]})
    assert [change.at for change in made] == sorted([*map(float, range(late + 1)), AT_ONCE - 0.5])


def test_nobody_is_answered_before_all_that_is_due_is_made(bench: Bench) -> None:
    for first in range(0, AT_ONCE + 20, 20):
        bench.create(*(f"web-{first + number}" for number in range(20)))
    bench.settle()
    assert bench.state(f"web-{AT_ONCE + 19}") == "running"
    with bench.lightsail.store.begin(write=False) as transaction:
        assert transaction.next_due() is None


def test_a_change_happens_at_its_due_time_not_at_that_of_the_request(bench: Bench) -> None:
    bench.create("web")
    bench.clock.advance(1_000_000)
    assert bench.get(includeHealthStatus=True)["instanceStatus"]["status"] == "ok", "it has run for days"
    (operation,) = bench.operations()
    assert operation["statusChangedAt"] == datetime.fromtimestamp(START + 1.5, UTC)


def test_a_change_is_made_whoever_asks_for_what(bench: Bench) -> None:
    """Also by a call in another account and region, and by one that is refused."""
    for ask in (
        lambda: bench.lightsail.client("eu-west-1", "somebody-else").get_instances(),
        lambda: bench.client.get_instance(instanceName="web"),
        lambda: bench.client.create_instances(
            instanceNames=["no such zone"], availabilityZone="x", blueprintId="x", bundleId="x"
        ),
    ):
        bench.create("web")
        bench.settle()
        with suppress(InvalidInputException):
            ask()
        with bench.lightsail.store.begin(write=False) as transaction:
            assert transaction.next_due() is None
        bench.client.delete_instance(instanceName="web")


def test_a_call_that_comes_with_the_change_meets_the_new_state(bench: Bench) -> None:
    bench.create("web")
    bench.clock.advance(1.5)
    bench.client.stop_instance(instanceName="web")
    bench.clock.advance(1)
    bench.client.start_instance(instanceName="web")
    assert bench.state() == "pending"


def test_many_lives_that_nobody_watched_end_as_if_watched() -> None:
    watched, unwatched = Bench(), Bench()
    for bench in (watched, unwatched):
        for count in range(30):
            bench.create(f"web-{count}")
            bench.clock.advance(0.07)
            if bench is watched:
                bench.names()
        bench.clock.advance(100)
    lives = [
        [(one["resourceName"], one["status"], one["statusChangedAt"]) for one in bench.operations()]
        for bench in (watched, unwatched)
    ]
    assert lives[0] == lives[1]
    times = [at for _, _, at in lives[1]]
    assert all(earlier < later for earlier, later in pairwise(times))


def test_a_store_written_by_one_process_is_settled_by_the_next(tmp_path: object) -> None:
    from pathlib import Path

    path = Path(str(tmp_path)) / "fleet.db"
    first = Bench(path)
    first.create("web")
    first.close()
    second = Bench(path)
    second.clock.advance(50)
    assert second.state() == "running"
    assert second.operations()[0]["statusChangedAt"] == datetime.fromtimestamp(START + 1.5, UTC)
    second.close()


@pytest.mark.parametrize("region", ["us-east-1", "eu-west-1"])
def test_a_change_is_made_in_its_own_place(bench: Bench, region: str) -> None:
    """Two places, the same name, one of them deleted."""
    other = {"us-east-1": "eu-west-1", "eu-west-1": "us-east-1"}[region]
    clients = {place: bench.lightsail.client(place) for place in (region, other)}
    for place, client in clients.items():
        client.create_instances(
            instanceNames=["web"], availabilityZone=f"{place}a", blueprintId="debian_12", bundleId="nano_3_0"
        )
    clients[region].delete_instance(instanceName="web")
    bench.settle()
    assert clients[region].get_instances()["instances"] == []
    assert clients[other].get_instance_state(instanceName="web")["state"]["name"] == "running"
