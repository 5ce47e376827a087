"""An instance's metrics as charts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from math import ceil
from typing import Any, NamedTuple

from skysail.console.charts import Chart, Measured, drawn
from skysail.console.code import codes
from skysail.console.pages.fleet import called
from skysail.console.visit import Visit

SPANS = {"1h": 3_600, "6h": 21_600, "24h": 86_400, "3d": 259_200, "14d": 1_209_600}
_POINTS = 144
"""Of one chart: more cannot be told apart on a screen."""


class Metric(NamedTuple):
    """A metric, how it is told, and what of each part of time is drawn."""

    name: str
    title: str
    unit: str
    statistic: str
    resolution_s: int


SHOWN = (
    Metric("CPUUtilization", "CPU", "Percent", "Average", 300),
    Metric("BurstCapacityPercentage", "Burst capacity left", "Percent", "Average", 300),
    Metric("NetworkIn", "Network in", "Bytes", "Sum", 300),
    Metric("NetworkOut", "Network out", "Bytes", "Sum", 300),
    Metric("StatusCheckFailed", "Failed status checks", "Count", "Sum", 60),
)


def charts(visit: Visit, region: str, name: str) -> Mapping[str, Any]:
    """The charts of the span in the address; raises ServiceError."""
    span = visit.asked.query.one("span")
    span = span if span in SPANS else "24h"
    end = visit.now
    return {
        "span": span,
        "spans": SPANS,
        "charts": [_chart(visit, region, name, metric, end, SPANS[span]) for metric in SHOWN],
        "codes": codes(called(visit, "GetInstanceMetricData", _asked(name, SHOWN[0], end, SPANS[span]), region)),
    }


def _chart(visit: Visit, region: str, name: str, metric: Metric, end: float, span_s: int) -> Chart:
    found: Any = visit.look(region).get_instance_metric_data(**_asked(name, metric, end, span_s))["metricData"]
    member = metric.statistic.lower()
    points = sorted((one["timestamp"].timestamp(), float(one[member])) for one in found)
    measured = Measured(metric.title, metric.unit, metric.statistic, _period(metric, span_s))
    return drawn(measured, points, end - span_s, end)


def _asked(name: str, metric: Metric, end: float, span_s: int) -> dict[str, Any]:
    return {
        "instanceName": name,
        "metricName": metric.name,
        "period": _period(metric, span_s),
        "startTime": datetime.fromtimestamp(int(end) - span_s, UTC),
        "endTime": datetime.fromtimestamp(int(end), UTC),
        "unit": metric.unit,
        "statistics": [metric.statistic],
    }


def _period(metric: Metric, span_s: int) -> int:
    """Seconds of a point: a multiple of what is measured."""
    return max(1, ceil(span_s / _POINTS / metric.resolution_s)) * metric.resolution_s
