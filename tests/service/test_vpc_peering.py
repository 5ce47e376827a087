"""The peering with the account's default VPC."""

from __future__ import annotations

import re

from bench import Bench


def test_a_vpc_is_peered_and_unpeered_region_by_region(bench: Bench) -> None:
    other = bench.lightsail.client("eu-west-1")
    assert bench.client.is_vpc_peered()["isPeered"] is False
    bench.client.peer_vpc()
    assert bench.client.is_vpc_peered()["isPeered"] is True
    assert other.is_vpc_peered()["isPeered"] is False
    bench.client.unpeer_vpc()
    assert bench.client.is_vpc_peered()["isPeered"] is False


def test_each_call_leaves_an_entry_about_both_vpcs_and_twice_is_once(bench: Bench) -> None:
    found = [call()["operation"] for call in (bench.client.peer_vpc, bench.client.peer_vpc, bench.client.unpeer_vpc)]
    found.append(bench.client.unpeer_vpc()["operation"])
    assert [one["operationType"] for one in found] == ["PeeredVpc", "PeeredVpc", "UnpeeredVpc", "UnpeeredVpc"]
    assert {(one["status"], one["resourceType"]) for one in found} == {("Succeeded", "PeeredVpc")}
    assert found == bench.operations()
    ((ours, theirs),) = {(one["resourceName"], one["operationDetails"]) for one in found}
    assert re.fullmatch(r"vpc-[0-9a-f]{17}", ours)
    assert re.fullmatch(r"vpc-[0-9a-f]{17}", theirs)
    assert ours != theirs
