"""Seeds into services: what there is then, when it was made, and what is refused."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import boto3
import pytest

import skysail
from bench import START, Bench
from skysail.errors import SeedError, UsageError
from skysail.server import LocalLightsail

DAY_S = 86_400
FLEET = """
regions:
  us-east-1:
    key_pairs: [{name: deploy, age: 500d}]
    instances:
      - name: web
        count: 3
        bundle: small_3_0
        blueprint: nginx
        zones: [a, b]
        age: 300d..100d
        tags: {role: web, spot: ""}
        key_pair: deploy
        ports: [22/tcp@198.51.100.0/24, 80, 8000-8100/udp, ping]
        static_ip: "{name}-ip"
        disks: [{name: "{name}-data", gb: 64, snapshots: [{name: "{name}-old", age: 3d}]}]
        snapshots: [{name: "before-{n}", age: 2h, tags: {why: upgrade}}]
        automatic_snapshots: "06:00"
        alarms: [{name: "{name}-hot", metric: CPUUtilization, comparison: GreaterThanThreshold, threshold: 90}]
      - {name: db, bundle: large_3_0, blueprint: ubuntu_24_04, state: stopped, ports: []}
    disks: [{name: "spare-{n:2}", gb: 8, count: 2, first: 7}]
    static_ips: [{name: spare-ip}]
    contact_methods: [{protocol: Email, endpoint: ops@example.com, age: 2d}]
  eu-central-1:
    calls: [{operation: CreateKeyPair, members: {keyPairName: made}, age: 1h}]
"""


@pytest.fixture
def fleet(tmp_path: Path) -> Path:
    path = tmp_path / "fleet.yaml"
    path.write_text(FLEET)
    return path


def all_of(client: Any, operation: str, member: str) -> dict[str, Any]:
    return {item["name"]: item for page in client.get_paginator(operation).paginate() for item in page[member]}


def test_a_service_has_what_the_seed_says(bench: Bench, fleet: Path) -> None:
    bench.lightsail.seed(fleet)
    instances = all_of(bench.client, "get_instances", "instances")
    assert {name: instance["state"]["name"] for name, instance in instances.items()} == {
        "web-1": "running",
        "web-2": "running",
        "web-3": "running",
        "db": "stopped",
    }
    web = instances["web-2"]
    assert web["createdAt"].timestamp() == START - 200 * DAY_S, "evenly between the oldest and the newest"
    assert web["location"]["availabilityZone"] == "us-east-1b"
    assert (web["sshKeyName"], web["isStaticIp"]) == ("deploy", True)
    assert web["tags"] == [{"key": "role", "value": "web"}, {"key": "spot"}]
    assert [disk["name"] for disk in web["hardware"]["disks"] if not disk["isSystemDisk"]] == ["web-2-data"]
    ports = [(port["fromPort"], port["toPort"], port["protocol"]) for port in web["networking"]["ports"]]
    assert ports == [(22, 22, "tcp"), (80, 80, "tcp"), (8000, 8100, "udp"), (8, 0, "icmp")]
    assert web["networking"]["ports"][0]["cidrs"] == ["198.51.100.0/24"]
    assert instances["db"]["networking"]["ports"] == []
    assert set(all_of(bench.client, "get_disks", "disks")) == {
        "web-1-data", "web-2-data", "web-3-data", "spare-07", "spare-08",
    }  # fmt: skip
    assert set(all_of(bench.client, "get_static_ips", "staticIps")) == {"web-1-ip", "web-2-ip", "web-3-ip", "spare-ip"}
    snapshots = all_of(bench.client, "get_instance_snapshots", "instanceSnapshots")
    assert set(snapshots) == {"before-1", "before-2", "before-3"}
    assert snapshots["before-1"]["state"] == "available"
    assert set(all_of(bench.client, "get_disk_snapshots", "diskSnapshots")) == {f"web-{n}-data-old" for n in (1, 2, 3)}
    assert len(bench.client.get_auto_snapshots(resourceName="web-1")["autoSnapshots"]) == 7
    assert {alarm["name"] for alarm in bench.client.get_alarms()["alarms"]} == {"web-1-hot", "web-2-hot", "web-3-hot"}
    (method,) = bench.client.get_contact_methods()["contactMethods"]
    assert (method["contactEndpoint"], method["status"]) == ("ops@example.com", "Valid")
    elsewhere = bench.lightsail.client("eu-central-1")
    assert [pair["name"] for pair in elsewhere.get_key_pairs()["keyPairs"]] == ["made"]


def test_it_has_a_history_and_a_future(bench: Bench, fleet: Path) -> None:
    bench.lightsail.seed(fleet)
    done = bench.client.get_operations_for_resource(resourceName="web-3")["operations"]
    assert Counter(operation["operationType"] for operation in done)["CreateInstance"] == 1
    assert {operation["status"] for operation in done} == {"Succeeded"}
    before = {snapshot["date"] for snapshot in bench.client.get_auto_snapshots(resourceName="web-1")["autoSnapshots"]}
    bench.clock.advance(DAY_S)
    after = {snapshot["date"] for snapshot in bench.client.get_auto_snapshots(resourceName="web-1")["autoSnapshots"]}
    assert len(after - before) == 1, "the add-on goes on"


def test_a_seed_is_the_same_each_time_and_no_two_seeds_share_an_id(fleet: Path) -> None:
    first, second = Bench(), Bench()
    for bench in (first, second):
        bench.lightsail.seed(fleet)
    assert all_of(first.client, "get_instances", "instances") == all_of(second.client, "get_instances", "instances")
    first.lightsail.seed({"regions": {"us-east-1": {"disks": [{"name": "more", "gb": 8}]}}})
    disks = all_of(first.client, "get_disks", "disks").values()
    assert len({disk["arn"] for disk in disks}) == len(disks) == 6


# fmt: off
REFUSED = {
    "no such blueprint": ("blueprint: nginx", "blueprint: nginy", "6: CreateInstances: The specified blueprint"),
    "no such key": ("key_pair: deploy", "key_pair: other", "6: CreateInstances: The KeyPair does not exist: other"),
    "no such port": ("ping]", "http]", "6: ports: http is none of 22, 53/udp"),
    "ages the wrong way": ("300d..100d", "100d..300d", "6: age: 100d..300d goes from the oldest"),
    "no age": ("300d..100d", "3 days", "6: age: '3 days' is no length of time"),
    "a snapshot before its disk": ("age: 3d}", "age: 400d}", "6: the snapshot web-1-data-old is older than web-1-data"),
    "no operation": ("CreateKeyPair", "CreateKey", "25: CreateKey is no operation of Lightsail's API"),
    "wrong members": ("keyPairName", "name", '25: CreateKeyPair: Parameter validation failed'),
    "no such region": ("eu-central-1", "mars-1", "valid region"),
    "a name twice": ("name: db", "name: web-1", "are already in use"),
}
# fmt: on


@pytest.mark.parametrize(("old", "new", "said"), REFUSED.values(), ids=REFUSED.keys())
def test_what_the_service_refuses_is_told_by_line_and_nothing_is_kept(
    bench: Bench, fleet: Path, old: str, new: str, said: str
) -> None:
    fleet.write_text(FLEET.replace(old, new, 1))
    with pytest.raises(SeedError) as raised:
        bench.lightsail.seed(fleet)
    assert said in str(raised.value)
    assert str(raised.value).startswith(f"{fleet}:")
    assert "\n" not in str(raised.value), "what follows from it is not told"
    assert bench.client.get_instances()["instances"] == []


def test_a_name_that_the_store_has_is_told_and_nothing_is_kept(bench: Bench, fleet: Path) -> None:
    bench.create("db")
    with pytest.raises(SeedError, match=r"the store has db already.*; nothing was added"):
        bench.lightsail.seed(fleet)
    assert set(all_of(bench.client, "get_instances", "instances")) == {"db"}


def test_seeds_of_several_accounts_go_to_theirs() -> None:
    local = LocalLightsail()
    local.seed({"account": "111122223333", "regions": {"us-east-1": {"static_ips": [{"name": "theirs"}]}}})
    local.seed({"regions": {"us-east-1": {"static_ips": [{"name": "mine"}]}}})
    assert set(all_of(local.client(), "get_static_ips", "staticIps")) == {"mine"}
    assert set(all_of(local.client(access_key_id="111122223333"), "get_static_ips", "staticIps")) == {"theirs"}


def test_a_mock_begins_with_it(fleet: Path) -> None:
    with skysail.mock(seed=fleet):
        assert len(boto3.client("lightsail").get_instances()["instances"]) == 4


def test_a_fleet_of_any_size_is_made_up() -> None:
    made = skysail.seed(instances=300, regions=["us-east-1", "ap-south-1"])
    with skysail.mock(seed=made):
        sizes = []
        for region in ("us-east-1", "ap-south-1"):
            instances = all_of(skysail.client(region_name=region), "get_instances", "instances")
            sizes.append(len(instances))
            assert {tag["value"] for each in instances.values() for tag in each["tags"] if tag["key"] == "role"} > {
                "db"
            }
            assert {each["state"]["name"] for each in instances.values()} == {"running", "stopped"}
        assert sizes == [150, 150]
    assert made == skysail.seed(300, ["us-east-1", "ap-south-1"])
    assert made != skysail.seed(300, ["us-east-1", "ap-south-1"], random_seed=1)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"instances": -1}, "0 to 1,000,000 instances"),
        ({"regions": []}, "each once"),
        ({"regions": ["us-east-1", "us-east-1"]}, "each once"),
        ({"regions": ["mars-1"]}, "no region mars-1; it has"),
    ],
)
def test_a_fleet_that_cannot_be_is_refused(arguments: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        skysail.seed(**arguments)


def test_what_is_no_seed_is_told() -> None:
    with pytest.raises(SeedError, match="a file's path, a dict or skysail"):
        LocalLightsail().seed(5)  # type: ignore[arg-type]
