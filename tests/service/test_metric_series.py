"""Series of metric data: the same question has the same numbers, and longer periods are made of shorter ones."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skysail.errors import InvalidInputException
from skysail.service.metric_series import DAY_S, Metric, Question, Sample, asked, latest, noise, points

METRIC = Metric("Requests", "Count", 300, "Sum")
NOW = 1_700_000_400.0  # a multiple of 300
ALL = ("Average", "Maximum", "Minimum", "SampleCount", "Sum")


def sampler(time: int) -> Sample | None:
    value = float(int(noise(7, "requests", time) * 100))
    return None if noise(7, "gap", time) < 0.2 else Sample(value, value / 2, value * 2)


def question(start: float | str, end: float | str, period_s: int, *statistics: str, unit: str = "Count") -> Question:
    request = {"startTime": start, "endTime": end, "period": period_s, "statistics": statistics or ALL, "unit": unit}
    return asked(request, NOW)


def answer(start: float, end: float, period_s: int, *statistics: str, unit: str = "Count") -> list[dict[str, Any]]:
    return points(METRIC, sampler, question(start, end, period_s, *statistics, unit=unit), 7, NOW)


@given(st.integers(0, 40), st.integers(1, 12), st.integers(1, 12))
def test_a_longer_period_is_made_of_shorter_ones(back: int, periods: int, times: int) -> None:
    start = NOW - 300 * (back + times * periods)
    fine = {point["timestamp"]: point for point in answer(start, start + 300 * times * periods, 300)}
    for point in answer(start, start + 300 * times * periods, 300 * times):
        parts = [fine[at] for at in fine if point["timestamp"] <= at < point["timestamp"] + 300 * times]
        assert math.isclose(point["sum"], sum(part["sum"] for part in parts))
        assert point["sampleCount"] == sum(part["sampleCount"] for part in parts)
        assert point["maximum"] == max(part["maximum"] for part in parts)
        assert point["minimum"] == min(part["minimum"] for part in parts)
        assert math.isclose(point["average"], point["sum"] / point["sampleCount"])


@given(st.integers(1, 100), st.integers(1, 100))
def test_what_was_said_of_a_time_stays_true_in_any_range(first: int, second: int) -> None:
    narrow = {point["timestamp"]: point for point in answer(NOW - 300 * first, NOW, 300)}
    wide = {point["timestamp"]: point for point in answer(NOW - 300 * (first + second), NOW, 300)}
    assert narrow.items() <= wide.items()


def test_points_come_in_no_order_and_in_the_same_one_again() -> None:
    times = [point["timestamp"] for point in answer(NOW - 6000, NOW, 300)]
    assert times != sorted(times)
    assert times == [point["timestamp"] for point in answer(NOW - 6000, NOW, 300)]


def test_a_point_has_the_statistics_that_are_asked_for_its_time_and_its_unit() -> None:
    assert {frozenset(point) for point in answer(NOW - 6000, NOW, 300, "Sum", "Average", "Sum")} == {
        frozenset({"sum", "average", "timestamp", "unit"})
    }
    assert answer(NOW - 6000, NOW, 300, unit="Percent") == [], "a unit is a filter"


def test_periods_begin_at_the_start_rounded_to_the_minute_and_end_before_the_end() -> None:
    start = NOW - 3600 + 17  # seen: 1570733176 became 1570733160
    times = sorted(point["timestamp"] for point in answer(start, NOW - 1800, 600))
    assert all((time - (NOW - 3600)) % 600 == 0 for time in times)
    assert max(times) < NOW - 1800


@pytest.mark.parametrize(("days", "step"), [(14, 60), (16, 300), (64, 3600)])
def test_an_older_start_is_rounded_further(days: int, step: int) -> None:
    start = NOW - days * DAY_S - 1234.5
    assert question(start, NOW, DAY_S).start == start // step * step


@pytest.mark.parametrize(("period_s", "days"), [(60, 15), (300, 63), (3600, 455)])
def test_what_is_older_than_its_period_is_kept_has_no_points(period_s: int, days: int) -> None:
    edge = NOW - days * DAY_S
    found = answer(edge - 50 * period_s, edge + 50 * period_s, period_s)
    assert found
    assert min(point["timestamp"] for point in found) >= edge


def test_there_is_nothing_of_a_sample_that_is_not_over() -> None:
    assert max(point["timestamp"] for point in answer(NOW - 6000, NOW + 6000, 300)) <= NOW - 300


@pytest.mark.parametrize(
    ("start", "end", "period_s", "statistics", "text"),
    [
        (NOW - 60, NOW, 30, ALL, "The period must be between 60 and 86400 and a multiple of 60."),
        (NOW - 60, NOW, 90, ALL, "The period must be between 60 and 86400 and a multiple of 60."),
        (NOW - 60, NOW, 86_460, ALL, "The period must be between 60 and 86400 and a multiple of 60."),
        ("web", NOW, 60, ALL, "startTime is no ISO 8601 time: web"),
        (NOW, "inf", 60, ALL, "endTime is no ISO 8601 time: inf"),
        (NOW, 1e308, 60, ALL, "endTime is no time: 1e+308"),
        (NOW, NOW, 60, ALL, "The start time must be earlier than the end time."),
        (NOW, NOW - 1, 60, ALL, "The start time must be earlier than the end time."),
        (NOW - 60, NOW, 60, (), "At least one statistic is required."),
        (
            NOW - 1441 * 60,
            NOW,
            60,
            ALL,
            "You have requested up to 1,441 datapoints, which exceeds the limit of 1,440. You may reduce the "
            "datapoints requested by increasing Period, or decreasing the time range.",
        ),
    ],
)
def test_a_question_that_cannot_be_answered(
    start: float | str, end: float | str, period_s: int, statistics: tuple[str, ...], text: str
) -> None:
    request = {"startTime": start, "endTime": end, "period": period_s, "statistics": statistics}
    with pytest.raises(InvalidInputException) as caught:
        asked(request, NOW)
    assert caught.value.message == text


def test_a_time_may_be_text() -> None:
    assert question("2023-11-14T22:15:00Z", "2023-11-14T23:20:00+01:00", 60) == question(NOW - 300, NOW, 60)


def test_the_latest_values_are_those_of_whole_periods_and_none_where_nothing_was_measured() -> None:
    values = latest(METRIC, sampler, 20, 300, NOW + 299)
    by_time = {point["timestamp"]: point["sum"] for point in answer(NOW - 6000, NOW, 300)}
    assert values == [by_time.get(NOW - 6000 + 300 * place) for place in range(20)]
    assert None in values
