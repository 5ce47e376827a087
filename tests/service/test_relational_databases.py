"""Databases: what a new one is like, what is refused, and how one goes."""

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
    POSTGRES,
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
from skysail.server import LocalLightsail


def test_a_new_database_has_the_members_that_published_answers_show(bench: Bench) -> None:
    assert create(bench, tags=[{"key": "a"}]) == [
        ("RelationalDatabase", "db", "CreateRelationalDatabase", None, "Started")
    ]
    found = database(bench)
    assert re.fullmatch(r"arn:aws:lightsail:us-east-1:\d{12}:RelationalDatabase/[0-9a-f-]{36}", found.pop("arn"))
    code = re.fullmatch(r"\d{12}/(ls-[0-9a-f]{40})", found.pop("supportCode"))
    assert code
    assert re.fullmatch(r"\d\d:\d\d-\d\d:\d\d", found.pop("preferredBackupWindow"))
    assert re.fullmatch(r"[a-z]{3}:\d\d:\d\d-[a-z]{3}:\d\d:\d\d", found.pop("preferredMaintenanceWindow"))
    new = {
        "name": "db",
        "createdAt": datetime.fromtimestamp(START, UTC),
        "location": {"availabilityZone": "us-east-1a", "regionName": "us-east-1"},
        "resourceType": "RelationalDatabase",
        "tags": [{"key": "a"}],
        "relationalDatabaseBlueprintId": "mysql_8_0",
        "relationalDatabaseBundleId": "small_2_0",
        "masterDatabaseName": "dbmaster",
        "hardware": {"cpuCount": 2, "diskSizeInGb": 80, "ramSizeInGb": 2.0},
        "state": "creating",
        "backupRetentionEnabled": True,
        "pendingModifiedValues": {},
        "engine": "mysql",
        "engineVersion": "8.0.16",
        "masterUsername": "dbmasteruser",
        "parameterApplyStatus": "in-sync",
        "publiclyAccessible": False,
        "pendingMaintenanceActions": [],
        "caCertificateIdentifier": "rds-ca-rsa2048-g1",
    }
    assert found == new
    bench.clock.advance(HOUR)
    found = database(bench)
    endpoint = found["masterEndpoint"]
    assert endpoint["port"] == 3306
    assert re.fullmatch(rf"{code[1]}\.[a-z]{{12}}\.us-east-1\.rds\.amazonaws\.com", endpoint["address"])
    assert found["latestRestorableTime"] == datetime.fromtimestamp((START + HOUR - 60) // 300 * 300, UTC)
    assert new | {"state": "available"} == {member: found[member] for member in new}
    assert ends(bench, "CreateRelationalDatabase") == [("db", "Succeeded", None)]
    assert misfits("GetRelationalDatabase", bench.send({"relationalDatabaseName": "db"}, "GetRelationalDatabase")) == []
    assert faults(bench) == []


def test_what_is_ordered_is_what_is_made(bench: Bench) -> None:
    available(
        bench,
        **POSTGRES,
        availabilityZone="us-east-1c",
        masterUserPassword="correct-horse",
        preferredBackupWindow="16:00-16:30",
        preferredMaintenanceWindow="Tue:17:00-Tue:17:30",
        publiclyAccessible=True,
    )
    found = database(bench)
    assert (found["engine"], found["engineVersion"], found["masterEndpoint"]["port"]) == ("postgres", "17.11", 5432)
    assert found["location"]["availabilityZone"] == "us-east-1c"
    assert found["preferredBackupWindow"] == "16:00-16:30"
    assert found["preferredMaintenanceWindow"] == "tue:17:00-tue:17:30"  # small letters, as seen
    assert found["publiclyAccessible"] is True


def test_a_highly_available_one_has_a_second_zone(bench: Bench) -> None:
    available(bench, relationalDatabaseBundleId="micro_ha_2_0")
    found = database(bench)
    assert (found["location"]["availabilityZone"], found["secondaryAvailabilityZone"]) == ("us-east-1a", "us-east-1b")


@pytest.mark.parametrize("number", range(20))
def test_windows_that_nobody_asked_for_are_drawn_from_the_regions_block_and_apart(number: int) -> None:
    bench = Bench(region="us-west-2", seed=number)
    create(bench, preferredBackupWindow="06:00-13:00")
    start = database(bench)["preferredMaintenanceWindow"][4:9]
    assert "13:00" <= start <= "13:30"
    create(bench, "other")
    daily = database(bench, "other")["preferredBackupWindow"]
    assert "06:00" <= daily[:5] <= "13:30"
    assert daily[6:] > daily[:5]
    bench.close()


def invalid(message: str) -> Refusal:
    return Refusal("InvalidInputException", "InvalidParams", message)


def bad_password(why: str) -> Refusal:
    return invalid(f"The parameter MasterUserPassword is not a valid password{why}")


WEEK = "Invalid maintenance window format: Should be specified as a range ddd:hh24:mi-ddd:hh24:mi"
DAILY = "Invalid backup window format: Should be specified as a range hh24:mi-hh24:mi"
ONLY = ". Only printable ASCII characters besides '/', '@', '\"', ' ' may be used."


@pytest.mark.parametrize(
    ("order", "answer"),
    [
        (
            {"relationalDatabaseBlueprintId": "oracle"},
            invalid("The specified blueprint does not exist in this region: oracle"),
        ),
        (
            {"relationalDatabaseBlueprintId": "mysql_5_7"},
            invalid("The specified blueprint does not exist in this region: mysql_5_7"),
        ),
        ({"relationalDatabaseBundleId": "tiny"}, invalid("The specified bundle does not exist in this region: tiny")),
        (
            {"relationalDatabaseBundleId": "micro_1_0"},
            invalid("The specified bundle is not available for new databases: micro_1_0"),
        ),
        ({"availabilityZone": "us-west-2a"}, invalid("The specified Availability Zone is not valid: us-west-2a")),
        (
            {"relationalDatabaseBundleId": "micro_ha_2_0", "availabilityZone": "us-east-1a"},
            invalid("You can't specify an Availability Zone for a high availability database."),
        ),
        ({"masterDatabaseName": "1st"}, invalid("The parameter MasterDatabaseName is not a valid database name: 1st")),
        (
            {"masterDatabaseName": "a" * 65},
            invalid(f"The parameter MasterDatabaseName is not a valid database name: {'a' * 65}"),
        ),
        (
            {"masterDatabaseName": "Select"},
            invalid("DBName Select cannot be used. It is a reserved word for this engine"),
        ),
        (
            {"masterDatabaseName": "mysql"},
            invalid("DBName mysql cannot be used. It is a reserved word for this engine"),
        ),
        ({"masterUsername": "a" * 17}, invalid(f"The parameter MasterUsername is not a valid user name: {'a' * 17}")),
        ({"masterUsername": "a-b"}, invalid("The parameter MasterUsername is not a valid user name: a-b")),
        (
            POSTGRES | {"masterUsername": "admin"},
            invalid("MasterUsername admin cannot be used as it is a reserved word used by the engine"),
        ),
        ({"masterUserPassword": "seven77"}, bad_password(" because it is shorter than 8 characters.")),
        ({"masterUserPassword": "a" * 42}, bad_password(" because it is longer than 41 characters.")),
        (POSTGRES | {"masterUserPassword": "a" * 129}, bad_password(" because it is longer than 128 characters.")),
        ({"masterUserPassword": "with space"}, bad_password(ONLY)),
        ({"masterUserPassword": 'a"b/c@d12'}, bad_password(ONLY)),
        ({"masterUserPassword": "schlüssel"}, bad_password(ONLY)),
        ({"preferredBackupWindow": "16-17"}, invalid(f"{DAILY}: 16-17")),
        ({"preferredBackupWindow": "24:00-24:30"}, invalid(f"{DAILY}: 24:00-24:30")),
        (
            {"preferredBackupWindow": "16:00-16:29"},
            invalid("The backup window must be at least 30 minutes: 16:00-16:29"),
        ),
        ({"preferredMaintenanceWindow": "16:00-16:30"}, invalid(f"{WEEK}: 16:00-16:30")),
        (
            {"preferredMaintenanceWindow": "Tue:17:00-Tue:17:10"},
            invalid("The maintenance window must be at least 30 minutes and less than a day: Tue:17:00-Tue:17:10"),
        ),
        (
            {"preferredMaintenanceWindow": "Sun:23:45-Mon:00:15", "preferredBackupWindow": "00:10-00:40"},
            invalid("The backup window and maintenance window must not overlap."),
        ),
        ({"tags": [{"key": ""}]}, invalid("Tag keys must have at least 1 character.")),
    ],
)
def test_an_order_that_does_not_fit_is_refused(bench: Bench, order: dict[str, Any], answer: Refusal) -> None:
    request = {"relationalDatabaseName": "db", **MYSQL, **order}
    assert refused(bench.client.create_relational_database, **request) == answer
    assert bench.client.get_relational_databases()["relationalDatabases"] == []
    assert bench.operations() == []


def test_its_name_is_one_of_all_names(bench: Bench) -> None:
    available(bench)
    refusal = refused(bench.client.create_relational_database, relationalDatabaseName="db", **MYSQL)
    assert refusal == Refusal("InvalidInputException", "NameExists", "Some names are already in use: db")
    assert refused(bench.client.allocate_static_ip, staticIpName="db").code == "NameExists"
    west = bench.lightsail.client("us-west-2")
    west.create_relational_database(relationalDatabaseName="db", **MYSQL)
    with pytest.raises(NotFoundException, match="The RelationalDatabase does not exist: web"):
        west.get_relational_database(relationalDatabaseName="web")
    addresses = {
        database(bench)["supportCode"],
        west.get_relational_databases()["relationalDatabases"][0]["supportCode"],
    }
    assert len(addresses) == 2


def test_forty_databases_a_region_where_quotas_are_minded(bench: Bench) -> None:
    with LocalLightsail(world=bench.lightsail.world, quotas="real") as lightsail:
        client = lightsail.client()
        for number in range(40):
            client.create_relational_database(relationalDatabaseName=f"db-{number}", **MYSQL)
        refusal = refused(client.create_relational_database, relationalDatabaseName="one-more", **MYSQL)
    text = "Sorry, you've reached the maximum number of databases for your account."
    assert refusal == Refusal("InvalidInputException", "LimitExceeded", text)


def test_listings_come_in_pages_newest_first() -> None:
    bench = Bench(page_size=2)
    names = [f"db-{number}" for number in range(5)]
    for name in names:
        create(bench, name)
    pages = list(bench.client.get_paginator("get_relational_databases").paginate())
    assert [[one["name"] for one in page["relationalDatabases"]] for page in pages] == [
        ["db-4", "db-3"],
        ["db-2", "db-1"],
        ["db-0"],
    ]
    assert misfits("GetRelationalDatabases", bench.send({}, "GetRelationalDatabases")) == []
    bench.close()


def test_tags_are_put_on_and_taken_off(bench: Bench) -> None:
    available(bench)
    bench.client.tag_resource(resourceName="db", tags=[{"key": "a", "value": "1"}])
    assert database(bench)["tags"] == [{"key": "a", "value": "1"}]
    bench.client.untag_resource(resourceName="db", tagKeys=["a"])
    assert database(bench)["tags"] == []


# --- how one goes -----------------------------------------------------------------------------------------


def delete(bench: Bench, **how: Any) -> list[tuple[Any, ...]]:
    return entries(bench.client.delete_relational_database(relationalDatabaseName="db", **how)["operations"])


def is_gone(bench: Bench) -> bool:
    try:
        database(bench)
    except NotFoundException:
        return True
    return False


def test_a_deleted_database_leaves_a_last_snapshot(bench: Bench) -> None:
    available(bench)
    name = "db-FinalSnapshot-1700000060000"  # as in the published example
    assert delete(bench) == [
        ("RelationalDatabase", "db", "DeleteRelationalDatabase", None, "Started"),
        ("RelationalDatabase", "db", "CreateRelationalDatabaseSnapshot", name, "Started"),
        ("RelationalDatabaseSnapshot", name, "CreateRelationalDatabaseSnapshot", "db", "Started"),
    ]
    assert (state(bench), snapshot(bench, name)["state"]) == ("deleting", "creating")
    bench.clock.advance(1)
    assert (state(bench), snapshot(bench, name)["state"]) == ("deleting", "available")
    bench.clock.advance(1)
    assert is_gone(bench)
    assert ends(bench, "DeleteRelationalDatabase") == [("db", "Succeeded", None)]
    assert ends(bench, "CreateRelationalDatabaseSnapshot") == [("db", "Succeeded", None), (name, "Succeeded", None)]
    assert faults(bench) == []


def test_a_last_snapshot_has_the_name_that_is_given(bench: Bench) -> None:
    stopped(bench)
    assert delete(bench, finalRelationalDatabaseSnapshotName="last")[2][1] == "last"
    bench.settle()
    assert is_gone(bench)
    assert snapshot(bench, "last")["fromRelationalDatabaseName"] == "db"


def test_a_last_snapshot_can_be_skipped_in_any_state(bench: Bench) -> None:
    create(bench)
    assert delete(bench, skipFinalSnapshot=True) == [
        ("RelationalDatabase", "db", "DeleteRelationalDatabase", None, "Started")
    ]
    bench.settle()
    assert is_gone(bench)
    assert ends(bench, "CreateRelationalDatabase") == [("db", "Failed", "RelationalDatabaseDeleted")]
    assert bench.client.get_relational_database_snapshots()["relationalDatabaseSnapshots"] == []
    create(bench)  # the name is free again
    assert faults(bench) == []


def test_what_cannot_be_deleted(bench: Bench) -> None:
    call = bench.client.delete_relational_database
    with pytest.raises(NotFoundException, match="The RelationalDatabase does not exist: db"):
        call(relationalDatabaseName="db")
    create(bench)

    def wrong_state(message: str) -> Refusal:
        return Refusal("InvalidInputException", "InvalidState", message)

    assert refused(call, relationalDatabaseName="db") == wrong_state(
        "The relational database must be in the available or stopped state: db"
    )
    bench.settle()
    both = {"skipFinalSnapshot": True, "finalRelationalDatabaseSnapshotName": "last"}
    assert refused(call, relationalDatabaseName="db", **both) == invalid(
        "You can't specify a final snapshot name when the final snapshot is skipped."
    )
    assert refused(call, relationalDatabaseName="db", finalRelationalDatabaseSnapshotName="db").code == "NameExists"
    assert state(bench) == "available"
    delete(bench)
    assert refused(call, relationalDatabaseName="db") == wrong_state("The relational database is being deleted: db")


def test_a_snapshot_that_is_being_made_outlives_its_database(bench: Bench) -> None:
    available(bench)
    take(bench)
    delete(bench, skipFinalSnapshot=True)
    bench.settle()
    assert is_gone(bench)
    assert snapshot(bench)["state"] == "available"
    assert ends(bench, "CreateRelationalDatabaseSnapshot") == [("shot", "Succeeded", None), ("db", "Succeeded", None)]
    assert faults(bench) == []


# --- the catalogue ----------------------------------------------------------------------------------------


def test_bundles_for_new_databases_and_former_ones(bench: Bench) -> None:
    bundles = bench.client.get_relational_database_bundles()["bundles"]
    assert bundles[0] == {
        "bundleId": "micro_2_0",
        "name": "Micro",
        "price": 15.0,
        "ramSizeInGb": 1.0,
        "diskSizeInGb": 40,
        "transferPerMonthInGb": 100,
        "cpuCount": 2,
        "isEncrypted": True,
        "isActive": True,
    }
    assert len(bundles) == 12
    assert all(bundle["isActive"] for bundle in bundles)
    every = bench.client.get_relational_database_bundles(includeInactive=True)["bundles"]
    assert [bundle["bundleId"] for bundle in every if not bundle["isActive"]] == ["micro_1_0"]
    assert misfits("GetRelationalDatabaseBundles", bench.send({}, "GetRelationalDatabaseBundles")) == []


def test_blueprints_of_both_engines(bench: Bench) -> None:
    blueprints = bench.client.get_relational_database_blueprints()["blueprints"]
    assert [one["blueprintId"] for one in blueprints] == [
        "mysql_8_0",
        "mysql_8_4",
        *(f"postgres_{n}" for n in range(14, 19)),
    ]
    assert [one["blueprintId"] for one in blueprints if one["isEngineDefault"]] == ["mysql_8_4", "postgres_18"]
    assert blueprints[1] == {
        "blueprintId": "mysql_8_4",
        "engine": "mysql",
        "engineVersion": "8.4.11",
        "engineDescription": "MySQL Community Edition",
        "engineVersionDescription": "MySQL 8.4.11",
        "isEngineDefault": True,
    }
    assert refused(bench.client.get_relational_database_blueprints, pageToken="none").kind == "InvalidInputException"


@pytest.mark.parametrize("days", [1, 30])
def test_the_latest_restorable_time_goes_with_the_clock(bench: Bench, days: int) -> None:
    available(bench)
    bench.clock.advance(days * DAY)
    age = bench.clock.now() - database(bench)["latestRestorableTime"].timestamp()
    assert 60 <= age < 360
