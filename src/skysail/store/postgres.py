"""A store in a PostgreSQL database, or in one that speaks its protocol, for any number of services at once.

A transaction sees one state of the database (REPEATABLE READ). Two that change the same row are told apart by the
database: the later one is done again from its beginning (Conflict). Nothing is locked, and nothing is remembered
between two transactions, so that a service may end, and another one answer, at any moment.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from functools import cache
from itertools import chain
from typing import Any

import psycopg
from psycopg import conninfo, errors
from psycopg_pool import ConnectionPool, PoolTimeout

from skysail.errors import StoreError, UnsupportedError
from skysail.store.base import Conflict, Record, Row
from skysail.store.postgres_schema import prepare
from skysail.store.statements import SqlTransaction

_CONNECTIONS = 20
_LIFE_S = 45 * 60
"""Aurora DSQL ends a connection after an hour."""
_PATIENCE = 10
"""For how many tries of a second a connection is waited for: a database may be changing its primary."""
_TRY_S = 1.0
"""The pool itself would soon be trying less and less often."""
_UNLESS_SAID: dict[str, Any] = {
    "connect_timeout": 3,  # for each host
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,  # milliseconds
    "fallback_application_name": "skysail",
}
"""What a URL may say otherwise: a host that vanished without a word is given up within seconds, not hours."""
_AT_ONCE = 200
"""Rows in one statement at most."""
_STANDBY = (errors.ReadOnlySqlTransaction, errors.FeatureNotSupported)
"""What a server says that is the primary no more; and of a statement that it prepared before the tables changed."""
_AGAIN = (
    errors.SerializationFailure,
    errors.DeadlockDetected,
    errors.UniqueViolation,  # by a row that this transaction does not see yet: done again, it does
    *_STANDBY,
)
_PARTING = (errors.AdminShutdown, errors.CrashShutdown, errors.IdleSessionTimeout)
"""A server's last word on a connection, which may not have ended yet when it is read."""
_LOOKS = 5
"""How often it is looked for whether a change was kept, where connections break meanwhile."""

_BEGIN_WRITE = "BEGIN ISOLATION LEVEL REPEATABLE READ READ WRITE"
_BEGIN_READ = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"

Witness = Callable[["PostgresTransaction"], bool]


class PostgresStore:
    """A fleet in the database at `url`, its tables made where there are none.

    Raises StoreError, StoreVersionError. `token_key` is for a store made anew.
    """

    is_embedded = False
    flushes = False
    """Not so that several could share it here: the database does that by itself."""

    def __init__(self, url: str, *, token_key: bytes | None = None, connections: int = _CONNECTIONS) -> None:
        self.description = described(url)
        self._is_closed = False
        settings = {name: value for name, value in _UNLESS_SAID.items() if name not in conninfo.conninfo_to_dict(url)}
        self._pool: ConnectionPool[psycopg.Connection[Any]] = ConnectionPool(
            url,
            min_size=1,
            max_size=connections,
            max_lifetime=_LIFE_S,
            timeout=_TRY_S,
            open=False,
            kwargs={"autocommit": True, **settings},
            reconnect_timeout=_TRY_S,
        )
        try:
            with psycopg.connect(url, autocommit=True, **settings) as connection:
                self.token_key = prepare(connection, self.description, token_key or secrets.token_bytes(32))
        except psycopg.Error as error:
            raise StoreError(f"cannot use {self.description}: {first_line(error)}") from error
        self._pool.open()

    @contextmanager
    def begin(self, write: bool) -> Iterator[PostgresTransaction]:
        if self._is_closed:
            raise StoreError(f"the store ({self.description}) is closed")
        try:
            with self._connection() as connection:
                try:
                    connection.execute(_BEGIN_WRITE if write else _BEGIN_READ)
                    transaction = PostgresTransaction(connection)
                    yield transaction
                    if not write:
                        connection.execute("COMMIT")
                except BaseException as error:
                    self._give_up(connection, error)
                    raise
                if write:
                    self._commit(connection, transaction.witness)
        except PoolTimeout as error:
            raise StoreError(f"{self.description} gave no connection within {_PATIENCE} s; is it running?") from error
        except _AGAIN as error:
            raise Conflict(first_line(error)) from error
        except psycopg.Error as error:
            raise StoreError(f"{self.description}: {first_line(error)}") from error

    @contextmanager
    def _connection(self) -> Iterator[psycopg.Connection[Any]]:
        """One of the pool's. Raises PoolTimeout."""
        for tries_left in reversed(range(_PATIENCE)):
            try:
                connection = self._pool.getconn()
                break
            except PoolTimeout:
                if not tries_left:
                    raise
        try:
            yield connection
        finally:
            self._pool.putconn(connection)

    def _give_up(self, connection: psycopg.Connection[Any], error: BaseException) -> None:
        """Roll back. Raises Conflict where the connection is broken: nothing was done, and another one may do it."""
        if isinstance(error, _STANDBY):
            connection.close()
        elif isinstance(error, psycopg.Error) and _is_broken(connection, error):
            self._pool.check()  # where one has broken the others may have too
            raise Conflict(first_line(error)) from error
        else:
            with suppress(psycopg.Error):  # broken by now: rolled back as well
                connection.execute("ROLLBACK")

    def _commit(self, connection: psycopg.Connection[Any], witness: Witness | None) -> None:
        """Commit; where it is not said whether it happened, look. Raises StoreError where that cannot be seen."""
        try:
            connection.execute("COMMIT")
        except psycopg.Error as error:
            is_unknown = isinstance(error, errors.StatementCompletionUnknown)  # CockroachDB says it in a word
            if not is_unknown and not _is_broken(connection, error):
                raise
            if not self._has_happened(witness):
                raise StoreError(
                    f"{self.description} broke off while it was to keep a change, and whether it did is not known; "
                    "look before you try again"
                ) from error

    def _has_happened(self, witness: Witness | None) -> bool:
        """Whether what a transaction added is there, as far as that can be seen."""
        if witness is None:
            return False
        for _ in range(_LOOKS):
            self._pool.check()
            with suppress(psycopg.OperationalError), self._connection() as connection:
                return witness(PostgresTransaction(connection))
        return False

    def together(self) -> AbstractContextManager[None]:
        """The database flushes for all who commit at once by itself."""
        return nullcontext()

    def kept(self) -> Callable[[], None]:
        raise UnsupportedError(
            "a database that others may use cannot be put back: use a store in memory or in a file, or reset()"
        )

    def close(self) -> None:
        self._is_closed = True
        self._pool.close()


class PostgresTransaction(SqlTransaction):
    """`witness` tells, in another transaction, whether this one has happened; None where it added nothing."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection
        self.witness: Witness | None = None

    def _fetch(self, statement: str, values: Sequence[Any] = ()) -> list[Any]:
        if any(isinstance(value, str) and "\0" in value for value in values):
            return []  # no text in a database has it, so nothing is found
        return self._connection.execute(in_psycopg(statement), values).fetchall()

    def _change(self, statement: str, many: Iterable[Sequence[Any]]) -> int:
        entries = list(many)
        at_once = _AT_ONCE if "VALUES (" in statement else 1
        with self._connection.pipeline() if len(entries) > at_once else nullcontext():
            done = [
                self._connection.execute(in_psycopg(statement, len(part)), list(chain.from_iterable(part)))
                for part in (entries[start : start + at_once] for start in range(0, len(entries), at_once))
            ]
        return sum(cursor.rowcount for cursor in done)

    def insert(self, rows: Iterable[Row]) -> None:
        added = list(rows)
        super().insert(added)
        if added and self.witness is None:
            self._see(added[0])

    def insert_free(self, rows: Sequence[Row]) -> list[Row]:
        taken = super().insert_free(rows)
        added = next((row for row in rows if row not in taken), None)
        if added is not None and self.witness is None:
            self._see(added)
        return taken

    def add_records(self, records: Iterable[Record]) -> None:
        added = list(records)
        super().add_records(added)
        if added:
            first = added[0]
            self.witness = lambda other: other.record(first.place, first.id) is not None

    def _see(self, row: Row) -> None:
        """By this row, which is added, it is seen whether the transaction has happened."""
        self.witness = lambda other: _has_id(other.get(row.place, row.name, row.name_space), row.id)


@cache
def in_psycopg(statement: str, rows: int = 1) -> bytes:
    """A statement with psycopg's marks for values, those of an INSERT for so many rows; its text is one of a few, none
    of them a caller's.
    """
    repeated = re.sub(r"(?<=VALUES )\([^)]*\)", lambda values: ", ".join([values[0]] * rows), statement)
    return repeated.replace("?", "%s").encode()


def _has_id(row: Row | None, id: str) -> bool:
    return row is not None and row.id == id


def described(url: str) -> str:
    """A URL without what is secret in it. Raises StoreError: it is none."""
    try:
        parts = conninfo.conninfo_to_dict(url)
    except psycopg.Error as error:
        raise StoreError(f"that is no PostgreSQL URL: {first_line(error)}") from error
    hosts = str(parts.get("host") or "localhost").split(",")
    ports = str(parts.get("port") or "5432").split(",")
    places = [f"{host}:{ports[min(number, len(ports) - 1)]}" for number, host in enumerate(hosts)]
    return f"postgresql://{','.join(places)}/{parts.get('dbname') or parts.get('user') or ''}"


def _is_broken(connection: psycopg.Connection[Any], error: psycopg.Error) -> bool:
    return connection.closed or isinstance(error, _PARTING)


def first_line(error: psycopg.Error) -> str:
    return str(error).strip().partition("\n")[0]
