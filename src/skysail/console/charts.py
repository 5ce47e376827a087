"""A line over time as the numbers that an SVG is made of, with the sentence and the table that say the same. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import pairwise
from math import floor, log10
from typing import NamedTuple

from skysail.console.words import moment, quantity

WIDTH, HEIGHT = 1_000.0, 150.0
"""Of the plot. Its width is stretched to what there is, so times stand at shares of it; heights are pixels."""
TOP, BOTTOM = 10.0, 22.0

Points = Sequence[tuple[float, float]]
"""Times (seconds since 1970) and values, the oldest first."""


_LEAST = 1e-6
"""What is less cannot be told from nothing."""


class Measured(NamedTuple):
    """`period` seconds are one point, of which the statistic is drawn."""

    title: str
    unit: str
    statistic: str
    period: int


class Tick(NamedTuple):
    at: float
    text: str


class Chart(NamedTuple):
    """`lines`, `areas` and `dots` are the paths of each part without a gap, a dot where it is one point alone.

    `levels` stand at heights, `times` at percents of the width; `rows` are a table's, the newest first.
    """

    measured: Measured
    sentence: str
    lines: list[str]
    areas: list[str]
    dots: list[str]
    levels: list[Tick]
    times: list[Tick]
    rows: list[tuple[str, str]]


def drawn(measured: Measured, points: Points, start: float, end: float) -> Chart:
    top = _ceiling(max((value for _, value in points), default=0.0), measured.unit)

    def x(at: float) -> float:
        return round((at - start) / (end - start) * WIDTH, 1)

    def y(value: float) -> float:
        return round(HEIGHT - BOTTOM - value / top * (HEIGHT - TOP - BOTTOM), 1)

    parts = _parts(points, measured.period)
    floor_y = y(0)
    lines, areas, dots = [], [], []
    for part in parts:
        if len(part) == 1:
            dots.append(f"M{x(part[0][0])} {y(part[0][1])} h0")
            continue
        line = " L".join(f"{x(at)} {y(value)}" for at, value in part)
        lines.append(f"M{line}")
        areas.append(f"M{x(part[0][0])} {floor_y} L{line} L{x(part[-1][0])} {floor_y} Z")
    return Chart(
        measured,
        _sentence(measured, points),
        lines,
        areas,
        dots,
        [Tick(y(level), quantity(level, measured.unit)) for level in (0.0, top / 2, top)],
        [Tick(x(at) / WIDTH * 100, text) for at, text in _times(start, end)],
        [(moment(at), quantity(value, measured.unit)) for at, value in reversed(points)],
    )


def _sentence(measured: Measured, points: Points) -> str:
    """What somebody who looks at the line would say of it."""
    if not points:
        return "No data in this time."
    values = [value for _, value in points]
    peak_at, peak = max(points, key=lambda point: point[1])
    if measured.statistic == "Sum":
        return f"Sum {quantity(sum(values), measured.unit)}, at most {quantity(peak, measured.unit)} in one period."
    mean, most, last = (quantity(value, measured.unit) for value in (sum(values) / len(values), peak, values[-1]))
    return f"Mean {mean}, peak {most} at {moment(peak_at)[11:16]}Z, now {last}."


def _parts(points: Points, period: int) -> list[list[tuple[float, float]]]:
    """The points without the gaps between them: where it did not run, there is no line."""
    parts = [[point] for point in points[:1]]
    for before, point in pairwise(points):
        if point[0] - before[0] > 1.5 * period:
            parts.append([])
        parts[-1].append(point)
    return parts


def _ceiling(peak: float, unit: str) -> float:
    """A round number that is not below the peak."""
    if unit == "Percent" and 40 < peak <= 100:
        return 100.0
    if peak < _LEAST:
        return 1.0
    step: float = 10.0 ** floor(log10(peak))
    return next(step * times for times in (1.0, 2.0, 4.0, 5.0, 6.0, 8.0, 10.0, 20.0) if step * times >= peak)


def _times(start: float, end: float) -> list[tuple[float, str]]:
    """Some five round times between, told as short as they can be."""
    span = end - start
    step = next(s for s in (600, 3_600, 14_400, 43_200, 259_200, 10**9) if span / s <= 7)
    first = (int(start) // step + 1) * step
    form = "%H:%M" if step < 43_200 else "%d %b"
    return [(at, f"{datetime.fromtimestamp(at, UTC):{form}}") for at in range(first, int(end) + 1, step)]
