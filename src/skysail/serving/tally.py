"""What a server counts, for metrics; of several processes, each puts its own where all of them can read it.

Labels are what the service itself made of a request, and there are only so many of them: nobody fills the memory, or
somebody's time series database, by asking for nonsense.
"""

from __future__ import annotations

import marshal
import mmap
import struct
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import astuple, dataclass, field, fields
from time import time

from skysail.protocol.message import Response

BUCKETS_S = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Upper bounds of what a request may take; one bucket more has all that take longer."""

_MOST_SERIES = 1_000
_LONGEST_LABEL = 100
_OTHER = ("other", "0", "other")
_HALF = 262_144
"""Bytes for a tally: more than the largest that there can be."""


@dataclass(slots=True)
class Tally:
    """`requests` by operation, status and error; `durations` by operation: how many in each bucket, then their sum."""

    requests: dict[tuple[str, str, str], int] = field(default_factory=dict)
    durations: dict[str, list[float]] = field(default_factory=dict)
    flushes: int = 0
    answered_together: int = 0
    begun: int = 1
    """Processes that have counted in here, one after the other."""
    connections: int = 0
    in_flight: int = 0

    def count(self, response: Response, seconds: float | None) -> None:
        """`seconds` is None for what was refused before it was a request."""
        notes = response.notes
        key = (notes.get("operation", ""), str(response.status), notes.get("error", "")[:_LONGEST_LABEL])
        if key not in self.requests and len(self.requests) >= _MOST_SERIES:
            key = _OTHER
        self.requests[key] = self.requests.get(key, 0) + 1
        if seconds is None:
            return
        durations = self.durations.get(key[0])
        if durations is None:
            durations = self.durations[key[0]] = [0] * (len(BUCKETS_S) + 1) + [0.0]
        durations[bisect_left(BUCKETS_S, seconds)] += 1
        durations[-1] += seconds

    def to_bytes(self) -> bytes:
        return marshal.dumps((self.requests.copy(), self.durations.copy(), *astuple(self)[2:]))

    def succeeded(self) -> Tally:
        """What the next process in its place goes on from: counters only grow, whoever died."""
        return Tally(self.requests, self.durations, self.flushes, self.answered_together, self.begun + 1)


def total(tallies: Iterable[Tally]) -> Tally:
    result = Tally(begun=0)
    for tally in tallies:
        for key, number in tally.requests.items():
            result.requests[key] = result.requests.get(key, 0) + number
        for operation, numbers in tally.durations.items():
            so_far = result.durations.get(operation, [0] * len(numbers))
            result.durations[operation] = [one + other for one, other in zip(so_far, numbers, strict=True)]
        for name in [one.name for one in fields(Tally)][2:]:
            setattr(result, name, getattr(result, name) + getattr(tally, name))
    return result


class Board:
    """Memory that is shared with all processes forked after it was made: a place for the tally of each.

    `began_at` is when it was made, in seconds since 1970: when the server began.

    A place has two halves; the one that was written last is read, so that a process that dies while it writes leaves
    what it had written before.
    """

    def __init__(self, places: int) -> None:
        self._places = places
        self._memory = mmap.mmap(-1, places * (8 + 2 * (8 + _HALF)))
        self.began_at = time()

    def put(self, place: int, tally: Tally) -> None:
        data = tally.to_bytes()
        number = self._number(place) + 1
        at = self._half(place, number)
        self._memory[at : at + 8] = struct.pack("=Q", len(data))
        self._memory[at + 8 : at + 8 + len(data)] = data
        struct.pack_into("=Q", self._memory, place * 8, number)

    def read(self, place: int) -> Tally | None:
        """The tally that was put there last; None where there never was one."""
        while number := self._number(place):
            at = self._half(place, number)
            (size,) = struct.unpack_from("=Q", self._memory, at)
            data = self._memory[at + 8 : at + 8 + size]
            if self._number(place) == number:  # else it may have been written anew meanwhile
                return Tally(*marshal.loads(data))
        return None

    def all(self) -> list[Tally]:
        return [tally for place in range(self._places) if (tally := self.read(place)) is not None]

    def _number(self, place: int) -> int:
        """How often something was put there."""
        return int(struct.unpack_from("=Q", self._memory, place * 8)[0])

    def _half(self, place: int, number: int) -> int:
        return self._places * 8 + (2 * place + number % 2) * (8 + _HALF)


@dataclass(slots=True)
class Place:
    """One process's place at a board, and what it has counted."""

    board: Board
    number: int = 0
    tally: Tally = field(init=False)

    def __post_init__(self) -> None:
        before = self.board.read(self.number)
        self.tally = Tally() if before is None else before.succeeded()
        self.put()

    def put(self) -> None:
        self.board.put(self.number, self.tally)

    def of_all(self) -> Tally:
        """Of all processes, and what this one has counted by now."""
        self.put()
        return total(self.board.all())
