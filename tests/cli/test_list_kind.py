"""`skysail list`, and `skysail disks` and the like: all of a kind, in one place or in many."""

from __future__ import annotations

import csv
import io
import json

import pytest

import skysail
from running_server import RunningServer
from skysail.cli.commands import COMMANDS, NOUNS
from skysail.cli.kinds import KINDS
from skysail.protocol.model import service_model
from skysail.telling.columns import choose


@pytest.fixture
def account(bench):
    """Two disks, of which one hangs on web; a static IP that nothing uses; snapshots of both sorts."""
    bench.instance("web")
    for name, size in (("data", 64), ("spare", 128)):
        bench.client.create_disk(diskName=name, sizeInGb=size, availabilityZone="us-east-1a")
    bench.settle()
    bench.client.attach_disk(diskName="data", instanceName="web", diskPath="/dev/xvdf")
    bench.client.allocate_static_ip(staticIpName="ip")
    bench.client.create_instance_snapshot(instanceName="web", instanceSnapshotName="of-web")
    bench.client.create_disk_snapshot(diskName="spare", diskSnapshotName="of-spare")
    bench.settle()
    return bench


def table(told):
    assert told.status == 0, told.err
    return [line.split() for line in told.out.splitlines()]


@pytest.mark.parametrize("words", [("disks",), ("list", "disks"), ("--region", "us-east-1", "disks")])
def test_a_noun_lists_its_kind(cli, account, words):
    told = cli(*words, bench=account)
    assert table(told) == [
        ["NAME", "STATE", "GB", "ATTACHED-TO", "REGION", "AGE"],
        ["spare", "available", "128", "-", "us-east-1", "2m"],
        ["data", "in-use", "64", "web", "us-east-1", "2m"],
    ]
    assert told.err == "2 disks   us-east-1, profile default, 0.0 s\n"


def test_snapshots_of_all_sorts_are_one_listing(cli, account):
    rows = table(cli("snapshots", "--columns", "name,kind,from,gb", bench=account))
    assert rows[1:] == [["of-web", "InstanceSnapshot", "web", "84"], ["of-spare", "DiskSnapshot", "spare", "128"]]
    document = json.loads(cli("snapshots", "-o", "json", bench=account).out)
    assert [one["name"] for one in document["snapshots"]] == ["of-web", "of-spare"]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["disks", "--where", "gb>=100"], ["spare"]),
        (["disks", "--where", "attached-to="], ["spare"]),
        (["disks", "--sort", "gb"], ["data", "spare"]),
        (["disks", "--sort", "-sizeInGb"], ["spare", "data"]),
        (["static-ips", "--where", "isAttached=false"], ["ip"]),
        (["key-pairs"], ["LightsailDefaultKeyPair"]),
        (["disks", "--where", "name=x*"], []),
    ],
)
def test_they_are_sifted_and_sorted(cli, account, words, found):
    assert cli(*words, "-o", "name", bench=account).out.split() == found


def test_json_is_what_the_service_says(cli, account):
    told = cli("disks", "-o", "json", bench=account)
    expected = account.client.get_disks()["disks"]
    assert [one["arn"] for one in json.loads(told.out)["disks"]] == [one["arn"] for one in expected]
    assert cli("disks", "--query", "sum(disks[].sizeInGb)", bench=account).out == "192\n"
    lines = cli("disks", "-o", "jsonl", bench=account).out.splitlines()
    assert [json.loads(line)["name"] for line in lines] == ["spare", "data"]


@pytest.mark.parametrize(
    ("words", "status", "line"),
    [
        (["buckets"], 0, "nothing: no buckets in us-east-1, profile default"),
        (["buckets", "--fail-empty"], 4, "nothing: no buckets in us-east-1, profile default"),
        (["disks", "--where", "gb>999"], 0, "nothing: none of 2 disks fits   us-east-1, profile default"),
        (["disks", "--columns", "nam"], 2, "error: no column nam — did you mean name"),
        (["disks", "--columns", "foo"], 2, "error: no column foo — skysail list --help"),
        (["disks", "-o", "json", "--columns", "name"], 2, '{"error": '),
        (["disk"], 2, "error: no such command disk — did you mean disks?"),
        (["list", "disk"], 2, "error: KIND: disk is not one of disks, snapshots, "),
    ],
)
def test_nothing_and_what_cannot_be_is_told(cli, account, words, status, line):
    told = cli(*words, bench=account)
    assert told.status == status
    assert told.err.startswith(line)
    assert told.out in ("", "NAME\n")


def test_the_nouns_are_the_kinds_and_no_commands_besides():
    assert tuple(KINDS) == NOUNS
    assert not set(NOUNS) & set(COMMANDS)


@pytest.mark.parametrize("noun", KINDS)
def test_each_kind_is_listed_by_operations_of_the_model_with_its_own_columns(cli, bench, noun):
    kind, model = KINDS[noun], service_model()
    for listing in kind.listings:
        operation = model.operation(model.methods[listing.method])
        members = model.shape(operation.output).members
        element = model.shape(members[listing.member].shape).member.shape
        assert element in kind.columns.shapes
        assert set(listing.arguments) <= set(model.shape(operation.input).members)
    for look in ("usual", "wide"):
        for column in choose(None, is_wide=look == "wide", of=kind.columns):
            for field in column.fields:
                choose(field, of=kind.columns)  # a member of one of the shapes, or it is refused
    assert cli(noun, bench=bench).status == 0


# --- in many places ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A disk in each of two regions."""
    with RunningServer(tmp_path_factory.mktemp("kinds"), "--pace", "instant") as server:
        for region in ("us-east-1", "eu-west-1"):
            keys = {"aws_access_key_id": "local", "aws_secret_access_key": "local"}
            client = skysail.client("lightsail", region, endpoint_url=server.url, **keys)
            client.create_disk(diskName=f"data-{region}", sizeInGb=8, availabilityZone=f"{region}a")
        yield server


def test_in_all_regions_they_come_with_their_places(cli, server):
    told = cli("disks", "--region", "all", "--endpoint", server.url, "-o", "csv", "--columns", "name,region")
    rows = list(csv.reader(io.StringIO(told.out)))
    assert sorted(rows[1:]) == [["data-eu-west-1", "eu-west-1"], ["data-us-east-1", "us-east-1"]]
    assert told.err.startswith("2 disks   19 places, ")


def test_where_there_are_none_it_says_where_there_are_some(cli, server):
    told = cli("disks", "--region", "eu-west-2", "--endpoint", server.url)
    assert told.status == 0
    assert told.err == (
        f"nothing: no disks in eu-west-2, endpoint {server.url}. "
        "The store has 1 in us-east-1, 1 in eu-west-1: --region us-east-1\n"
    )


def test_a_place_that_fails_leaves_the_rest(cli, server):
    faults = skysail.server_handle(server.url).faults
    faults.error("GetDisks", region="eu-west-1", code="AccessDeniedException", status=400)
    where = ("--region", "us-east-1", "--region", "eu-west-1", "--endpoint", server.url)
    try:
        told = cli("disks", *where, "-o", "name")
        assert (told.status, told.out) == (3, "data-us-east-1\n")
        assert told.err.splitlines()[0] == "1 disk in 1 of 2 places. Missing:"
        assert told.err.splitlines()[1].startswith("  default  eu-west-1  ")
        told = cli("disks", "--region", "eu-west-1", "--endpoint", server.url)
        assert told.status == 1
        faults.error("GetDisks", region="us-east-1", code="AccessDeniedException", status=400)
        told = cli("disks", *where)
        assert (told.status, told.out) == (1, "")  # of no use at all: why
    finally:
        faults.clear()


def test_regions_that_are_off_are_left_out_where_that_is_asked_for(cli, server):
    faults = skysail.server_handle(server.url).faults
    faults.error("GetDisks", region="eu-west-1", code="UnrecognizedClientException", status=400)
    where = ("--region", "us-east-1", "--region", "eu-west-1", "--endpoint", server.url)
    try:
        assert "the account has not enabled this region — leave it out: --skip-disabled" in cli("disks", *where).err
        told = cli("disks", *where, "--skip-disabled", "-o", "name")
        assert (told.status, told.out) == (0, "data-us-east-1\n")
    finally:
        faults.clear()


def test_what_one_region_answers_for_is_asked_there_alone(cli, server):
    told = cli("domains", "--region", "all", "--endpoint", server.url)
    assert (told.status, told.err) == (0, f"nothing: no domains in us-east-1, endpoint {server.url}\n")
