"""A walk's file: one JSON document that is replaced as a whole, by one walk at a time.

What `write` was given is on disk when it returns, and a reader finds the document before it or this one, whole, however
the writer ended: it goes to a second file, is flushed to the disk, and takes the first one's name. A lock beside the
file keeps two walks apart; it is the operating system's, so it ends with the process that holds it, kill -9 included.
"""

from __future__ import annotations

import json
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any
from weakref import finalize

from skysail.errors import CheckpointError

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl


class Checkpoint:
    """The file at `path`, from now on this walk's alone: until `close()`, or until nobody holds the object any more.

    Raises CheckpointError where another walk has it, or the folder cannot be written to.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        self._beside = self.path.with_name(f"{self.path.name}.new")
        lock = self.path.with_name(f"{self.path.name}.lock")
        try:
            self._release = finalize(self, _release, _locked(lock), lock, os.getpid())
        except _IsHeld:
            raise CheckpointError(f"{self.path} is in use by another walk: wait for it, or give another file") from None
        except OSError as error:
            raise CheckpointError(f"{self.path} cannot be used for a walk: {error}") from error

    def read(self) -> Any:
        """The document; None where there is no file yet. Raises CheckpointError."""
        try:
            return json.loads(self.path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            raise CheckpointError(f"{self.path} is no walk's file: {error}; give another one") from error

    def write(self, document: Any) -> None:
        """Put the document in the place of the one before. Raises CheckpointError; then that one is still there."""
        if not self._release.alive:
            raise CheckpointError(f"{self.path} is closed: nothing more is written to it")
        text = json.dumps(document, indent=1)
        try:
            with self._beside.open("w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            os.replace(self._beside, self.path)
            _flush_folder(self.path.parent)
        except OSError as error:
            raise CheckpointError(f"{self.path} cannot be written: {error}; free some space and go on") from error

    def close(self) -> None:
        """Let another walk have the file."""
        self._release()


class _IsHeld(Exception):
    """The lock is somebody else's."""


def _locked(path: Path) -> int:
    """The lock, held: a file descriptor. Raises _IsHeld, OSError."""
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            _lock(descriptor)
            # Who let it go has removed it: then this is a lock that nobody else will meet.
            if os.path.exists(path) and os.path.samestat(os.stat(path), os.fstat(descriptor)):
                return descriptor
        except FileNotFoundError:
            pass
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)


def _lock(descriptor: int) -> None:
    try:
        if sys.platform == "win32":
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        raise _IsHeld from None


def _release(descriptor: int, path: Path, owner: int) -> None:
    if os.getpid() == owner:  # and not a child that was forked from it
        with suppress(OSError):  # Windows removes no file that is open: there it stays
            path.unlink()
    os.close(descriptor)


def _flush_folder(folder: Path) -> None:
    """Have the new name on disk too; where folders cannot be opened (Windows), the rename does so itself."""
    if sys.platform != "win32":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
