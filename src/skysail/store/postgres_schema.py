"""The tables of a store in PostgreSQL: made, and brought from one version to the next, while others may do the same.

A statement a transaction, because some databases take no more of them at once; how far it has come is written down
after each. Each can be done twice, so that one that was cut off there does no harm.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any, NamedTuple

import psycopg
from psycopg import errors

from skysail.errors import StoreError, StoreVersionError
from skysail.store.schema import STEPS, VERSION

Progress = tuple[int, int]
"""So many whole steps, and so many statements of the next one."""

_TRIES = 100
_PAUSE_S = 0.1
_MEANWHILE = (
    errors.UniqueViolation,
    errors.DuplicateTable,
    errors.DuplicateObject,
    errors.UndefinedTable,
    errors.SerializationFailure,
    errors.DeadlockDetected,
)
"""What a statement meets whose work another one is doing."""
_TWICE = {"CREATE TABLE ": "CREATE TABLE IF NOT EXISTS ", "DROP TABLE ": "DROP TABLE IF EXISTS "}


def prepare(connection: psycopg.Connection[Any], description: str, token_key: bytes) -> bytes:
    """Make the tables or bring them up to date; gives the store's token key. Raises StoreError, StoreVersionError."""
    words = Words(_orders_by_bytes(connection), ".dsql." in (connection.info.host or ""))
    last: Exception | None = None
    for _ in range(_TRIES):
        done = progress(connection)
        check_readable(done, description)
        ahead = _ahead(done)
        if not ahead:
            return _token_key(connection, token_key)
        try:
            for reached, statement in ahead:
                connection.execute(words.of(statement).encode())
                if not _is_first_there(connection, done, reached):
                    break
                done = reached
        except _MEANWHILE as error:
            last = error
            time.sleep(_PAUSE_S)
    raise StoreError(f"the tables in {description} could not be made: {last}")


class Words(NamedTuple):
    """A database's own words: whether its text is in the order of its bytes, and whether it is Aurora DSQL."""

    is_by_bytes: bool = True
    is_dsql: bool = False

    def of(self, statement: str) -> str:
        """A statement of the schema. Text is to be in the order of its bytes."""
        for once, twice in _TWICE.items():
            statement = statement.replace(once, twice)
        index = "CREATE INDEX ASYNC IF NOT EXISTS " if self.is_dsql else "CREATE INDEX IF NOT EXISTS "
        statement = statement.replace("CREATE INDEX ", index).replace(" BLOB ", " BYTEA ")
        if statement.startswith("INSERT"):
            return f"{statement} ON CONFLICT DO NOTHING"
        return statement if self.is_by_bytes else statement.replace(" TEXT ", ' TEXT COLLATE "C" ')


def _ahead(done: Progress) -> Sequence[tuple[Progress, str]]:
    """What is still to be done, each with what is reached by it."""
    version, statements = done
    ahead: list[tuple[Progress, str]] = []
    for step, all_of_it in enumerate(STEPS[version:], version):
        begun = statements if step == version else 0
        for number, statement in enumerate(all_of_it[begun:], begun + 1):
            ahead.append(((step + 1, 0) if number == len(all_of_it) else (step, number), statement))
    return ahead


def _orders_by_bytes(connection: psycopg.Connection[Any]) -> bool:
    found = connection.execute("SELECT 'B' < 'a' AND 'a' < 'e\u0301' AND '-' < '.'").fetchone()
    return bool(found and found[0])


def check_readable(done: Progress, description: str) -> None:
    """Raises StoreVersionError."""
    if done[0] > VERSION:
        raise StoreVersionError(
            f"{description} was made by a newer skysail (store version {done[0]}, this one reads up to {VERSION}); "
            "upgrade: pip install -U skysail"
        )


def progress(connection: psycopg.Connection[Any]) -> Progress:
    """How far the tables have come; (0, 0) where there are none."""
    try:
        found = connection.execute("SELECT value FROM meta WHERE name = 'schema'").fetchone()
    except errors.UndefinedTable:
        return (0, 0)
    version, _, statements = (bytes(found[0]) if found else b"0.0").decode().partition(".")
    return int(version), int(statements)


def _is_first_there(connection: psycopg.Connection[Any], before: Progress, reached: Progress) -> bool:
    """Write down how far it has come, unless another one is further."""
    values = [f"{version}.{statements}".encode() for version, statements in (reached, before)]
    if before == (0, 0):
        changed = connection.execute(
            "INSERT INTO meta (name, value) VALUES ('schema', %s) ON CONFLICT DO NOTHING", values[:1]
        )
    else:
        changed = connection.execute("UPDATE meta SET value = %s WHERE name = 'schema' AND value = %s", values)
    return changed.rowcount == 1


def _token_key(connection: psycopg.Connection[Any], new: bytes) -> bytes:
    """The secret that the first to come has left."""
    connection.execute("INSERT INTO meta (name, value) VALUES ('token_key', %s) ON CONFLICT DO NOTHING", [new])
    found = connection.execute("SELECT value FROM meta WHERE name = 'token_key'").fetchone()
    assert found is not None
    return bytes(found[0])
