"""Snapshots of databases, and what is made from them and from automated backups."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest

from bench import START, Bench, Refusal, entries, refused
from databases import (
    DAY,
    HOUR,
    MYSQL,
    available,
    create,
    database,
    ends,
    faults,
    snapshot,
    state,
    stopped,
    take,
)
from modelled import misfits
from skysail.errors import NotFoundException


def restore(bench: Bench, name: str = "copy", **source: Any) -> list[tuple[Any, ...]]:
    answer = bench.client.create_relational_database_from_snapshot(relationalDatabaseName=name, **source)
    return entries(answer["operations"])


def of_shot(bench: Bench, **more: Any) -> list[tuple[Any, ...]]:
    return restore(bench, relationalDatabaseSnapshotName="shot", **more)


def as_it_was(bench: Bench, **more: Any) -> list[tuple[Any, ...]]:
    return restore(bench, sourceRelationalDatabaseName="db", **more)


def invalid(message: str) -> Refusal:
    return Refusal("InvalidInputException", "InvalidParams", message)


def wrong_state(message: str) -> Refusal:
    return Refusal("InvalidInputException", "InvalidState", message)


def test_a_snapshot_has_the_members_that_published_answers_show(bench: Bench) -> None:
    available(bench)
    assert take(bench, tags=[{"key": "a", "value": "1"}]) == [
        ("RelationalDatabaseSnapshot", "shot", "CreateRelationalDatabaseSnapshot", "db", "Started"),
        ("RelationalDatabase", "db", "CreateRelationalDatabaseSnapshot", "shot", "Started"),
    ]
    assert state(bench) == "backing-up"
    found = snapshot(bench)
    assert re.fullmatch(
        r"arn:aws:lightsail:us-east-1:\d{12}:RelationalDatabaseSnapshot/[0-9a-f-]{36}", found.pop("arn")
    )
    assert re.fullmatch(r"\d{12}/ls-[0-9a-f]{40}", found.pop("supportCode"))
    new = {
        "name": "shot",
        "createdAt": datetime.fromtimestamp(START + 60, UTC),
        "location": {"availabilityZone": "all", "regionName": "us-east-1"},
        "resourceType": "RelationalDatabaseSnapshot",
        "tags": [{"key": "a", "value": "1"}],
        "engine": "mysql",
        "engineVersion": "8.0.16",
        "sizeInGb": 80,
        "state": "creating",
        "fromRelationalDatabaseName": "db",
        "fromRelationalDatabaseArn": database(bench)["arn"],
        "fromRelationalDatabaseBundleId": "small_2_0",
        "fromRelationalDatabaseBlueprintId": "mysql_8_0",
    }
    assert found == new
    bench.settle()
    assert (snapshot(bench)["state"], state(bench)) == ("available", "available")
    assert ends(bench, "CreateRelationalDatabaseSnapshot") == [("shot", "Succeeded", None), ("db", "Succeeded", None)]
    request = {"relationalDatabaseSnapshotName": "shot"}
    assert misfits("GetRelationalDatabaseSnapshot", bench.send(request, "GetRelationalDatabaseSnapshot")) == []
    assert faults(bench) == []


def test_a_highly_available_database_goes_on_while_it_is_backed_up(bench: Bench) -> None:
    available(bench, relationalDatabaseBundleId="micro_ha_2_0")
    take(bench)
    assert state(bench) == "available"
    take(bench, "another")


def test_only_an_available_database_is_backed_up(bench: Bench) -> None:
    call = bench.client.create_relational_database_snapshot
    request = {"relationalDatabaseName": "db", "relationalDatabaseSnapshotName": "shot"}
    with pytest.raises(NotFoundException, match="The RelationalDatabase does not exist: db"):
        call(**request)
    create(bench)
    text = "The relational database must be in the available state: db"
    assert refused(call, **request) == wrong_state(text)
    bench.settle()
    take(bench, "one")
    assert refused(call, **request) == wrong_state(text)
    bench.settle()
    assert refused(call, **request | {"relationalDatabaseSnapshotName": "one"}).code == "NameExists"
    assert state(bench) == "available"


def test_a_snapshot_is_deleted_at_once_when_it_is_there(bench: Bench) -> None:
    call = bench.client.delete_relational_database_snapshot
    with pytest.raises(NotFoundException, match="The RelationalDatabaseSnapshot does not exist: shot"):
        call(relationalDatabaseSnapshotName="shot")
    available(bench)
    take(bench)
    assert refused(call, relationalDatabaseSnapshotName="shot") == wrong_state(
        "You can't delete this snapshot right now. The state of this snapshot is: creating"
    )
    bench.settle()
    assert entries(call(relationalDatabaseSnapshotName="shot")["operations"]) == [
        ("RelationalDatabaseSnapshot", "shot", "DeleteRelationalDatabaseSnapshot", None, "Succeeded")
    ]
    assert bench.client.get_relational_database_snapshots()["relationalDatabaseSnapshots"] == []


def test_snapshots_come_in_pages_newest_first() -> None:
    bench = Bench(page_size=1)
    available(bench)
    for name in ("one", "two"):
        take(bench, name)
        bench.settle()
    pages = list(bench.client.get_paginator("get_relational_database_snapshots").paginate())
    assert [[one["name"] for one in page["relationalDatabaseSnapshots"]] for page in pages] == [["two"], ["one"]]
    bench.close()


# --- from a snapshot --------------------------------------------------------------------------------------


def password(bench: Bench, name: str) -> str:
    call = bench.client.get_relational_database_master_user_password
    return str(call(relationalDatabaseName=name)["masterUserPassword"])


def test_a_database_is_made_from_a_snapshot_with_a_password_of_its_own(bench: Bench) -> None:
    available(bench, masterUserPassword="correct-horse")
    take(bench)
    bench.settle()
    bench.client.delete_relational_database(relationalDatabaseName="db", skipFinalSnapshot=True)
    bench.settle()
    assert of_shot(bench, tags=[{"key": "b"}], publiclyAccessible=True, availabilityZone="us-east-1b") == [
        ("RelationalDatabase", "copy", "CreateRelationalDatabaseFromSnapshot", None, "Started")
    ]
    assert state(bench, "copy") == "creating"
    bench.settle()
    copy = database(bench, "copy")
    same = ("relationalDatabaseBlueprintId", "relationalDatabaseBundleId", "masterDatabaseName", "masterUsername")
    assert {member: copy[member] for member in same} == {member: MYSQL[member] for member in same}
    assert (copy["engine"], copy["engineVersion"], copy["state"]) == ("mysql", "8.0.16", "available")
    assert (copy["tags"], copy["publiclyAccessible"]) == ([{"key": "b"}], True)
    assert copy["location"]["availabilityZone"] == "us-east-1b"
    assert len(password(bench, "copy")) == 32
    assert ends(bench, "CreateRelationalDatabaseFromSnapshot") == [("copy", "Succeeded", None)]
    assert faults(bench) == []


def test_the_plan_is_the_sources_or_a_larger_one(bench: Bench) -> None:
    available(bench)
    take(bench)
    bench.settle()
    call, request = bench.client.create_relational_database_from_snapshot, {"relationalDatabaseSnapshotName": "shot"}
    smaller = refused(call, relationalDatabaseName="copy", relationalDatabaseBundleId="micro_2_0", **request)
    assert smaller == invalid("The specified bundle is smaller than the bundle of the source database: micro_2_0")
    of_shot(bench, relationalDatabaseBundleId="medium_ha_2_0")  # to another plan, or high availability
    found = database(bench, "copy")
    assert found["hardware"] == {"cpuCount": 2, "diskSizeInGb": 120, "ramSizeInGb": 4.0}
    assert found["secondaryAvailabilityZone"] == "us-east-1b"


@pytest.mark.parametrize(
    ("request_", "answer"),
    [
        (
            {},
            invalid(
                "You must specify either a relational database snapshot name or a source relational database name, but "
                "not both."
            ),
        ),
        (
            {"relationalDatabaseSnapshotName": "shot", "sourceRelationalDatabaseName": "db"},
            invalid(
                "You must specify either a relational database snapshot name or a source relational database name, but "
                "not both."
            ),
        ),
        (
            {"relationalDatabaseSnapshotName": "shot", "useLatestRestorableTime": True},
            invalid(
                "You can specify a restore time or the latest restorable time only with a source relational database "
                "name."
            ),
        ),
        (
            {"sourceRelationalDatabaseName": "db"},
            invalid("You must specify either a restore time or the latest restorable time, but not both."),
        ),
        (
            {"sourceRelationalDatabaseName": "db", "useLatestRestorableTime": True, "restoreTime": START + HOUR},
            invalid("You must specify either a restore time or the latest restorable time, but not both."),
        ),
        (
            {"sourceRelationalDatabaseName": "db", "restoreTime": START},
            invalid(
                "The restore time must be between 2023-11-14T22:13:21Z and 2023-11-15T00:10:00Z: 2023-11-14T22:13:20Z"
            ),
        ),
        (
            {"sourceRelationalDatabaseName": "db", "restoreTime": START + 2 * HOUR},
            invalid(
                "The restore time must be between 2023-11-14T22:13:21Z and 2023-11-15T00:10:00Z: 2023-11-15T00:13:20Z"
            ),
        ),
        (
            {"relationalDatabaseSnapshotName": "half"},
            wrong_state("You can't use this snapshot right now. The state of this snapshot is: creating"),
        ),
    ],
)
def test_a_source_that_is_not_said_well_or_not_there_is_refused(
    bench: Bench, request_: dict[str, Any], answer: Refusal
) -> None:
    available(bench)
    take(bench)
    bench.clock.advance(2 * HOUR - 60)
    take(bench, "half")
    call = bench.client.create_relational_database_from_snapshot
    assert refused(call, relationalDatabaseName="copy", **request_) == answer
    with pytest.raises(NotFoundException):
        database(bench, "copy")


def test_unknown_sources_are_not_found(bench: Bench) -> None:
    with pytest.raises(NotFoundException, match="The RelationalDatabaseSnapshot does not exist: shot"):
        of_shot(bench)
    with pytest.raises(NotFoundException, match="The RelationalDatabase does not exist: db"):
        as_it_was(bench, useLatestRestorableTime=True)


# --- as it was at a time ----------------------------------------------------------------------------------


def latest(bench: Bench) -> float | None:
    found = database(bench).get("latestRestorableTime")
    return None if found is None else float(found.timestamp())


def test_a_database_is_restored_with_the_version_that_it_had_at_the_time(bench: Bench) -> None:
    available(bench)
    bench.clock.advance(HOUR)
    before = bench.clock.now()
    bench.client.update_relational_database(
        relationalDatabaseName="db", relationalDatabaseBlueprintId="mysql_8_4", applyImmediately=True
    )
    bench.clock.advance(HOUR)
    assert database(bench)["engineVersion"] == "8.4.11"
    as_it_was(bench, restoreTime=before)
    restore(bench, "newest", sourceRelationalDatabaseName="db", useLatestRestorableTime=True)
    bench.settle()
    versions = [database(bench, name)["engineVersion"] for name in ("copy", "newest")]
    assert versions == ["8.0.16", "8.4.11"]


def test_what_is_restorable_ends_when_it_stops_and_begins_a_week_ago(bench: Bench) -> None:
    stopped(bench)
    at_stop = latest(bench)
    assert at_stop is None  # stopped before the first five minutes had passed
    bench.client.start_relational_database(relationalDatabaseName="db")
    bench.clock.advance(30 * DAY)
    call = bench.client.create_relational_database_from_snapshot
    source = {"relationalDatabaseName": "copy", "sourceRelationalDatabaseName": "db"}
    assert "between" in refused(call, **source, restoreTime=bench.clock.now() - 7 * DAY - 60).message
    as_it_was(bench, restoreTime=bench.clock.now() - 7 * DAY + 60)
    bench.client.stop_relational_database(relationalDatabaseName="db")
    end = latest(bench)
    bench.clock.advance(DAY)
    assert latest(bench) == end


def test_without_backups_nothing_can_be_restored(bench: Bench) -> None:
    available(bench)
    bench.clock.advance(DAY)
    change = {"relationalDatabaseName": "db", "applyImmediately": True}
    bench.client.update_relational_database(**change, disableBackupRetention=True)
    bench.settle()
    assert latest(bench) is None
    source = {"relationalDatabaseName": "copy", "sourceRelationalDatabaseName": "db", "useLatestRestorableTime": True}
    assert refused(bench.client.create_relational_database_from_snapshot, **source) == wrong_state(
        "The relational database has no restorable time: db"
    )
    since = bench.clock.now()
    bench.client.update_relational_database(**change, enableBackupRetention=True)
    bench.clock.advance(HOUR)
    assert latest(bench)
    call = bench.client.create_relational_database_from_snapshot
    source |= {"restoreTime": since - HOUR, "useLatestRestorableTime": False}
    assert "between" in refused(call, **source).message  # what there was is deleted
