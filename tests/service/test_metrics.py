"""An instance's metrics: a quiet machine's, while it runs."""

from __future__ import annotations

from typing import Any

import pytest

from bench import START, Bench
from modelled import misfits
from skysail.errors import NotFoundException
from skysail.service.nouns.instance_metrics import METRICS, runs_of
from skysail.service.resources import Resource
from skysail.store.base import Place, Row

HOUR, DAY = 3600, 86_400


def data(bench: Bench, metric: str = "CPUUtilization", back_s: float = HOUR, **asked: Any) -> list[dict[str, Any]]:
    now = bench.clock.now()
    given = {"period": 300, "startTime": now - back_s, "endTime": now, "unit": METRICS[metric].unit}
    answer = bench.client.get_instance_metric_data(
        instanceName="web", metricName=metric, **{**given, "statistics": ["Average", "Maximum", "Sum"], **asked}
    )
    assert answer["metricName"] == metric
    found: list[dict[str, Any]] = answer["metricData"]
    return sorted(found, key=lambda point: point["timestamp"])


@pytest.mark.parametrize("metric", METRICS)
def test_every_metric_of_the_model_has_points_that_the_model_knows(bench: Bench, metric: str) -> None:
    bench.instance()
    bench.clock.advance(DAY)
    assert data(bench, metric)
    request = {"instanceName": "web", "metricName": metric, "period": 300, "unit": METRICS[metric].unit}
    times = {"startTime": bench.clock.now() - HOUR, "endTime": bench.clock.now()}
    response = bench.send({**request, **times, "statistics": ["Average", "Sum"]}, "GetInstanceMetricData")
    assert misfits("GetInstanceMetricData", response) == []


def test_an_idle_machine_does_next_to_nothing_and_a_new_one_is_busy(bench: Bench) -> None:
    bench.instance()
    bench.clock.advance(DAY)
    points = data(bench, back_s=DAY)
    assert all(10 <= point["average"] <= 60 for point in points[:1])
    assert all(0.2 <= point["average"] <= 0.4 for point in points[-200:])
    assert all(point["average"] <= point["maximum"] <= 100 for point in points)


def test_nothing_is_measured_before_it_runs_while_it_is_stopped_or_in_the_future(bench: Bench) -> None:
    bench.instance()
    bench.clock.advance(HOUR)
    bench.client.stop_instance(instanceName="web")
    stopped = bench.clock.now()
    bench.clock.advance(3 * HOUR)
    bench.client.start_instance(instanceName="web")
    started = bench.clock.now()
    bench.clock.advance(HOUR)
    times = [point["timestamp"].timestamp() for point in data(bench, back_s=9 * HOUR)]
    assert min(times) > START
    assert not [time for time in times if stopped < time and time + 300 <= started]
    assert [time for time in times if time < stopped]
    assert max(times) <= bench.clock.now() - 300
    assert any(time > started for time in times)


def test_capacity_to_burst_grows_while_idle_and_is_lost_at_a_stop(bench: Bench) -> None:
    bench.instance()
    bench.clock.advance(2 * HOUR)
    early = data(bench, "BurstCapacityPercentage")[-1]["average"]
    bench.clock.advance(2 * DAY)
    late = data(bench, "BurstCapacityPercentage")[-1]["average"]
    assert 25 < early < late
    assert late == pytest.approx(141.67, abs=0.1), "what a new machine comes with does not count to the limit of 100"
    assert data(bench, "BurstCapacityTime")[-1]["average"] == pytest.approx(late / 100 * DAY * 0.05)
    bench.client.stop_instance(instanceName="web")
    bench.settle()
    bench.client.start_instance(instanceName="web")
    bench.clock.advance(HOUR)
    assert data(bench, "BurstCapacityPercentage")[-1]["average"] < 5


def test_a_plan_that_does_not_burst_has_no_such_metric(bench: Bench) -> None:
    bench.instance(bundleId="4xlarge_3_0")
    bench.clock.advance(DAY)
    assert data(bench, "BurstCapacityPercentage") == data(bench, "BurstCapacityTime") == []
    assert data(bench)


def test_checks_are_made_each_minute_and_begin_some_minutes_after_the_start(bench: Bench) -> None:
    bench.instance()
    bench.clock.advance(HOUR)
    points = data(bench, "StatusCheckFailed", period=60, statistics=["Sum", "SampleCount"])
    assert 55 <= len(points) <= 58
    assert {(point["sum"], point["sampleCount"]) for point in points} == {(0.0, 1.0)}


def test_no_instance_and_no_such_metric(bench: Bench) -> None:
    with pytest.raises(NotFoundException):
        data(bench)
    bench.instance()
    request = {"instanceName": "web", "metricName": "Warmth", "period": 300, "unit": "Percent", "statistics": ["Sum"]}
    response = bench.send({**request, "startTime": START - 60, "endTime": START}, "GetInstanceMetricData")
    assert response.status == 400
    assert b"Warmth" in response.body


@pytest.mark.parametrize(
    ("private", "state", "runs"),
    [
        ({}, {"name": "running"}, [(1000, True)]),
        ({}, {"name": "stopped"}, []),
        ({}, None, []),
        ({"runningSince": 1018}, {"name": "running"}, [(1018, True)]),
        ({"runningSince": 90_000}, {"name": "running"}, [(90_000, False)]),
        ({"ran": [[90_000, 91_000]], "runningSince": 99_000}, {"name": "stopping"}, [(90_000, False), (99_000, False)]),
    ],
    ids=["imported", "imported, stopped", "imported, silent", "new", "imported and restarted", "first run forgotten"],
)
def test_only_a_run_right_after_the_creation_is_the_first(
    private: dict[str, Any], state: dict[str, Any] | None, runs: list[tuple[float, bool]]
) -> None:
    document = {"createdAt": 1000, **({"state": state} if state else {})}
    row = Row(Place("123456789012", "us-east-1"), "Instance", "web", "id", 1, b"", b"", "")
    assert [(run.since, run.is_first) for run in runs_of(Resource(row, document, private))] == runs
