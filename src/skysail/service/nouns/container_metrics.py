"""What a container service's metrics are like: idle nodes, now and then busy for a moment (inferred).

Names, units and how often as AWS documents them. There is nothing while no deployment runs.
"""

from __future__ import annotations

from skysail.service.metric_series import Metric, Sample, Sampler, noise, seed_of
from skysail.service.resources import Resource

METRICS: dict[str, Metric] = {
    metric.name: metric
    for metric in (
        Metric("CPUUtilization", "Percent", 300, "Average"),
        Metric("MemoryUtilization", "Percent", 300, "Average"),
    )
}
_RANGES = {"CPUUtilization": (0.0, 1.0), "MemoryUtilization": (5.0, 30.0)}


def sampler(service: Resource, name: str) -> Sampler:
    """The samples of one of a service's metrics: means over its nodes."""
    seed = seed_of(f"{service.row.id} metrics")
    runs = [(since, until) for since, until in service.private.get("ran", [])]
    low, high = _RANGES[name]
    typical = low + (high - low) * noise(seed, name, 0)

    def sample(time: int) -> Sample | None:
        if not any(since <= time and (until is None or time < until) for since, until in runs):
            return None
        swing = (high - low) * 0.1
        value = min(high, max(low, typical + swing * (2 * noise(seed, f"{name} now", time) - 1)))
        spread = swing * noise(seed, f"{name} spread", time)
        return Sample(value, max(low, value - spread), min(100.0, value + spread))

    return sample
