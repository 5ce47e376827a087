"""Alarms: what they are set to, what state they are in, and what becomes of them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from bench import START, Bench, refusal
from modelled import misfits
from skysail.errors import NotFoundException, ServiceError
from skysail.service.nouns.monitoring import judged

ALARM = {
    "alarmName": "hot",
    "monitoredResourceName": "web",
    "metricName": "CPUUtilization",
    "comparisonOperator": "GreaterThanThreshold",
    "threshold": 50,
    "evaluationPeriods": 2,
}


def put(bench: Bench, **settings: Any) -> list[dict[str, Any]]:
    operations: list[dict[str, Any]] = bench.client.put_alarm(**{**ALARM, **settings})["operations"]
    return operations


def shown(bench: Bench, name: str = "hot") -> dict[str, Any]:
    [alarm] = bench.client.get_alarms(alarmName=name)["alarms"]
    return alarm  # type: ignore[no-any-return]


def test_a_new_alarm_has_the_members_of_the_model_and_what_is_usual(bench: Bench) -> None:
    bench.instance()
    [operation] = put(bench, tags=[{"key": "team", "value": "a"}])
    assert (operation["resourceType"], operation["operationType"]) == ("Alarm", "PutAlarm")
    assert (operation["resourceName"], operation["status"]) == ("hot", "Succeeded")
    alarm = shown(bench)
    assert alarm.pop("arn").startswith("arn:aws:lightsail:us-east-1:")
    assert alarm.pop("supportCode")
    assert alarm == {
        "name": "hot",
        "createdAt": datetime.fromtimestamp(START + 60, UTC),
        "location": {"availabilityZone": "all", "regionName": "us-east-1"},
        "resourceType": "Alarm",
        "monitoredResourceInfo": {"name": "web", "resourceType": "Instance", "arn": bench.get()["arn"]},
        "comparisonOperator": "GreaterThanThreshold",
        "evaluationPeriods": 2,
        "period": 300,
        "threshold": 50.0,
        "datapointsToAlarm": 2,
        "treatMissingData": "missing",
        "statistic": "Average",
        "metricName": "CPUUtilization",
        "state": "INSUFFICIENT_DATA",
        "unit": "Percent",
        "contactProtocols": [],
        "notificationTriggers": ["ALARM"],
        "notificationEnabled": True,
        "tags": [{"key": "team", "value": "a"}],
    }
    assert misfits("GetAlarms", bench.send({}, "GetAlarms")) == []


def test_it_is_in_alarm_or_not_by_the_metric_from_its_first_look_on(bench: Bench) -> None:
    bench.instance()
    bench.clock.advance(3600)
    put(bench)
    put(bench, alarmName="idle", comparisonOperator="LessThanThreshold", threshold=1)
    assert (shown(bench)["state"], shown(bench, "idle")["state"]) == ("INSUFFICIENT_DATA", "INSUFFICIENT_DATA")
    bench.clock.advance(300)
    assert (shown(bench)["state"], shown(bench, "idle")["state"]) == ("OK", "ALARM")
    bench.client.stop_instance(instanceName="web")
    bench.clock.advance(3600)
    assert shown(bench)["state"] == "INSUFFICIENT_DATA", "a stopped machine is not measured"


def test_a_test_shows_a_state_until_the_next_look(bench: Bench) -> None:
    bench.instance()
    put(bench)
    bench.clock.advance(3600)
    [operation] = bench.client.test_alarm(alarmName="hot", state="ALARM")["operations"]
    assert operation["operationType"] == "TestAlarm"
    assert shown(bench)["state"] == "ALARM"
    bench.clock.advance(300)
    assert shown(bench)["state"] == "OK"


def test_an_alarm_that_is_put_again_keeps_what_it_is_and_takes_the_rest(bench: Bench) -> None:
    bench.instance()
    put(bench, tags=[{"key": "a"}])
    before = shown(bench)
    bench.clock.advance(3600)
    put(bench, threshold=80, evaluationPeriods=3, datapointsToAlarm=1, treatMissingData="ignore")
    after = shown(bench)
    assert after.pop("state") == "OK", "what it was before"
    assert before.pop("state") == "INSUFFICIENT_DATA"
    changed = {"threshold": 80.0, "evaluationPeriods": 3, "datapointsToAlarm": 1, "treatMissingData": "ignore"}
    assert after == {**before, **changed}


def test_what_is_said_twice_is_kept_once(bench: Bench) -> None:
    bench.instance()
    put(bench, notificationTriggers=["OK", "ALARM"] * 1_000, contactProtocols=["Email"] * 1_000)
    assert (shown(bench)["notificationTriggers"], shown(bench)["contactProtocols"]) == (["OK", "ALARM"], ["Email"])


REFUSED = {
    "a metric of another kind": (
        {"metricName": "RequestCount"},
        "The metric is not valid for the resource type: RequestCount",
    ),
    "no periods": ({"evaluationPeriods": 0}, "The evaluation periods must be between 1 and 288: 0"),
    "too many periods": ({"evaluationPeriods": 289}, "The evaluation periods must be between 1 and 288: 289"),
    "more datapoints than periods": (
        {"datapointsToAlarm": 3},
        "The datapoints to alarm must be between 1 and the evaluation periods: 3",
    ),
    "triggers without ALARM": ({"notificationTriggers": ["OK"]}, "The ALARM notification trigger must be specified."),
}


@pytest.mark.parametrize(("settings", "text"), REFUSED.values(), ids=REFUSED)
def test_settings_that_do_not_fit_are_refused(bench: Bench, settings: dict[str, Any], text: str) -> None:
    bench.instance()
    with pytest.raises(ServiceError) as caught:
        put(bench, **settings)
    assert refusal(caught.value).message == text
    assert bench.client.get_alarms()["alarms"] == []


def test_a_metric_has_two_alarms_at_most_and_an_alarm_stays_on_its_metric(bench: Bench) -> None:
    bench.instance()
    for name in ("one", "two"):
        put(bench, alarmName=name)
    with pytest.raises(ServiceError) as caught:
        put(bench, alarmName="three")
    assert refusal(caught.value).message == "You've reached the maximum number of alarms for this metric: 2"
    put(bench, alarmName="three", metricName="NetworkIn")
    put(bench, alarmName="two", threshold=1)
    with pytest.raises(ServiceError, match="can't be changed: two"):
        put(bench, alarmName="two", metricName="NetworkOut")


def test_alarms_are_found_by_name_and_by_resource_and_listed_in_pages(bench: Bench) -> None:
    bench.instance()
    bench.instance("other")
    for count, (name, on) in enumerate([("one", "web"), ("two", "other"), ("three", "web")]):
        put(bench, alarmName=name, monitoredResourceName=on, metricName=["NetworkIn", "NetworkOut"][count % 2])
    names = lambda **asked: [alarm["name"] for alarm in bench.client.get_alarms(**asked)["alarms"]]  # noqa: E731
    assert names() == ["three", "two", "one"]
    assert names(monitoredResourceName="web") == ["three", "one"]
    assert names(monitoredResourceName="nobody") == names(alarmName="two", monitoredResourceName="web") == []
    with pytest.raises(NotFoundException, match="The Alarm does not exist: four"):
        names(alarmName="four")
    small = Bench(bench.lightsail.store, clock=bench.clock, page_size=2)
    first = small.client.get_alarms()
    assert [alarm["name"] for alarm in small.client.get_alarms(pageToken=first["nextPageToken"])["alarms"]] == ["one"]


def test_an_alarm_may_have_an_instances_name_and_goes_with_its_instance(bench: Bench) -> None:
    bench.instance()
    bench.instance("other")
    put(bench, alarmName="web")
    put(bench, alarmName="stays", monitoredResourceName="other")
    [operation] = bench.client.delete_alarm(alarmName="web")["operations"]
    assert (operation["resourceType"], operation["operationType"]) == ("Alarm", "DeleteAlarm")
    put(bench, alarmName="goes")
    bench.client.delete_instance(instanceName="web")
    assert [alarm["name"] for alarm in bench.client.get_alarms()["alarms"]] == ["stays"]
    for call in (bench.client.delete_alarm, lambda **asked: bench.client.test_alarm(state="OK", **asked)):
        with pytest.raises(NotFoundException, match="The Alarm does not exist: goes"):
            call(alarmName="goes")
    with pytest.raises(NotFoundException, match="The resource does not exist: web"):
        put(bench)


@pytest.mark.parametrize(
    ("values", "treated", "state"),
    [
        ([60.0, 70.0, None], "missing", "ALARM"),
        ([60.0, 10.0, None], "missing", "OK"),
        ([None, None, None], "missing", "INSUFFICIENT_DATA"),
        ([None, None, None], "ignore", "as before"),
        ([None, None, None], "breaching", "ALARM"),
        ([None, None, None], "notBreaching", "OK"),
        ([60.0, None, None], "breaching", "ALARM"),
        ([60.0, None, None], "notBreaching", "OK"),
        ([50.0, 50.0, 50.0], "missing", "OK"),
    ],
)
def test_missing_data_counts_as_the_alarm_says(values: list[float | None], treated: str, state: str) -> None:
    alarm = {
        "treatMissingData": treated,
        "comparisonOperator": "GreaterThanThreshold",
        "threshold": 50.0,
        "datapointsToAlarm": 2,
    }
    assert judged(values, alarm, "as before") == state
