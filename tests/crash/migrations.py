"""Kills while a server brings a store of the first version up to date: it is of the one version or of the other."""

from __future__ import annotations

import random
import shutil
import sqlite3
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import msgspec

from bench import Bench
from running_server import RunningServer
from skysail.server import inspection
from skysail.store.schema import APPLICATION_ID, STEPS, VERSION
from skysail.store.sqlite_look import look

CHANGES = 60_000
"""Changes to come, so that it takes a while to bring them over."""
_LONGEST_S = 1.0


def first_version(path: Path) -> None:
    """A store as the first version of skysail made it, with one instance and very many changes that come to it."""
    bench = Bench()
    bench.instance("web")
    with bench.lightsail.store.begin(write=False) as transaction:
        rows = transaction.every_row(None, 10)
        records = transaction.every_record(None, 10)
    bench.close()
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode = WAL")
    with connection:
        for statement in STEPS[0]:
            connection.execute(statement)
        connection.execute("INSERT INTO meta VALUES ('token_key', ?)", (b"k" * 32,))
        connection.executemany(
            "INSERT INTO resources (account, region, name_space, name, kind, id, number, document, private)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (*row.place, row.name_space, row.name, row.kind, row.id, row.number, row.document, row.private)
                for row in rows
            ],
        )
        connection.executemany(
            "INSERT INTO operations (account, region, id, number, resource_name, document) VALUES (?, ?, ?, ?, ?, ?)",
            [(*one.place, one.id, one.number, one.resource_name, one.document) for one in records],
        )
        (web,) = (row for row in rows if row.name == "web")
        connection.executemany(
            "INSERT INTO due (at, resource_id, step, account, region, name_space, name, operation_id)"
            " VALUES (?, ?, 'instance.running', ?, ?, '', 'web', '')",
            ((9e9 + number, web.id, *web.place) for number in range(CHANGES)),
        )
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute("PRAGMA user_version = 1")
    connection.close()


def kill_migrations(folder: Path, kills: int, dice: random.Random) -> Iterator[Counter[str]]:
    """Kill that often; gives how often the store was of which version then. Raises AssertionError."""
    outcomes: Counter[str] = Counter()
    first_version(folder / "first.db")
    path = folder / "fleet.db"
    with RunningServer(folder, "--data", "fleet.db", starts=False) as server:
        for _ in range(kills):
            for end in ("", "-wal", "-shm"):
                path.with_name(f"fleet.db{end}").unlink(missing_ok=True)
            shutil.copy(folder / "first.db", path)
            server.launch()
            time.sleep(dice.random() * _LONGEST_S)
            server.kill()
            with look(path) as seen:
                assert seen.version in (1, VERSION)
                assert seen.faults() == []
                outcomes[f"version {seen.version}"] += 1
            server.start()
            check_brought_over(path)
            server.kill()
            yield outcomes


def check_brought_over(path: Path) -> None:
    """All of it is there in the newest version, and nothing twice."""
    with look(path) as seen:
        inspected = inspection(seen.transaction)
        faults = [*seen.faults(), *inspected.faults()]
        assert (seen.version, faults) == (VERSION, [])
        assert inspected.counts["changes to come"] == CHANGES
        (web,) = (row for row in seen.transaction.every_row(None, 10) if row.name == "web")
        assert msgspec.json.decode(web.document)["state"]["name"] == "running"
