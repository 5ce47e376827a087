"""A store's file that is made with all that is to be in it, and is there as a whole or not at all.

It is written beside its place under another name, once and without a log, and moved when it is on disk: that takes a
third of the time that the same rows take in a store which others use meanwhile. Indexes are made when the rows are in.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from skysail.errors import StoreError
from skysail.store.sqlite import SqliteStore, SqliteTransaction
from skysail.store.sqlite_troubles import TROUBLES, explained, not_opened

_PAGE_BYTES = 8_192
"""Three documents of usual size fit in a page, in one of SQLite's own size only one."""
_CACHE_KIB = 131_072
"""The index of names is changed all over, and stays in memory while it is no larger."""


@contextmanager
def made_with(path: Path) -> Iterator[SqliteTransaction]:
    """A transaction that fills a new store at `path`, where there is nothing yet.

    When the block ends the file is there, on disk; when it raises, nothing is. Raises StoreError.
    """
    if not os.access(path.parent, os.W_OK):
        raise not_opened(path)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        SqliteStore(unfinished, page_bytes=_PAGE_BYTES).close()
        connection = sqlite3.connect(unfinished, isolation_level=None)
        try:
            with _loading(connection):
                yield SqliteTransaction(connection)
        finally:
            connection.close()
        _keep(unfinished, path)
    except TROUBLES as error:
        raise explained(error, path, 0) from error
    except FileExistsError as error:
        raise StoreError(f"{path} was made by another process meanwhile; nothing was changed in it") from error
    finally:
        for name in (unfinished.name, f"{unfinished.name}-wal", f"{unfinished.name}-shm"):
            unfinished.with_name(name).unlink(missing_ok=True)


@contextmanager
def _loading(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("PRAGMA journal_mode = OFF")  # whatever happens, the file is thrown away
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
    connection.execute("BEGIN")
    indexes = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL")
    made = indexes.fetchall()
    for name, _ in made:
        connection.execute(f"DROP INDEX {name}")
    yield
    for _, statement in made:
        connection.execute(statement)
    connection.execute("COMMIT")
    connection.execute("PRAGMA journal_mode = WAL")


def _keep(unfinished: Path, path: Path) -> None:
    """Move the file to its place, when all of it is on disk. Raises FileExistsError."""
    with unfinished.open("rb") as file:
        os.fsync(file.fileno())
    try:
        os.link(unfinished, path)
    except FileExistsError:
        raise
    except OSError:  # not every file system has links
        path.touch(exist_ok=False)
        unfinished.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
