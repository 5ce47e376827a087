"""`--where`, `--sort`, `--resume last`, wide columns and the forms of other programs."""

from __future__ import annotations

import json

import pytest

DAY = 86_400


@pytest.fixture
def fleet(bench):
    """db, 40 days old, small and a database; web-1 stopped; Web-2 pending, of the second zone."""
    bench.instance("db", bundleId="small_3_0", tags=[{"key": "role", "value": "db"}, {"key": "old"}])
    bench.clock.advance(40 * DAY)
    bench.instance("web-1", "stopped", tags=[{"key": "role", "value": "web"}])
    bench.clock.advance(3 * 3600)
    bench.create("Web-2", availabilityZone="us-east-1b")
    return bench


def names(told):
    assert told.status == 0, told.err
    return told.out.split()


@pytest.mark.parametrize(
    ("conditions", "fits"),
    [
        (["state=running"], ["db"]),
        (["state=RUNNING"], ["db"]),
        (["state!=running"], ["Web-2", "web-1"]),
        (["state.name=stopped"], ["web-1"]),
        (["name=web-*"], ["Web-2", "web-1"]),
        (["tag:role=web"], ["web-1"]),
        (["tag:role!=web"], ["Web-2", "db"]),
        (["tag:old"], ["db"]),
        (["tag:none"], []),
        (["ram>=2"], ["db"]),
        (["ram<2"], ["Web-2", "web-1"]),
        (["networking.ports.fromPort=22"], ["Web-2", "web-1", "db"]),
        (["location.availabilityZone=us-east-1b"], ["Web-2"]),
        (["isStaticIp=false"], ["Web-2", "web-1", "db"]),
        (["name=web-*", "state=stopped"], ["web-1"]),
    ],
)
def test_all_conditions_must_hold(cli, fleet, conditions, fits):
    arguments = [word for condition in conditions for word in ("--where", condition)]
    assert names(cli("instances", "-o", "name", *arguments, bench=fleet)) == fits


@pytest.mark.parametrize(
    ("order", "sorted_names"),
    [
        ("name", ["db", "web-1", "Web-2"]),
        ("-name", ["Web-2", "web-1", "db"]),
        ("age", ["Web-2", "web-1", "db"]),
        ("-age", ["db", "web-1", "Web-2"]),
        ("-ram,name", ["db", "web-1", "Web-2"]),
        ("public-ip", ["db", "Web-2", "web-1"]),
    ],
)
def test_a_listing_is_sorted_by_columns_and_what_has_no_value_comes_last(cli, fleet, order, sorted_names):
    assert names(cli("instances", "-o", "name", "--sort", order, bench=fleet)) == sorted_names


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (
            ["--where", "=x"],
            "error: --where =x is no condition — such as state=running, tag:role=web, ram>=2, name=web-*",
        ),
        (["--where", "ram>=big"], "error: --where ram>=big: big is no number"),
        (["--sort", "nane"], "error: no column nane — did you mean name?"),
        (["--resume", "last"], "error: no listing has broken off here — leave out --resume"),
        (["--watch", "--region", "all"], "error: --watch looks at one place"),
        (["--watch", "-o", "csv"], "error: --watch tells changes, and -o csv is for a listing"),
        (["--watch", "--sort", "name"], "error: --watch tells changes, and --sort is for a listing"),
    ],
)
def test_what_cannot_be_is_said_in_one_line(cli, fleet, tmp_path, arguments, line):
    told = cli("instances", *arguments, bench=fleet, environ={"HOME": str(tmp_path)})
    assert told.status == 2
    assert told.err.startswith(line)
    assert told.err.count("\n") == 1


def test_a_state_that_there_is_not_is_told_with_those_there_are(cli, fleet):
    told = cli("instances", "--where", "state=runing", bench=fleet)
    assert told.status == 0
    assert (
        told.err == "nothing: none of 3 instances has state=runing — states are pending, running, stopping, stopped\n"
    )


def test_wide_shows_cost_ports_and_the_kind_of_the_address(cli, fleet):
    told = cli("instances", "-o", "wide", "--where", "name=db", bench=fleet)
    header, row = (line.split() for line in told.out.splitlines())
    shown = dict(zip(header, row, strict=False))
    assert (shown["IP-KIND"], shown["CPU"], shown["RAM"], shown["USD/MO"]) == ("dynamic", "2", "2", "12.00")


@pytest.mark.parametrize("form", ["ansible", "prometheus", "ssh-config"])
def test_other_programs_get_their_own_forms(cli, fleet, form):
    told = cli("instances", "-o", form, bench=fleet)
    assert told.status == 0, told.err
    address = fleet.get("db")["publicIpAddress"]
    if form == "ssh-config":
        assert f"Host db\n    HostName {address}\n    User ec2-user\n" in told.out
        return
    document = json.loads(told.out)
    if form == "ansible":
        assert document["_meta"]["hostvars"]["db"] == {"ansible_host": address, "ansible_user": "ec2-user"}
        assert document["role_db"] == {"hosts": ["db"]}
    else:
        labels = next(one["labels"] for one in document if one["labels"]["__meta_lightsail_instance_name"] == "db")
        assert (labels["__meta_lightsail_public_ip"], labels["__meta_lightsail_tag_role"]) == (address, "db")


def test_a_listing_that_broke_off_goes_on_by_resume_last(cli, fleet, tmp_path):
    environ = {"HOME": str(tmp_path)}
    first = cli("instances", "-o", "name", "--max-items", "2", bench=fleet, environ=environ)
    rest = cli("instances", "-o", "name", "--resume", "last", bench=fleet, environ=environ)
    assert names(first) + names(rest) == ["Web-2", "web-1", "db"]
    for kept in tmp_path.rglob("last-walk.json"):
        assert "secret" not in kept.read_text().lower()
