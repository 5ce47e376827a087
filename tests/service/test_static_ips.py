"""Static IPs and addresses: what an instance's public address is, through stops, starts and detachments."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest

from bench import START, Bench, entries, refused
from skysail.errors import NotFoundException


def allocate(bench: Bench, name: str = "home") -> dict[str, Any]:
    bench.client.allocate_static_ip(staticIpName=name)
    return static_ip(bench, name)


def static_ip(bench: Bench, name: str = "home") -> dict[str, Any]:
    found: dict[str, Any] = bench.client.get_static_ip(staticIpName=name)["staticIp"]
    return found


def attach(bench: Bench, name: str = "home", instance: str = "web") -> list[tuple[Any, ...]]:
    return entries(bench.client.attach_static_ip(staticIpName=name, instanceName=instance)["operations"])


def test_a_new_static_ip_has_the_members_that_published_answers_show(bench: Bench) -> None:
    operations = bench.client.allocate_static_ip(staticIpName="home")["operations"]
    assert entries(operations) == [("StaticIp", "home", "AllocateStaticIp", None, "Succeeded")]
    found = static_ip(bench)
    assert re.fullmatch(r"arn:aws:lightsail:us-east-1:\d{12}:StaticIp/[0-9a-f-]{36}", found.pop("arn"))
    address = found.pop("ipAddress")
    assert re.fullmatch(r"100(\.\d{1,3}){3}", address)
    assert re.fullmatch(rf"\d{{12}}/{re.escape(address)}", found.pop("supportCode"))
    assert found == {
        "name": "home",
        "createdAt": datetime.fromtimestamp(START, UTC),
        "location": {"availabilityZone": "all", "regionName": "us-east-1"},
        "resourceType": "StaticIp",
        "isAttached": False,
    }


def test_an_instance_has_the_static_address_for_as_long_as_it_is_attached(bench: Bench) -> None:
    bench.instance()
    dynamic = bench.get()["publicIpAddress"]
    address = allocate(bench)["ipAddress"]
    assert attach(bench) == [
        ("StaticIp", "home", "AttachStaticIp", "web", "Succeeded"),
        ("Instance", "web", "AttachStaticIp", "home", "Succeeded"),
    ]
    assert (static_ip(bench)["isAttached"], static_ip(bench)["attachedTo"]) == (True, "web")
    for call in (bench.client.stop_instance, bench.client.start_instance):
        assert (bench.get()["isStaticIp"], bench.get()["publicIpAddress"]) == (True, address)
        call(instanceName="web")
        bench.settle()
    assert bench.get()["publicIpAddress"] == address
    operations = bench.client.detach_static_ip(staticIpName="home")["operations"]
    assert entries(operations) == [
        ("StaticIp", "home", "DetachStaticIp", "web", "Succeeded"),
        ("Instance", "web", "DetachStaticIp", "home", "Succeeded"),
    ]
    assert bench.get()["isStaticIp"] is False
    assert bench.get()["publicIpAddress"] not in (address, dynamic), "a new dynamic one"
    assert "attachedTo" not in static_ip(bench)


def test_a_stopped_instance_that_loses_its_static_ip_has_no_address(bench: Bench) -> None:
    bench.instance(state="stopped")
    allocate(bench)
    attach(bench)
    assert bench.get()["publicIpAddress"] == static_ip(bench)["ipAddress"]
    bench.client.detach_static_ip(staticIpName="home")
    assert "publicIpAddress" not in bench.get()
    bench.client.start_instance(instanceName="web")
    bench.settle()
    assert "publicIpAddress" in bench.get()


def test_a_dynamic_address_changes_at_a_stop_and_start_and_stays_at_a_reboot(bench: Bench) -> None:
    bench.instance()
    seen = [bench.get()["publicIpAddress"]]
    bench.client.reboot_instance(instanceName="web")
    assert bench.get()["publicIpAddress"] == seen[0]
    for _ in range(3):
        bench.client.stop_instance(instanceName="web")
        bench.settle()
        assert "publicIpAddress" not in bench.get()
        bench.client.start_instance(instanceName="web")
        bench.settle()
        seen.append(bench.get()["publicIpAddress"])
    assert len(set(seen)) == 4


def test_a_deleted_instance_leaves_its_static_ip(bench: Bench) -> None:
    bench.instance()
    allocate(bench)
    attach(bench)
    operations = bench.client.delete_instance(instanceName="web")["operations"]
    assert [one["operationType"] for one in operations] == ["DetachStaticIp", "DetachStaticIp", "DeleteInstance"]
    assert static_ip(bench)["isAttached"] is False


def test_what_cannot_be_attached_detached_or_released(bench: Bench) -> None:
    bench.instance()
    bench.create("young")
    for name in ("home", "other"):
        allocate(bench, name)
    again = "The static IP is not attached to an instance: home"
    assert refused(bench.client.detach_static_ip, staticIpName="home").message == again
    assert refused(bench.client.detach_static_ip, staticIpName="home").code == "InvalidState"
    young = "You can't attach a static IP to this instance because it is pending: young"
    assert refused(attach, bench=bench, instance="young").message == young
    attach(bench)
    assert (
        refused(attach, bench=bench, instance="young").message
        == "The static IP is already attached to an instance: web"
    )
    assert refused(attach, bench=bench, name="other").message == "The instance already has a static IP: web"
    assert refused(bench.client.release_static_ip, staticIpName="home").message == (
        "You can't release this static IP because it is attached to an instance: web"
    )
    bench.instance("six", bundleId="nano_ipv6_3_0")
    only = "You can't attach a static IP to an IPv6-only instance: six"
    assert refused(attach, bench=bench, name="other", instance="six").message == only


def test_a_released_static_ip_is_gone_and_its_address_does_not_come_back(bench: Bench) -> None:
    address = allocate(bench)["ipAddress"]
    operations = bench.client.release_static_ip(staticIpName="home")["operations"]
    assert entries(operations) == [("StaticIp", "home", "ReleaseStaticIp", None, "Succeeded")]
    with pytest.raises(NotFoundException, match="The StaticIp does not exist: home"):
        static_ip(bench)
    assert allocate(bench)["ipAddress"] != address
    for call in (bench.client.detach_static_ip, bench.client.release_static_ip):
        with pytest.raises(NotFoundException):
            call(staticIpName="none")


def test_static_ips_are_listed_newest_first(bench: Bench) -> None:
    for name in ("one", "two", "three"):
        allocate(bench, name)
    assert [one["name"] for one in bench.client.get_static_ips()["staticIps"]] == ["three", "two", "one"]
