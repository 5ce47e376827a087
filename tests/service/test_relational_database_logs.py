"""What databases tell: events, log lines both ways, metrics, and alarms on them."""

from __future__ import annotations

from typing import Any

import pytest

from bench import START, Bench, Refusal, refused
from databases import DAY, HOUR, POSTGRES, available, create, state, stopped, take
from modelled import misfits
from skysail.errors import NotFoundException
from skysail.service.nouns.database_metrics import METRICS

OF = {"relationalDatabaseName": "db"}


def invalid(message: str) -> Refusal:
    return Refusal("InvalidInputException", "InvalidParams", message)


# --- events -----------------------------------------------------------------------------------------------


def events(bench: Bench, minutes: int = 20_160) -> list[dict[str, Any]]:
    pages = bench.client.get_paginator("get_relational_database_events").paginate(**OF, durationInMinutes=minutes)
    return [event for page in pages for event in page["relationalDatabaseEvents"]]


def told(bench: Bench) -> list[str]:
    return [event["message"] for event in events(bench)]


BORN = ["Relational Database created", "Backing up Relational Database", "Finished Relational Database backup"]


def test_what_is_done_with_a_database_is_told_oldest_first(bench: Bench) -> None:
    create(bench)
    assert told(bench) == []
    bench.settle()
    assert told(bench) == BORN
    bench.client.reboot_relational_database(**OF)
    bench.settle()
    take(bench)
    bench.settle()
    bench.client.stop_relational_database(**OF)
    bench.settle()
    bench.client.start_relational_database(**OF)
    bench.settle()
    assert told(bench)[3:] == [
        "Relational Database shutdown",
        "Relational Database restarted",
        "Creating manual snapshot",
        "Manual snapshot created",
        "Relational Database stopped",
        "Relational Database started",
    ]
    response = bench.send(OF, "GetRelationalDatabaseEvents")
    assert misfits("GetRelationalDatabaseEvents", response) == []


def test_each_day_has_a_backup_in_the_window_while_the_database_is_up(bench: Bench) -> None:
    available(bench, preferredBackupWindow="08:00-08:30", preferredMaintenanceWindow="sun:10:00-sun:11:00")
    for _ in range(3 * 24 * 12):
        bench.clock.advance(300)
        assert state(bench) == "available"
    bench.client.stop_relational_database(**OF)
    bench.clock.advance(2 * DAY)
    found = events(bench)[3:-1]
    assert [event["message"] for event in found] == BORN[1:] * 3
    assert all(event["eventCategories"] == ["backup"] for event in found)
    for began, finished in zip(found[::2], found[1::2], strict=True):
        assert "08:00" <= f"{began['createdAt']:%H:%M}" < "08:30"
        assert (finished["createdAt"] - began["createdAt"]).total_seconds() == pytest.approx(103)
    bench.client.start_relational_database(**OF)
    bench.settle()
    before = events(bench)
    bench.client.update_relational_database(**OF, preferredBackupWindow="12:00-12:30")
    bench.settle()
    assert events(bench) == before  # what was told stays true
    bench.clock.advance(15 * DAY)
    assert len(told(bench)) == 2 * 14  # and is kept for two weeks


def test_events_go_back_as_far_as_is_asked_for_and_come_in_pages() -> None:
    bench = Bench(page_size=2)
    available(bench)
    assert len(events(bench, minutes=1)) == 3
    bench.clock.advance(HOUR)
    assert [len(events(bench, minutes)) for minutes in (60, 62)] == [0, 3]
    call = bench.client.get_relational_database_events
    for minutes in (0, 20_161):
        refusal = refused(call, **OF, durationInMinutes=minutes)
        assert refusal == invalid(f"The duration must be between 1 and 20160 minutes: {minutes}")
    with pytest.raises(NotFoundException, match="The RelationalDatabase does not exist: web"):
        call(relationalDatabaseName="web")
    bench.close()


# --- logs -------------------------------------------------------------------------------------------------


def log(bench: Bench, stream: str = "error", **asked: Any) -> dict[str, Any]:
    answer: dict[str, Any] = bench.client.get_relational_database_log_events(**OF, logStreamName=stream, **asked)
    return answer


def times(page: dict[str, Any]) -> list[float]:
    return [event["createdAt"].timestamp() for event in page["resourceLogEvents"]]


def test_each_engine_has_its_streams(bench: Bench) -> None:
    create(bench)
    assert bench.client.get_relational_database_log_streams(**OF)["logStreams"] == [
        "audit",
        "error",
        "general",
        "slowquery",
    ]
    create(bench, "other", **POSTGRES)
    answer = bench.client.get_relational_database_log_streams(relationalDatabaseName="other")
    assert answer["logStreams"] == ["postgresql"]
    assert misfits("GetRelationalDatabaseLogStreams", bench.send(OF, "GetRelationalDatabaseLogStreams")) == []


@pytest.mark.parametrize("stream", ["audit", "general", "slowquery", "error"])
def test_a_log_without_lines_has_tokens_that_lead_to_what_comes(bench: Bench, stream: str) -> None:
    create(bench)
    page = log(bench, stream)
    assert page["resourceLogEvents"] == []
    bench.clock.advance(DAY)
    following = log(bench, stream, pageToken=page["nextForwardToken"])
    assert bool(following["resourceLogEvents"]) is (stream == "error")


@pytest.mark.parametrize(("stream", "order", "hours"), [("error", {}, 48), ("postgresql", POSTGRES, 6)])
def test_a_log_is_read_from_its_tail_both_ways(stream: str, order: dict[str, str], hours: int) -> None:
    bench = Bench(page_size=5)
    available(bench, **order)
    bench.clock.advance(hours * HOUR)
    tail = log(bench, stream)
    newest = times(tail)
    assert newest == sorted(newest)
    assert bench.clock.now() - newest[-1] < DAY
    behind = log(bench, stream, pageToken=tail["nextForwardToken"])
    assert behind["resourceLogEvents"] == []
    assert behind["nextForwardToken"] == tail["nextForwardToken"]  # no more that way, yet

    walked, page = [tail], tail
    while (page := log(bench, stream, pageToken=page["nextBackwardToken"]))["resourceLogEvents"]:
        walked.insert(0, page)
    every = [event for one in walked for event in one["resourceLogEvents"]]
    assert "ready" in every[0]["message"]
    assert len(every) == len({(event["createdAt"], event["message"]) for event in every})
    first = log(bench, stream, pageToken=page["nextForwardToken"])["resourceLogEvents"]
    assert first == every[: len(first)] != []

    forth, page = [walked[0]], walked[0]
    while (page := log(bench, stream, pageToken=page["nextForwardToken"]))["resourceLogEvents"]:
        forth.append(page)
    assert [event for one in forth for event in one["resourceLogEvents"]] == every
    bench.clock.advance(DAY)  # and what has come since is behind
    assert times(log(bench, stream, pageToken=page["nextForwardToken"]))[0] > newest[-1]
    bench.close()


def test_a_log_is_read_from_its_head_within_times(bench: Bench) -> None:
    available(bench)
    bench.clock.advance(10 * DAY)
    head = log(bench, startFromHead=True)
    assert "ready for connections. Version: '8.0.16'" in head["resourceLogEvents"][0]["message"]
    every = times(head)
    since, until = START + 2 * DAY, START + 4 * DAY
    within = log(bench, startTime=since, endTime=until)
    assert times(within) == [time for time in every if since <= time < until]
    assert within["resourceLogEvents"]
    assert times(log(bench, pageToken=within["nextForwardToken"]))[0] >= until  # it goes on beyond these times
    assert all(time == int(time) for time in every)
    response = bench.send(OF | {"logStreamName": "error"}, "GetRelationalDatabaseLogEvents")
    assert misfits("GetRelationalDatabaseLogEvents", response) == []


def test_a_log_is_silent_while_the_database_is_stopped_and_says_when_it_begins_anew(bench: Bench) -> None:
    stopped(bench)
    since = bench.clock.now()
    bench.clock.advance(3 * DAY)
    assert times(log(bench, startTime=since)) == []
    bench.client.start_relational_database(**OF)
    bench.settle()
    (line,) = log(bench, startTime=since)["resourceLogEvents"]
    assert "ready" in line["message"]


def test_what_cannot_be_read(bench: Bench) -> None:
    available(bench)
    available(bench, "other", **POSTGRES)
    call = bench.client.get_relational_database_log_events
    with pytest.raises(NotFoundException, match="The RelationalDatabase does not exist: web"):
        call(relationalDatabaseName="web", logStreamName="error")
    with pytest.raises(NotFoundException, match="The log stream does not exist: postgresql"):
        call(**OF, logStreamName="postgresql")
    head = {"relationalDatabaseName": "other", "logStreamName": "postgresql", "startFromHead": True}
    assert refused(call, **head) == invalid("The log of a PostgreSQL database can only be read from its tail.")
    token = log(bench)["nextForwardToken"]
    wrong = {"relationalDatabaseName": "other", "logStreamName": "postgresql", "pageToken": token}
    assert refused(call, **wrong) == invalid("The page token is not valid.")
    times_ = {"startTime": START + 1, "endTime": START + 1}
    assert refused(call, **OF, logStreamName="error", **times_) == invalid(
        "The start time must be earlier than the end time."
    )


# --- metrics ----------------------------------------------------------------------------------------------


def data(bench: Bench, metric: str, back_s: float = HOUR, **asked: Any) -> list[dict[str, Any]]:
    now = bench.clock.now()
    given = {"period": 60, "startTime": now - back_s, "endTime": now, "unit": METRICS[metric].unit, **asked}
    answer = bench.client.get_relational_database_metric_data(
        **OF, metricName=metric, **{"statistics": ["Average", "Maximum", "Sum"], **given}
    )
    assert answer["metricName"] == metric
    found: list[dict[str, Any]] = answer["metricData"]
    return sorted(found, key=lambda point: point["timestamp"])


RANGES = {
    "CPUUtilization": (2, 10),
    "DatabaseConnections": (0, 1),
    "DiskQueueDepth": (0, 0.02),
    "FreeStorageSpace": (75 * 2**30, 80 * 2**30),
    "NetworkReceiveThroughput": (300, 3_000),
    "NetworkTransmitThroughput": (600, 9_000),
    "FreeableMemory": (0.3 * 2**30, 0.5 * 2**30),
    "SwapUsage": (0, 64e6),
}


@pytest.mark.parametrize("metric", METRICS)
def test_every_metric_of_the_model_has_a_point_a_minute(bench: Bench, metric: str) -> None:
    available(bench)
    bench.clock.advance(DAY)
    points = data(bench, metric)
    assert len(points) == 60
    low, high = RANGES[metric]
    assert all(low <= point["average"] <= point["maximum"] <= high for point in points)
    request = {"metricName": metric, "period": 60, "unit": METRICS[metric].unit, "statistics": ["Average"]}
    when = {"startTime": bench.clock.now() - HOUR, "endTime": bench.clock.now()}
    response = bench.send(OF | request | when, "GetRelationalDatabaseMetricData")
    assert misfits("GetRelationalDatabaseMetricData", response) == []


def test_nothing_is_measured_while_it_is_stopped(bench: Bench) -> None:
    stopped(bench)
    bench.clock.advance(HOUR)
    assert data(bench, "CPUUtilization", 30 * 60) == []
    bench.client.start_relational_database(**OF)
    bench.clock.advance(HOUR)
    assert len(data(bench, "CPUUtilization", 3 * HOUR)) == 59  # whole minutes


def test_on_some_days_somebody_is_connected(bench: Bench) -> None:
    available(bench)
    bench.clock.advance(20 * DAY)
    sums = [point["sum"] for point in data(bench, "DatabaseConnections", 14 * DAY, period=DAY)]
    assert any(value == 0 for value in sums)
    assert any(600 < value < 800 for value in sums)


def test_an_unknown_metric_or_database_is_refused(bench: Bench) -> None:
    available(bench)
    asked = {"period": 60, "startTime": START, "endTime": START + 60, "unit": "Count", "statistics": ["Sum"]}
    call = bench.client.get_relational_database_metric_data
    refusal = refused(call, **OF, metricName="NetworkIn", **asked)
    assert refusal.kind in ("InvalidInputException", "ParamValidationError")
    with pytest.raises(NotFoundException):
        call(relationalDatabaseName="web", metricName="CPUUtilization", **asked)


def test_an_alarm_watches_a_database_and_goes_with_it(bench: Bench) -> None:
    available(bench)
    order = {
        "alarmName": "full",
        "monitoredResourceName": "db",
        "metricName": "FreeableMemory",
        "comparisonOperator": "LessThanThreshold",
        "threshold": 2.0**30,
        "evaluationPeriods": 2,
    }
    bench.client.put_alarm(**order)
    bench.clock.advance(HOUR)
    (alarm,) = bench.client.get_alarms(alarmName="full")["alarms"]
    assert (alarm["state"], alarm["unit"], alarm["statistic"]) == ("ALARM", "Bytes", "Average")
    assert alarm["monitoredResourceInfo"]["resourceType"] == "RelationalDatabase"
    bench.client.delete_relational_database(**OF, skipFinalSnapshot=True)
    bench.settle()
    assert bench.client.get_alarms()["alarms"] == []
