"""Page tokens: a position in a listing as opaque text, and back.

A token is the last row's position with a MAC under the store's key, and is good for one listing only: the account,
the region, the operation and its other arguments go into the MAC. Nothing is remembered, so a token outlives a restart
and serves on every replica. Its first byte keeps it from ever reading as one of botocore's own tokens.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from skysail.service.refusals import invalid
from skysail.store.base import Place, Position

_VERSION = b"\x01"
_MAC_SIZE = 16


@dataclass(frozen=True, slots=True)
class PageTokens:
    """The tokens of one listing: one operation with its arguments, in one account and region."""

    key: bytes
    place: Place
    operation: str
    arguments: Mapping[str, Any]

    def write(self, position: Position) -> str:
        """The token that goes on behind `position`."""
        payload = _VERSION + struct.pack(">q", position.number) + position.key.encode()
        return base64.b64encode(payload + self._mac(payload)).decode()

    def read(self, token: str | None) -> Position | None:
        """The position that a token stands for; None for no token. Raises InvalidInputException."""
        if token is None:
            return None
        try:
            sealed = base64.b64decode(token, validate=True)
            payload, mac = sealed[:-_MAC_SIZE], sealed[-_MAC_SIZE:]
            # In base64 several texts can stand for the same bytes: the one that was given is good, and no other.
            is_as_given = base64.b64encode(sealed).decode() == token
            if hmac.compare_digest(mac, self._mac(payload)) and is_as_given:
                (number,) = struct.unpack(">q", payload[1:9])
                return Position(number, payload[9:].decode())
        except (binascii.Error, ValueError):
            pass
        # Text inferred: nobody has published the real one.
        raise invalid("The page token is not valid.")

    def _mac(self, payload: bytes) -> bytes:
        others = {name: value for name, value in self.arguments.items() if name != "pageToken"}
        context = msgspec.json.encode([*self.place, self.operation, others], order="deterministic")
        return hmac.digest(self.key, context + b"\0" + payload, hashlib.sha256)[:_MAC_SIZE]
