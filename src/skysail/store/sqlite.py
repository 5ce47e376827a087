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
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from skysail.errors import DamagedStoreError, StoreError
from skysail.store.base import Due, NameTaken, Place, Position, Record, Row
from skysail.store.schema import APPLICATION_ID, STEPS, VERSION
from skysail.store.sqlite_troubles import TROUBLES, damaged, explained, not_ours, too_new

_BUSY_S = 30.0
_BEYOND = Position(2**63 - 1, "\U0010ffff")

_ROW = "account, region, kind, name, id, number, document, private, name_space"
_DUE = "at, account, region, name, resource_id, step, operation_id, name_space"
_RECORD = "account, region, id, number, resource_name, document"


class SqliteStore:
    """A fleet in a file at `path`, made where there is none; in memory for None.

    Raises NotAStoreError, StoreVersionError, StoreError. `token_key` is for a store made anew.
    Once something in the file was found damaged, nothing more is written to it.
    """

    is_embedded = True

    def __init__(self, path: str | Path | None = None, *, token_key: bytes | None = None) -> None:
        self._path = None if path is None else Path(path)
        self._lock = threading.Lock()
        self._is_closed = False
        self._is_damaged = False
        self._leader: int | None = None
        self._readers: queue.LifoQueue[sqlite3.Connection] = queue.LifoQueue()
        try:
            self._writer = self._connect()
            self._prepare(token_key or secrets.token_bytes(32))
            self.token_key = self._meta("token_key")
        except TROUBLES as error:
            raise explained(error, self._path, _BUSY_S) from error

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


class SqliteTransaction:
    """The statements, each once; see `store.base.Transaction`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._execute = connection.execute
        self._executemany = connection.executemany

    def get(self, place: Place, name: str, name_space: str = "") -> Row | None:
        found = self._execute(
            f"SELECT {_ROW} FROM resources WHERE account = ? AND region = ? AND name_space = ? AND name = ?",
            (*place, name_space, name),
        ).fetchone()
        return found and _row(found)

    def page(self, place: Place, kind: str, after: Position | None, limit: int) -> list[Row]:
        found = self._execute(
            f"SELECT {_ROW} FROM resources WHERE account = ? AND region = ? AND kind = ?"
            " AND (number, name) < (?, ?) ORDER BY number DESC, name DESC LIMIT ?",
            (*place, kind, *(after or _BEYOND), limit),
        )
        return [_row(values) for values in found]

    def names(self, place: Place, after: str, limit: int) -> list[str]:
        found = self._execute(
            "SELECT name FROM resources WHERE account = ? AND region = ? AND name_space = '' AND name > ?"
            " ORDER BY name LIMIT ?",
            (*place, after, limit),
        )
        return [name for (name,) in found]

    def last_number(self, place: Place, kind: str) -> int:
        (number,) = self._execute(
            "SELECT max(number) FROM resources WHERE account = ? AND region = ? AND kind = ?", (*place, kind)
        ).fetchone()
        return number or 0

    def count(self, place: Place | None, kind: str) -> int:
        where, values = ("account = ? AND region = ? AND ", tuple(place)) if place else ("", ())
        (number,) = self._execute(f"SELECT count(*) FROM resources WHERE {where} kind = ?", (*values, kind)).fetchone()
        return int(number)

    def places(self, kind: str) -> dict[Place, int]:
        found = self._execute(
            "SELECT account, region, count(*) FROM resources WHERE kind = ? GROUP BY account, region"
            " ORDER BY account, region",
            (kind,),
        )
        return {Place(account, region): number for account, region, number in found}

    def insert(self, rows: Iterable[Row]) -> None:
        try:
            self._executemany(
                f"INSERT INTO resources ({_ROW}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    (*row.place, row.kind, row.name, row.id, row.number, row.document, row.private, row.name_space)
                    for row in rows
                ),
            )
        except sqlite3.IntegrityError as error:
            raise NameTaken from error

    def update(self, row: Row) -> None:
        self._execute(
            "UPDATE resources SET document = ?, private = ?"
            " WHERE account = ? AND region = ? AND name_space = ? AND name = ?",
            (row.document, row.private, *row.place, row.name_space, row.name),
        )

    def delete(self, row: Row) -> None:
        self._execute(
            "DELETE FROM resources WHERE account = ? AND region = ? AND name_space = ? AND name = ?",
            (*row.place, row.name_space, row.name),
        )

    def next_due(self) -> float | None:
        (at,) = self._execute("SELECT min(at) FROM due").fetchone()
        return at  # type: ignore[no-any-return]  # REAL or NULL

    def take_due(self, until: float, limit: int) -> list[Due]:
        found = self._execute(
            f"SELECT {_DUE} FROM due WHERE at <= ? ORDER BY at, resource_id, step LIMIT ?", (until, limit)
        ).fetchall()
        changes = [_due(values) for values in found]
        self._executemany(
            "DELETE FROM due WHERE at = ? AND resource_id = ? AND step = ?",
            ((change.at, change.resource_id, change.step) for change in changes),
        )
        return changes

    def schedule(self, changes: Iterable[Due]) -> None:
        self._executemany(
            f"INSERT INTO due ({_DUE}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                (due.at, *due.place, due.name, due.resource_id, due.step, " ".join(due.operation_ids), due.name_space)
                for due in changes
            ),
        )

    def unschedule(self, resource_id: str, step: str | None = None) -> list[Due]:
        where, values = ("", ()) if step is None else (" AND step = ?", (step,))
        found = self._execute(f"SELECT {_DUE} FROM due WHERE resource_id = ?{where}", (resource_id, *values)).fetchall()
        if found:
            self._execute(f"DELETE FROM due WHERE resource_id = ?{where}", (resource_id, *values))
        return sorted(map(_due, found), key=lambda due: (due.at, due.step))

    def add_records(self, records: Iterable[Record]) -> None:
        self._executemany(
            f"INSERT INTO operations ({_RECORD}) VALUES (?, ?, ?, ?, ?, ?)",
            ((*entry.place, entry.id, entry.number, entry.resource_name, entry.document) for entry in records),
        )

    def update_record(self, record: Record) -> None:
        self._execute(
            "UPDATE operations SET document = ? WHERE account = ? AND region = ? AND id = ?",
            (record.document, *record.place, record.id),
        )

    def record(self, place: Place, id: str) -> Record | None:
        found = self._execute(
            f"SELECT {_RECORD} FROM operations WHERE account = ? AND region = ? AND id = ?", (*place, id)
        ).fetchone()
        return found and _record(found)

    def records(self, place: Place, resource_name: str | None, after: Position | None, limit: int) -> list[Record]:
        where, values = ("AND resource_name = ?", (resource_name,)) if resource_name is not None else ("", ())
        found = self._execute(
            f"SELECT {_RECORD} FROM operations WHERE account = ? AND region = ? {where}"
            " AND (number, id) < (?, ?) ORDER BY number DESC, id DESC LIMIT ?",
            (*place, *values, *(after or _BEYOND), limit),
        )
        return [_record(values) for values in found]

    def last_record_number(self, place: Place) -> int:
        (number,) = self._execute(
            "SELECT max(number) FROM operations WHERE account = ? AND region = ?", place
        ).fetchone()
        return number or 0

    def every_row(self, after: Row | None, limit: int) -> list[Row]:
        where, values = (
            ("", ())
            if after is None
            else (
                " WHERE (account, region, name_space, name) > (?, ?, ?, ?)",
                (*after.place, after.name_space, after.name),
            )
        )
        found = self._execute(
            f"SELECT {_ROW} FROM resources{where} ORDER BY account, region, name_space, name LIMIT ?", (*values, limit)
        )
        return [_row(values) for values in found]

    def every_change(self, after: Due | None, limit: int) -> list[Due]:
        where, values = (
            ("", ())
            if after is None
            else (" WHERE (at, resource_id, step) > (?, ?, ?)", (after.at, after.resource_id, after.step))
        )
        found = self._execute(f"SELECT {_DUE} FROM due{where} ORDER BY at, resource_id, step LIMIT ?", (*values, limit))
        return [_due(values) for values in found]

    def every_record(self, after: Record | None, limit: int) -> list[Record]:
        where, values = (
            ("", ()) if after is None else (" WHERE (account, region, id) > (?, ?, ?)", (*after.place, after.id))
        )
        found = self._execute(
            f"SELECT {_RECORD} FROM operations{where} ORDER BY account, region, id LIMIT ?", (*values, limit)
        )
        return [_record(values) for values in found]

    def setting(self, name: str) -> bytes | None:
        found = self._execute("SELECT value FROM meta WHERE name = ?", (f"setting:{name}",)).fetchone()
        return found and found[0]  # type: ignore[no-any-return]  # BLOB

    def set_setting(self, name: str, value: bytes | None) -> None:
        if value is None:
            self._execute("DELETE FROM meta WHERE name = ?", (f"setting:{name}",))
        else:
            self._execute(
                "INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                (f"setting:{name}", value),
            )


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


def _row(values: tuple[str, str, str, str, str, int, bytes, bytes, str]) -> Row:
    account, region, kind, name, id, number, document, private, name_space = values
    return Row(Place(account, region), kind, name, id, number, document, private, name_space)


def _due(values: tuple[float, str, str, str, str, str, str, str]) -> Due:
    at, account, region, name, resource_id, step, operation_ids, name_space = values
    return Due(at, Place(account, region), name, resource_id, step, tuple(operation_ids.split()), name_space)


def _record(values: tuple[str, str, str, int, str, bytes]) -> Record:
    account, region, id, number, resource_name, document = values
    return Record(Place(account, region), id, number, resource_name, document)
