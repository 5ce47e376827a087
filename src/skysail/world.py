"""What skysail cannot decide for itself: time, waiting, chance, new identifiers.

One `World` is handed to each client and each service, so that a test can hold the clock still and get the
same identifiers twice. Nothing else in the package reads a clock or a source of randomness.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class World:
    """Clock, sleep, randomness and ids, as plain functions.

    Times are seconds since 1970, UTC; pauses are seconds; `fraction` is 0 <= x < 1; an id is the text of
    a version 4 UUID, lower case.
    """

    now: Callable[[], float]
    sleep: Callable[[float], None]
    asleep: Callable[[float], Awaitable[None]]
    fraction: Callable[[], float]
    new_id: Callable[[], str]


async def _asleep(seconds: float) -> None:
    import asyncio  # late: it costs a synchronous program some 20 ms of its start

    await asyncio.sleep(seconds)


def system_world() -> World:
    """The world as it is."""
    return World(
        now=time.time,
        sleep=time.sleep,
        asleep=_asleep,
        fraction=random.random,
        new_id=lambda: _id(int.from_bytes(os.urandom(16))),
    )


def seeded_world(seed: int) -> World:
    """The world as it is, but for chance and ids, which are the same for the same seed."""
    dice = random.Random(seed)
    return replace(system_world(), fraction=dice.random, new_id=lambda: _id(dice.getrandbits(128)))


class ManualClock:
    """A clock that moves only when it is told to, or when somebody sleeps."""

    def __init__(self, start: float) -> None:
        self._now = start

    def now(self) -> float:
        """Seconds since 1970."""
        return self._now

    def advance(self, seconds: float) -> None:
        """Go on by so many seconds. Raises ValueError for fewer than none."""
        if seconds < 0:
            raise ValueError(f"a clock only goes forward: {seconds}")
        self._now += seconds

    async def asleep(self, seconds: float) -> None:
        """Go on, in place of a sleep."""
        self.advance(seconds)


def manual_world(start: float = 1_700_000_000.0, seed: int = 0, clock: ManualClock | None = None) -> World:
    """A world in which the same calls give the same answers: a manual clock, chance and ids from `seed`."""
    held = clock or ManualClock(start)
    dice = random.Random(seed)
    return World(
        now=held.now,
        sleep=held.advance,
        asleep=held.asleep,
        fraction=dice.random,
        new_id=lambda: _id(dice.getrandbits(128)),
    )


def _id(chance: int) -> str:
    """A version 4 UUID of 128 bits of chance: what `uuid` makes of them, in a tenth of its time."""
    digits = f"{chance & _UUID_CHANCE | _UUID_VERSION_4:032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


_UUID_CHANCE = ~(0xF000 << 64 | 0xC000 << 48)
_UUID_VERSION_4 = 0x4000 << 64 | 0x8000 << 48
