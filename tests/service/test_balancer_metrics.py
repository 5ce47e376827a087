"""A load balancer's metrics: its hosts by their health, requests now and then; and alarms on them."""

from __future__ import annotations

from typing import Any

import pytest

from bench import Bench, refused
from modelled import misfits
from skysail.service.nouns.balancer_metrics import METRICS, Level

HOUR, DAY = 3600, 86_400


@pytest.fixture
def bench() -> Bench:
    """A load balancer, and two instances that run."""
    bench = Bench()
    bench.client.create_load_balancer(loadBalancerName="lb", instancePort=80)
    bench.create("w1", "w2")
    bench.clock.advance(HOUR - bench.clock.now() % HOUR)
    return bench


def attach(bench: Bench, *names: str) -> None:
    bench.client.attach_instances_to_load_balancer(loadBalancerName="lb", instanceNames=list(names))


def data(bench: Bench, metric: str, back_s: float = HOUR, period: int = 60) -> list[dict[str, Any]]:
    """Oldest first."""
    now = bench.clock.now()
    answer = bench.client.get_load_balancer_metric_data(
        loadBalancerName="lb",
        metricName=metric,
        period=period,
        startTime=now - back_s,
        endTime=now,
        unit=METRICS[metric].unit,
        statistics=["Average", "Minimum", "Maximum", "Sum", "SampleCount"],
    )
    assert answer["metricName"] == metric
    found: list[dict[str, Any]] = answer["metricData"]
    return sorted(found, key=lambda point: point["timestamp"])


def sums(bench: Bench, metric: str, back_s: float = HOUR) -> dict[float, float]:
    return {point["timestamp"].timestamp(): point["sum"] for point in data(bench, metric, back_s)}


def test_hosts_are_counted_while_there_are_any_by_their_health(bench: Bench) -> None:
    assert data(bench, "HealthyHostCount") == []
    attach(bench, "w1", "w2")
    bench.clock.advance(10 * 60)
    bench.client.stop_instance(instanceName="w1")
    bench.clock.advance(10 * 60)
    bench.client.start_instance(instanceName="w1")
    bench.clock.advance(10 * 60)
    bench.client.detach_instances_from_load_balancer(loadBalancerName="lb", instanceNames=["w2"])
    bench.clock.advance(10 * 60)
    bench.client.delete_instance(instanceName="w1")
    bench.clock.advance(20 * 60)
    # Each minute as it was when it began: what takes a second or two shows in the next one, draining at once.
    healthy = [int(point["average"]) for point in data(bench, "HealthyHostCount")]
    assert healthy == [2] * 10 + [1] * 10 + [2] * 9 + [1] * 10
    assert {point["sum"] for point in data(bench, "UnhealthyHostCount")} == {0.0}


def test_requests_come_now_and_then_and_each_is_answered_once(bench: Bench) -> None:
    attach(bench, "w1")
    bench.clock.advance(DAY)
    requests = sums(bench, "RequestCount", DAY - HOUR)
    assert 0.1 < len(requests) / (DAY - HOUR) * 60 < 0.3, "in a fifth of the minutes"
    found, missed = (sums(bench, f"HTTPCode_Instance_{kind}_Count", DAY - HOUR) for kind in ("2XX", "4XX"))
    assert missed, "strangers look for what is not there"
    assert requests == {time: found.get(time, 0) + missed.get(time, 0) for time in found.keys() | missed.keys()}
    assert sums(bench, "InstanceResponseTime", DAY - HOUR).keys() == requests.keys()
    assert sums(bench, "HTTPCode_LB_5XX_Count", DAY - HOUR) == {}


def test_the_statistics_of_a_count_are_all_one_but_for_the_sum(bench: Bench) -> None:
    attach(bench, "w1")
    bench.clock.advance(DAY)
    (point,) = data(bench, "RequestCount", DAY, DAY)
    assert (point["average"], point["minimum"], point["maximum"]) == (1, 1, 1)
    assert point["sum"] == point["sampleCount"] == sum(sums(bench, "RequestCount", DAY).values())


def test_a_response_takes_part_of_a_second(bench: Bench) -> None:
    attach(bench, "w1")
    bench.clock.advance(DAY)
    for point in data(bench, "InstanceResponseTime", DAY):
        assert 0.005 <= point["average"] <= 0.5
        assert point["minimum"] < point["average"] < point["maximum"]


def test_without_a_healthy_instance_the_load_balancer_answers_itself(bench: Bench) -> None:
    bench.clock.advance(DAY)
    assert sums(bench, "RequestCount", DAY) == {}
    assert sums(bench, "HTTPCode_LB_5XX_Count", DAY)


def test_tls_fails_only_where_it_is_spoken(bench: Bench) -> None:
    bench.client.create_load_balancer_tls_certificate(
        loadBalancerName="lb", certificateName="cert", certificateDomainName="example.com"
    )
    bench.clock.advance(DAY)
    assert sums(bench, "ClientTLSNegotiationErrorCount", DAY) == {}
    bench.client.attach_load_balancer_tls_certificate(loadBalancerName="lb", certificateName="cert")
    assert sums(bench, "ClientTLSNegotiationErrorCount", DAY)


@pytest.mark.parametrize("metric", METRICS)
def test_every_metric_of_the_model_is_answered_as_the_model_says(bench: Bench, metric: str) -> None:
    attach(bench, "w1")
    bench.clock.advance(DAY)
    times = {"startTime": bench.clock.now() - HOUR, "endTime": bench.clock.now()}
    request = {"loadBalancerName": "lb", "metricName": metric, "period": 60, "unit": METRICS[metric].unit, **times}
    response = bench.send({**request, "statistics": ["Average", "Sum"]}, "GetLoadBalancerMetricData")
    assert response.status == 200
    assert misfits("GetLoadBalancerMetricData", response) == []


def test_what_is_refused(bench: Bench) -> None:
    asked = {
        "loadBalancerName": "lb",
        "metricName": "RequestCount",
        "period": 60,
        "startTime": 0,
        "endTime": 60,
        "unit": "Count",
        "statistics": ["Sum"],
    }
    call = bench.client.get_load_balancer_metric_data
    assert call(**asked)["metricData"] == []  # type: ignore[arg-type]
    said = refused(call, **{**asked, "loadBalancerName": "none"})
    assert (said.kind, said.message) == ("NotFoundException", "The LoadBalancer does not exist: none")
    assert refused(call, **{**asked, "endTime": 0}).message == "The start time must be earlier than the end time."


def test_an_alarm_goes_off_when_no_instance_is_healthy(bench: Bench) -> None:
    bench.client.put_alarm(
        alarmName="down",
        metricName="HealthyHostCount",
        monitoredResourceName="lb",
        comparisonOperator="LessThanThreshold",
        threshold=1,
        evaluationPeriods=1,
    )

    def state() -> str:
        return bench.client.get_alarms()["alarms"][0]["state"]

    assert state() == "INSUFFICIENT_DATA"
    attach(bench, "w1")
    bench.clock.advance(HOUR)
    assert state() == "OK"
    bench.client.stop_instance(instanceName="w1")
    bench.clock.advance(HOUR)
    assert state() == "ALARM"


def test_a_level_counts_the_spells_that_are_on() -> None:
    level = Level([(10, 20), (15, None), (20, 30)])
    assert [level.at(time) for time in (0, 10, 14, 15, 20, 29.9, 30, 1e9)] == [0, 1, 1, 2, 2, 2, 1, 1]
    assert Level([]).at(0) == 0
