"""kill -9 at any moment: what was answered is there, what was not is there whole or not at all.

A small run of the harness in `tests/crash`; `make crash` has long ones.
"""

from __future__ import annotations

import random
import sqlite3
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from crash.changes import ORDER
from crash.harness import Plan, Tally, crash
from crash.imports import kill_imports
from crash.looks import connected
from crash.migrations import kill_migrations
from postgres_server import PostgresServer, needs_postgres

pytestmark = pytest.mark.whole


def kill_often(folder: Path, plan: Plan, kills: int) -> None:
    seed = random.randrange(10**9)
    tally = Tally()
    for _ in crash(folder, replace(plan, kills_an_account=4), kills, random.Random(seed), tally):
        pass
    assert tally.kills.total() >= kills
    assert tally.answered > 0, f"seed {seed}"


ON_A_FILE = {
    "one server": (Plan(), 12),
    "two servers": (Plan(servers=2), 6),
    "a server with workers": (Plan(options=("--pace", "instant", "--workers", "2")), 6),
}


@pytest.mark.parametrize("case", ON_A_FILE)
def test_nothing_answered_is_lost_and_nothing_is_half_there_after_a_kill(case: str, tmp_path: Path) -> None:
    plan, kills = ON_A_FILE[case]
    kill_often(tmp_path, plan, kills)
    with sqlite3.connect(tmp_path / "fleet.db") as file:
        assert file.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


@needs_postgres
def test_replicas_on_one_database_lose_nothing_with_their_connections_nor_with_the_database(tmp_path: Path) -> None:
    with PostgresServer() as database:
        kill_often(tmp_path, Plan(database.database(), database=database, servers=2), 6)


def test_a_store_that_is_brought_up_to_date_is_of_one_version_or_of_the_other_after_a_kill(tmp_path: Path) -> None:
    for outcomes in kill_migrations(tmp_path, 2, random.Random()):
        assert outcomes


def test_of_an_import_that_was_killed_all_is_there_or_nothing(tmp_path: Path) -> None:
    for outcomes in kill_imports(tmp_path, 3, random.Random()):
        assert outcomes


def test_a_change_on_its_way_is_finished_by_the_next_server(served: Any, reach: Any) -> None:
    server = served("--data", "fleet.db", "--pace", "brisk")
    (operation,) = connected(server.url).create_instances(instanceNames=["web"], **ORDER)["operations"]
    server.kill()
    server.start()
    client = connected(server.url)
    reach(lambda: client.get_operation(operationId=operation["id"])["operation"]["status"], "Succeeded")
    assert client.get_instance_state(instanceName="web")["state"]["name"] == "running"
