"""A look into a store in PostgreSQL that changes nothing in it, not even its version."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg

from skysail.errors import NotAStoreError, StoreError
from skysail.store.postgres import PostgresTransaction, described, first_line
from skysail.store.postgres_schema import check_readable, progress
from skysail.store.schema import VERSION

_PATIENCE_S = 5


@dataclass(frozen=True, slots=True)
class Look:
    """What is in a database, in one state; `transaction` only reads."""

    description: str
    version: int
    is_current: bool
    """Whether its tables are those of this version; only then is `transaction` of use."""
    transaction: PostgresTransaction


@contextmanager
def look(url: str) -> Iterator[Look]:
    """Raises NotAStoreError, StoreVersionError, StoreError."""
    description = described(url)
    try:
        with psycopg.connect(url, autocommit=True, connect_timeout=_PATIENCE_S) as connection:
            done = progress(connection)
            if done == (0, 0):
                raise NotAStoreError(f"{description} has no store in it; skysail serve --data with its URL makes one")
            check_readable(done, description)
            connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield Look(description, done[0], done == (VERSION, 0), PostgresTransaction(connection))
    except psycopg.Error as error:
        raise StoreError(f"cannot look into {description}: {first_line(error)}") from error
