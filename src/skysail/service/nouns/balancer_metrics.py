"""What a load balancer's metrics are like: those of one that strangers find now and then.

Names and units as AWS documents them; how many instances are healthy follows from theirs, the requests are plausible,
no more (inferred). A count of requests is there only where there were some.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable
from typing import NamedTuple

from skysail.service.context import Context
from skysail.service.metric_series import Metric, Sample, Sampler, noise, seed_of
from skysail.service.nouns.balancing import Spell, healthy_spells, targets
from skysail.service.resources import Resource

METRICS: dict[str, Metric] = {
    metric.name: metric
    for metric in (
        Metric("ClientTLSNegotiationErrorCount", "Count", 60, "Sum"),
        Metric("HealthyHostCount", "Count", 60, "Average"),
        Metric("UnhealthyHostCount", "Count", 60, "Average"),
        Metric("HTTPCode_LB_4XX_Count", "Count", 60, "Sum"),
        Metric("HTTPCode_LB_5XX_Count", "Count", 60, "Sum"),
        Metric("HTTPCode_Instance_2XX_Count", "Count", 60, "Sum"),
        Metric("HTTPCode_Instance_3XX_Count", "Count", 60, "Sum"),
        Metric("HTTPCode_Instance_4XX_Count", "Count", 60, "Sum"),
        Metric("HTTPCode_Instance_5XX_Count", "Count", 60, "Sum"),
        Metric("InstanceResponseTime", "Seconds", 60, "Average"),
        Metric("RejectedConnectionCount", "Count", 60, "Sum"),
        Metric("RequestCount", "Count", 60, "Sum"),
    )
}

_QUIET = 0.8
"""The share of minutes without any request."""
_MOST_REQUESTS = 5


class Level:
    """How many of some spells are on at a time."""

    def __init__(self, spells: Iterable[Spell]) -> None:
        changes: dict[float, int] = {}
        for since, until in spells:
            changes[since] = changes.get(since, 0) + 1
            if until is not None:
                changes[until] = changes.get(until, 0) - 1
        self._times = sorted(changes)
        self._counts = [0]
        for time in self._times:
            self._counts.append(self._counts[-1] + changes[time])

    def at(self, time: float) -> int:
        return self._counts[bisect_right(self._times, time)]


class Minute(NamedTuple):
    """A minute of one load balancer: which instances it had, and what came."""

    seed: int
    time: int
    attached: int
    healthy: int
    takes_https: bool

    @property
    def requests(self) -> int:
        drawn = self.between(0, 1, "requests")
        return 0 if drawn < _QUIET else 1 + int((drawn - _QUIET) / (1 - _QUIET) * _MOST_REQUESTS)

    @property
    def answered(self) -> int:
        """Those that an instance answered."""
        return self.requests if self.healthy else 0

    @property
    def not_found(self) -> int:
        """Of those, the ones by strangers who look for what is not there."""
        return int(self.answered * self.between(0, 0.9, "not found"))

    def between(self, low: float, high: float, what: str) -> float:
        return low + (high - low) * noise(self.seed, what, self.time)


def sampler(context: Context, balancer: Resource, name: str) -> Sampler:
    """The samples of one of a load balancer's metrics."""
    former = balancer.private.get("formerTargets", [])
    now = targets(balancer)
    attached = Level(
        [(one["registered"], one["until"]) for one in former]
        + [(one["registered"], None) for one in now if "registered" in one]
    )
    healthy = Level(spell for target in (*former, *now) for spell in healthy_spells(context, target))
    seed = seed_of(f"{balancer.row.id} metrics")
    takes_https = balancer.document["protocol"] == "HTTP_HTTPS"
    created_at = balancer.document["createdAt"]
    shape = _SHAPES[name]

    def sample(time: int) -> Sample | None:
        if time < created_at:
            return None
        return shape(Minute(seed, time, attached.at(time), healthy.at(time), takes_https))

    return sample


def _hosts(count: Callable[[Minute], int]) -> Callable[[Minute], Sample | None]:
    """A number of instances, wherever there are any."""

    def shape(minute: Minute) -> Sample | None:
        value = float(count(minute))
        return Sample(value, value, value) if minute.attached else None

    return shape


def _events(count: Callable[[Minute], int]) -> Callable[[Minute], Sample | None]:
    """How often something happened. Each time counts as a one, so all statistics but the sum are 1 (documented)."""

    def shape(minute: Minute) -> Sample | None:
        times = float(count(minute))
        return Sample(times, 1.0, 1.0, times) if times else None

    return shape


def _response_time(minute: Minute) -> Sample | None:
    if not minute.answered:
        return None
    each = minute.between(0.005, 0.5, "response time")
    return Sample(each * minute.answered, each * 0.5, each * 2, float(minute.answered))


_SHAPES: dict[str, Callable[[Minute], Sample | None]] = {
    "ClientTLSNegotiationErrorCount": _events(
        lambda minute: int(minute.takes_https and minute.between(0, 1, "tls") > 0.98)
    ),
    "HealthyHostCount": _hosts(lambda minute: minute.healthy),
    "UnhealthyHostCount": _hosts(lambda minute: 0),
    "HTTPCode_LB_4XX_Count": _events(lambda minute: int(minute.between(0, 1, "malformed") > 0.99)),
    "HTTPCode_LB_5XX_Count": _events(lambda minute: 0 if minute.healthy else minute.requests),
    "HTTPCode_Instance_2XX_Count": _events(lambda minute: minute.answered - minute.not_found),
    "HTTPCode_Instance_3XX_Count": _events(lambda minute: 0),
    "HTTPCode_Instance_4XX_Count": _events(lambda minute: minute.not_found),
    "HTTPCode_Instance_5XX_Count": _events(lambda minute: 0),
    "InstanceResponseTime": _response_time,
    "RejectedConnectionCount": _events(lambda minute: 0),
    "RequestCount": _events(lambda minute: minute.answered),
}
