"""A chart's numbers: within its frame, with gaps where there is no data, and a sentence that says the same."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skysail.console.charts import BOTTOM, HEIGHT, TOP, WIDTH, Measured, drawn

CPU = Measured("CPU", "Percent", "Average", 300)
START = 1_700_000_000.0
HOUR = 3_600.0


@given(
    st.dictionaries(st.integers(0, 11), st.floats(0, 1e15), max_size=12),
    st.sampled_from(["Percent", "Bytes", "Count", "Seconds"]),
)
def test_every_point_is_within_the_frame(values: dict[int, float], unit: str) -> None:
    points = [(START + 300 * place, value) for place, value in sorted(values.items())]
    chart = drawn(CPU._replace(unit=unit), points, START, START + HOUR)
    paths = [*chart.lines, *chart.dots]
    numbers = [tuple(map(float, pair)) for path in paths for pair in re.findall(r"([\d.]+) ([\d.]+)", path)]
    for x, y in numbers:
        assert 0 <= x <= WIDTH
        assert TOP - 0.1 <= y <= HEIGHT - BOTTOM
    assert len(numbers) == len(points) == len(chart.rows)


def test_where_it_did_not_run_there_is_no_line() -> None:
    points = [(START + 300 * place, 5.0) for place in (0, 1, 2, 6, 7, 11)]
    chart = drawn(CPU, points, START, START + HOUR)
    assert [line.count("L") for line in chart.lines] == [2, 1]
    assert len(chart.dots) == 1


@pytest.mark.parametrize(
    ("points", "sentence"),
    {
        (): "No data in this time.",
        ((START, 7.0), (START + 300, 64.0)): "Mean 35.5 %, peak 64.0 % at 22:18Z, now 64.0 %.",
    }.items(),
)
def test_the_sentence(points: tuple[tuple[float, float], ...], sentence: str) -> None:
    assert drawn(CPU, points, START, START + HOUR).sentence == sentence


def test_a_sum_is_told_as_one() -> None:
    chart = drawn(Measured("In", "Bytes", "Sum", 300), [(START, 1_500.0), (START + 300, 500.0)], START, START + HOUR)
    assert chart.sentence == "Sum 2.0 kB, at most 1.5 kB in one period."
    assert [tick.text for tick in chart.levels] == ["0 B", "1.0 kB", "2.0 kB"]
