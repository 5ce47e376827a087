"""An instance's metrics over a length of time: what the service is asked for, and how it is told in a line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from math import ceil
from typing import NamedTuple

from skysail.cli.acting import Acting
from skysail.cli.failures import wrong_usage
from skysail.cli.sparkline import gathered, sparkline
from skysail.service.metric_series import Metric
from skysail.service.nouns.instance_metrics import METRICS
from skysail.telling.nearest import did_you_mean

MOST_POINTS = 1440
"""Of one answer (source: the user guide of the metrics that these are made of)."""
_BLOCKS = 24


class Point(NamedTuple):
    """`value` is of the metric's useful statistic, `peak` its greatest sample."""

    at: datetime
    value: float
    peak: float


class Series(NamedTuple):
    """What one chart shows; the oldest point comes first, and a gap longer than `gap_s` is left open."""

    title: str
    points: Sequence[Point]
    gap_s: float


def metric(name: str) -> Metric:
    """By its name, in any case. Raises CommandError with the nearest."""
    found = {known.lower(): one for known, one in METRICS.items()}.get(name.lower())
    if found is None:
        raise wrong_usage(f"no metric {name}", did_you_mean(name, METRICS, 3) or f"there are {', '.join(METRICS)}")
    return found


def period_of(asked: Metric, span_s: float) -> int:
    """Seconds of a point: as fine as it is measured, or several of these, as an answer's most points allow."""
    return max(1, ceil(span_s / MOST_POINTS / asked.resolution_s)) * asked.resolution_s


def points(acting: Acting, name: str, asked: Metric, span_s: float) -> list[Point]:
    """The last `span_s` seconds, the oldest first. Raises CommandError."""
    end = acting.time
    found = acting.do(
        "get_instance_metric_data",
        instanceName=name,
        metricName=asked.name,
        period=period_of(asked, span_s),
        startTime=datetime.fromtimestamp(end - span_s, UTC),
        endTime=datetime.fromtimestamp(end, UTC),
        unit=asked.unit,
        statistics=[asked.useful, "Maximum"],
    )["metricData"]
    member = asked.useful.lower()
    made = [Point(one["timestamp"].astimezone(UTC), one[member], one["maximum"]) for one in found]
    return sorted(made)


def charted(found: Mapping[Metric, Sequence[Point]], span_s: float) -> list[Series]:
    """What the picture shows."""
    return [
        Series(
            f"{one.name}, {one.unit}: {one.useful.lower()}, and the peak in pale", points, 2.5 * period_of(one, span_s)
        )
        for one, points in found.items()
    ]


def told(asked: Metric, found: Sequence[Point], end: float, span_s: float, *, has_blocks: bool) -> str:
    """▁▁▃▇▂   mean 7 %   peak 64 %; of what is counted, the sum in place of the peak. Without blocks, numbers alone."""
    if not found:
        return "no data"
    line = ""
    if has_blocks:
        parts = gathered([(one.at.timestamp(), one.value) for one in found], end - span_s, end, _BLOCKS)
        line = f"{sparkline(parts)}{GAP}"
    mean = f"mean {quantity(sum(one.value for one in found) / len(found), asked.unit)}"
    if asked.useful == "Sum":
        return f"{line}sum {quantity(sum(one.value for one in found), asked.unit)}{GAP}{mean}"
    return f"{line}{mean}{GAP}peak {quantity(max(one.peak for one in found), asked.unit)}"


def quantity(value: float, unit: str) -> str:
    """7.5 %, 10.8 MB, 37,742; other units by their names."""
    if unit == "Percent":
        return f"{value:.1f} %"
    if unit == "Bytes":
        for sign, size in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
            if value >= size:
                return f"{value / size:,.1f} {sign}"
        return f"{value:,.0f} B"
    return f"{value:,.0f}" if unit in ("Count", "None") else f"{value:,.1f} {unit}"


GAP = "   "
