"""`skysail seed`: seeds looked at, made, and put into stores; and `skysail serve --seed`."""

from __future__ import annotations

import json

import boto3
import pytest

from running_server import RunningServer, neutral_environment
from skysail.seeds.reading import parsed
from skysail.server import LocalLightsail

FLEET = """
regions:
  eu-central-1:
    instances: [{name: web, count: 2, bundle: nano_3_0, blueprint: debian_12, zones: [a], static_ip: "{name}-ip"}]
"""


@pytest.fixture
def fleet(tmp_path):
    path = tmp_path / "fleet.yaml"
    path.write_text(FLEET)
    return path


def test_a_seed_is_looked_at(cli, fleet):
    assert cli("seed", str(fleet), "--check") == (
        0, f"{fleet}: 2 instances and 3 other resources; nothing is wrong with it\n", "",
    )  # fmt: skip
    fleet.write_text(FLEET.replace("debian_12", "debian_99"))
    told = cli("seed", str(fleet), "--check")
    assert (told.status, told.out) == (2, "")
    assert told.err.startswith(f"error: {fleet}:4: CreateInstances: The specified blueprint does not exist")


def test_a_seed_is_put_into_a_store_once(cli, fleet, tmp_path):
    told = cli("seed", str(fleet), "--into", str(tmp_path / "fleet.db"), "--account", "111122223333")
    assert (told.status, told.err) == (0, "")
    assert told.out.startswith(f"{fleet}: 2 instances and 3 other resources into ")
    with LocalLightsail(tmp_path / "fleet.db") as local:
        client = local.client("eu-central-1", access_key_id="111122223333")
        assert [address["isAttached"] for address in client.get_static_ips()["staticIps"]] == [True, True]
    again = cli("seed", str(fleet), "--into", str(tmp_path / "fleet.db"), "--account", "111122223333")
    assert again.status == 2
    assert "already" in again.err


def test_one_of_any_size_is_printed(cli):
    told = cli("seed", "--instances", "50", "--regions", "us-east-1, eu-west-1", "--random-seed", "3")
    assert (told.status, told.err) == (0, "")
    (made,) = parsed(told.out, "made.yaml")
    assert sum(item.count for region in made.seed.regions.values() for item in region.instances) == 50


def test_the_schema_is_printed(cli):
    told = cli("seed", "--schema")
    assert "Instance" in json.loads(told.out)["$defs"]


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        ([], "one of FILE, --instances and --schema is wanted"),
        (["x.yaml", "--schema"], "one of FILE, --instances and --schema is wanted"),
        (["x.yaml"], "a seed is to be looked at (--check) or put somewhere (--into)"),
        (["x.yaml", "--check", "--into", "x.db"], "a seed is to be looked at (--check) or put somewhere (--into)"),
        (["--instances", "1", "--regions", "mars-1"], "Lightsail has no region mars-1"),
        (["absent.yaml", "--check"], "cannot read the seed absent.yaml: No such file"),
        (["x.yaml", "--into", "mysql://h/d"], ""),
    ],
)
def test_what_is_wrong_is_told(cli, arguments, line):
    told = cli("seed", *arguments)
    assert told.status == 2
    assert told.out == ""
    assert told.err.startswith(f"error: {line}")


@pytest.mark.whole
def test_a_server_begins_with_a_seed_for_whoever_calls(fleet, tmp_path):
    for key in ("AKIAIOSFODNN7EXAMPLE", "999999999999"):
        with RunningServer(tmp_path, "--seed", str(fleet)) as server:
            client = boto3.client(
                "lightsail", "eu-central-1", endpoint_url=server.url, aws_access_key_id=key, aws_secret_access_key="x"
            )
            assert {each["name"] for each in client.get_instances()["instances"]} == {"web-1", "web-2"}


@pytest.mark.whole
def test_a_store_that_has_instances_keeps_them(fleet, tmp_path):
    for _ in range(2):
        with RunningServer(
            tmp_path, "--seed", str(fleet), "--data", "fleet.db", environment=neutral_environment(tmp_path)
        ):
            pass
    with LocalLightsail(tmp_path / "fleet.db") as local:
        (place,) = [row.place for row in _rows(local)][:1]
        assert place.account == "123456789012"
        assert len(_rows(local)) == 2


def _rows(local):
    with local.store.begin(write=False) as transaction:
        return [row for row in transaction.every_row(None, 100) if row.kind == "Instance"]
