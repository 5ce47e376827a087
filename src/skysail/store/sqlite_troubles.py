"""What SQLite's errors mean for the owner of the file, and what can be done about each."""

from __future__ import annotations

import shlex
import sqlite3
from pathlib import Path

from skysail.errors import DamagedStoreError, NotAStoreError, StoreError, StoreVersionError
from skysail.store.schema import VERSION

_BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
_NOT_TO_BE_WRITTEN = (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH)
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_FORMAT)


TROUBLES = (sqlite3.Error, UnicodeDecodeError)
"""What sqlite3 raises: the second where it cannot read a text, also one of its own errors about a damaged schema."""


def not_opened(path: Path | None) -> StoreError:
    """Why a store could not be opened, or made."""
    if path is not None and path.is_dir():
        return StoreError(f"cannot open {path}: it is a folder; name a file in it")
    if path is not None and not path.parent.is_dir():
        return StoreError(f"cannot open {path}: its folder is not there; mkdir -p {path.parent}")
    return StoreError(f"cannot open {path}: it may not be read or written; see who may, it and its folder")


def explained(error: Exception, path: Path | None, busy_s: float) -> StoreError:
    """The same in words of ours; `busy_s` is how long others were waited for."""
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
    primary = code & 0xFF  # the rest says where in SQLite it came up
    if primary == sqlite3.SQLITE_NOTADB:
        return NotAStoreError(f"{path} is not a skysail store (nor any SQLite database); name another file")
    if primary == sqlite3.SQLITE_CANTOPEN:
        return not_opened(path)
    if primary in _BUSY:
        return StoreError(f"{path} was busy for {busy_s:.0f} s: another process holds it; try again")
    if primary == sqlite3.SQLITE_FULL:
        return StoreError(f"{path or 'the store in memory'}: no room is left ({error}); make room, then try again")
    if primary == sqlite3.SQLITE_IOERR:
        return StoreError(f"{path} could not be read or written ({error}); see whether the disk is full or broken")
    if primary in _NOT_TO_BE_WRITTEN:
        return StoreError(f"{path} cannot be written ({error}); see who may write in it and in its folder")
    if primary in _DAMAGED or _is_unreadable(error):
        return damaged(path, str(error))
    return StoreError(f"{path or 'the store in memory'}: {error}")


def damaged(path: Path | None, what: str) -> DamagedStoreError:
    return DamagedStoreError(f"{path} is damaged: {what}; see what is left: skysail check {shlex.quote(str(path))}")


def not_ours(path: Path | None) -> NotAStoreError:
    return NotAStoreError(f"{path} is an SQLite database of another program, not a skysail store; name another file")


def too_new(path: Path | None, version: int) -> StoreVersionError:
    return StoreVersionError(
        f"{path} was written by a newer skysail (store version {version}, this one reads up to {VERSION}); "
        "upgrade: pip install -U skysail"
    )


def _is_unreadable(error: Exception) -> bool:
    """Whether text came back that is none, or a schema without what every store has."""
    return isinstance(error, UnicodeDecodeError) or any(
        sign in str(error) for sign in ("Could not decode", "malformed", "no such table", "no such column")
    )
