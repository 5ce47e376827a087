"""`skysail instances show` and `create`: one screen that says all, and a machine with its price and its address."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest

from skysail.cli.show import row
from skysail.cli.sparkline import gathered, sparkline

ORDER = ("--blueprint", "ubuntu_24_04", "--bundle", "small_3_0")


def test_show_says_how_to_reach_it_what_it_costs_and_what_hangs_on_it(cli, bench):
    bench.instance("web", bundleId="small_3_0", tags=[{"key": "role", "value": "web"}, {"key": "old"}])
    bench.client.allocate_static_ip(staticIpName="web-ip")
    bench.client.attach_static_ip(staticIpName="web-ip", instanceName="web")
    bench.client.create_instance_snapshot(instanceName="web", instanceSnapshotName="kept")
    bench.client.put_instance_public_ports(
        instanceName="web",
        portInfos=[
            {"fromPort": 22, "toPort": 22, "protocol": "tcp", "cidrs": ["198.51.100.0/24"]},
            {"fromPort": 8000, "toPort": 8010, "protocol": "tcp"},
        ],
    )
    bench.clock.advance(2 * 86_400)
    instance = bench.get("web")
    told = cli("instances", "show", "web", bench=bench)
    assert told.status == 0, told.err
    head, *rows = told.out.splitlines()
    shown = {row[2:12].rstrip(): row[14:] for row in rows}
    assert head.startswith("web   running   made ")
    assert head.endswith(" UTC (2d ago)")
    assert shown["arn"] == instance["arn"]
    assert shown["connect"] == f"ssh ec2-user@{instance['publicIpAddress']}   key LightsailDefaultKeyPair"
    assert "12.00 USD/month (list price)" in shown["plan"]
    assert shown["network"].startswith(f"{instance['publicIpAddress']} static (web-ip)   172.")
    assert "22/tcp from 198.51.100.0/24" in shown["firewall"]
    assert "8000-8010/tcp from anywhere" in shown["firewall"]
    assert shown["disks"] == "60 GB system"
    assert re.fullmatch(
        r"mean \d+\.\d %   peak \d+\.\d %   burst left \d+ %", shown["CPU, 24 h"]
    )  # no blocks into a pipe
    assert shown["snapshots"] == "1 manual (kept)   automatic ones are off"
    assert shown["tags"] == "role=web old"


def test_show_as_json_is_what_the_service_says(cli, bench):
    bench.instance("web")
    told = cli("instances", "show", "web", "-o", "json", bench=bench)
    assert json.loads(told.out)["arn"] == bench.get("web")["arn"]


def test_show_of_one_that_is_not_there_names_the_nearest(cli, bench):
    bench.instance("web-1")
    told = cli("instances", "show", "wbe-1", bench=bench)
    assert (told.status, told.out) == (1, "")
    assert told.err == "error: us-east-1 (default): there is no instance wbe-1 — did you mean web-1?\n"


def test_create_waits_and_gives_the_address(cli, bench):
    told = cli("instances", "create", "web", *ORDER, "--tag", "role=web", "--tag", "old", "--wait", bench=bench)
    assert told.status == 0, told.err
    assert told.err.startswith("web  small_3_0, ubuntu_24_04, us-east-1a, 12.00 USD/month\n")
    made = bench.get("web")
    name, state, _, address, ipv6, login = told.out.rstrip().split("  ")
    assert (name, state, address, ipv6) == ("web", "running", made["publicIpAddress"], *made["ipv6Addresses"])
    assert login == f"ssh ubuntu@{made['publicIpAddress']}"
    assert made["tags"] == [{"key": "role", "value": "web"}, {"key": "old"}]


@pytest.mark.parametrize(
    ("names", "look"), [(["web"], "skysail instances show web"), (["web", "db"], "skysail instances --watch")]
)
def test_ctrl_c_ends_the_waiting_and_not_what_was_begun(cli, bench, names, look):
    def sleep(seconds):
        raise KeyboardInterrupt

    world = replace(bench.lightsail.world, sleep=sleep)
    told = cli("instances", "create", *names, *ORDER, "--wait", bench=bench, world=world)
    assert told.status == 130
    assert told.err.splitlines()[-1] == f"no longer waiting; it goes on by itself: {look}"
    assert bench.state("web") == "pending"


def test_create_without_waiting_gives_the_operations(cli, bench):
    told = cli("instances", "create", "db", "web", *ORDER, "--no-wait", bench=bench)
    assert told.status == 0, told.err
    assert "12.00 USD/month each" in told.err
    found = dict(line.split("  ") for line in told.out.splitlines())
    assert set(found) == {"db", "web"}
    assert {bench.state("db"), bench.state("web")} == {"pending"}
    assert bench.client.get_operation(operationId=found["db"])["operation"]["resourceName"] == "db"


def test_a_dry_run_prints_the_request_and_makes_nothing(cli, bench, tmp_path):
    script = tmp_path / "start.sh"
    script.write_text("#!/bin/sh\n")
    told = cli("instances", "create", "web", *ORDER, "--user-data", str(script), "--dry-run", bench=bench)
    assert json.loads(told.out) == {
        "instanceNames": ["web"],
        "availabilityZone": "us-east-1a",
        "blueprintId": "ubuntu_24_04",
        "bundleId": "small_3_0",
        "userData": "#!/bin/sh\n",
    }
    assert bench.names() == []


@pytest.mark.parametrize(
    ("words", "status", "line"),
    [
        (["web", *ORDER, "--tag", "=x"], 2, "error: --tag =x has no key — --tag KEY=VALUE\n"),
        ([*ORDER], 2, "error: NAME is missing — skysail instances create --help\n"),
    ],
)
def test_a_wrong_order_is_told_in_one_line(cli, bench, words, status, line):
    told = cli("instances", "create", *words, bench=bench)
    assert (told.status, told.err) == (status, line)


@pytest.mark.parametrize(
    ("values", "most", "blocks"),
    [
        ([], None, ""),
        ([0, 0], None, "▁▁"),
        ([0, None, 8], None, "▁ █"),
        ([0, 50, 100], 100, "▁▅█"),
        ([-1, 200], 100, "▁█"),
    ],
)
def test_a_sparkline_goes_from_nothing_to_the_most(values, most, blocks):
    assert sparkline(values, most=most) == blocks


def test_points_are_gathered_by_time():
    assert gathered([(0, 1), (4, 3), (5, 8), (10, 99)], 0, 10, 2) == [2, 8]
    assert gathered([(9, 1)], 0, 10, 5) == [None, None, None, None, 1]


@pytest.mark.parametrize(
    ("order", "line"),
    [
        (
            ("--blueprint", "ubuntu_2404", "--bundle", "small_3_0"),
            "The specified blueprint does not exist in this region: ubuntu_2404 — "
            "did you mean ubuntu_24_04? all of them: skysail blueprints",
        ),
        (
            ("--blueprint", "ubuntu_24_04", "--bundle", "smal_3_0"),
            "did you mean small_3_0? all of them: skysail bundles",
        ),
        ((*ORDER, "--zone", "us-east-1z"), "zones of us-east-1: us-east-1a, us-east-1b, "),
    ],
)
def test_a_refused_order_says_what_was_meant(cli, bench, order, line):
    told = cli("instances", "create", "web", *order, "--no-wait", bench=bench)
    assert (told.status, told.out) == (1, "")
    assert line in told.err.splitlines()[-1]


def test_a_name_that_is_taken_says_by_what(cli, bench):
    bench.client.allocate_static_ip(staticIpName="web")
    bench.instance("db")
    told = cli("instances", "create", "web", "db", *ORDER, "--no-wait", bench=bench)
    assert told.status == 1
    assert told.err.splitlines()[-1] == (
        "error: us-east-1 (default): taken: web by a static IP, db by an instance — "
        "names are unique across kinds in a region"
    )


@pytest.mark.parametrize(
    ("width", "told"),
    [
        (None, "  plan        one   two   three\n"),
        (80, "  plan        one   two   three\n"),
        (24, "  plan        one   two\n              three\n"),
        (10, "  plan        one\n              two\n              three\n"),
    ],
)
def test_a_row_takes_as_many_lines_as_it_must_and_no_part_is_cut(width, told):
    assert row("plan", ["one", "two", "three"], width) == told
