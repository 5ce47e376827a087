"""What an instance or a disk costs, day by day. (Members from the model; nobody has published an answer.)

By list prices: an hour is the 744th part of a plan's month, as the FAQ counts it; an instance costs while it exists,
one of Lightsail for Research while it runs. What is to come is as it is now. (All else is inferred.)
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from skysail.service.context import Context
from skysail.service.dispatch import Answer, Family
from skysail.service.nouns.add_ons import is_for_research
from skysail.service.nouns.attaching import DISK, INSTANCE
from skysail.service.nouns.instance_metrics import runs_of
from skysail.service.refusals import invalid, unsupported
from skysail.service.resources import Resource, not_found
from skysail.service.times import asked

if TYPE_CHECKING:
    from types_boto3_lightsail.type_defs import GetCostEstimateRequestTypeDef

DAY_S, HOUR_S = 86_400, 3_600
HOURS_A_MONTH = 744
LONGEST_S = 93 * DAY_S
DISK_USD = 0.10
"""A GB and month of a disk."""

family = Family("cost_estimates")


@family.reads("GetCostEstimate")
def get_cost_estimate(context: Context, request: GetCostEstimateRequestTypeDef) -> Answer:
    """The estimate for one resource, with no usage where no price is known.

    Raises NotFoundException. Raises InvalidInputException: the times do not fit, or it is no instance or disk.
    """
    name = request["resourceName"]
    start, end = (asked(request, member) for member in ("startTime", "endTime"))
    _check(start, end, context.now)
    found = context.resources.of_any_kind(name)
    if found is None:
        raise not_found("resource", name)
    if found.row.kind == INSTANCE:
        estimates = _of_instance(context, found, start, end)
    elif found.row.kind == DISK:
        estimates = _of_disk(found, start, end)
    else:
        raise unsupported(f"A cost estimate is not available for this resource type: {found.row.kind}")
    whole = {"resourceName": name, "resourceType": found.row.kind, "costEstimates": estimates}
    return {"resourcesBudgetEstimate": [{**whole, "startTime": start, "endTime": end}]}


def _of_instance(context: Context, instance: Resource, start: float, end: float) -> list[dict[str, Any]]:
    bundle = context.catalogue.bundle(context.region, str(instance.document.get("bundleId")))
    if bundle is None:
        return []
    created_at = instance.document.get("createdAt", 0.0)
    spells: list[tuple[float, float | None]] = [(created_at, None)]
    if is_for_research(context, instance):
        spells = [(run.since, run.until) for run in runs_of(instance)]
    usage = f"Amazon Lightsail Bundle:{bundle['ramSizeInGb']:g}GB"
    usage += " (Windows)" if "WINDOWS" in bundle["supportedPlatforms"] else ""
    results = [
        _result(bundle["price"] / HOURS_A_MONTH, "Hrs", within / HOUR_S, since, until)
        for since, until in _days(start, end)
        if (within := _within(spells, since, until))
    ]
    return [{"usageType": usage, "resultsByTime": results}]


def _of_disk(disk: Resource, start: float, end: float) -> list[dict[str, Any]]:
    size = disk.document["sizeInGb"]
    spells: list[tuple[float, float | None]] = [(disk.document.get("createdAt", 0.0), None)]
    results = [
        _result(DISK_USD, "GB-Mo", size * within / HOUR_S / HOURS_A_MONTH, since, until)
        for since, until in _days(start, end)
        if (within := _within(spells, since, until))
    ]
    return [{"usageType": "Amazon Lightsail DiskUsage", "resultsByTime": results}]


def _result(price: float, pricing_unit: str, units: float, since: float, until: float) -> dict[str, Any]:
    return {
        "usageCost": round(price * units, 10),
        "pricingUnit": pricing_unit,
        "unit": round(units, 10),
        "currency": "USD",
        "timePeriod": {"start": since, "end": until},
    }


def _days(start: float, end: float) -> Iterator[tuple[float, float]]:
    """The days between two times, the first and the last in part."""
    while start < end:
        following = min(end, (start // DAY_S + 1) * DAY_S)
        yield start, following
        start = following


def _within(spells: list[tuple[float, float | None]], since: float, until: float) -> float:
    """How many seconds of a time the spells take up."""
    return sum(max(0.0, min(until, until if end is None else end) - max(since, begin)) for begin, end in spells)


def _check(start: float, end: float, now: float) -> None:
    if start >= end:
        raise invalid("The start time must be earlier than the end time.")
    if start > now:
        raise invalid("The start time must not be later than the current date.")
    if end - start > LONGEST_S:
        raise invalid("The end time must be at most 3 months later than the start time.")
