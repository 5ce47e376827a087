"""Quotas: those of a new account where a service is asked to mind them, none otherwise."""

from __future__ import annotations

from typing import Any

import pytest

from bench import ORDER, Bench, Refusal, refused
from skysail.server import LocalLightsail, inspection
from skysail.store.sqlite import SqliteStore


@pytest.fixture
def real(bench: Bench) -> Any:
    with LocalLightsail(world=bench.lightsail.world, quotas="real") as lightsail:
        yield lightsail.client()


def over(text: str) -> Refusal:
    return Refusal("InvalidInputException", "LimitExceeded", text)


def test_twenty_instances_a_region(real: Any) -> None:
    real.create_instances(instanceNames=[f"web-{number}" for number in range(19)], **ORDER)
    text = "Sorry, you've reached the maximum number of instances for your account."
    assert refused(real.create_instances, instanceNames=["one", "two"], **ORDER) == over(text)
    real.create_instances(instanceNames=["one"], **ORDER)
    assert refused(real.create_instances, instanceNames=["two"], **ORDER) == over(text)


def test_five_static_ips(real: Any) -> None:
    for number in range(5):
        real.allocate_static_ip(staticIpName=f"address-{number}")
    text = "Sorry, you have reached the maximum number of static IP addresses."
    assert refused(real.allocate_static_ip, staticIpName="one-more") == over(text)
    real.release_static_ip(staticIpName="address-0")
    real.allocate_static_ip(staticIpName="one-more")


def test_so_many_gigabytes_of_disks_together(real: Any) -> None:
    order = {"availabilityZone": "us-east-1a"}
    real.create_disk(diskName="large", sizeInGb=16_384, **order)
    text = "You've reached the maximum size limit of all disks in this account."
    assert refused(real.create_disk, diskName="more", sizeInGb=3617, **order) == over(text)
    real.create_disk(diskName="more", sizeInGb=3616, **order)


def test_none_of_them_holds_for_a_local_fleet(bench: Bench) -> None:
    bench.create(*(f"web-{number}" for number in range(30)))
    for number in range(8):
        bench.client.allocate_static_ip(staticIpName=f"address-{number}")
    for number in range(2):
        bench.client.create_disk(diskName=f"data-{number}", sizeInGb=16_384, availabilityZone="us-east-1a")
    assert len(bench.names()) == 30


@pytest.mark.parametrize("region", ["us-east-1", "eu-west-1"])
def test_twenty_certificates_of_each_kind_in_365_days_whatever_became_of_them(bench: Bench, region: str) -> None:
    store = SqliteStore()
    with LocalLightsail(store, world=bench.lightsail.world, quotas="real") as lightsail:
        client = lightsail.client(region)
        client.create_load_balancer(loadBalancerName="lb", instancePort=80)
        lb = {"loadBalancerName": "lb"}
        kinds = (
            (client.create_certificate, {"domainName": "example.com"}, client.delete_certificate, {}),
            (
                client.create_load_balancer_tls_certificate,
                {**lb, "certificateDomainName": "example.com"},
                client.delete_load_balancer_tls_certificate,
                lb,
            ),
        )
        for create, order, delete, of in kinds:
            for count in range(20):
                create(certificateName=f"cert-{count}", **order)
                delete(certificateName=f"cert-{count}", **of)
                bench.clock.advance(60)
            text = "Sorry, you've requested too many certificates for your account."
            assert refused(create, certificateName="one-more", **order) == over(text)
        bench.clock.advance(364 * 86_400)
        for create, order, _, _ in kinds:
            assert refused(create, certificateName="one-more", **order) == over(text)
        bench.clock.advance(86_400)
        for create, order, delete, of in kinds:
            create(certificateName="one-more", **order)
            delete(certificateName="one-more", **of)
        with store.begin(write=False) as transaction:
            assert list(inspection(transaction).faults()) == []
        bench.clock.advance(60)
        assert client.get_active_names()["activeNames"] == ["lb"]
