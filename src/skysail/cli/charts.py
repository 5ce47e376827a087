"""Metrics as a picture: one chart below the other, in a PNG file. The one module that needs Pillow (`skysail[png]`).

Drawn twice as large and made smaller: Pillow's lines have no soft edges of their own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from math import ceil, floor, log10
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from skysail.cli.measurements import Point, Series

WIDTH, HEIGHT = 1000, 200
"""Pixels of one chart."""
_HEAD = 44
_TWICE = 2
_LEFT, _RIGHT, _TOP, _BOTTOM = 76, 24, 34, 30
_INK, _GREY, _GRID, _LINE, _PEAK = "#1f2328", "#59636e", "#d1d9e0", "#0969da", "#b6d4fb"
_STEPS_S = (300, 900, 1800, 3600, 3 * 3600, 6 * 3600, 12 * 3600, 86_400, 2 * 86_400, 7 * 86_400)
_MOST_TICKS = 8


def write_png(path: Path, title: str, series: Sequence[Series], start: float, end: float) -> tuple[int, int]:
    """Write them all; gives width and height in pixels. Raises OSError."""
    size = (WIDTH, _HEAD + HEIGHT * len(series))
    image = Image.new("RGB", (size[0] * _TWICE, size[1] * _TWICE), "white")
    draw = ImageDraw.Draw(image)
    _text(draw, (_LEFT, 12), title, 18, _INK)
    for number, one in enumerate(series):
        _chart(draw, one, _HEAD + number * HEIGHT, start, end)
    image.resize(size, Image.Resampling.LANCZOS).save(path, "PNG", optimize=True)
    return size


def top_of(most: float) -> float:
    """The end of an axis: the next of 1, 2, 5, 10, 20, 50, … that `most` does not pass."""
    if most <= 0:
        return 1.0
    unit = 10.0 ** floor(log10(most))
    return next(step * unit for step in (1, 2, 5, 10) if most <= step * unit * (1 + 1e-9))


def ticks(start: float, end: float) -> Iterator[tuple[float, str]]:
    """Round times between the two, at most eight, and how each is told (UTC)."""
    step = next((step for step in _STEPS_S if (end - start) / step <= _MOST_TICKS), _STEPS_S[-1])
    at = ceil(start / step) * step
    while at <= end:
        yield at, datetime.fromtimestamp(at, UTC).strftime("%H:%M" if step < 86_400 else "%d %b")
        at += step


def amount(value: float) -> str:
    """0.5, 20, 1.5 k, 20 M"""
    for sign, unit in ((" G", 1e9), (" M", 1e6), (" k", 1e3)):
        if abs(value) >= unit:
            return f"{value / unit:g}{sign}"
    return f"{value:g}"


def _chart(draw: ImageDraw.ImageDraw, series: Series, above: int, start: float, end: float) -> None:
    left, right, low, high = _LEFT, WIDTH - _RIGHT, above + HEIGHT - _BOTTOM, above + _TOP
    top = top_of(max((point.peak for point in series.points), default=0.0))

    def place(at: float, value: float) -> tuple[float, float]:
        return left + (at - start) / (end - start) * (right - left), low - min(value, top) / top * (low - high)

    _text(draw, (left, above + 8), series.title, 14, _INK)
    for share in (0, 0.5, 1):
        _, y = place(start, top * share)
        _line(draw, [(left, y), (right, y)], _GRID, 1)
        _text(draw, (left - 8, y), amount(top * share), 12, _GREY, "rm")
    for at, told in ticks(start, end):
        x, _ = place(at, 0)
        _line(draw, [(x, low), (x, low + 4)], _GREY, 1)
        _text(draw, (x, low + 7), told, 12, _GREY, "mt")
    if not series.points:
        _text(draw, ((left + right) / 2, (low + high) / 2), "no data", 14, _GREY, "mm")
    for run in _runs(series):
        _line(draw, [place(point.at.timestamp(), point.peak) for point in run], _PEAK, 1.5)
        _line(draw, [place(point.at.timestamp(), point.value) for point in run], _LINE, 2)


def _runs(series: Series) -> Iterator[list[Point]]:
    """The points without a gap between them."""
    run: list[Point] = []
    for point in series.points:
        if run and (point.at - run[-1].at).total_seconds() > series.gap_s:
            yield run
            run = []
        run.append(point)
    if run:
        yield run


def _line(draw: ImageDraw.ImageDraw, points: Sequence[tuple[float, float]], colour: str, width: float) -> None:
    twice = [(x * _TWICE, y * _TWICE) for x, y in points]
    if len(twice) == 1:  # a point by itself would leave nothing
        x, y = twice[0]
        twice = [(x - width, y), (x + width, y)]
    draw.line(twice, colour, round(width * _TWICE), "curve")


def _text(
    draw: ImageDraw.ImageDraw, at: tuple[float, float], text: str, size: float, colour: str, anchor: str = "la"
) -> None:
    """In the font that Pillow brings along: no system's is needed."""
    draw.text((at[0] * _TWICE, at[1] * _TWICE), text, colour, ImageFont.load_default(size * _TWICE), anchor)
