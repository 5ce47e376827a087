"""The windows of databases: that two overlap, and when the next one begins, counted minute by minute."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skysail.errors import InvalidInputException
from skysail.service.nouns import database_windows

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MINUTE_OF_DAY, MINUTE_OF_WEEK = st.integers(0, 1439), st.integers(0, 7 * 1440 - 1)
LENGTH = st.integers(30, 1439)


def clock(minute: int) -> str:
    return f"{minute % 1440 // 60:02d}:{minute % 60:02d}"


def daily(start: int, length: int) -> str:
    return f"{clock(start)}-{clock(start + length)}"


def weekly(start: int, length: int) -> str:
    return "-".join(f"{DAYS[minute // 1440 % 7]}:{clock(minute)}" for minute in (start, start + length))


@given(MINUTE_OF_DAY, LENGTH, MINUTE_OF_WEEK, LENGTH)
def test_they_overlap_where_they_have_a_minute_in_common(
    start: int, length: int, other: int, other_length: int
) -> None:
    backed_up = {minute % 1440 for minute in range(start, start + length)}
    maintained = {minute % 1440 for minute in range(other, other + other_length)}
    windows = daily(start, length), weekly(other, other_length)
    if backed_up & maintained:
        with pytest.raises(InvalidInputException, match="must not overlap"):
            database_windows.check_apart(*windows)
    else:
        database_windows.check_apart(*windows)


@given(MINUTE_OF_WEEK, LENGTH, st.integers(0, 2_000_000_000))
def test_the_next_maintenance_is_within_a_week_and_when_the_window_says(start: int, length: int, now: int) -> None:
    at = database_windows.next_maintenance(weekly(start, length), now)
    assert now < at <= now + 7 * 86_400
    assert f"{datetime.fromtimestamp(at, UTC):%a:%H:%M}".lower() == weekly(start, length)[:9]


@given(
    MINUTE_OF_DAY,
    st.integers(30, 1410),  # a longer one leaves no place
    MINUTE_OF_WEEK,
    st.integers(30, 700),
    st.sampled_from(["us-east-1", "eu-north-1"]),
    st.uuids(),
)
def test_a_window_that_nobody_asked_for_is_apart_from_the_other(
    start: int, length: int, other: int, other_length: int, region: str, resource: object
) -> None:
    for given_ in ((daily(start, length), None), (None, weekly(other, other_length)), (None, None)):
        both = database_windows.completed(region, str(resource), *given_)
        database_windows.check_apart(*both)
        assert database_windows.backup(both[0]) == both[0]
        assert database_windows.maintenance(both[1]) == both[1]
