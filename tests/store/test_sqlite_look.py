"""A look into a file changes nothing, whoever has it open, and sees all that was committed."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from skysail.errors import DamagedStoreError, NotAStoreError, StoreError, StoreVersionError
from skysail.store.base import Place, Row
from skysail.store.schema import VERSION
from skysail.store.sqlite import SqliteStore
from skysail.store.sqlite_look import look

HERE = Place("111122223333", "us-east-1")


def filled(path: Path, count: int = 50) -> SqliteStore:
    store = SqliteStore(path)
    with store.begin(write=True) as transaction:
        transaction.insert(Row(HERE, "Instance", f"web-{n}", f"id {n}", n, b"{}" + b" " * 900) for n in range(count))
    return store


def closed(path: Path) -> None:
    filled(path).close()


def with_a_log(path: Path) -> None:
    """As a killed server leaves it."""
    store = filled(path)
    for part in ("", "-wal"):
        kept = path.with_name(f"{path.name}{part}").read_bytes()
        path.with_name(f"copy{part}").write_bytes(kept)
    store.close()
    for part in ("", "-wal"):
        path.with_name(f"copy{part}").replace(path.with_name(f"{path.name}{part}"))


@pytest.mark.parametrize("make", [closed, with_a_log])
def test_a_look_sees_everything_and_changes_no_byte(tmp_path: Path, make: Callable[[Path], None]) -> None:
    path = tmp_path / "fleet.db"
    make(path)
    before = {one.name: one.read_bytes() for one in tmp_path.iterdir()}
    with look(path) as seen:
        assert seen.version == VERSION
        assert len(seen.transaction.every_row(None, 1000)) == 50
        assert seen.faults() == []
    after = {one.name: one.read_bytes() for one in tmp_path.iterdir()}
    assert {name: after[name] for name in before} == before
    assert set(after) - set(before) <= {"fleet.db-shm"}, "SQLite's own index of a log"


def test_a_look_sees_what_a_server_has_written_and_disturbs_nobody(tmp_path: Path) -> None:
    store = filled(tmp_path / "fleet.db")
    with look(tmp_path / "fleet.db") as seen:
        with store.begin(write=True) as transaction:
            transaction.insert([Row(HERE, "Instance", "another", "id", 1000, b"{}")])
        assert len(seen.transaction.every_row(None, 1000)) == 50, "one state"
    with look(tmp_path / "fleet.db") as seen:
        assert len(seen.transaction.every_row(None, 1000)) == 51
    store.close()


def test_damage_is_told_and_what_is_beside_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "fleet.db"
    store = filled(path)
    (page,) = store._writer.execute("SELECT rootpage FROM sqlite_master WHERE name = 'resources'").fetchone()
    store.close()
    content = bytearray(path.read_bytes())
    content[(page - 1) * 4096 : page * 4096] = bytes(4096)
    path.write_bytes(content)
    with look(path) as seen:
        assert seen.faults() == ["database disk image is malformed"]
        with pytest.raises(DamagedStoreError, match=r"fleet\.db is damaged"):
            seen.transaction.every_row(None, 10)
        assert seen.transaction.every_record(None, 10) == []


def empty(path: Path) -> None:
    path.touch()


def text(path: Path) -> None:
    path.write_text("name,state\n" * 500)


def of_another_program(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE recipes (name)")
    connection.close()


def of_a_newer_version(path: Path) -> None:
    closed(path)
    with sqlite3.connect(path) as connection:
        connection.execute(f"PRAGMA user_version = {VERSION + 1}")
    connection.close()


@pytest.mark.parametrize(
    ("make", "kind", "told"),
    [
        (empty, NotAStoreError, "is empty; make a store of it: skysail serve --data"),
        (text, NotAStoreError, "is not a skysail store"),
        (of_another_program, NotAStoreError, "of another program"),
        (of_a_newer_version, StoreVersionError, "pip install -U skysail"),
        (Path.mkdir, StoreError, "cannot open"),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_what_is_no_store_is_told_and_left_alone(
    tmp_path: Path, make: Callable[[Path], None], kind: type[StoreError], told: str
) -> None:
    path = tmp_path / "folder" / "fleet.db"
    path.parent.mkdir()
    make(path)
    before = sorted(path.parent.iterdir())
    with pytest.raises(kind, match=told), look(path):
        pass
    assert sorted(path.parent.iterdir()) == before
