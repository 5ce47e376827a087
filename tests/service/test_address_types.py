"""An instance's IP address type: what each change gives and takes, and what is refused in which words."""

from __future__ import annotations

from typing import Any

import pytest

from bench import Bench, Refusal, entries, refused
from modelled import misfits
from skysail.errors import NotFoundException


@pytest.fixture
def bench() -> Bench:
    return Bench()


def change(bench: Bench, address_type: str, **more: Any) -> list[dict[str, Any]]:
    operations: list[dict[str, Any]] = bench.client.set_ip_address_type(
        **{"resourceType": "Instance", "resourceName": "web", "ipAddressType": address_type, **more}
    )["operations"]
    return operations


def test_ipv4_gives_the_ipv6_address_up_and_dualstack_brings_another(bench: Bench) -> None:
    bench.instance()
    before = bench.get()
    (operation,) = change(bench, "ipv4")
    assert (operation["operationType"], operation["operationDetails"]) == ("SetIpAddressType", "ipv4")
    assert (operation["resourceType"], operation["status"]) == ("Instance", "Succeeded")
    assert bench.get() == before | {"ipAddressType": "ipv4", "ipv6Addresses": []}
    seen = set(before["ipv6Addresses"])
    for _ in range(3):
        change(bench, "dualstack")
        now = bench.get()
        assert now == before | {"ipv6Addresses": now["ipv6Addresses"]}
        assert len(now["ipv6Addresses"]) == 1
        assert not seen & set(now["ipv6Addresses"])
        seen |= set(now["ipv6Addresses"])
        change(bench, "ipv4")


BUNDLES = {
    # name: region, the bundle, its IPv6-only one, the blueprint
    "linux": ("us-east-1", "nano_3_0", "nano_ipv6_3_0", "debian_12"),
    "windows": ("us-east-1", "medium_win_3_0", "medium_win_ipv6_3_0", "windows_server_2022"),
    "a compute plan": ("us-east-1", "c_12xlarge_1_0", "c_12xlarge_ipv6_1_0", "debian_12"),
    "a region's own ids": ("ap-southeast-2", "nano_3_2", "nano_ipv6_3_2", "debian_12"),
}


@pytest.mark.parametrize("case", BUNDLES)
def test_ipv6_alone_is_on_a_bundle_of_its_own_and_the_way_back_too(case: str) -> None:
    region, bundle, ipv6_bundle, blueprint = BUNDLES[case]
    bench = Bench(region=region)
    bench.instance(bundleId=bundle, blueprintId=blueprint)
    before = bench.get()
    change(bench, "ipv6", acceptBundleUpdate=True)
    address = before.pop("publicIpAddress")
    assert bench.get() == before | {"ipAddressType": "ipv6", "bundleId": ipv6_bundle}, "disks and ports stay"
    change(bench, "dualstack", acceptBundleUpdate=True)
    after = bench.get()
    assert after.pop("publicIpAddress") != address, "an address that was given up does not come back"
    assert after == before


def test_from_ipv6_alone_to_ipv4_alone(bench: Bench) -> None:
    bench.instance(bundleId="nano_ipv6_3_0")
    change(bench, "ipv4", acceptBundleUpdate=True)
    now = bench.get()
    assert (now["bundleId"], now["ipAddressType"], now["ipv6Addresses"]) == ("nano_3_0", "ipv4", [])
    assert now["publicIpAddress"]
    change(bench, "ipv6", acceptBundleUpdate=True)
    now = bench.get()
    assert (now["bundleId"], len(now["ipv6Addresses"])) == ("nano_ipv6_3_0", 1)
    assert "publicIpAddress" not in now


def test_a_stopped_instance_gets_its_public_address_when_it_starts(bench: Bench) -> None:
    bench.instance(state="stopped", bundleId="nano_ipv6_3_0")
    change(bench, "dualstack", acceptBundleUpdate=True)
    assert "publicIpAddress" not in bench.get()
    bench.client.start_instance(instanceName="web")
    bench.settle()
    assert "publicIpAddress" in bench.get()


@pytest.mark.parametrize(("address_type", "bundle"), [("dualstack", "nano_3_0"), ("ipv6", "nano_ipv6_3_0")])
def test_the_type_that_it_has_already_changes_nothing(bench: Bench, address_type: str, bundle: str) -> None:
    bench.instance(bundleId=bundle)
    before = bench.get()
    (operation,) = change(bench, address_type)
    assert operation["status"] == "Succeeded"
    assert bench.get() == before


def test_a_static_ip_stays_through_ipv4_and_dualstack(bench: Bench) -> None:
    bench.instance()
    bench.client.allocate_static_ip(staticIpName="ip")
    bench.client.attach_static_ip(staticIpName="ip", instanceName="web")
    before = bench.get()
    change(bench, "ipv4")
    assert bench.get()["publicIpAddress"] == before["publicIpAddress"]


@pytest.mark.parametrize(
    ("order", "address_type"),
    [({}, "ipv6"), ({"bundleId": "nano_ipv6_3_0"}, "ipv4"), ({"bundleId": "nano_ipv6_3_0"}, "dualstack")],
)
@pytest.mark.parametrize("accepts", [{}, {"acceptBundleUpdate": False}])
def test_a_bundles_change_must_be_accepted(
    bench: Bench, order: dict[str, str], address_type: str, accepts: dict[str, bool]
) -> None:
    bench.instance(**order)
    before = bench.get()
    said = refused(lambda: change(bench, address_type, **accepts))
    text = "The acceptBundleUpdate parameter must be true to change the instance bundle."
    assert said == Refusal("InvalidInputException", "InvalidParams", text)
    assert bench.get() == before


def test_an_attached_static_ip_is_in_the_way_of_ipv6_alone(bench: Bench) -> None:
    bench.instance()
    bench.client.allocate_static_ip(staticIpName="ip")
    bench.client.attach_static_ip(staticIpName="ip", instanceName="web")
    said = refused(lambda: change(bench, "ipv6", acceptBundleUpdate=True))
    text = "You can't change to ipv6 while a static IP is attached to the instance: web"
    assert said == Refusal("InvalidInputException", "InvalidState", text)
    bench.client.detach_static_ip(staticIpName="ip")
    change(bench, "ipv6", acceptBundleUpdate=True)


def test_an_older_generation_has_no_bundle_for_ipv6_alone(bench: Bench) -> None:
    bench.instance(bundleId="nano_2_0")
    said = refused(lambda: change(bench, "ipv6", acceptBundleUpdate=True))
    text = "The instance's bundle has no counterpart for the IP address type ipv6: nano_2_0"
    assert said == Refusal("InvalidInputException", "UnsupportedOperation", text)


@pytest.mark.parametrize("state", ["pending", "stopping"])
def test_an_instance_on_its_way_is_refused(bench: Bench, state: str) -> None:
    bench.instance(state=state)
    said = refused(lambda: change(bench, "ipv4"))
    text = f"You can't change the IP address type right now. The state of this instance is: {state}"
    assert said == Refusal("InvalidInputException", "InvalidState", text)


def test_other_resources_are_refused(bench: Bench) -> None:
    assert refused(lambda: change(bench, "ipv4")).message == "The Instance does not exist: web"
    said = refused(lambda: change(bench, "ipv4", resourceType="Disk"))
    assert said.message == "The IP address type can't be set for the resource type: Disk"
    said = refused(lambda: change(bench, "ipv4", resourceType="Distribution"))
    assert said.message == "Requested resource not found: web"


def test_a_load_balancer_has_any_of_them(bench: Bench) -> None:
    bench.client.create_load_balancer(loadBalancerName="web", instancePort=80)
    for address_type in ("ipv4", "ipv6", "dualstack"):
        operations = change(bench, address_type, resourceType="LoadBalancer")
        assert entries(operations) == [("LoadBalancer", "web", "SetIpAddressType", address_type, "Succeeded")]
        assert bench.client.get_load_balancer(loadBalancerName="web")["loadBalancer"]["ipAddressType"] == address_type
    with pytest.raises(NotFoundException, match="The LoadBalancer does not exist: other"):
        change(bench, "ipv4", resourceType="LoadBalancer", resourceName="other")


def test_the_answer_is_as_the_model_says(bench: Bench) -> None:
    bench.instance()
    body = {"resourceType": "Instance", "resourceName": "web", "ipAddressType": "ipv4"}
    answer = bench.send(body, "SetIpAddressType")
    assert (answer.status, misfits("SetIpAddressType", answer)) == (200, [])
