"""Alarms on a resource's metrics: which ones a resource has, and what state each is in.

An alarm is looked at every five minutes; nobody waits for that, its state is worked out when somebody asks. Only its
last state before a change, or a test, is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from skysail.service.context import Context
from skysail.service.metric_series import Metric, Sampler, latest
from skysail.service.nouns import balancer_metrics, database_metrics, instance_metrics
from skysail.service.resources import Resource

ALARM = "Alarm"
"""The kind, and the name space that alarms have for themselves."""
PERIOD_S = 300
OK, ALARMING, UNKNOWN = "OK", "ALARM", "INSUFFICIENT_DATA"

METRICS: dict[str, Mapping[str, Metric]] = {
    "Instance": {
        name: metric for name, metric in instance_metrics.METRICS.items() if name != "MetadataNoToken"
    },  # which the model does not list for alarms
    "LoadBalancer": balancer_metrics.METRICS,
    "RelationalDatabase": database_metrics.METRICS,
}
"""The metrics that an alarm can be on, by the kind of resource."""
_SAMPLERS: dict[str, Callable[[Context, Resource, str], Sampler]] = {
    "Instance": lambda _, instance, name: instance_metrics.sampler(instance, name),
    "LoadBalancer": balancer_metrics.sampler,
    "RelationalDatabase": lambda _, database, name: database_metrics.sampler(database, name),
}

_BREACHES: dict[str, Callable[[float, float], bool]] = {
    "GreaterThanOrEqualToThreshold": lambda value, threshold: value >= threshold,
    "GreaterThanThreshold": lambda value, threshold: value > threshold,
    "LessThanThreshold": lambda value, threshold: value < threshold,
    "LessThanOrEqualToThreshold": lambda value, threshold: value <= threshold,
}


def forget_alarms(context: Context, monitored: Resource) -> None:
    """The alarms of a resource that is being deleted go with it (inferred)."""
    for name in monitored.private.get("alarms", ()):
        alarm = context.resources.find(ALARM, name, ALARM)
        if alarm is not None:
            context.resources.delete(alarm)


def next_look(now: float) -> float:
    """When alarms are looked at next."""
    return (now // PERIOD_S + 1) * PERIOD_S


def state(context: Context, alarm: Resource) -> str:
    """An alarm's state now: as tested or as kept until the next look, then by the metric."""
    kept: str = alarm.private.get("state", UNKNOWN)
    if context.now < alarm.private.get("keptUntil", 0):
        return kept
    document = alarm.document
    about = document["monitoredResourceInfo"]
    monitored = context.resources.find(about["resourceType"], about["name"])
    if monitored is None:
        return UNKNOWN
    metric = METRICS[about["resourceType"]][document["metricName"]]
    sampler = _SAMPLERS[about["resourceType"]](context, monitored, metric.name)
    values = latest(metric, sampler, document["evaluationPeriods"], PERIOD_S, context.now)
    return judged(values, document, kept)


def judged(values: Sequence[float | None], alarm: Mapping[str, Any], former: str) -> str:
    """The state by a metric's last values, None for missing ones.

    Missing ones are replaced only as `treatMissingData` says: as breaching, as not breaching, not at all; with nothing
    to go by, `ignore` keeps the former state. (Source: user guide.)
    """
    treated = alarm["treatMissingData"]
    breaches = _BREACHES[alarm["comparisonOperator"]]
    verdicts = [breaches(value, alarm["threshold"]) for value in values if value is not None]
    missing = len(values) - len(verdicts)
    if treated in ("breaching", "notBreaching"):
        verdicts += [treated == "breaching"] * missing
    if not verdicts:
        return former if treated == "ignore" else UNKNOWN
    return ALARMING if sum(verdicts) >= alarm["datapointsToAlarm"] else OK
