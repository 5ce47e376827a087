"""Things that hang on one another, deleted in every order: what is in use is refused, and in the end all is gone."""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations
from typing import Any

import pytest

from bench import Bench
from skysail.errors import ServiceError
from skysail.server import inspection

DELETE: dict[str, Callable[[Any], Any]] = {
    "instance": lambda client: client.delete_instance(instanceName="web"),
    "load balancer": lambda client: client.delete_load_balancer(loadBalancerName="lb"),
    "certificate": lambda client: client.delete_certificate(certificateName="cert"),
    "container service": lambda client: client.delete_container_service(serviceName="shop"),
    "TLS certificate": lambda client: client.delete_load_balancer_tls_certificate(
        loadBalancerName="lb", certificateName="tls", force=True
    ),
    "distribution": lambda client: client.delete_distribution(distributionName="edge"),
    "domain": lambda client: client.delete_domain(domainName="example.com"),
}

ALLOWED = {
    "certificate": "The certificate is in use: cert",
    "distribution": "The distribution is not in a state that allows this operation: edge",
    "TLS certificate": "The LoadBalancer does not exist: lb",  # it went with it
}
"""What may be said to somebody who deletes the one before or after another."""


def refusal(bench: Bench, name: str) -> str | None:
    try:
        DELETE[name](bench.client)
    except ServiceError as error:
        return error.message
    return None


def stack(bench: Bench) -> None:
    """An instance behind a load balancer that takes HTTPS, and a container service with a certificate's domain."""
    client = bench.client
    client.create_load_balancer(
        loadBalancerName="lb", instancePort=80, certificateName="tls", certificateDomainName="example.com"
    )
    client.create_certificate(certificateName="cert", domainName="example.com")
    bench.instance("web")
    client.attach_instances_to_load_balancer(loadBalancerName="lb", instanceNames=["web"])
    client.attach_load_balancer_tls_certificate(loadBalancerName="lb", certificateName="tls")
    client.create_container_service(
        serviceName="shop", power="nano", scale=1, publicDomainNames={"cert": ["example.com"]}
    )


def edge(bench: Bench) -> None:
    """A distribution in front of a load balancer, with a certificate whose proof stands in the domain."""
    client = bench.client
    client.create_load_balancer(loadBalancerName="lb", instancePort=80)
    client.create_domain(domainName="example.com")
    client.create_certificate(certificateName="cert", domainName="example.com")
    bench.settle()
    client.create_distribution(
        distributionName="edge",
        origin={"name": "lb"},
        defaultCacheBehavior={"behavior": "cache"},
        bundleId="small_1_0",
        certificateName="cert",
    )


STACKS = {
    stack: ("instance", "load balancer", "certificate", "container service", "TLS certificate"),
    edge: ("distribution", "certificate", "load balancer", "domain"),
}


def faults(bench: Bench) -> list[str]:
    with bench.lightsail.store.begin(write=False) as transaction:
        return [f"{fault.about}: {fault.what}" for fault in inspection(transaction).faults()]


@pytest.mark.parametrize("make", STACKS)
@pytest.mark.parametrize("seconds", [0, 60], ids=["at once", "in time"])
def test_whatever_goes_first_both_sides_agree_and_all_is_gone_in_the_end(
    seconds: float, make: Callable[[Bench], None]
) -> None:
    for order in permutations(STACKS[make]):
        bench = Bench()
        make(bench)
        bench.clock.advance(seconds)
        left = list(order)
        while left:
            name = left.pop(0)
            said = refusal(bench, name)
            assert said in (None, ALLOWED.get(name)), order
            if said in (ALLOWED["certificate"], ALLOWED["distribution"]):
                left.append(name)
                bench.clock.advance(1)
            assert faults(bench) == [], order
            bench.clock.advance(seconds)
        bench.settle()
        assert bench.client.get_active_names()["activeNames"] == [], order
        assert all(entry["isTerminal"] for entry in bench.operations()), order
        assert faults(bench) == [], order
        bench.close()
