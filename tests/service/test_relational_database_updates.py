"""Changes to databases: what is done at once, what waits, passwords and runtime parameters."""

from __future__ import annotations

from typing import Any

import pytest

from bench import START, Bench, Refusal, entries, refused
from databases import DAY, POSTGRES, available, create, database, ends, faults, state, stopped
from modelled import misfits
from skysail.errors import NotFoundException

WINDOW = {"preferredMaintenanceWindow": "wed:12:00-wed:12:30", "preferredBackupWindow": "08:00-08:30"}
"""Of an order; the bench's clock begins on a Tuesday, 22:13:20."""
UNTIL_WINDOW_S = (13 * 60 + 46) * 60 + 40


def update(bench: Bench, **changes: Any) -> list[tuple[Any, ...]]:
    answer = bench.client.update_relational_database(relationalDatabaseName="db", **changes)
    return entries(answer["operations"])


def invalid(message: str) -> Refusal:
    return Refusal("InvalidInputException", "InvalidParams", message)


def password(bench: Bench, version: str = "CURRENT") -> str | None:
    try:
        answer = bench.client.get_relational_database_master_user_password(
            relationalDatabaseName="db", passwordVersion=version
        )
    except NotFoundException:
        return None
    return str(answer["masterUserPassword"])


def pending(bench: Bench) -> dict[str, Any]:
    found: dict[str, Any] = database(bench)["pendingModifiedValues"]
    return found


PLAIN = {
    "publiclyAccessible": True,
    "preferredBackupWindow": "09:00-09:45",
    "preferredMaintenanceWindow": "sun:10:00-sun:11:00",
    "caCertificateIdentifier": "rds-ca-ecc384-g1",
}


@pytest.mark.parametrize("immediately", [False, True])
def test_what_takes_nothing_down_is_changed_at_once(bench: Bench, immediately: bool) -> None:
    available(bench, **WINDOW)
    assert update(bench, **PLAIN, applyImmediately=immediately) == [
        ("RelationalDatabase", "db", "UpdateRelationalDatabase", "", "Started")
    ]
    assert (state(bench), pending(bench)) == ("modifying", {})
    bench.settle()
    found = database(bench)
    assert {member: found[member] for member in PLAIN} == PLAIN
    assert found["state"] == "available"
    assert ends(bench, "UpdateRelationalDatabase") == [("db", "Succeeded", None)]
    assert faults(bench) == []


WAITING = {
    "masterUserPassword": "correct-horse",
    "disableBackupRetention": True,
    "relationalDatabaseBlueprintId": "mysql_8_4",
}
SHOWN = {"masterUserPassword": "****", "engineVersion": "8.4.11", "backupRetentionEnabled": False}


def is_done(bench: Bench) -> bool:
    found = database(bench)
    facts = (
        found["backupRetentionEnabled"] is False,
        found["engineVersion"] == "8.4.11",
        found["relationalDatabaseBlueprintId"] == "mysql_8_4",
        password(bench) == "correct-horse",
    )
    assert len(set(facts)) == 1, facts
    return facts[0]


def test_the_rest_waits_for_the_maintenance_window(bench: Bench) -> None:
    available(bench, masterUserPassword="former-one", **WINDOW)
    update(bench, **WAITING)
    bench.settle()
    assert (state(bench), pending(bench), is_done(bench)) == ("available", SHOWN, False)
    assert ends(bench, "UpdateRelationalDatabase") == [("db", "Succeeded", None)]
    assert (password(bench), password(bench, "PENDING")) == ("former-one", "correct-horse")
    response = bench.send({"relationalDatabaseName": "db"}, "GetRelationalDatabase")
    assert misfits("GetRelationalDatabase", response) == []
    assert faults(bench) == []
    bench.clock.advance(START + UNTIL_WINDOW_S - bench.clock.now() - 1)
    assert (state(bench), is_done(bench)) == ("available", False)
    bench.clock.advance(1)
    assert (state(bench), pending(bench)) == ("upgrading", SHOWN)
    bench.settle()
    assert (state(bench), pending(bench), is_done(bench)) == ("available", {}, True)
    assert (password(bench, "PREVIOUS"), password(bench, "PENDING")) == ("former-one", None)
    bench.clock.advance(8 * DAY)
    assert state(bench) == "available"
    assert faults(bench) == []


def test_a_database_that_is_stopped_in_its_window_waits_for_the_next(bench: Bench) -> None:
    available(bench, **WINDOW)
    update(bench, disableBackupRetention=True)
    bench.settle()
    bench.client.stop_relational_database(relationalDatabaseName="db")
    bench.clock.advance(DAY)
    assert (state(bench), pending(bench)) == ("stopped", {"backupRetentionEnabled": False})
    bench.client.start_relational_database(relationalDatabaseName="db")
    bench.clock.advance(7 * DAY)
    assert pending(bench) == {}
    assert database(bench)["backupRetentionEnabled"] is False


def test_immediately_brings_what_waited_before(bench: Bench) -> None:
    available(bench, **WINDOW)
    update(bench, disableBackupRetention=True)
    bench.settle()
    update(bench, masterUserPassword="correct-horse", applyImmediately=True)
    assert pending(bench) == {"masterUserPassword": "****", "backupRetentionEnabled": False}
    bench.settle()
    assert (pending(bench), password(bench)) == ({}, "correct-horse")
    assert database(bench)["backupRetentionEnabled"] is False
    bench.clock.advance(8 * DAY)
    assert len(ends(bench, "UpdateRelationalDatabase")) == 2


def test_what_waits_can_be_taken_back_and_moves_with_the_window(bench: Bench) -> None:
    available(bench, **WINDOW)
    update(bench, disableBackupRetention=True)
    bench.settle()
    update(bench, enableBackupRetention=True, preferredMaintenanceWindow="tue:23:00-tue:23:30")
    bench.settle()
    assert pending(bench) == {"backupRetentionEnabled": True}
    bench.clock.advance(3600)
    assert pending(bench) == {}
    assert database(bench)["backupRetentionEnabled"] is True
    assert database(bench)["latestRestorableTime"]


def test_a_password_is_rotated_to_a_strong_one(bench: Bench) -> None:
    available(bench)
    first = password(bench)
    assert first is not None
    assert len(first) == 32
    assert not set(first) & set('/@" ')
    update(bench, rotateMasterUserPassword=True, applyImmediately=True)
    assert password(bench, "PENDING") not in (None, first)
    bench.settle()
    assert password(bench) not in (None, first)
    assert password(bench, "PREVIOUS") == first
    request = {"relationalDatabaseName": "db"}
    response = bench.send(request, "GetRelationalDatabaseMasterUserPassword")
    assert misfits("GetRelationalDatabaseMasterUserPassword", response) == []
    with pytest.raises(NotFoundException, match="The master user password version does not exist: PENDING"):
        bench.client.get_relational_database_master_user_password(**request, passwordVersion="PENDING")


@pytest.mark.parametrize(
    ("changes", "answer"),
    [
        (
            {"enableBackupRetention": True, "disableBackupRetention": True},
            invalid("You can't enable and disable backup retention at the same time."),
        ),
        (
            {"masterUserPassword": "correct-horse", "rotateMasterUserPassword": True},
            invalid("You can't specify a master user password and rotate it at the same time."),
        ),
        (
            {"masterUserPassword": "short"},
            invalid(
                "The parameter MasterUserPassword is not a valid password because it is shorter than 8 characters."
            ),
        ),
        (
            {"preferredBackupWindow": "12:15-12:45"},
            invalid("The backup window and maintenance window must not overlap."),
        ),
        ({"caCertificateIdentifier": "mine"}, invalid("The specified CA certificate does not exist: mine")),
        (
            {"relationalDatabaseBlueprintId": "mysql_9_9"},
            invalid("The specified blueprint does not exist in this region: mysql_9_9"),
        ),
        (
            {"relationalDatabaseBlueprintId": "postgres_18"},
            invalid("The database can't be upgraded from mysql_8_4 to postgres_18"),
        ),
        (
            {"relationalDatabaseBlueprintId": "mysql_8_0"},
            invalid("The database can't be upgraded from mysql_8_4 to mysql_8_0"),
        ),
    ],
)
def test_a_change_that_does_not_fit_is_refused(bench: Bench, changes: dict[str, Any], answer: Refusal) -> None:
    available(bench, **WINDOW, relationalDatabaseBlueprintId="mysql_8_4")
    before = database(bench)
    assert refused(bench.client.update_relational_database, relationalDatabaseName="db", **changes) == answer
    assert database(bench) == before
    assert password(bench, "PENDING") is None


def test_only_an_available_database_is_changed(bench: Bench) -> None:
    with pytest.raises(NotFoundException, match="The RelationalDatabase does not exist: db"):
        update(bench)
    stopped(bench)
    text = "The relational database must be in the available state: db"
    refusal = refused(bench.client.update_relational_database, relationalDatabaseName="db")
    assert refusal == Refusal("InvalidInputException", "InvalidState", text)


# --- runtime parameters -----------------------------------------------------------------------------------


def parameters(bench: Bench) -> dict[str, dict[str, Any]]:
    pages = bench.client.get_paginator("get_relational_database_parameters").paginate(relationalDatabaseName="db")
    return {one["parameterName"]: one for page in pages for one in page["parameters"]}


def set_to(bench: Bench, *wanted: dict[str, Any]) -> list[tuple[Any, ...]]:
    answer = bench.client.update_relational_database_parameters(relationalDatabaseName="db", parameters=list(wanted))
    return entries(answer["operations"])


def to(name: str, value: str | None = None, method: str | None = None, **more: Any) -> dict[str, Any]:
    given = {"parameterName": name, "parameterValue": value, "applyMethod": method}
    return {member: text for member, text in given.items() if text is not None} | more


def apply_status(bench: Bench) -> str:
    return str(database(bench)["parameterApplyStatus"])


def test_the_parameters_are_those_of_the_published_example(bench: Bench) -> None:
    create(bench)
    found = parameters(bench)
    assert list(found)[:4] == [
        "activate_all_roles_on_login",
        "allow-suspicious-udfs",
        "autocommit",
        "auto_generate_certs",
    ]
    assert found["activate_all_roles_on_login"] == {
        "allowedValues": "0,1",
        "applyMethod": "pending-reboot",
        "applyType": "dynamic",
        "dataType": "boolean",
        "description": "Automatically set all granted roles as active after the user has authenticated successfully.",
        "isModifiable": True,
        "parameterName": "activate_all_roles_on_login",
        "parameterValue": "0",
    }
    assert "parameterValue" not in found["autocommit"]
    response = bench.send({"relationalDatabaseName": "db"}, "GetRelationalDatabaseParameters")
    assert misfits("GetRelationalDatabaseParameters", response) == []


def test_parameters_come_in_pages_and_are_the_engines() -> None:
    bench = Bench(page_size=70)
    create(bench, **POSTGRES)
    found = parameters(bench)
    assert len(found) > 380
    assert found["rds.force_ssl"]["parameterValue"] == "1"
    bench.close()


@pytest.mark.parametrize(
    ("blueprint", "has", "has_not"),
    [
        ("mysql_8_0", "slave_parallel_workers", "replica_parallel_workers"),
        ("mysql_8_4", "replica_parallel_workers", "slave_parallel_workers"),
        ("postgres_15", "force_parallel_mode", "debug_parallel_query"),
        ("postgres_18", "io_method", "db_user_namespace"),
    ],
)
def test_parameters_are_those_of_the_major_version(bench: Bench, blueprint: str, has: str, has_not: str) -> None:
    create(bench, relationalDatabaseBlueprintId=blueprint)
    found = parameters(bench)
    assert has in found
    assert has_not not in found


def test_a_dynamic_parameter_is_in_effect_at_once_where_that_is_asked_for(bench: Bench) -> None:
    available(bench)
    assert set_to(bench, to("max_connections", "500", "immediate")) == [
        ("RelationalDatabase", "db", "UpdateRelationalDatabaseParameters", "", "Started")
    ]
    assert (apply_status(bench), state(bench)) == ("applying", "available")
    bench.settle()
    assert apply_status(bench) == "in-sync"
    assert ends(bench, "UpdateRelationalDatabaseParameters") == [("db", "Succeeded", None)]
    shown = parameters(bench)["max_connections"]
    assert (shown["parameterValue"], shown["applyMethod"]) == ("500", "immediate")


def test_one_that_waits_no_longer_does_when_it_is_set_at_once(bench: Bench) -> None:
    available(bench)
    set_to(bench, to("max_connections", "500", "pending-reboot"))
    bench.settle()
    assert apply_status(bench) == "pending-reboot"
    set_to(bench, to("max_connections", "400", "immediate"))
    bench.settle()
    assert apply_status(bench) == "in-sync"


@pytest.mark.parametrize("again", ["reboot", "stop"])
def test_the_others_wait_until_it_begins_anew(bench: Bench, again: str) -> None:
    available(bench)
    set_to(bench, to("max_connections", "500", "pending-reboot"), to("back_log", "100"))
    bench.settle()
    assert apply_status(bench) == "pending-reboot"
    set_to(bench, to("max_connections", "400", "immediate"))
    bench.settle()
    assert apply_status(bench) == "pending-reboot"  # for the other one
    getattr(bench.client, f"{again}_relational_database")(relationalDatabaseName="db")
    bench.settle()
    if again == "stop":
        assert apply_status(bench) == "pending-reboot"
        bench.client.start_relational_database(relationalDatabaseName="db")
        bench.settle()
    assert apply_status(bench) == "in-sync"
    assert parameters(bench)["back_log"]["parameterValue"] == "100"


def test_an_upgrade_brings_what_waits_into_effect(bench: Bench) -> None:
    available(bench)
    set_to(bench, to("back_log", "100"))
    bench.settle()
    assert apply_status(bench) == "pending-reboot"
    upgrade = {"relationalDatabaseBlueprintId": "mysql_8_4", "applyImmediately": True}
    bench.client.update_relational_database(relationalDatabaseName="db", **upgrade)
    bench.settle()
    assert apply_status(bench) == "in-sync"
    assert parameters(bench)["back_log"]["parameterValue"] == "100"


@pytest.mark.parametrize(
    "value",
    [
        *("1", "100000", "{DBInstanceClassMemory/12582880}"),
        "LEAST(GREATEST({log(DBInstanceClassMemory/21474836480)*600}, 16),${DBInstanceVCPU*2})",
    ],
    ids=["least", "most", "a formula", "formulas in one another"],
)
def test_values_that_fit_a_range(bench: Bench, value: str) -> None:
    available(bench)
    set_to(bench, to("max_connections", value), to("log_output", "TABLE,FILE"), to("long_query_time", "0.5"))
    assert parameters(bench)["max_connections"]["parameterValue"] == value


def not_valid(name: str, value: str | None, allowed: str) -> Refusal:
    return invalid(f"The value of the parameter {name} is not valid: {value}. Allowed values: {allowed}")


@pytest.mark.parametrize(
    ("wanted", "answer"),
    [
        ([], invalid("You can specify from 1 to 20 parameters: 0")),
        ([to("autocommit", "1")] * 21, invalid("You can specify from 1 to 20 parameters: 21")),
        ([to("speed", "9")], invalid("The parameter does not exist: speed")),
        ([{"parameterValue": "9"}], invalid("The parameter does not exist: ")),
        ([to("autocommit", "1")] * 2, invalid("The parameter is specified more than once: autocommit")),
        ([to("datadir", "/tmp")], invalid("The parameter can't be modified: datadir")),
        ([to("autocommit", "2")], not_valid("autocommit", "2", "0,1")),
        ([to("autocommit")], not_valid("autocommit", None, "0,1")),
        ([to("max_connections", "0")], not_valid("max_connections", "0", "1-100000")),
        ([to("max_connections", "many")], not_valid("max_connections", "many", "1-100000")),
        ([to("max_connections", "1.5")], not_valid("max_connections", "1.5", "1-100000")),
        ([to("max_connections", "5{a}")], not_valid("max_connections", "5{a}", "1-100000")),
        ([to("max_connections", "MOST({a},5)")], not_valid("max_connections", "MOST({a},5)", "1-100000")),
        ([to("log_output", "TABLE,PAPER")], not_valid("log_output", "TABLE,PAPER", "TABLE,FILE,NONE")),
        ([to("autocommit", "1", "soon")], invalid("The apply method must be immediate or pending-reboot: soon")),
        (
            [to("back_log", "100", "immediate")],
            invalid("The parameter can only be applied with pending-reboot: back_log"),
        ),
        (
            [to("autocommit", "1", dataType="string")],
            invalid("The dataType of a parameter can't be changed: autocommit"),
        ),
    ],
)
def test_parameters_that_do_not_fit_are_refused(bench: Bench, wanted: list[Any], answer: Refusal) -> None:
    available(bench)
    before = parameters(bench)
    call = bench.client.update_relational_database_parameters
    assert refused(call, relationalDatabaseName="db", parameters=wanted) == answer
    assert (parameters(bench), apply_status(bench)) == (before, "in-sync")


def test_a_parameter_can_be_sent_as_it_was_shown(bench: Bench) -> None:
    available(bench)
    shown = parameters(bench)["max_connections"]
    set_to(bench, shown | {"parameterValue": "500"})
    assert parameters(bench)["max_connections"] == shown | {"parameterValue": "500"}
