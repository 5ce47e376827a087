"""`skysail metrics`: a line a metric for people, every point for programs, and the same points as the service's."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime

import pytest

from skysail.cli.measurements import MOST_POINTS, metric, period_of


@pytest.fixture
def web(bench):
    bench.instance("web")
    bench.clock.advance(2 * 86_400)
    return bench


def test_people_get_a_line_a_metric(cli, web):
    told = cli("metrics", "web", bench=web)
    lines = told.out.splitlines()
    assert [line.split()[0] for line in lines] == [
        *("CPUUtilization", "BurstCapacityPercentage", "NetworkIn", "NetworkOut", "StatusCheckFailed")
    ]
    assert " Percent   peak " in lines[0]
    assert " Bytes   mean " in lines[2]
    assert told.err == "web, last 24h   us-east-1, profile default\n"


def test_programs_get_every_point_as_the_service_has_it(cli, web):
    now = web.lightsail.world.now()
    expected = web.client.get_instance_metric_data(
        instanceName="web",
        metricName="CPUUtilization",
        period=300,
        startTime=datetime.fromtimestamp(now - 7200, UTC),
        endTime=datetime.fromtimestamp(now, UTC),
        unit="Percent",
        statistics=["Average", "Maximum"],
    )["metricData"]
    asked = ("metrics", "web", "--last", "2h", "--metric", "cpuutilization")
    rows = json.loads(cli(*asked, "-o", "json", bench=web).out)
    by_time = sorted((one["timestamp"].isoformat(), one["average"], one["maximum"]) for one in expected)
    assert len(rows) >= 23
    assert [(row["time"], row["average"], row["maximum"]) for row in rows] == by_time
    lines = list(csv.DictReader(io.StringIO(cli(*asked, "-o", "csv", bench=web).out)))
    assert [(line["time"], float(line["value"]), line["statistic"]) for line in lines] == [
        (time, average, "Average") for time, average, _ in by_time
    ]


def test_a_machine_that_never_ran_in_that_time_has_no_data(cli, bench):
    bench.instance("old", "stopped")
    bench.clock.advance(30 * 86_400)
    told = cli("metrics", "old", "--metric", "CPUUtilization", "--last", "1h", bench=bench)
    assert told.out == "CPUUtilization  no data\n"


@pytest.mark.parametrize(("days", "period"), [(1, 300), (5, 300), (6, 600), (60, 3600)])
def test_a_point_is_as_long_as_the_answers_most_points_want(days, period):
    assert period_of(metric("CPUUtilization"), days * 86_400) == period
    assert days * 86_400 / period <= MOST_POINTS


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["web", "--metric", "CPUUtilisation"], "error: no metric CPUUtilisation — did you mean CPUUtilization"),
        (["web", "--last", "soon"], "error: 'soon' is no length of time"),
    ],
)
def test_what_is_none_is_told_in_one_line(cli, web, arguments, line):
    told = cli("metrics", *arguments, bench=web)
    assert (told.status, told.err.startswith(line), told.err.count("\n")) == (2, True, 1), told.err
