"""Databases in any state, for the tests of all that is done with them."""

from __future__ import annotations

from typing import Any

from bench import Bench, entries
from skysail.server import inspection

MYSQL = {
    "relationalDatabaseBlueprintId": "mysql_8_0",
    "relationalDatabaseBundleId": "small_2_0",
    "masterDatabaseName": "dbmaster",
    "masterUsername": "dbmasteruser",
}
POSTGRES = MYSQL | {"relationalDatabaseBlueprintId": "postgres_17"}
MINUTE, HOUR, DAY = 60, 3600, 86_400

Entry = tuple[Any, ...]


def create(bench: Bench, name: str = "db", **more: Any) -> list[Entry]:
    answer = bench.client.create_relational_database(relationalDatabaseName=name, **{**MYSQL, **more})
    return entries(answer["operations"])


def available(bench: Bench, name: str = "db", **more: Any) -> str:
    create(bench, name, **more)
    bench.settle()
    assert state(bench, name) == "available"
    return name


def stopped(bench: Bench, name: str = "db", **more: Any) -> str:
    available(bench, name, **more)
    bench.client.stop_relational_database(relationalDatabaseName=name)
    bench.settle()
    assert state(bench, name) == "stopped"
    return name


def database(bench: Bench, name: str = "db") -> dict[str, Any]:
    found: dict[str, Any] = bench.client.get_relational_database(relationalDatabaseName=name)["relationalDatabase"]
    return found


def state(bench: Bench, name: str = "db") -> str:
    return str(database(bench, name)["state"])


def take(bench: Bench, name: str = "shot", of: str = "db", **more: Any) -> list[Entry]:
    answer = bench.client.create_relational_database_snapshot(
        relationalDatabaseName=of, relationalDatabaseSnapshotName=name, **more
    )
    return entries(answer["operations"])


def snapshot(bench: Bench, name: str = "shot") -> dict[str, Any]:
    answer = bench.client.get_relational_database_snapshot(relationalDatabaseSnapshotName=name)
    found: dict[str, Any] = answer["relationalDatabaseSnapshot"]
    return found


def ends(bench: Bench, operation: str) -> list[tuple[Any, ...]]:
    """Who the entries of one type are of, with their ends."""
    found = [one for one in bench.operations() if one.get("operationType") == operation]
    return [(one["resourceName"], one["status"], one.get("errorCode")) for one in found]


def faults(bench: Bench) -> list[str]:
    with bench.lightsail.store.begin(write=False) as transaction:
        return [f"{fault.about}: {fault.what}" for fault in inspection(transaction).faults()]
