"""The service's time: the machine's, or one that is kept in the store, so that all services on it live in one time.

A kept time is a line: at the machine's time `since` it was `then`, and it runs `rate` times as fast; 0 stands still
until somebody moves it. It outlives a restart. Signatures are judged by the machine's time all the same: clients sign
with theirs.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime

import msgspec

from skysail.errors import UsageError
from skysail.protocol.ready import ready
from skysail.service.kept import Kept
from skysail.store.base import Store

MANUAL, REAL = 0.0, 1.0
_FASTEST = 1_000_000.0
_LAST = 253_402_300_799.0
"""The end of the year 9999."""
_UNITS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}


class Line(msgspec.Struct, frozen=True):
    """Seconds since 1970, but for the rate."""

    rate: float
    since: float
    then: float

    def at(self, machine: float) -> float:
        return self.then + self.rate * (machine - self.since)


class Clock:
    """`machine` is the machine's time; `settle` makes all changes that are due by a time. Times are seconds since
    1970, UTC.
    """

    def __init__(self, store: Store, machine: Callable[[], float], settle: Callable[[float], None]) -> None:
        self._store = store
        self._machine = machine
        self._settle = settle
        self._kept = Kept(store, "clock", Line, machine)

    def now(self) -> float:
        """The service's time, in seconds since 1970, UTC."""
        line = self._kept.value()
        machine = self._machine()
        return machine if line is None else line.at(machine)

    @property
    def rate(self) -> float:
        """How much faster than the machine's it runs: 1 as fast, 0 not at all."""
        line = self._kept.value()
        return REAL if line is None else line.rate

    def advance(self, seconds: float = 0.0, *, minutes: float = 0.0, hours: float = 0.0, days: float = 0.0) -> float:
        """Move it forward; gives the new time. Raises UsageError: a clock only goes forward."""
        by = seconds + 60 * minutes + 3_600 * hours + 86_400 * days
        if not by >= 0:
            raise UsageError(f"a clock only goes forward, not by {by:g} s")
        return self._move(lambda now: now + by)

    def set(self, to: float | datetime) -> float:
        """Move it to a time that is not before its own; gives it. Raises UsageError."""
        at = to.timestamp() if isinstance(to, datetime) else to

        def moved(now: float) -> float:
            if not at >= now:
                raise UsageError(f"a clock only goes forward: it is {written(now)}, not to be {written(at)}")
            return at

        return self._move(moved)

    def settle(self, within: float = 3_600.0) -> float:
        """Move it to when nothing more is to come `within` so many seconds, having made what was; gives the time.

        So pending instances run, and snapshots are done, at once. What comes every day, as automatic snapshots do, is
        left to come.
        """
        end = self.now() + within
        while True:
            self._settle(self.now())
            with self._store.begin(write=False) as transaction:
                due = transaction.next_due()
            if due is None or due > end:
                return self.now()
            self._move(lambda now, due=due: max(now, due))  # type: ignore[misc]

    def changed(self) -> None:
        """The store has been put into another state."""
        self._kept.forget()

    def run(self, rate: float) -> None:
        """Go on from the time that it is, so many times as fast as the machine's. Raises UsageError."""
        if not 0 <= rate <= _FASTEST:
            raise UsageError(f"a clock runs 0 (only when moved) to {_FASTEST:,.0f} times as fast, not {rate:g}")
        self._change(lambda line, machine: Line(rate, machine, line.at(machine)))

    def as_machine(self) -> None:
        """Be the machine's time again, from now on."""
        self._kept.change(lambda line: None)

    def _move(self, moved: Callable[[float], float]) -> float:
        def change(line: Line, machine: float) -> Line:
            then = moved(line.at(machine))
            if then > _LAST:
                raise UsageError("a clock goes as far as the year 9999")
            return Line(line.rate, machine, then)

        return self._change(change).then

    def _change(self, change: Callable[[Line, float], Line]) -> Line:
        machine = self._machine()
        line = self._kept.change(lambda line: change(line or Line(REAL, machine, machine), machine))
        assert line is not None
        return line


def seconds(text: str) -> float:
    """90, 90s, 5m, 1.5h, 1d12h as seconds. Raises UsageError."""
    if re.fullmatch(r"\d+(\.\d+)?", text):
        return float(text)
    parts = re.findall(r"(\d+(?:\.\d+)?)([smhdw])", text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        raise UsageError(f"{text!r} is no length of time: 90, 90s, 5m, 1.5h, 1d12h")
    return sum(float(number) * _UNITS[unit] for number, unit in parts)


def moment(text: str) -> float:
    """An ISO 8601 time (without a zone: UTC) or seconds since 1970. Raises UsageError."""
    try:
        if re.fullmatch(r"\d+(\.\d+)?", text):
            return float(text)
        read = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{text!r} is no time: 2027-01-01T00:00Z, or seconds since 1970") from None
    return (read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp()


def written(at: float) -> str:
    """A time for people: 2027-01-01T00:00:00Z."""
    try:
        return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    except (ValueError, OverflowError, OSError):  # before the year 1 or behind 9999
        return f"{at:g} s since 1970"


ready(Line)
