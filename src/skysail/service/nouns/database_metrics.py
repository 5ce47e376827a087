"""What a database's metrics are like: those of one that a client connects to on some days.

Names and units as AWS documents them (of FreeableMemory and SwapUsage as in RDS, inferred); the values are plausible,
no more. There is nothing while it is not up.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from typing import NamedTuple

from skysail.service.metric_series import DAY_S, Metric, Sample, Sampler, noise, seed_of
from skysail.service.nouns.databases import runs
from skysail.service.resources import Resource

METRICS: dict[str, Metric] = {
    metric.name: metric
    for metric in (
        Metric("CPUUtilization", "Percent", 60, "Average"),
        Metric("DatabaseConnections", "Count", 60, "Maximum"),
        Metric("DiskQueueDepth", "Count", 60, "Sum"),
        Metric("FreeStorageSpace", "Bytes", 60, "Sum"),
        Metric("NetworkReceiveThroughput", "Bytes/Second", 60, "Average"),
        Metric("NetworkTransmitThroughput", "Bytes/Second", 60, "Average"),
        Metric("FreeableMemory", "Bytes", 60, "Average"),
        Metric("SwapUsage", "Bytes", 60, "Average"),
    )
}
_GIB = 2.0**30
_DAYS_WITH_A_CLIENT, _MINUTES_WITH_IT = 0.3, 0.49
"""Shares; on such a day a published answer has some 700 minutes with a connection."""


class Minute(NamedTuple):
    """A minute of one database: of what size, and whether somebody is connected."""

    seed: int
    time: int
    disk_gib: float
    ram_gib: float

    @property
    def has_client(self) -> bool:
        of_day = noise(self.seed, "client", self.time // DAY_S)
        return of_day < _DAYS_WITH_A_CLIENT and self.between(0, 1, "connected") < _MINUTES_WITH_IT

    def between(self, low: float, high: float, what: str) -> float:
        return low + (high - low) * noise(self.seed, what, self.time)

    def always(self, low: float, high: float, what: str) -> float:
        """The same in all of its minutes."""
        return low + (high - low) * noise(self.seed, what, 0)


def sampler(database: Resource, name: str) -> Sampler:
    """The samples of one of a database's metrics."""
    seed = seed_of(f"{database.row.id} metrics")
    ran = runs(database)
    starts = [since for since, _ in ran]
    hardware = database.document.get("hardware", {})
    disk_gib, ram_gib = float(hardware.get("diskSizeInGb", 40)), float(hardware.get("ramSizeInGb", 1))
    shape = _SHAPES[name]

    def sample(time: int) -> Sample | None:
        place = bisect_right(starts, time) - 1
        until = ran[place][1] if place >= 0 else 0.0
        if until is not None and time + METRICS[name].resolution_s > until:
            return None
        value = shape(Minute(seed, time, disk_gib, ram_gib))
        return Sample(value, value, value)

    return sample


_SHAPES: dict[str, Callable[[Minute], float]] = {
    "CPUUtilization": lambda minute: minute.between(2, 6, "cpu") + 4 * minute.has_client,
    "DatabaseConnections": lambda minute: float(minute.has_client),
    "DiskQueueDepth": lambda minute: minute.between(0, 0.02, "queue"),
    "FreeStorageSpace": lambda minute: float(
        round((minute.disk_gib - minute.always(3, 4, "used")) * _GIB - minute.between(0, 1e6, "storage"))
    ),
    "NetworkReceiveThroughput": lambda minute: minute.between(300, 1_000, "received") + 2_000 * minute.has_client,
    "NetworkTransmitThroughput": lambda minute: minute.between(600, 3_000, "sent") + 6_000 * minute.has_client,
    "FreeableMemory": lambda minute: float(round(minute.ram_gib * _GIB * minute.between(0.19, 0.21, "memory"))),
    "SwapUsage": lambda minute: float(round(minute.always(0, 64e6, "swap"))),
}
