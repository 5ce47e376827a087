"""How fast the calls of one account may begin: as fast as they can until the service says "too fast", then as fast as
it lets them.

After a refusal the rate drops to 0.7 of what went through, comes back to that along a cubic curve, lingers there, and
goes beyond faster and faster until the next refusal: the curve of TCP CUBIC (RFC 9438), which botocore's adaptive mode
follows too. Here it is drawn in proportion to the rate, because what an account is allowed may be one call a second or
hundreds; refusals do not count as having gone through; and calls that were on their way when the rate went down do not
bring it down again. No clock is read: times are given, in seconds.
"""

from __future__ import annotations

from collections import deque

_DROP = 0.7
_BACK_AFTER_S = 4.0
_BACK_AFTER_CALLS = 12
_AT_MOST_TIMES = 2.0
_A_LITTLE_MORE = 1.2
_LOWEST_RATE = 0.2
_WINDOW_S = 5.0
_SHORTEST_WINDOW_S = 0.5


class Pace:
    """The pace of one account: `rate` is in calls a second, None while nobody has complained."""

    def __init__(self, now: float) -> None:
        self.rate: float | None = None
        self._plateau = 0.0
        self._slowed_at = now
        self._next_start = now
        self._passed: deque[float] = deque()

    def wait(self, now: float) -> float:
        """Seconds until the next call may begin; 0 for at once."""
        return 0.0 if self.rate is None else max(0.0, self._next_start - now)

    def begun(self, now: float) -> None:
        """A call begins."""
        if self.rate is not None:
            self._next_start = max(self._next_start, now) + 1 / self.rate

    def passed(self, now: float) -> None:
        """A call was not too fast, whatever else came of it."""
        self._passed.append(now)
        measured = self._measured(now)
        if self.rate is not None:
            # What is not used says nothing about what would be allowed.
            self.rate = max(self.rate, min(self._curve(now), _AT_MOST_TIMES * measured))

    def refused(self, began: float, now: float) -> None:
        """A call that began then was too fast."""
        if self.rate is not None and began <= self._slowed_at:
            return
        measured = self._measured(now)
        # What went through lately was still on its way up; the rate may be one that nobody could use.
        self._plateau = max(_LOWEST_RATE, measured if self.rate is None else min(_A_LITTLE_MORE * measured, self.rate))
        self.rate = max(_LOWEST_RATE, _DROP * self._plateau)
        self._slowed_at = now
        self._next_start = now + 1 / self.rate

    def _curve(self, now: float) -> float:
        back_after = max(_BACK_AFTER_S, _BACK_AFTER_CALLS / self._plateau)
        beyond = (now - self._slowed_at) / back_after - 1  # -1 at the refusal, 0 back at what went through then
        return self._plateau * (1 + (1 - _DROP) * beyond**3)

    def _measured(self, now: float) -> float:
        """Calls a second that went through lately."""
        while self._passed and self._passed[0] < now - _WINDOW_S:
            self._passed.popleft()
        if not self._passed:
            return 0.0
        return len(self._passed) / max(_SHORTEST_WINDOW_S, now - self._passed[0])
