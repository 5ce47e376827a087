"""Cost estimates of instances and disks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from bench import Bench, refused
from modelled import misfits

DAY_S = 86_400


def at(bench: Bench, hours: float = 0) -> datetime:
    return datetime.fromtimestamp(bench.clock.now(), UTC) + timedelta(hours=hours)


def estimate(bench: Bench, name: str = "web", start: float = -48, end: float = 0) -> dict[str, Any]:
    answer = bench.client.get_cost_estimate(resourceName=name, startTime=at(bench, start), endTime=at(bench, end))
    (found,) = answer["resourcesBudgetEstimate"]
    return dict(found)


def test_an_instance_costs_while_it_is_there_day_by_day(bench: Bench) -> None:
    bench.instance("web")
    bench.clock.advance(2 * DAY_S)
    found = estimate(bench)
    assert (found["resourceName"], found["resourceType"]) == ("web", "Instance")
    assert (found["startTime"], found["endTime"]) == (at(bench, -48), at(bench))
    (usage,) = found["costEstimates"]
    assert usage["usageType"] == "Amazon Lightsail Bundle:0.5GB"
    results = usage["resultsByTime"]
    assert len(results) == 3, "two days from the middle of one"
    assert sum(one["unit"] for one in results) == pytest.approx(48)
    assert sum(one["usageCost"] for one in results) == pytest.approx(48 * 5 / 744)
    assert {(one["pricingUnit"], one["currency"]) for one in results} == {("Hrs", "USD")}
    assert all(one["timePeriod"]["end"] == two["timePeriod"]["start"] for one, two in pairwise(results))
    request = {"resourceName": "web", "startTime": bench.clock.now() - DAY_S, "endTime": bench.clock.now()}
    assert misfits("GetCostEstimate", bench.send(request, "GetCostEstimate")) == []


def test_nothing_is_estimated_before_it_was_there_and_what_is_to_come_is_as_it_is_now(bench: Bench) -> None:
    bench.instance("web")
    (usage,) = estimate(bench, start=-240, end=24)["costEstimates"]
    hours = sum(one["unit"] for one in usage["resultsByTime"])
    assert hours == pytest.approx(24 + 60 / 3600)


def test_a_windows_plan_is_named_so_and_a_disk_costs_by_its_size(bench: Bench) -> None:
    bench.instance("win", blueprintId="windows_server_2022", bundleId="medium_win_3_0")
    (usage,) = estimate(bench, "win", -1, 1)["costEstimates"]
    assert usage["usageType"] == "Amazon Lightsail Bundle:4GB (Windows)"
    bench.client.create_disk(diskName="data", availabilityZone="us-east-1a", sizeInGb=32)
    bench.settle()
    bench.clock.advance(31 * DAY_S)
    (usage,) = estimate(bench, "data", -31 * 24)["costEstimates"]
    assert sum(one["usageCost"] for one in usage["resultsByTime"]) == pytest.approx(3.2)
    assert {one["pricingUnit"] for one in usage["resultsByTime"]} == {"GB-Mo"}


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"name": "nil"}, "The resource does not exist: nil"),
        ({"name": "ip"}, "A cost estimate is not available for this resource type: StaticIp"),
        ({"start": 0, "end": 0}, "The start time must be earlier than the end time."),
        ({"start": 1, "end": 2}, "The start time must not be later than the current date."),
        ({"start": -2400}, "The end time must be at most 3 months later than the start time."),
    ],
)
def test_what_has_no_estimate_is_refused(bench: Bench, asked: dict[str, Any], message: str) -> None:
    bench.instance("web")
    bench.client.allocate_static_ip(staticIpName="ip")
    assert refused(estimate, bench=bench, **asked).message == message
