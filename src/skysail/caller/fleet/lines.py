"""A walk's items in a file, one JSON object a line; whole after every interruption."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import msgspec

from skysail.errors import UsageError

if TYPE_CHECKING:
    from skysail.caller.fleet.fleet import Fleet


def write_lines(fleet: Fleet, path: Path, every_s: float, now: Callable[[], float]) -> int:
    """Append what is missing, and acknowledge it every so many seconds; gives the file's length in bytes.

    `fleet` acknowledges by hand. Its note is the length that the file had then. Raises UsageError, OSError.
    """
    encoder = msgspec.json.Encoder()
    with path.open("ab") as file:
        if fleet.note is None:
            _keep(fleet, file)  # what stands there already is not this walk's
        else:
            _take_back(file, path, fleet.note)
        kept_at = now()
        for page in fleet:
            file.write(encoder.encode_lines([_as_json(item) for item in page.labelled()]))
            if now() - kept_at >= every_s:
                _keep(fleet, file)
                kept_at = now()
        return _keep(fleet, file)


def _take_back(file: IO[bytes], path: Path, known: Any) -> None:
    """Cut off what was written behind the last acknowledgement."""
    if not isinstance(known, int) or file.tell() < known:
        raise UsageError(f"{path} has {file.tell()} bytes, but the walk had written {known}: give the file it wrote to")
    file.truncate(known)
    file.seek(known)


def _keep(fleet: Fleet, file: IO[bytes]) -> int:
    """Have the lines on disk, then the checkpoint that knows of them."""
    file.flush()
    os.fsync(file.fileno())
    length = file.tell()
    fleet.acknowledge(length)
    return length


def _as_json(value: Any) -> Any:
    """Times as texts with their offset, as the AWS CLI writes them."""
    if isinstance(value, dict):
        return {name: _as_json(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_as_json(element) for element in value]
    return value.isoformat() if isinstance(value, datetime) else value
