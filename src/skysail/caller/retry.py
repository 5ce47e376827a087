"""Which outcomes of a call are tried again, and after how long: botocore's standard mode, as pure functions.

Source: botocore's `retries/standard.py` at 1.44, compared by test. Pauses are seconds.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import NamedTuple

from skysail.errors import SERVICE_ERRORS, ServiceError, TransportError
from skysail.protocol.message import Response

THROTTLING_CODES = frozenset(
    {
        "Throttling",
        "ThrottlingException",
        "ThrottledException",
        "RequestThrottledException",
        "TooManyRequestsException",
        "ProvisionedThroughputExceededException",
        "TransactionInProgressException",
        "RequestLimitExceeded",
        "BandwidthLimitExceeded",
        "LimitExceededException",
        "RequestThrottled",
        "SlowDown",
        "PriorRequestNotComplete",
        "EC2ThrottledException",
    }
)
TRANSIENT_CODES = frozenset({"RequestTimeout", "RequestTimeoutException", "PriorRequestNotComplete"})
TRANSIENT_STATUSES = frozenset({500, 502, 503, 504})

_LONGEST_PAUSE = 20.0
_RETRY_AFTER_BEYOND = 5.0


def is_throttling(error: Exception) -> bool:
    """Whether the service said "too fast". Lightsail's model marks no error of its own as such, so status 429 says
    so only beside a code that the model does not have.
    """
    if not isinstance(error, ServiceError):
        return False
    return error.kind in THROTTLING_CODES or (error.status == 429 and error.kind not in SERVICE_ERRORS)


def is_retryable(error: Exception) -> bool:
    """Whether a second try may help."""
    if isinstance(error, ServiceError):
        return is_throttling(error) or error.kind in TRANSIENT_CODES or error.status in TRANSIENT_STATUSES
    return isinstance(error, TransportError)


def pause_before(retry: int, error: Exception, response: Response | None, fraction: float) -> float:
    """Seconds to wait before retry number `retry` (the first is 1); `fraction` is 0 <= x < 1."""
    scale = 1.0 if is_throttling(error) else 0.05
    pause: float = fraction * min(scale * 2 ** (retry - 1), _LONGEST_PAUSE)
    asked = _retry_after(response)
    return pause if asked is None else max(pause, min(asked, pause + _RETRY_AFTER_BEYOND))


def _retry_after(response: Response | None) -> float | None:
    text = response.headers.get("x-amz-retry-after", "") if response is not None else ""
    return int(text) / 1000 if text.isascii() and text.isdigit() else None


class RetryQuota:
    """A client's allowance for retries: it shrinks with each, and grows with success.

    Keeps a client from hammering a service that is down. Shared by all calls of one client.
    """

    _CAPACITY = 500
    _COST = 14
    _THROTTLING_COST = 5

    def __init__(self) -> None:
        self._left = self._CAPACITY
        self._lock = Lock()

    def acquire(self, error: Exception) -> int:
        """What this retry costs, or 0 when the allowance does not cover it."""
        cost = self._THROTTLING_COST if is_throttling(error) else self._COST
        with self._lock:
            if cost > self._left:
                return 0
            self._left -= cost
            return cost

    def release(self, cost: int) -> None:
        """Give back after a success: what the last retry cost, or 1 when there was none."""
        if self._left < self._CAPACITY:
            with self._lock:
                self._left = min(self._CAPACITY, self._left + (cost or 1))


class RetryRule(NamedTuple):
    """How a retry mode judges and waits: `is_retryable`, `pause_before` and the allowance of one client."""

    is_retryable: Callable[[Exception], bool]
    pause_before: Callable[[int, Exception, Response | None, float], float]
    quota: Callable[[], RetryQuota]


STANDARD = RetryRule(is_retryable, pause_before, RetryQuota)
