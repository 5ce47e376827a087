"""kill -9 of a walk at any moment: the next one goes on from its checkpoint, with nothing twice and nothing missing."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import fleet_walker
from fleets import REGIONS, accounts, arns_in, fill
from running_server import neutral_environment
from skysail.store.sqlite import SqliteStore

pytestmark = pytest.mark.whole

ACCOUNTS = 20
KILLS = 4


def test_a_killed_walk_delivers_every_instance_once(served: Any, tmp_path: Path) -> None:
    """15 regions of 20 accounts, 10 pages each, on a service that throttles."""
    store = SqliteStore(tmp_path / "fleet.db")
    expected = fill(store, ((account, region) for account in accounts(ACCOUNTS) for region in REGIONS), 20)
    store.close()
    server = served("--data", "fleet.db", "--page-size", "2")
    dice = random.Random()
    lines = tmp_path / "fleet.jsonl"
    killed_at = []
    for run in range(KILLS + 1):
        with subprocess.Popen(
            [sys.executable, fleet_walker.__file__, server.url, str(ACCOUNTS), str(tmp_path), str(run)],
            env=neutral_environment(tmp_path, PYTHONPATH=str(Path(fleet_walker.__file__).parent)),
            stdout=subprocess.PIPE,
            text=True,
        ) as walker:
            assert walker.stdout is not None
            assert walker.stdout.readline() == "begun\n"
            if run < KILLS:
                wait_for_growth(lines, dice.randint(1, 400_000), walker)
                walker.kill()
                killed_at.append(lines.stat().st_size)
            else:
                told = walker.stdout.read()
                assert walker.wait(60) == 0
    assert told.startswith("[] None ")
    found = arns_in(lines)
    assert len(found) == len(expected) == 6000
    assert set(found) == expected


def wait_for_growth(lines: Path, count: int, walker: subprocess.Popen[str]) -> None:
    """Return when the file has so many more bytes, or the walk has ended."""
    wanted = (lines.stat().st_size if lines.exists() else 0) + count
    while walker.poll() is None and (lines.stat().st_size if lines.exists() else 0) < wanted:
        pass
