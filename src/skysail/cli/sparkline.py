"""A row of numbers as a row of blocks. Pure."""

from __future__ import annotations

from collections.abc import Sequence

_BLOCKS = "▁▂▃▄▅▆▇█"


def sparkline(values: Sequence[float | None], *, most: float | None = None) -> str:
    """A block for each value, the lowest for 0 and the highest for `most` (else the greatest); a gap for None."""
    top = most if most is not None else max((value for value in values if value is not None), default=0.0)
    return "".join(" " if value is None else _BLOCKS[_step(value, top)] for value in values)


def _step(value: float, top: float) -> int:
    return 0 if top <= 0 else max(0, min(len(_BLOCKS) - 1, int(value / top * len(_BLOCKS))))


def gathered(points: Sequence[tuple[float, float]], start: float, end: float, count: int) -> list[float | None]:
    """The means of (time, value) in so many equal parts of the time from `start` to `end`; None where there is none."""
    parts: list[list[float]] = [[] for _ in range(count)]
    for at, value in points:
        if start <= at < end:
            parts[int((at - start) / (end - start) * count)].append(value)
    return [sum(part) / len(part) if part else None for part in parts]
