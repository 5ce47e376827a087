"""Series of metric data that nobody measured: the same question always has the same numbers.

A metric is a row of samples, one each `resolution_s`, whose values follow from the resource's seed and their time
alone; a point of an answer joins the samples of its period. So sums over longer periods are the sums of finer ones, and
what was said of a time stays true of it. Families say what their metrics are like; what an answer is, is said here.
(Sources: CloudWatch's rules and published answers; what is not seen of Lightsail is marked.)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, NamedTuple

from skysail.service import times
from skysail.service.refusals import invalid

MOST_POINTS = 1440
"""In one answer (CloudWatch's limit; inferred for Lightsail)."""
DAY_S = 86_400
_MEMBERS = {
    "Average": "average",
    "Maximum": "maximum",
    "Minimum": "minimum",
    "SampleCount": "sampleCount",
    "Sum": "sum",
}
_MASK = 2**64 - 1


class Sample(NamedTuple):
    """What one resolution's time brought: what is added up, the extremes, and how often it was measured."""

    value: float
    lowest: float
    highest: float
    times: float = 1.0


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric: its unit, how often it is measured, and the statistic that is looked at first."""

    name: str
    unit: str
    resolution_s: int
    useful: str


Sampler = Callable[[int], Sample | None]
"""The sample that begins at a time (whole seconds since 1970), or None where nothing was measured."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of a metric: whole periods from `start`, those before `end`; seconds."""

    start: int
    end: float
    period_s: int
    statistics: tuple[str, ...]
    unit: str


def asked(request: Mapping[str, Any], now: float) -> Question:
    """The question of a Get…MetricData call. Raises InvalidInputException (texts inferred, but for CloudWatch's)."""
    start, end, period_s = (
        float(times.asked(request, "startTime")),
        float(times.asked(request, "endTime")),
        request["period"],
    )
    if not 60 <= period_s <= DAY_S or period_s % 60:
        raise invalid("The period must be between 60 and 86400 and a multiple of 60.")
    if start >= end:
        raise invalid("The start time must be earlier than the end time.")
    if not request["statistics"]:
        raise invalid("At least one statistic is required.")
    number = _ceiling((end - start) / period_s)
    if number > MOST_POINTS:
        raise invalid(
            f"You have requested up to {number:,} datapoints, which exceeds the limit of {MOST_POINTS:,}. You may "
            "reduce the datapoints requested by increasing Period, or decreasing the time range."
        )
    return Question(
        _rounded(start, now), end, period_s, tuple(dict.fromkeys(request["statistics"])), request.get("unit", "")
    )


def points(metric: Metric, sampler: Sampler, question: Question, seed: int, now: float) -> list[dict[str, Any]]:
    """The points of an answer, in no order (seen), but in the same one each time.

    None for a period without a sample; a unit that is not the metric's has no points (inferred, a filter).
    """
    if question.unit and question.unit != metric.unit:
        return []
    end = min(question.end, now)
    found = []
    for at in range(max(question.start, _oldest(question, now)), _ceiling(end), question.period_s):
        samples = [
            sample
            for time in range(_multiple(at, metric.resolution_s), at + question.period_s, metric.resolution_s)
            if time + metric.resolution_s <= now and (sample := sampler(time)) is not None
        ]
        if samples:
            found.append({**_joined(samples, question.statistics), "timestamp": float(at), "unit": metric.unit})
    return sorted(found, key=lambda point: noise(seed, "order", int(point["timestamp"])))


def latest(metric: Metric, sampler: Sampler, number: int, period_s: int, now: float) -> list[float | None]:
    """The metric's useful statistic over the last whole periods, oldest first; None where there is nothing."""
    last = int(now) // period_s * period_s
    values: list[float | None] = []
    for at in range(last - number * period_s, last, period_s):
        times = range(_multiple(at, metric.resolution_s), at + period_s, metric.resolution_s)
        samples = [sample for time in times if (sample := sampler(time)) is not None]
        values.append(_joined(samples, [metric.useful])[_MEMBERS[metric.useful]] if samples else None)
    return values


def seed_of(text: str) -> int:
    return int.from_bytes(sha256(text.encode()).digest()[:8])


def noise(seed: int, what: str, time: int) -> float:
    """0 <= x < 1, always the same for the same question."""
    mixed = (seed ^ hash_of(what) ^ (time * 0x9E3779B97F4A7C15)) & _MASK
    mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & _MASK
    return float((mixed ^ (mixed >> 31)) >> 11) / 2**53


_hashes: dict[str, int] = {}


def hash_of(what: str) -> int:
    if what not in _hashes:
        _hashes[what] = seed_of(what)
    return _hashes[what]


def _joined(samples: Sequence[Sample], statistics: Iterable[str]) -> dict[str, float]:
    total = sum(sample.value for sample in samples)
    count = sum(sample.times for sample in samples)
    values = {
        "Average": total / count,
        "Maximum": max(sample.highest for sample in samples),
        "Minimum": min(sample.lowest for sample in samples),
        "SampleCount": count,
        "Sum": total,
    }
    return {_MEMBERS[name]: float(values[name]) for name in statistics}


def _rounded(start: float, now: float) -> int:
    """To the minute (seen); a start of more than 15 days ago to 5 minutes, of more than 63 to the hour."""
    age = now - start
    step = 60 if age <= 15 * DAY_S else 300 if age <= 63 * DAY_S else 3600
    return int(start // step * step)


def _oldest(question: Question, now: float) -> int:
    """The first point that is still kept: 15 days at periods under 5 minutes, 63 under an hour, else 455."""
    days = 15 if question.period_s < 300 else 63 if question.period_s < 3600 else 455
    behind = max(0, _ceiling(now - days * DAY_S) - question.start)
    return question.start + -(-behind // question.period_s) * question.period_s


def _ceiling(value: float) -> int:
    return int(-(-value // 1))


def _multiple(time: int, of: int) -> int:
    return -(-time // of) * of
