"""What is tried again, after how long and how often: beside botocore's own standard mode."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import botocore.loaders
import botocore.retryhandler
import botocore.translate
import pytest
from botocore.retries import quota, standard
from hypothesis import given
from hypothesis import strategies as st

from skysail.caller import legacy
from skysail.caller.retry import (
    THROTTLING_CODES,
    TRANSIENT_CODES,
    TRANSIENT_STATUSES,
    RetryQuota,
    is_retryable,
    is_throttling,
    pause_before,
)
from skysail.errors import (
    SERVICE_ERRORS,
    AnswerError,
    ConnectError,
    ConnectionLostError,
    ConnectTimeoutError,
    ProxyError,
    ReadTimeoutError,
    ServiceError,
    TLSError,
    TransferError,
    TransportError,
)
from skysail.protocol.arguments import botocore_model
from skysail.protocol.message import Response

URL = "https://lightsail.us-east-1.amazonaws.com/"
FAILURES = {
    error: error(endpoint_url=URL, error="x")
    for error in (ConnectError, ConnectTimeoutError, ReadTimeoutError, ConnectionLostError, TLSError)
} | {ProxyError: ProxyError(proxy_url=URL, error="x"), TransferError: TransferError(error="x")}


def refused(code: str, status: int) -> ServiceError:
    error_class = SERVICE_ERRORS.get(code, ServiceError)
    parsed = {"Error": {"Code": code, "Message": ""}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return error_class(parsed, "GetInstances")


def context(error: Exception, attempt: int = 1, headers: dict[str, str] | None = None) -> standard.RetryContext:
    """What botocore's retries are told of the same outcome."""
    response = isinstance(error, ServiceError)
    return standard.RetryContext(
        attempt_number=attempt,
        operation_model=botocore_model().operation_model("GetInstances"),
        parsed_response=error.response if isinstance(error, ServiceError) else None,
        http_response=SimpleNamespace(status_code=error.status, headers=headers or {}) if response else None,  # type: ignore[attr-defined]
        caught_exception=None if response else error,
        request_context={},
    )


DETECTOR = standard.ThrottlingErrorDetector(standard.RetryEventAdapter())


def test_the_codes_and_statuses_are_botocores() -> None:
    assert sorted(THROTTLING_CODES) == sorted(standard.ThrottledRetryableChecker._THROTTLED_ERROR_CODES)
    assert sorted(TRANSIENT_CODES) == sorted(standard.TransientRetryableChecker._TRANSIENT_ERROR_CODES)
    assert sorted(TRANSIENT_STATUSES) == sorted(standard.TransientRetryableChecker._TRANSIENT_STATUS_CODES)


CODES = sorted({*THROTTLING_CODES, *TRANSIENT_CODES, *SERVICE_ERRORS, "InternalFailure", "", "500", "Unknown"})
STATUSES = [301, 400, 401, 403, 404, 408, 413, 429, 500, 501, 502, 503, 504, 505, 509]


@pytest.mark.parametrize("status", STATUSES)
def test_a_refusal_is_retried_and_called_throttling_as_botocore_has_it(status: int) -> None:
    conditions = standard.StandardRetryConditions(max_attempts=3)
    for code in CODES:
        error = refused(code, status)
        assert is_retryable(error) == conditions.is_retryable(context(error)), code
        assert is_throttling(error) == DETECTOR.is_throttling_error_from_context(context(error)), code


@pytest.mark.parametrize("kind", FAILURES, ids=lambda kind: kind.__name__)
def test_a_failure_on_the_way_is_retried_as_botocore_has_it(kind: type[TransportError]) -> None:
    error = FAILURES[kind]
    assert is_retryable(error)
    assert standard.StandardRetryConditions().is_retryable(context(error))
    assert not is_throttling(error)


def test_every_failure_on_the_way_is_among_those_compared() -> None:
    assert set(FAILURES) == set(TransportError.__subclasses__())


@pytest.mark.parametrize("error", [AnswerError(error="x"), ValueError("x")])
def test_an_answer_that_breaks_the_protocol_is_not_asked_for_again(error: Exception) -> None:
    assert not is_retryable(error)
    assert not standard.StandardRetryConditions().is_retryable(context(error))


# --- pauses -----------------------------------------------------------------------------------------------

asked_for = st.one_of(
    st.none(),
    st.integers(0, 100_000).map(str),
    st.sampled_from(["-5", "x", "", "1.5", "0", "00", "99999999999999999999", "1e3", "²", "1,2"]),
)


@given(
    retry=st.integers(1, 12),
    outcome=st.sampled_from([("ThrottlingException", 400), ("ServiceException", 500), ("x", 429), ("SlowDown", 503)]),
    asked=asked_for,
    fraction=st.floats(0, 1, exclude_max=True),
)
def test_a_pause_is_as_long_as_botocores(
    retry: int, outcome: tuple[str, int], asked: str | None, fraction: float
) -> None:
    error = refused(*outcome)
    headers = {} if asked is None else {"x-amz-retry-after": asked}
    backoff = standard.ExponentialBackoff(
        random=lambda: fraction, service_name="lightsail", throttling_detector=DETECTOR
    )
    expected = backoff.delay_amount(context(error, retry, headers))
    assert pause_before(retry, error, Response(outcome[1], headers, b""), fraction) == pytest.approx(expected)


@pytest.mark.parametrize("kind", FAILURES, ids=lambda kind: kind.__name__)
def test_a_pause_after_a_failure_on_the_way_is_as_long_as_botocores(kind: type[TransportError]) -> None:
    error = FAILURES[kind]
    backoff = standard.ExponentialBackoff(random=lambda: 0.5, service_name="lightsail", throttling_detector=DETECTOR)
    for retry in range(1, 12):
        assert pause_before(retry, error, None, 0.5) == pytest.approx(backoff.delay_amount(context(error, retry)))


PAUSES = {
    # retry, outcome, asked for, longest pause in seconds: figures of botocore's documentation
    "the first": (1, ("ServiceException", 500), None, 0.05),
    "the third": (3, ("ServiceException", 500), None, 0.2),
    "throttled": (1, ("ThrottlingException", 400), None, 1.0),
    "throttled for long": (10, ("ThrottlingException", 400), None, 20.0),
    "asked for less": (3, ("ThrottlingException", 400), "1", 4.0),
    "asked for more": (1, ("ServiceException", 500), "3000", 3.0),
    "asked for far too much": (1, ("ServiceException", 500), "60000", 5.05),
}


@pytest.mark.parametrize("name", PAUSES)
def test_a_pause_is_never_longer_than(name: str) -> None:
    retry, outcome, asked, longest = PAUSES[name]
    headers = {} if asked is None else {"x-amz-retry-after": asked}
    assert pause_before(retry, refused(*outcome), Response(outcome[1], headers, b""), 1.0) == pytest.approx(longest)


# --- the allowance ----------------------------------------------------------------------------------------

steps = st.lists(
    st.sampled_from(["throttled", "failed", "throttled and then well", "failed and then well", "well"]), max_size=150
)


@given(steps)
def test_the_allowance_is_botocores(drawn: list[str]) -> None:
    ours = RetryQuota()
    theirs = quota.RetryQuota()
    checker = standard.RetryQuotaChecker(theirs, DETECTOR)
    well = SimpleNamespace(status_code=200)
    for step in drawn:
        cost, request_context = 0, {}
        if step != "well":
            error = refused("ThrottlingException", 400) if "throttled" in step else refused("x", 500)
            cost = ours.acquire(error)
            told = context(error)
            told.request_context = request_context
            assert bool(cost) == checker.acquire_retry_quota(told)
        if step.endswith("well"):
            ours.release(cost)
            checker.release_retry_quota(request_context, http_response=well)
        assert ours._left == theirs.available_capacity


def test_a_service_that_is_down_is_left_alone_after_35_retries_in_a_row() -> None:
    allowance = RetryQuota()
    down: Any = refused("ServiceException", 500)
    assert [bool(allowance.acquire(down)) for _ in range(37)] == [True] * 35 + [False] * 2
    assert allowance.acquire(refused("ThrottlingException", 400)), "throttling costs less"


# --- the mode "legacy" ------------------------------------------------------------------------------------


def botocores_legacy_handler() -> Any:
    """What botocore's client registers in that mode."""
    rules = botocore.loaders.create_loader().load_data("_retry")
    config = botocore.translate.build_retry_config("lightsail", rules["retry"], rules["definitions"], {})
    return botocore.retryhandler.create_retry_handler(config, "lightsail")


def botocores_legacy_pause(error: Exception, attempt: int) -> float | None:
    """Seconds, or None for no retry, with the fraction at one half."""
    response = caught = None
    if isinstance(error, ServiceError):
        response = SimpleNamespace(status_code=error.status, headers={}), error.response
    else:
        caught = error
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(botocore.retryhandler.random, "random", lambda: 0.5)
        try:
            pause = botocores_legacy_handler()(attempt, response, caught, request_dict={"context": {}})
        except type(error):  # no retry: it is raised from there
            return None
    return None if pause is None else float(pause)


@pytest.mark.parametrize("status", STATUSES)
def test_in_legacy_mode_a_refusal_is_retried_as_botocore_has_it(status: int) -> None:
    for code in CODES:
        error = refused(code, status)
        assert legacy.is_retryable(error) == (botocores_legacy_pause(error, 1) is not None), code


@pytest.mark.parametrize("kind", FAILURES, ids=lambda kind: kind.__name__)
def test_in_legacy_mode_a_failure_on_the_way_is_retried_as_botocore_has_it(kind: type[TransportError]) -> None:
    assert legacy.is_retryable(FAILURES[kind]) == (botocores_legacy_pause(FAILURES[kind], 1) is not None)


@pytest.mark.parametrize("retry", [1, 2, 3, 4])
def test_in_legacy_mode_a_pause_is_as_long_as_botocores(retry: int) -> None:
    for error in (refused("ThrottlingException", 400), refused("ServiceException", 500), FAILURES[ConnectError]):
        response = Response(500, {"x-amz-retry-after": "3000"}, b"")
        assert legacy.pause_before(retry, error, response, 0.5) == botocores_legacy_pause(error, retry)


def test_in_legacy_mode_there_are_five_tries_and_no_allowance() -> None:
    error = refused("ServiceException", 500)
    assert botocores_legacy_pause(error, 4) is not None
    assert botocores_legacy_pause(error, 5) is None
    quota = legacy.NoQuota()
    for _ in range(1000):
        assert quota.acquire(error)
