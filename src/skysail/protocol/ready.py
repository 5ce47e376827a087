"""Types made ready for threads. msgspec learns a type when it first meets it, and other threads that meet it meanwhile
see it half learned, which ends the whole process (seen with 0.22.0: a segmentation fault). So one thread at a time
learns: a module's types when it is imported, others by `decoder`, before anybody has them.
"""

from __future__ import annotations

from threading import RLock
from typing import Any

import msgspec

_learning = RLock()


def decoder(type: Any, *, strict: bool = True) -> msgspec.json.Decoder[Any]:
    """A decoder of JSON into a type."""
    with _learning:
        return msgspec.json.Decoder(type, strict=strict)


def ready(*types: Any) -> None:
    """For the end of a module that defines them."""
    for type in types:
        decoder(type)
