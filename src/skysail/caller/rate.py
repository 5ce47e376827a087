"""How fast a client may send, when it is told "too fast": botocore's adaptive mode, as a value that is asked.

The rate is unlimited until the first throttled answer. Then it follows a cubic curve: down to 0.7 of what was being
sent when it was throttled, slowly back up to there, and beyond it faster and faster until the next throttled answer. A
bucket that fills at that rate lets requests out. No clock is read here: all times are given, in seconds. (Source:
botocore's `retries/adaptive.py`, `bucket.py` and `throttling.py` at 1.44, compared by test.)
"""

from __future__ import annotations

import math
from threading import Lock

_LOWEST_RATE = 0.5
_BEYOND_MEASURED = 2.0
_ROUNDING = 1e-6  # of a request: a wait may come out a little short
_SHORTEST_WAIT_S = 1e-6  # a shorter one would not move a clock that counts from 1970 in a float


class SendRate:
    """The sending rate of one client, in requests a second, shared by its threads or tasks; made at `now`."""

    def __init__(self, now: float) -> None:
        self._lock = Lock()
        self._measured = MeasuredRate(now)
        self._curve = CubicCurve(now)
        self._bucket = Bucket(now)
        self._is_limited = False

    def wait(self, now: float) -> float:
        """Seconds to wait before asking again; 0 when a request may go out now, which is then counted."""
        with self._lock:
            return self._bucket.take(now) if self._is_limited else 0.0

    def heard(self, now: float, throttled: bool) -> None:
        """An answer came, or a failure; was it "too fast"?"""
        with self._lock:
            measured = self._measured.record(now)
            if throttled:
                rate = min(measured, self._bucket.rate) if self._is_limited else measured
                allowed = self._curve.throttled(rate, now)
                self._is_limited = True
            else:
                allowed = self._curve.passed(now)
            self._bucket.set_rate(min(allowed, _BEYOND_MEASURED * measured), now)


class MeasuredRate:
    """Answers a second, counted in half seconds and smoothed."""

    _SPAN_S = 0.5
    _WEIGHT = 0.8

    def __init__(self, now: float) -> None:
        self._rate = 0.0
        self._count = 0
        self._span_began = float(math.floor(now))

    def record(self, now: float) -> float:
        """Count one more; gives the rate."""
        self._count += 1
        span = math.floor(now / self._SPAN_S) * self._SPAN_S
        if span > self._span_began:
            latest = self._count / (span - self._span_began)
            self._rate = latest * self._WEIGHT + self._rate * (1 - self._WEIGHT)
            self._count, self._span_began = 0, span
        return self._rate


class CubicCurve:
    """The rate allowed at a time after the last throttled answer."""

    _SCALE = 0.4
    _DROP = 0.7

    def __init__(self, now: float) -> None:
        self._highest = 0.0
        self._last_throttled = now

    def throttled(self, rate: float, now: float) -> float:
        """It was too fast at this rate; gives the one to go on with."""
        self._highest, self._last_throttled = rate, now
        return rate * self._DROP

    def passed(self, now: float) -> float:
        """It was not too fast; gives the rate to go on with."""
        back_at: float = (self._highest * (1 - self._DROP) / self._SCALE) ** (1 / 3)
        since = now - self._last_throttled - back_at
        return float(self._SCALE * since**3 + self._highest)


class Bucket:
    """Fills at `rate` a second; a request takes one from it."""

    def __init__(self, now: float) -> None:
        self.rate = 1.0
        self._most = 1.0
        self._level = 0.0
        self._filled_at = now

    def set_rate(self, rate: float, now: float) -> None:
        self._fill(now)
        self.rate = max(rate, _LOWEST_RATE)
        self._most = rate if rate >= 1 else 1.0
        self._level = min(self._level, self._most)

    def take(self, now: float) -> float:
        """Take one, and give 0; or give the seconds until there is one."""
        self._fill(now)
        if self._level >= 1 - _ROUNDING:
            self._level = max(0.0, self._level - 1)
            return 0.0
        return max((1 - self._level) / self.rate, _SHORTEST_WAIT_S)

    def _fill(self, now: float) -> None:
        self._level = min(self._most, self._level + max(0.0, now - self._filled_at) * self.rate)
        self._filled_at = now
