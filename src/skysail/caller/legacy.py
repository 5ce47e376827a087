"""botocore's retry mode "legacy": which outcomes are tried again, and after how long, where it is not the standard one.

It knows fewer codes, goes by statuses whatever the code, pauses longer from the first retry on, and has no allowance.
Source: botocore's `retryhandler.py` and the rules for all services in its `_retry.json` at 1.44, compared by test.
"""

from __future__ import annotations

from botocore import exceptions as botocore

from skysail.caller.retry import RetryQuota, RetryRule
from skysail.errors import ServiceError
from skysail.protocol.message import Response

STATUSES = frozenset({429, 500, 502, 503, 504, 509})
CODES = frozenset(  # with status 400 alone
    {
        "Throttling",
        "ThrottlingException",
        "ThrottledException",
        "RequestThrottledException",
        "ProvisionedThroughputExceededException",
    }
)
_FAILURES = (botocore.ConnectionError, botocore.ConnectionClosedError, botocore.ReadTimeoutError)


def is_retryable(error: Exception) -> bool:
    """Whether a second try may help."""
    if isinstance(error, ServiceError):
        return error.status in STATUSES or (error.status == 400 and error.kind in CODES)
    return isinstance(error, _FAILURES)


def pause_before(retry: int, error: Exception, response: Response | None, fraction: float) -> float:
    """Seconds to wait before retry number `retry` (the first is 1), whatever came; `fraction` is 0 <= x < 1."""
    return fraction * float(2 ** (retry - 1))


class NoQuota(RetryQuota):
    """An allowance that covers everything."""

    def acquire(self, error: Exception) -> int:
        return 1

    def release(self, cost: int) -> None:
        """Nothing was taken."""


LEGACY = RetryRule(is_retryable, pause_before, NoQuota)
