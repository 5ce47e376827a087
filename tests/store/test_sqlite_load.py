"""A file made with all that is to be in it: a store like any other, or nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from skysail.errors import StoreError
from skysail.store.base import Place, Row
from skysail.store.sqlite import SqliteStore
from skysail.store.sqlite_load import made_with

HERE = Place("111122223333", "us-east-1")
ROWS = [Row(HERE, "Instance", f"web-{number * 37 % 101}", f"id-{number}", 200 - number, b"{}") for number in range(100)]


def schema(store: SqliteStore) -> list[tuple[str, ...]]:
    return store._writer.execute("SELECT type, name, sql FROM sqlite_master ORDER BY name").fetchall()


def test_it_is_a_store_like_any_other(tmp_path: Path) -> None:
    path = tmp_path / "fleet.db"
    with made_with(path) as transaction:
        assert transaction.insert_free(ROWS) == []
    assert [file.name for file in tmp_path.iterdir()] == ["fleet.db"]
    loaded, other = SqliteStore(path), SqliteStore(tmp_path / "other.db")
    assert schema(loaded) == schema(other)
    assert loaded._writer.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert loaded._writer.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    with loaded.begin(write=True) as transaction:
        assert transaction.page(HERE, "Instance", None, 1000) == ROWS
        transaction.insert([Row(HERE, "Instance", "new", "id", 300, b"{}")])
    loaded.close()
    other.close()


def test_it_is_not_there_where_it_could_not_be_filled(tmp_path: Path) -> None:
    with pytest.raises(KeyError), made_with(tmp_path / "fleet.db") as transaction:
        transaction.insert(ROWS)
        raise KeyError
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_another_made_meanwhile_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "fleet.db"
    with pytest.raises(StoreError, match="made by another process meanwhile"), made_with(path) as transaction:
        transaction.insert(ROWS)
        path.write_text("of another")
    assert [file.name for file in tmp_path.iterdir()] == ["fleet.db"]
    assert path.read_text() == "of another"


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    path = tmp_path / "absent" / "fleet.db"
    with pytest.raises(StoreError, match=f"cannot open {path}: its folder is not there"), made_with(path):
        pass
