"""Terraform's AWS provider against the local Lightsail: domains, their records and distributions."""

from __future__ import annotations

from typing import Any

import pytest

from clients.terraform_balancers import Certificate, LoadBalancer
from clients.terraform_calls import Instance, Kind, Provider, State, StaticIp, StaticIpAttachment
from clients.terraform_cases import Case, check
from clients.terraform_edge import Distribution, Domain, DomainEntry

DOMAIN, ENTRY, DISTRIBUTION, LB = Domain(), DomainEntry(), Distribution(), LoadBalancer()

ZONE = {"domain_name": "example.com"}
WWW = {**ZONE, "name": "www", "type": "A", "target": "192.0.2.1"}
ALIAS = {**ZONE, "name": "", "type": "A", "target": "a1-123.us-east-1.elb.amazonaws.com", "is_alias": True}
DISTRIBUTION_ALIAS = {**ALIAS, "target": "d111111abcdef8.cloudfront.net"}
WEB = {"name": "web", "availability_zone": "us-east-1a", "blueprint_id": "amazon_linux_2023", "bundle_id": "nano_3_0"}
ON_INSTANCE = [
    (Instance(), WEB),
    (StaticIp(), {"name": "ip"}),
    (StaticIpAttachment(), {"static_ip_name": "ip", "instance_name": "web"}),
]
BALANCED: list[tuple[Kind, State]] = [(LB, {"name": "lb", "instance_port": 80})]
EDGE = {
    "name": "edge",
    "bundle_id": "small_1_0",
    "origin": {"name": "web", "regionName": "us-east-1"},
    "default_cache_behavior": {"behavior": "cache"},
}
SETTINGS = {
    "allowedHTTPMethods": "GET,HEAD,OPTIONS,PUT,PATCH,POST,DELETE",
    "cachedHTTPMethods": "GET,HEAD",
    "defaultTTL": 3_600,
    "maximumTTL": 31_536_000,
    "forwardedCookies": {"option": "none"},
    "forwardedHeaders": {"option": "default"},
    "forwardedQueryStrings": {"option": False},
}


def own(api: Any) -> Any:
    records = api.get_domain(domainName="example.com")["domain"]["domainEntries"]
    return [one for one in records if "awsdns" not in one["target"]]


def edges(api: Any) -> Any:
    return api.get_distributions()["distributions"]


CASES = {
    "domain, another name": Case(
        DOMAIN,
        ZONE,
        {"domain_name": "example.org"},
        True,
        lambda api: api.get_domains()["domains"],
    ),
    "record, another target": Case(ENTRY, WWW, {**WWW, "target": "192.0.2.2"}, True, own, [(DOMAIN, ZONE)]),
    "record, a text": Case(ENTRY, WWW, {**WWW, "type": "TXT", "target": '"v=spf1 -all"'}, True, own, [(DOMAIN, ZONE)]),
    "record, an underscore in front": Case(
        ENTRY,
        WWW,
        {**WWW, "name": "_a1", "type": "CNAME", "target": "_b2.example.net"},
        True,
        own,
        [(DOMAIN, ZONE)],
    ),
    "alias, another one": Case(ENTRY, ALIAS, DISTRIBUTION_ALIAS, True, own, [(DOMAIN, ZONE)]),
    "distribution, its settings, tags and addresses": Case(
        DISTRIBUTION,
        {**EDGE, "tags": {"a": "1"}},
        {
            **EDGE,
            "cache_behavior_settings": SETTINGS,
            "cache_behavior": [{"path": "api/*", "behavior": "dont-cache"}],
            "ip_address_type": "ipv4",
            "is_enabled": False,
            "tags": {"b": "2"},
        },
        False,
        edges,
        [*ON_INSTANCE],
    ),
    "distribution, disabled from the beginning, another bundle and origin": Case(
        DISTRIBUTION,
        {**EDGE, "is_enabled": False},
        {**EDGE, "bundle_id": "medium_1_0", "origin": {"name": "lb", "regionName": "us-east-1"}},
        False,
        edges,
        [*ON_INSTANCE, *BALANCED],
    ),
    "distribution, its certificate": Case(
        DISTRIBUTION,
        {**EDGE, "origin": {"name": "lb", "regionName": "us-east-1"}},
        {**EDGE, "origin": {"name": "lb", "regionName": "us-east-1"}, "certificate_name": "cert"},
        False,
        edges,
        [*BALANCED, (Certificate(), {"name": "cert", "domain_name": "example.com"})],
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_each_is_applied_changed_and_destroyed_and_no_plan_in_between_shows_a_difference(
    provider: Provider, case: Case
) -> None:
    check(provider, case)


@pytest.mark.parametrize(
    ("kind", "state"),
    [(DISTRIBUTION, {"id": "edge"}), (DOMAIN, {"id": "example.com"}), (ENTRY, {"id": "www,example.com,A,192.0.2.1"})],
    ids=lambda value: value.name if isinstance(value, Kind) else "",
)
def test_one_that_never_was_is_read_as_gone(provider: Provider, kind: Kind, state: State) -> None:
    assert provider.refresh(kind, state) is None


def test_a_record_that_somebody_else_deleted_is_destroyed_all_the_same(provider: Provider) -> None:
    provider.apply(DOMAIN, ZONE)
    state = provider.apply(ENTRY, WWW)
    provider.destroy(ENTRY, state)
    assert provider.refresh(ENTRY, state) is None
    provider.destroy(ENTRY, state)
    assert own(provider.api) == []


def test_a_certificate_is_taken_off_a_distribution_again(provider: Provider) -> None:
    for kind, config in (*BALANCED, (Certificate(), {"name": "cert", "domain_name": "example.com"})):
        provider.apply(kind, config)
    listed = provider.api.get_certificates(certificateName="cert")["certificates"]
    assert listed[0]["certificateDetail"]["status"] == "ISSUED"
    wanted = {**EDGE, "origin": {"name": "lb", "regionName": "us-east-1"}, "certificate_name": "cert"}
    state = provider.apply(DISTRIBUTION, wanted)
    assert (state["alternative_domain_names"], provider.plan(DISTRIBUTION, wanted, state)) == (["example.com"], {})
    without = {name: value for name, value in wanted.items() if name != "certificate_name"}
    state = provider.apply(DISTRIBUTION, without, state)
    assert (state["certificate_name"], provider.plan(DISTRIBUTION, without, state)) == ("", {})
