"""A store in one SQLite file, or in memory.

A file is in WAL mode with synchronous=FULL: when a transaction has ended, it is on disk, and neither kill -9 nor a
power cut takes it back. One writer at a time (BEGIN IMMEDIATE), any number of readers beside it; other processes may
use the same file. A memory store has one connection, so its transactions run one after the other.
"""

from __future__ import annotations

import queue
import secrets
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from skysail.errors import DamagedStoreError, StoreError
from skysail.store.base import NameTaken, Row
from skysail.store.schema import APPLICATION_ID, STEPS, VERSION
from skysail.store.sqlite_troubles import TROUBLES, damaged, explained, not_ours, too_new
from skysail.store.statements import SqlTransaction

_BUSY_S = 30.0
_LOG_KEPT_BYTES = 67_108_864
"""What a very large transaction, or a reader that took very long, made the log larger than that is given back."""


class SqliteStore:
    """A fleet in a file at `path`, made where there is none; in memory for None.

    Raises NotAStoreError, StoreVersionError, StoreError. `token_key` and `page_bytes` (None: SQLite's own) are for a
    store made anew.
    Once something in the file was found damaged, nothing more is written to it.
    """

    is_embedded = True

    def __init__(
        self, path: str | Path | None = None, *, token_key: bytes | None = None, page_bytes: int | None = None
    ) -> None:
        self._path = None if path is None else Path(path)
        self._lock = threading.Lock()
        self._is_closed = False
        self._is_damaged = False
        self._leader: int | None = None
        self._readers: queue.LifoQueue[sqlite3.Connection] = queue.LifoQueue()
        try:
            self._writer = self._connect()
            if page_bytes is not None:
                self._writer.execute(f"PRAGMA page_size = {page_bytes}")
            self._prepare(token_key or secrets.token_bytes(32))
            self.token_key = self._meta("token_key")
        except TROUBLES as error:
            raise explained(error, self._path, _BUSY_S) from error

    @property
    def flushes(self) -> bool:
        return self._path is not None

    @property
    def description(self) -> str:
        return "memory" if self._path is None else str(self._path)

    @contextmanager
    def begin(self, write: bool) -> Iterator[SqliteTransaction]:
        with self._explaining():
            if write and self._is_damaged:
                raise damaged(self._path, "nothing is written to it any more")
            if self._leader == threading.get_ident():
                with _part(self._writer):
                    yield SqliteTransaction(self._writer)
            elif write or self._path is None:
                with self._lock, _transaction(self._writer, "BEGIN IMMEDIATE" if write else "BEGIN"):
                    yield SqliteTransaction(self._writer)
            else:
                with self._reader() as connection, _transaction(connection, "BEGIN"):
                    yield SqliteTransaction(connection)

    @contextmanager
    def together(self) -> Iterator[None]:
        with self._explaining(), self._lock, _transaction(self._writer, "BEGIN IMMEDIATE"):
            self._leader = threading.get_ident()
            try:
                yield
            finally:
                self._leader = None

    def kept(self) -> Callable[[], None]:
        with self._explaining(), self._lock:
            writer = self._writer
            changes = writer.total_changes
            copy = writer.serialize() if self._path is None else _copied(writer)

        def back() -> None:
            nonlocal changes
            with self._explaining(), self._lock:
                if writer.total_changes == changes and self._path is None:
                    return
                if isinstance(copy, bytes):
                    writer.deserialize(copy)
                else:
                    copy.backup(writer)
                changes = writer.total_changes

        return back

    def close(self) -> None:
        """Fold the log into the file and let go of it."""
        with self._lock:
            self._is_closed = True
            while not self._readers.empty():
                self._readers.get_nowait().close()
            self._writer.close()

    @contextmanager
    def _explaining(self) -> Iterator[None]:
        if self._is_closed:
            raise StoreError(f"the store ({self.description}) is closed")
        try:
            yield
        except TROUBLES as error:
            trouble = explained(error, self._path, _BUSY_S)
            self._is_damaged |= isinstance(trouble, DamagedStoreError)
            raise trouble from error

    @contextmanager
    def _reader(self) -> Iterator[sqlite3.Connection]:
        try:
            connection = self._readers.get_nowait()
        except queue.Empty:
            connection = self._connect()
        try:
            yield connection
        finally:
            if self._is_closed:
                connection.close()
            else:
                self._readers.put(connection)

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            ":memory:" if self._path is None else self._path,
            timeout=_BUSY_S,
            isolation_level=None,
            check_same_thread=False,
            cached_statements=256,
        )
        if self._path is not None:
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute(f"PRAGMA journal_size_limit = {_LOG_KEPT_BYTES}")
        return connection

    def _prepare(self, token_key: bytes) -> None:
        """Make the tables, or bring those of an older version up to date; refuse what is not ours."""
        connection = self._writer
        with _transaction(connection, "BEGIN"):  # one state of the file, while others may be making the store
            version = self._check()
        if version == VERSION:
            return
        if self._path is not None:
            self._write_ahead()
        with _transaction(connection, "BEGIN IMMEDIATE"):
            version = self._check()  # another process may have been quicker
            for statements in STEPS[version:]:
                for statement in statements:
                    connection.execute(statement)
            if version == 0:
                connection.execute("INSERT INTO meta VALUES ('token_key', ?)", (token_key,))
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {VERSION}")

    def _write_ahead(self) -> None:
        """Switch the file to WAL. SQLite waits for nobody there, but fails: so wait for a turn, and try again."""
        while True:
            try:
                self._writer.execute("PRAGMA journal_mode = WAL")
            except sqlite3.OperationalError as error:
                if "locked" not in str(error):
                    raise
                with _transaction(self._writer, "BEGIN EXCLUSIVE"):
                    pass
            else:
                return

    def _check(self) -> int:
        """The version of what is there; 0 for nothing."""
        connection = self._writer
        (mark,) = connection.execute("PRAGMA application_id").fetchone()
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if not tables:
            return 0
        if mark != APPLICATION_ID:
            raise not_ours(self._path)
        if version > VERSION:
            raise too_new(self._path, version)
        return int(version)

    def _meta(self, name: str) -> bytes:
        found = self._writer.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
        if found is None:
            raise damaged(self._path, f"it has no {name}")
        return bytes(found[0])


def _copied(connection: sqlite3.Connection) -> sqlite3.Connection:
    copy = sqlite3.connect(":memory:", check_same_thread=False)
    connection.backup(copy)
    return copy


class SqliteTransaction(SqlTransaction):
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def _fetch(self, statement: str, values: Sequence[Any] = ()) -> list[Any]:
        return self._connection.execute(statement, values).fetchall()

    def _change(self, statement: str, many: Iterable[Sequence[Any]]) -> int:
        return self._connection.executemany(statement, many).rowcount

    def insert(self, rows: Iterable[Row]) -> None:
        try:
            super().insert(rows)
        except sqlite3.IntegrityError as error:
            raise NameTaken from error


@contextmanager
def _transaction(connection: sqlite3.Connection, begin: str) -> Iterator[None]:
    connection.execute(begin)
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:  # after some errors SQLite has rolled back already
            connection.execute("ROLLBACK")
        raise


@contextmanager
def _part(connection: sqlite3.Connection) -> Iterator[None]:
    """A transaction within the one that is open; what SQLite has rolled back as a whole stays so."""
    if not connection.in_transaction:
        raise StoreError("a transaction before this one failed, and took those that were to be flushed with it along")
    connection.execute("SAVEPOINT part")
    try:
        yield
        connection.execute("RELEASE part")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK TO part")
            connection.execute("RELEASE part")
        raise
