"""Documents as the store has them: shown as they are, or read. One that is JSON no more is told as damage."""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec

from skysail.errors import DamagedStoreError
from skysail.store.base import Record, Row

Read = TypeVar("Read")

_AS_IT_IS = msgspec.json.Decoder(msgspec.Raw)  # whether it is JSON, in a microsecond, and makes nothing of it
_READ = msgspec.json.Decoder(dict[str, Any])


def as_stored(row: Row | Record) -> msgspec.Raw:
    """A document as an answer carries it, as it is stored. Raises DamagedStoreError."""
    return _decoded(_AS_IT_IS, row, row.document)


def document(row: Row | Record) -> dict[str, Any]:
    """A document, to be looked at or changed. Raises DamagedStoreError."""
    return _decoded(_READ, row, row.document)


def private(row: Row) -> dict[str, Any]:
    """What no answer shows of a resource. Raises DamagedStoreError."""
    return _decoded(_READ, row, row.private)


def _decoded(decoder: msgspec.json.Decoder[Read], row: Row | Record, stored: bytes) -> Read:
    try:
        if not stored.isascii():
            stored.decode()  # what is passed over unread is not looked at so closely
        return decoder.decode(stored)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        what = f"{row.kind} {row.name}" if isinstance(row, Row) else f"the journal's entry {row.id}"
        raise DamagedStoreError(
            f"{what} of account {row.place.account} in {row.place.region} is damaged: {error}; "
            "see what is left: skysail check"
        ) from error
