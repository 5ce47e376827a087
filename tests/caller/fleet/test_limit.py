"""The pace of an account, against services that let through so many calls a second."""

from __future__ import annotations

import heapq
import random
from typing import NamedTuple

import pytest

from skysail.caller.fleet.limit import Pace


class Result(NamedTuple):
    seconds: float
    refused: int
    pace: Pace


def walked(
    rate: float, burst: float, latency_s: float, calls: int, *, later: float | None = None, concurrency: int = 16
) -> Result:
    """Make calls, simulated: a bucket of `burst` that fills at `rate`; from the middle on at `later`."""
    dice = random.Random(7)
    now, level, filled = 1000.0, burst, 1000.0
    pace = Pace(now)
    under_way: list[tuple[float, float]] = []
    waiting, left, asked = calls, calls, 0
    while left:
        while waiting and len(under_way) < concurrency and pace.wait(now) <= 0:
            pace.begun(now)
            waiting -= 1
            heapq.heappush(under_way, (now + latency_s * (0.5 + dice.random()), now))
        can_begin = waiting and len(under_way) < concurrency
        if under_way and not (can_begin and now + pace.wait(now) < under_way[0][0]):
            now, began = heapq.heappop(under_way)
            asked += 1
            if later is not None and left < calls / 2:
                rate = later
            level, filled = min(burst, level + (now - filled) * rate), now
            if level >= 1:
                level, left = level - 1, left - 1
                pace.passed(now)
            else:
                waiting += 1
                pace.refused(began, now)
        else:
            now += pace.wait(now)
    return Result(now - 1000, asked - calls, pace)


@pytest.mark.parametrize("latency_s", [0.05, 0.3])
@pytest.mark.parametrize(("rate", "burst"), [(1, 5), (1, 20), (3, 5), (3, 20), (10, 5), (10, 20), (40, 20)])
def test_a_walk_goes_as_fast_as_the_account_allows(rate: int, burst: int, latency_s: float) -> None:
    calls = 60 * rate
    found = walked(rate, burst, latency_s, calls)
    possible = max((calls - burst) / rate, calls * latency_s / 16)
    assert found.seconds < 1.1 * possible
    assert found.refused / found.seconds < 0.3 * rate + 1


def test_nobody_waits_until_the_service_complains() -> None:
    found = walked(rate=1e9, burst=1e9, latency_s=0.1, calls=1600)
    assert found.pace.rate is None
    assert found.seconds < 12


def test_an_allowance_that_grows_is_used() -> None:
    slow, fast = walked(5, 5, 0.05, 600), walked(5, 5, 0.05, 600, later=50)
    assert fast.seconds < 0.75 * slow.seconds


def test_calls_that_were_under_way_do_not_slow_it_down_again() -> None:
    pace = Pace(100.0)
    for number in range(16):
        pace.passed(100.0 + number / 16)
    pace.refused(100.9, 101.0)
    once = pace.rate
    for _ in range(15):
        pace.refused(100.95, 101.1)
    assert pace.rate == once
    pace.refused(101.2, 101.3)
    assert once is not None
    assert pace.rate is not None
    assert pace.rate < once


def test_calls_of_a_slowed_account_are_spread_evenly() -> None:
    pace = Pace(100.0)
    for number in range(10):
        pace.passed(100 + number / 10)
    pace.refused(100.5, 101.0)
    assert pace.rate == pytest.approx(7.0)
    assert pace.wait(101.0) == pytest.approx(1 / 7)
    pace.begun(102.0)
    assert pace.wait(102.0) == pytest.approx(1 / 7)
    assert pace.wait(103.0) == 0
