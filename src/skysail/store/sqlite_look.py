"""A look into a store's file that changes nothing in it, not even when it is damaged or a server has it open."""

from __future__ import annotations

import shlex
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from skysail.errors import NotAStoreError
from skysail.store.schema import APPLICATION_ID, VERSION
from skysail.store.sqlite import SqliteTransaction
from skysail.store.sqlite_troubles import TROUBLES, explained, not_ours, too_new

_BUSY_S = 30.0
_MOST_FAULTS = 100
"""Of SQLite's own; it finds more where everything is gone."""


@dataclass(frozen=True, slots=True)
class Look:
    """What is in a file, in one state: `pages` of `page_size` bytes; `transaction` only reads.

    `transaction` raises DamagedStoreError where something cannot be read.
    """

    version: int
    pages: int
    page_size: int
    is_current: bool
    """Whether its tables are those of this version; only then is `transaction` of use."""
    transaction: SqliteTransaction
    _connection: sqlite3.Connection
    _path: Path

    def faults(self) -> list[str]:
        """What SQLite finds wrong in the file: pages, indexes, rows. Reads all of it."""
        try:
            found = self._connection.execute(f"PRAGMA integrity_check({_MOST_FAULTS})").fetchall()
        except TROUBLES as error:
            return [str(error)]
        return [text for (text,) in found if text != "ok"]


@contextmanager
def look(path: Path) -> Iterator[Look]:
    """Raises NotAStoreError, DamagedStoreError, StoreError."""
    try:
        with closing(_connected(path)) as connection:
            connection.execute("BEGIN")
            (mark,), (version,), (pages,), (size,) = (
                connection.execute(f"PRAGMA {name}").fetchone()
                for name in ("application_id", "user_version", "page_count", "page_size")
            )
            (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
            if not tables:
                raise NotAStoreError(
                    f"{path} is empty; make a store of it: skysail serve --data {shlex.quote(str(path))}"
                )
            if mark != APPLICATION_ID:
                raise not_ours(path)
            if version > VERSION:
                raise too_new(path, version)
            yield Look(version, pages, size, version == VERSION, _Reading(connection, path), connection, path)
    except TROUBLES as error:
        raise explained(error, path, _BUSY_S) from error


def _connected(path: Path) -> sqlite3.Connection:
    """A connection that only reads. Without a log beside the file nobody has it open, and no log is made for it; with
    one, a server may be writing, or was killed: then what is in the log is read too.
    """
    has_log = path.with_name(f"{path.name}-wal").exists()
    how = "mode=ro" if has_log else "immutable=1"
    where = f"file:{quote(str(path.absolute()))}?{how}"
    return sqlite3.connect(where, uri=True, timeout=_BUSY_S, isolation_level=None)


class _Reading(SqliteTransaction):
    """A transaction that tells damage where it meets it, so that one can go on elsewhere."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        super().__init__(connection)
        self._path = path

    def _fetch(self, statement: str, values: Sequence[Any] = ()) -> list[Any]:
        try:
            return super()._fetch(statement, values)
        except TROUBLES as error:
            raise explained(error, self._path, _BUSY_S) from error
