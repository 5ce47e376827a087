"""kill -9 at any moment: what was answered is there, what was not is there whole or not at all.

A small run of the harness in `tests/crash`; `make crash` has long ones.
"""

from __future__ import annotations

import random
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from crash.changes import ORDER
from crash.harness import Plan, Tally, crash
from crash.imports import kill_imports
from crash.looks import connected
from crash.migrations import kill_migrations

pytestmark = pytest.mark.whole

KILLS = 30


@pytest.mark.parametrize("servers", [1, 2])
def test_nothing_answered_is_lost_and_nothing_is_half_there_after_a_kill(servers: int, tmp_path: Path) -> None:
    seed = random.randrange(10**9)
    tally = Tally()
    plan = Plan(servers=servers, kills_an_account=10)
    for _ in crash(tmp_path, plan, KILLS // servers, random.Random(seed), tally):
        pass
    assert tally.kills.total() >= KILLS // servers
    assert tally.answered > tally.kills.total(), f"seed {seed}"
    with sqlite3.connect(tmp_path / "fleet.db") as file:
        assert file.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_a_store_that_is_brought_up_to_date_is_of_one_version_or_of_the_other_after_a_kill(tmp_path: Path) -> None:
    for outcomes in kill_migrations(tmp_path, 3, random.Random()):
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
