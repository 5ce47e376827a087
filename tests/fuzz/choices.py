"""Choices out of bytes: the same bytes always choose the same, so that a find is kept as its bytes.

A driver makes the bytes, at random or guided by what code they reach. Where they end, the first of everything is
chosen, so that any bytes are a whole case.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")

_ODD_TEXTS = (
    "", " ", "a", "web-1", "None", "\x00", "\n", "é", "\U0001f600", "\u202e", "\ud800", "../..", "%00", "'\"<&>", "-1",
    "0", "1e400", "9" * 400, "A" * 255, "a" * 5_000, "arn:aws:lightsail:::", "all", "*", "\ufeff", "\x7f", "\x85\xa0",
)  # fmt: skip


class Choices:
    def __init__(self, octets: bytes) -> None:
        self._octets = octets
        self._at = 0

    def below(self, bound: int) -> int:
        """0 <= n < bound."""
        size = (max(bound - 1, 1).bit_length() + 7) // 8
        part = self._octets[self._at : self._at + size]
        self._at += size
        return int.from_bytes(part) % bound

    def one_of(self, several: Sequence[T]) -> T:
        return several[self.below(len(several))]

    def chance(self, of_hundred: int) -> bool:
        return self.below(100) >= 100 - of_hundred

    def octets(self, most: int) -> bytes:
        size = self.below(most + 1)
        part = self._octets[self._at : self._at + size]
        self._at += size
        return part

    def text(self) -> str:
        """Odd, short, or both."""
        if self.chance(50):
            return self.one_of(_ODD_TEXTS)
        octets = self.octets(12)
        return octets.decode("utf-8", "surrogateescape") if self.chance(50) else octets.decode("latin-1")

    def mutated(self, octets: bytes) -> bytes:
        """With one to four changes: bits turned, parts cut, doubled, moved or put in."""
        changed = bytearray(octets)
        for _ in range(1 + self.below(4)):
            at = self.below(len(changed) + 1)
            end = min(len(changed), at + 1 + self.below(16))
            match self.below(6):
                case 0 if at < len(changed):
                    changed[at] ^= 1 << self.below(8)
                case 1:
                    del changed[at:end]
                case 2:
                    changed[at:at] = changed[at:end]
                case 3:
                    changed[at:at] = self.octets(8)
                case 4:
                    changed[at:at] = self.one_of(_ODD_OCTETS)
                case _:
                    del changed[at:]
        return bytes(changed)


_ODD_OCTETS = (
    b" ", b"\t", b",", b"=", b"/", b";", b"\r\n", b"\n", b"\0", b"\xff", b"\xc3\xa9", b"\xa0", b"\x85", b"%", b"+",
    b"?", b"#", b":", b"0", b"-", b"\"", b"{", b"}", b"[", b"]", b"\\ud800", b"1e400", b"null", b"=" * 3, b"A" * 300,
)  # fmt: skip
