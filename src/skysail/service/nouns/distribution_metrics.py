"""What a distribution's metrics are like: those of one that strangers find now and then, while it is enabled.

Names and units as AWS documents them; the numbers are plausible, no more (inferred).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from skysail.service.metric_series import Metric, Sample, Sampler, noise, seed_of
from skysail.service.nouns.distributions import was_on
from skysail.service.resources import Resource

METRICS: dict[str, Metric] = {
    metric.name: metric
    for metric in (
        Metric("Requests", "None", 60, "Sum"),
        Metric("BytesDownloaded", "None", 60, "Sum"),
        Metric("BytesUploaded", "None", 60, "Sum"),
        Metric("TotalErrorRate", "Percent", 60, "Average"),
        Metric("Http4xxErrorRate", "Percent", 60, "Average"),
        Metric("Http5xxErrorRate", "Percent", 60, "Average"),
        Metric("WafAllowedRequests", "None", 60, "Sum"),
        Metric("WafBlockedRequests", "None", 60, "Sum"),
    )
}

_QUIET = 0.8
"""The share of minutes without any request."""
_MOST_REQUESTS = 12


class Minute(NamedTuple):
    """A minute of one distribution."""

    seed: int
    time: int

    @property
    def requests(self) -> int:
        drawn = noise(self.seed, "requests", self.time)
        return 0 if drawn < _QUIET else 1 + int((drawn - _QUIET) / (1 - _QUIET) * _MOST_REQUESTS)

    def of_requests(self, most: float, what: str) -> int:
        """How many of them are so, at most that share."""
        return int(self.requests * most * noise(self.seed, what, self.time) + 0.5)

    @property
    def not_found(self) -> int:
        return self.of_requests(0.6, "not found")

    @property
    def failed(self) -> int:
        return min(self.requests - self.not_found, self.of_requests(0.1, "failed"))

    @property
    def blocked(self) -> int:
        return self.of_requests(0.4, "blocked")

    def amount(self, each: float, what: str) -> float:
        return round(self.requests * each * (0.2 + noise(self.seed, what, self.time)))


def sampler(found: Resource, name: str) -> Sampler:
    """The samples of one of a distribution's metrics; none of its firewall's while that is off."""
    seed = seed_of(f"{found.row.id} metrics")
    value = _VALUES[name]
    is_rate = METRICS[name].unit == "Percent"
    needed = "waf" if name.startswith("Waf") else "enabled"

    def sample(time: int) -> Sample | None:
        if not was_on(found, needed, time):
            return None
        minute = Minute(seed, time)
        measured = value(minute)
        if is_rate:
            measured = 100.0 * measured / minute.requests if minute.requests else 0.0
        return Sample(measured, measured, measured)

    return sample


_VALUES: dict[str, Callable[[Minute], float]] = {
    "Requests": lambda minute: minute.requests,
    "BytesDownloaded": lambda minute: minute.amount(24_000, "down"),
    "BytesUploaded": lambda minute: minute.amount(300, "up"),
    "TotalErrorRate": lambda minute: minute.not_found + minute.failed,
    "Http4xxErrorRate": lambda minute: minute.not_found,
    "Http5xxErrorRate": lambda minute: minute.failed,
    "WafAllowedRequests": lambda minute: minute.requests - minute.blocked,
    "WafBlockedRequests": lambda minute: minute.blocked,
}
