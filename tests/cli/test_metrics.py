"""`skysail metrics`: a line a metric for people, every point for programs, and the same points as the service's."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import UTC, datetime

import pytest

from skysail.cli.measurements import MOST_POINTS, metric, period_of, quantity


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
    assert re.fullmatch(r"CPUUtilization +mean \d+\.\d %   peak \d+\.\d %", lines[0])  # no blocks into a pipe
    assert re.fullmatch(r"NetworkIn +sum [\d.]+ MB   mean [\d.]+ kB", lines[2])
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


def test_where_colour_is_asked_for_there_are_blocks_too(cli, web):
    told = cli("metrics", "web", "--color", "always", bench=web)
    assert re.match(r"CPUUtilization +[▁▂▃▄▅▆▇█ ]{24}   mean ", told.out)


@pytest.mark.parametrize(
    ("value", "unit", "told"),
    [
        (0.26, "Percent", "0.3 %"),
        (999, "Bytes", "999 B"),
        (37_742.4, "Bytes", "37.7 kB"),
        (10_832_017, "Bytes", "10.8 MB"),
        (2.5e12, "Bytes", "2,500.0 GB"),
        (1234, "Count", "1,234"),
        (1.25, "Seconds", "1.2 Seconds"),
    ],
)
def test_a_quantity_has_its_unit(value, unit, told):
    assert quantity(value, unit) == told
