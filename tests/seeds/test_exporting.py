"""Exports: the way back from a service to a seed, and to Terraform."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bench import Bench
from skysail.mirroring.comparing import differences, members, side
from skysail.seeds.exporting import Exported, exported
from skysail.seeds.fleets import seed
from skysail.seeds.format import Seed
from skysail.seeds.reading import parsed
from skysail.seeds.survey import survey
from skysail.seeds.terraform import configuration, left_out
from skysail.seeds.writing import written

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
        ports: [22/tcp@198.51.100.0/24, 80, 8000-8100/udp, ping, 443/tcp@10.0.0.0/8, "9000@2001:db8::/32"]
        static_ip: "{name}-ip"
        disks: [{name: "{name}-data", gb: 64, snapshots: [{name: "{name}-old", age: 3d}]}]
        snapshots: [{name: "before-{n}", age: 2h, tags: {why: upgrade}}]
        automatic_snapshots: "06:00"
        alarms: [{name: "{name}-hot", metric: CPUUtilization, comparison: GreaterThanThreshold, threshold: 90}]
      - {name: db, bundle: large_3_0, blueprint: ubuntu_24_04, state: stopped, ports: []}
      - {name: six, bundle: nano_ipv6_3_0, blueprint: debian_12, ip_address_type: ipv6}
    disks: [{name: "spare-{n:2}", gb: 8, count: 2, first: 7, snapshots: [{name: "{name}-old"}]}]
    static_ips: [{name: spare-ip}]
    contact_methods: [{protocol: Email, endpoint: ops@example.com, age: 2d}]
    calls:
      - operation: PutAlarm
        members:
          alarmName: cold
          monitoredResourceName: db
          metricName: NetworkIn
          comparisonOperator: LessThanThreshold
          threshold: 1
          evaluationPeriods: 3
          datapointsToAlarm: 2
        age: 1h
"""


def export(bench: Bench) -> Exported:
    return exported([survey(bench.client, bench.region)], bench.lightsail.clock.now())


def grown(source: Any) -> Bench:
    bench = Bench()
    bench.lightsail.seed(source)
    return bench


@pytest.fixture
def fleet(tmp_path: Path) -> Bench:
    (tmp_path / "fleet.yaml").write_text(FLEET)
    return grown(tmp_path / "fleet.yaml")


def test_what_is_exported_gives_the_same_fleet(fleet: Bench, tmp_path: Path) -> None:
    made = export(fleet)
    assert made.left_out == []
    (tmp_path / "again.yaml").write_text(written([made.seed]))
    again = grown(tmp_path / "again.yaml")
    own = ("arn", "supportCode", "publicIpAddress", "privateIpAddress", "ipv6Addresses", "ipAddress", "fingerprint")
    for each in differences("us-east-1", side(fleet.client), side(again.client)):
        if each.kind == "AutoSnapshot":
            continue
        assert each.what == "changed", each
        told = [member.path for member in each.members if not any(name in member.path for name in own)]
        assert [path for path in told if "Arn" not in path] == [], each
    assert export(again) == made


def test_instances_that_are_alike_are_one_item_again(fleet: Bench) -> None:
    instances = export(fleet).seed.regions["us-east-1"].instances
    assert sorted((each.name, each.count) for each in instances) == [("db", 1), ("six", 1), ("web", 3)]
    (web,) = (each for each in instances if each.name == "web")
    assert (web.age, web.zones, web.static_ip, web.disks[0].name) == (
        "300d..100d",
        ("a", "b"),
        "{name}-ip",
        "{name}-data",
    )
    assert web.ports == ("22/tcp@198.51.100.0/24", 80, "8000-8100/udp", "ping", *web.ports[4:])


@settings(max_examples=5, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 40), st.integers(0, 100))
def test_an_export_of_an_exported_fleet_is_the_same(instances: int, random_seed: int) -> None:
    bench = grown(seed(instances, random_seed=random_seed))
    first = export(bench)
    assert first.left_out == []
    again = grown(first.seed)
    assert export(again).seed == first.seed
    assert sorted(again.names()) == sorted(bench.names())


def test_what_a_seed_has_no_words_for_is_told(bench: Bench) -> None:
    bench.instance("web")
    bench.client.create_instances(
        instanceNames=["new"], availabilityZone="us-east-1a", blueprintId="debian_12", bundleId="nano_3_0"
    )
    bench.client.create_load_balancer(loadBalancerName="lb", instancePort=80)
    bench.client.create_instance_snapshot(instanceName="web", instanceSnapshotName="kept")
    bench.settle()
    bench.client.delete_instance(instanceName="web")
    assert sorted(export(bench).left_out) == ["1 load balancers", "1 snapshots of what is gone"]


def test_an_empty_region_is_an_empty_seed(bench: Bench) -> None:
    made = export(bench).seed
    assert parsed(written([made]), "x")[0].seed == made == Seed(made.regions)


def test_terraform_gets_every_resource_with_its_import(fleet: Bench) -> None:
    found = [survey(fleet.client, fleet.region)]
    text = configuration(found, ["a heading"])
    assert text.startswith("# a heading\n")
    for address in (
        "aws_lightsail_instance.web-1",
        "aws_lightsail_static_ip.web-1-ip",
        "aws_lightsail_disk.web-1-data",
        "aws_lightsail_instance_public_ports.",
    ):
        assert f"to = {address}" in text or f'resource "{address.partition(".")[0]}"' in text, address
    for kind in ("static_ip_attachment", "disk_attachment"):
        assert f'resource "aws_lightsail_{kind}"' in text
    assert text.count("{") == text.count("}")
    assert "198.51.100.0/24" in text
    assert any("snapshots" in line for line in left_out(found))


def test_no_member_differs_in_itself() -> None:
    assert list(members({"a": [1, {"b": 2}]}, {"a": [1, {"b": 2}]})) == []
