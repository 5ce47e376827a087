"""What an instance's metrics are like: those of a quiet machine that is busy for some minutes after its start.

Names, units and the burst model as AWS documents them; the values are plausible, no more (ranges inferred from
published answers). An instance has samples while it runs; its capacity to burst is lost at a stop.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from skysail.service.metric_series import DAY_S, Metric, Sample, Sampler, noise, seed_of
from skysail.service.resources import Resource

METRICS: dict[str, Metric] = {
    metric.name: metric
    for metric in (
        Metric("CPUUtilization", "Percent", 300, "Average"),
        Metric("NetworkIn", "Bytes", 300, "Sum"),
        Metric("NetworkOut", "Bytes", 300, "Sum"),
        Metric("StatusCheckFailed", "Count", 60, "Sum"),
        Metric("StatusCheckFailed_Instance", "Count", 60, "Sum"),
        Metric("StatusCheckFailed_System", "Count", 60, "Sum"),
        Metric("BurstCapacityTime", "Seconds", 300, "Average"),
        Metric("BurstCapacityPercentage", "Percent", 300, "Average"),
        Metric("MetadataNoToken", "Count", 300, "Sum"),
        Metric("DiskReadOps", "Count", 300, "Sum"),
        Metric("DiskWriteOps", "Count", 300, "Sum"),
        Metric("DiskReadBytes", "Bytes", 300, "Sum"),
        Metric("DiskWriteBytes", "Bytes", 300, "Sum"),
        Metric("DiskTotalReadTime", "Seconds", 300, "Average"),
        Metric("DiskTotalWriteTime", "Seconds", 300, "Average"),
        Metric("DiskQueueLength", "Count", 300, "Average"),
    )
}

BOOT_S = 600
"""How long a start keeps a machine busy."""
_CHECKS_BEGIN_S = 180
_BOOT_CPU_PERCENT = 30.0
_IDLE_CPU_PERCENT = 0.3

# CPU percent that can be used for ever, by a plan's size. Source: user guide; 2xlarge and xlarge of older generations
# have less.
_BASELINES = {
    "nano": 5.0,
    "micro": 10.0,
    "small": 20.0,
    "medium": 20.0,
    "large": 30.0,
    "xlarge": 40.0,
    "2xlarge": 40.0,
}
_OLD_BASELINES = _BASELINES | {"xlarge": 22.5, "2xlarge": 17.0}
_EARNED_A_SECOND = 100 / DAY_S
_LAUNCH_S = 1800.0
"""Seconds of the whole machine at 100 % that a new one comes with (EC2's launch credits; inferred)."""
_FIRST_WITHIN_S = 3600
"""A new instance runs within this time from its creation."""


@dataclass(frozen=True, slots=True)
class Run:
    """From a start to the stop (None: it still runs); seconds since 1970."""

    since: float
    until: float | None
    is_first: bool


def sampler(instance: Resource, name: str) -> Sampler:
    """The samples of one of an instance's metrics."""
    seed = seed_of(f"{instance.row.id} metrics")
    runs = runs_of(instance)
    starts = [run.since for run in runs]
    baseline = _baseline(str(instance.document.get("bundleId", "")))
    shape, resolution_s = _SHAPES[name], METRICS[name].resolution_s

    def sample(time: int) -> Sample | None:
        place = bisect_right(starts, time) - 1
        if place < 0:
            return None
        run = runs[place]
        if run.until is not None and time + resolution_s > run.until:
            return None
        return shape(Moment(seed, name, time, run, baseline))

    return sample


def runs_of(instance: Resource) -> list[Run]:
    """When it ran, oldest first. An imported instance that runs has run since it was created (inferred).

    The oldest run that is known need not be the first: older ones are forgotten, and an import knows none.
    """
    created_at = instance.document.get("createdAt", 0.0)
    whole = [(since, until) for since, until in instance.private.get("ran", [])]
    if instance.document.get("state", {}).get("name") in ("running", "stopping"):
        whole.append((instance.private.get("runningSince", created_at), None))
    return [
        Run(since, until, place == 0 and since < created_at + _FIRST_WITHIN_S)
        for place, (since, until) in enumerate(whole)
    ]


class Moment(NamedTuple):
    """One sample's time in one run of one instance; a tuple, as there are many of them."""

    seed: int
    metric: str
    time: int
    run: Run
    baseline: float | None

    @property
    def age_s(self) -> float:
        return self.time - self.run.since

    @property
    def is_booting(self) -> bool:
        return self.age_s < BOOT_S

    def between(self, low: float, high: float, what: str = "") -> float:
        return low + (high - low) * noise(self.seed, self.metric + what, self.time)


def _cpu(moment: Moment) -> Sample:
    value = moment.between(10, 60) if moment.is_booting else moment.between(0.2, 0.4)
    if moment.is_booting and not moment.run.is_first and moment.baseline is not None:
        value = min(value, moment.baseline)  # a restarted machine has no capacity to burst
    highest = min(100.0, value * moment.between(2, 5, "highest"))
    return Sample(value, value * moment.between(0.4, 0.9, "lowest"), highest)


def _amount(quiet: tuple[float, float], booting: tuple[float, float]) -> Callable[[Moment], Sample]:
    """A whole number of something in each sample's time."""

    def shape(moment: Moment) -> Sample:
        value = float(round(moment.between(*(booting if moment.is_booting else quiet))))
        return Sample(value, value, value)

    return shape


def _level(quiet: tuple[float, float], booting: tuple[float, float]) -> Callable[[Moment], Sample]:
    def shape(moment: Moment) -> Sample:
        value = moment.between(*(booting if moment.is_booting else quiet))
        return Sample(value, value * 0.5, value * 2)

    return shape


def _check(moment: Moment) -> Sample | None:
    """Nothing ever fails; a machine that has just started is not checked yet."""
    return None if moment.age_s < _CHECKS_BEGIN_S else Sample(0.0, 0.0, 0.0)


def _burst_percentage(moment: Moment) -> Sample | None:
    """What is left to burst with, of what a day earns; what a new machine comes with counts beside that limit."""
    if moment.baseline is None:
        return None
    launch = _LAUNCH_S / (DAY_S * moment.baseline / 100) * 100 if moment.run.is_first else 0.0
    boot_s, idle_s = min(moment.age_s, BOOT_S), max(0.0, moment.age_s - BOOT_S)
    spent = _EARNED_A_SECOND * (1 - _BOOT_CPU_PERCENT / moment.baseline) * boot_s
    after_boot = max(0.0, launch + spent)
    value = min(100.0 + launch, after_boot + _EARNED_A_SECOND * (1 - _IDLE_CPU_PERCENT / moment.baseline) * idle_s)
    return Sample(value, value, value)


def _burst_time(moment: Moment) -> Sample | None:
    percentage = _burst_percentage(moment)
    if percentage is None or moment.baseline is None:
        return None
    seconds = percentage.value / 100 * DAY_S * moment.baseline / 100
    return Sample(seconds, seconds, seconds)


_SHAPES: dict[str, Callable[[Moment], Sample | None]] = {
    "CPUUtilization": _cpu,
    "NetworkIn": _amount((15e3, 60e3), (5e6, 150e6)),
    "NetworkOut": _amount((10e3, 50e3), (100e3, 2e6)),
    "StatusCheckFailed": _check,
    "StatusCheckFailed_Instance": _check,
    "StatusCheckFailed_System": _check,
    "BurstCapacityTime": _burst_time,
    "BurstCapacityPercentage": _burst_percentage,
    "MetadataNoToken": _amount((0, 0), (0, 10)),
    "DiskReadOps": _amount((0, 50), (2_000, 9_000)),
    "DiskWriteOps": _amount((100, 900), (2_000, 9_000)),
    "DiskReadBytes": _amount((0, 1e6), (50e6, 300e6)),
    "DiskWriteBytes": _amount((1e6, 8e6), (50e6, 300e6)),
    "DiskTotalReadTime": _level((0, 0.05), (1, 10)),
    "DiskTotalWriteTime": _level((0.05, 0.9), (1, 10)),
    "DiskQueueLength": _level((0, 0.02), (0.1, 0.8)),
}


def _baseline(bundle_id: str) -> float | None:
    """None for a plan that does not burst, or whose baseline nobody has published."""
    size = bundle_id.partition("_")[0]
    is_old = bundle_id.split("_")[-2:-1] in (["1"], ["2"])
    return (_OLD_BASELINES if is_old else _BASELINES).get(size)
