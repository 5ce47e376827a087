"""Databases stopped, started and rebooted, by a call and by the clock."""

from __future__ import annotations

from typing import Any

import pytest

from bench import Bench, Refusal, entries, refused
from databases import DAY, available, create, database, ends, faults, snapshot, state, stopped, take
from skysail.errors import NotFoundException

REFUSED = {
    "stop_relational_database": "The relational database must be in the available state: db",
    "start_relational_database": "The relational database can't be started because it is not stopped: db",
    "reboot_relational_database": "The relational database must be in the available state: db",
}


def call(bench: Bench, what: str, **more: Any) -> list[tuple[Any, ...]]:
    answer = getattr(bench.client, f"{what}_relational_database")(relationalDatabaseName="db", **more)
    return entries(answer["operations"])


def test_it_is_stopped_and_started(bench: Bench) -> None:
    available(bench)
    assert call(bench, "stop") == [("RelationalDatabase", "db", "StopRelationalDatabase", None, "Started")]
    assert state(bench) == "stopping"
    bench.settle()
    assert state(bench) == "stopped"
    assert call(bench, "start") == [("RelationalDatabase", "db", "StartRelationalDatabase", None, "Started")]
    assert state(bench) == "starting"
    bench.settle()
    assert state(bench) == "available"
    assert ends(bench, "StopRelationalDatabase") == [("db", "Succeeded", None)]
    assert ends(bench, "StartRelationalDatabase") == [("db", "Succeeded", None)]
    assert faults(bench) == []


def test_it_is_rebooted(bench: Bench) -> None:
    available(bench)
    assert call(bench, "reboot") == [("RelationalDatabase", "db", "RebootRelationalDatabase", "", "Started")]
    assert state(bench) == "rebooting"
    bench.settle()
    assert state(bench) == "available"
    assert ends(bench, "RebootRelationalDatabase") == [("db", "Succeeded", None)]


def test_a_snapshot_can_be_taken_before_it_stops() -> None:
    bench = Bench(pace="real")
    create(bench)
    bench.clock.advance(600)
    assert call(bench, "stop", relationalDatabaseSnapshotName="shot") == [
        ("RelationalDatabase", "db", "StopRelationalDatabase", None, "Started"),
        ("RelationalDatabase", "db", "CreateRelationalDatabaseSnapshot", "shot", "Started"),
        ("RelationalDatabaseSnapshot", "shot", "CreateRelationalDatabaseSnapshot", "db", "Started"),
    ]
    bench.clock.advance(103)
    assert (state(bench), snapshot(bench)["state"]) == ("stopping", "available")
    bench.clock.advance(90)
    assert state(bench) == "stopped"
    bench.close()


def test_after_seven_days_it_is_started_again(bench: Bench) -> None:
    stopped(bench)
    bench.clock.advance(7 * DAY - 60)
    assert state(bench) == "stopped"
    bench.clock.advance(1)
    assert state(bench) == "starting"
    bench.settle()
    assert state(bench) == "available"
    assert ends(bench, "StartRelationalDatabase") == [("db", "Succeeded", None)]
    assert faults(bench) == []


def test_one_that_was_started_by_hand_is_left_alone(bench: Bench) -> None:
    stopped(bench)
    call(bench, "start")
    bench.clock.advance(8 * DAY)
    assert state(bench) == "available"
    assert ends(bench, "StartRelationalDatabase") == [("db", "Succeeded", None)]


@pytest.mark.parametrize(
    ("now", "allowed"),
    [
        ("creating", set()),
        ("available", {"stop_relational_database", "reboot_relational_database"}),
        ("backing-up", set()),
        ("modifying", set()),
        ("rebooting", set()),
        ("stopping", set()),
        ("stopped", {"start_relational_database"}),
        ("starting", set()),
        ("deleting", set()),
    ],
)
def test_each_call_in_each_state(bench: Bench, now: str, allowed: set[str]) -> None:
    stopped(bench) if now in ("stopped", "starting") else create(bench)
    if now not in ("creating", "stopped", "starting"):
        bench.settle()
    if now == "backing-up":
        take(bench)
    elif now == "modifying":
        bench.client.update_relational_database(relationalDatabaseName="db", publiclyAccessible=True)
    elif now == "deleting":
        bench.client.delete_relational_database(relationalDatabaseName="db", skipFinalSnapshot=True)
    elif now in ("rebooting", "stopping", "starting"):
        call(bench, {"rebooting": "reboot", "stopping": "stop", "starting": "start"}[now])
    assert state(bench) == now
    for name, text in REFUSED.items():
        if name in allowed:
            continue
        refusal = refused(getattr(bench.client, name), relationalDatabaseName="db")
        assert refusal == Refusal("InvalidInputException", "InvalidState", text)
    for name in sorted(allowed)[:1]:
        getattr(bench.client, name)(relationalDatabaseName="db")


def test_what_is_not_there_is_not_found(bench: Bench) -> None:
    for name in REFUSED:
        with pytest.raises(NotFoundException, match="The RelationalDatabase does not exist: db"):
            getattr(bench.client, name)(relationalDatabaseName="db")


def test_a_name_that_is_taken_leaves_it_running(bench: Bench) -> None:
    available(bench)
    request = {"relationalDatabaseName": "db", "relationalDatabaseSnapshotName": "db"}
    assert refused(bench.client.stop_relational_database, **request).code == "NameExists"
    assert state(bench) == "available"
    assert database(bench)["masterEndpoint"]
