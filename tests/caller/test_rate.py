"""The sending rate is botocore's in adaptive mode after any answers, and it lets requests out at that rate."""

from __future__ import annotations

import pytest
from botocore.retries import adaptive, bucket, throttling
from hypothesis import given
from hypothesis import strategies as st

from skysail.caller.rate import SendRate

START = 1_700_000_000.0

answers = st.lists(st.tuples(st.floats(0.001, 3), st.booleans()), min_size=1, max_size=60)


class HeldClock(bucket.Clock):
    def __init__(self) -> None:
        self.now = START

    def current_time(self) -> float:
        return self.now


class SaysIt:
    """botocore's detector, told what to find."""

    def is_throttling_error(self, *, throttled: bool) -> bool:
        return throttled


def botocores(clock: HeldClock) -> adaptive.ClientRateLimiter:
    return adaptive.ClientRateLimiter(
        rate_adjustor=throttling.CubicCalculator(starting_max_rate=0, start_time=clock.now),
        rate_clocker=adaptive.RateClocker(clock),
        token_bucket=bucket.TokenBucket(max_rate=1, clock=clock),
        throttling_detector=SaysIt(),
        clock=clock,
    )


@given(answers)
def test_the_rate_is_botocores_after_every_answer(heard: list[tuple[float, bool]]) -> None:
    clock = HeldClock()
    theirs, ours = botocores(clock), SendRate(START)
    for later, throttled in heard:
        clock.now += later
        theirs.on_receiving_response(throttled=throttled)
        ours.heard(clock.now, throttled)
        assert ours._bucket.rate == pytest.approx(theirs._token_bucket.max_rate)
        assert ours._bucket._level == pytest.approx(theirs._token_bucket.available_capacity)
        assert ours._is_limited == theirs._enabled


def test_nothing_waits_before_the_first_throttled_answer() -> None:
    rate = SendRate(START)
    assert [rate.wait(START) for _ in range(1000)] == [0.0] * 1000


@given(st.lists(st.floats(0.01, 1), min_size=1, max_size=30))
def test_a_throttled_client_sends_no_faster_than_its_rate(gaps: list[float]) -> None:
    rate, now = SendRate(START), START
    for gap in gaps:
        now += gap
        rate.heard(now, throttled=True)
    began, sent = now, 0
    for _ in range(50):
        while pause := rate.wait(now):
            now += pause
        sent += 1
    assert sent <= (now - began) * rate._bucket.rate + 1 + rate._bucket._most


@given(st.lists(st.floats(0.001, 0.05), min_size=20, max_size=60), st.floats(0, 0.1))
def test_whoever_waits_as_long_as_it_is_told_gets_through(gaps: list[float], later: float) -> None:
    """However fast the rate: a wait too short for a clock of today to move would be told for ever."""
    rate, now = SendRate(START), START
    for gap in gaps:
        now += gap
        rate.heard(now, throttled=False)
    rate.heard(now, throttled=True)
    now += later
    for _ in range(20):
        waits = 0
        while pause := rate.wait(now):
            assert now + pause > now
            now += pause
            waits += 1
        assert waits <= 3
