"""Terraform's AWS provider against the local Lightsail: relational databases."""

from __future__ import annotations

from typing import Any

import pytest

from clients.terraform_calls import Provider
from clients.terraform_cases import Case, check
from clients.terraform_databases import Database

DATABASE = Database()
DB = {
    "relational_database_name": "db",
    "blueprint_id": "mysql_8_0",
    "bundle_id": "micro_2_0",
    "master_database_name": "testdatabasename",
    "master_username": "test",
    "master_password": "testdatabasepassword",
    "skip_final_snapshot": True,
}
ZONE = {"availability_zone": "us-east-1a"}
AT_ONCE = {"apply_immediately": True}
WINDOWS = {"preferred_backup_window": "09:30-10:00", "preferred_maintenance_window": "tue:04:30-tue:05:00"}
OTHERS = {"preferred_backup_window": "16:00-16:30", "preferred_maintenance_window": "tue:17:00-tue:17:30"}


def shown(api: Any) -> Any:
    return api.get_relational_database(relationalDatabaseName="db")["relationalDatabase"]


def last(api: Any) -> Any:
    """The database, as long as its last snapshot is not there."""
    answer = api.get_relational_database_snapshots()["relationalDatabaseSnapshots"]
    return not [one for one in answer if one["name"] == "last" and one["state"] == "available"]


CASES = {
    "its tags": Case(DATABASE, DB | ZONE | {"tags": {"a": "1"}}, DB | ZONE | {"tags": {"b": ""}}, False, shown),
    "its windows": Case(DATABASE, DB | ZONE | WINDOWS, DB | ZONE | OTHERS, False, shown),
    "its password": Case(DATABASE, DB, DB | {"master_password": "anotherpassword"}, False, shown),
    "who may connect": Case(DATABASE, DB, DB | {"publicly_accessible": True}, False, shown),
    "its backups, off": Case(DATABASE, DB, DB | AT_ONCE | {"backup_retention_enabled": False}, False, shown),
    "its backups, on": Case(
        DATABASE,
        DB | AT_ONCE | {"backup_retention_enabled": False},
        DB | AT_ONCE | {"backup_retention_enabled": True},
        False,
        shown,
    ),
    "another plan": Case(DATABASE, DB, DB | {"bundle_id": "small_2_0"}, True, shown),
    "high availability": Case(DATABASE, DB, DB | {"bundle_id": "micro_ha_2_0"}, True, shown),
    "another engine": Case(DATABASE, DB, DB | {"blueprint_id": "postgres_17"}, True, shown),
    "a last snapshot": Case(
        DATABASE, DB, DB | {"skip_final_snapshot": False, "final_snapshot_name": "last"}, False, last
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_what_is_applied_is_read_back_and_no_plan_shows_a_difference(provider: Provider, case: Case) -> None:
    check(provider, case)


@pytest.mark.parametrize("waits", [True, False])
def test_backups_that_wait_for_the_maintenance_window_keep_terraform_waiting(provider: Provider, waits: bool) -> None:
    state = provider.apply(DATABASE, DB | ZONE | WINDOWS)
    changed = DB | ZONE | WINDOWS | {"backup_retention_enabled": False, "apply_immediately": not waits}
    if waits:
        with pytest.raises(AssertionError, match="still not one of"):
            provider.apply(DATABASE, changed, state)
    else:
        assert provider.apply(DATABASE, changed, state)["backup_retention_enabled"] is False
