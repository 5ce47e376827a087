"""Terraform's AWS provider against the local Lightsail: certificates, load balancers and what hangs on them."""

from __future__ import annotations

from typing import Any

import pytest

from clients.terraform_balancers import (
    Attachment,
    Certificate,
    HttpsRedirectionPolicy,
    LoadBalancer,
    StickinessPolicy,
    TlsCertificate,
    TlsCertificateAttachment,
)
from clients.terraform_calls import Instance, Kind, Provider, State
from clients.terraform_cases import Case, check

INSTANCE, CERTIFICATE, LB, ATTACHMENT = Instance(), Certificate(), LoadBalancer(), Attachment()
TLS_CERTIFICATE, TLS_ATTACHMENT = TlsCertificate(), TlsCertificateAttachment()
REDIRECTION, STICKINESS = HttpsRedirectionPolicy(), StickinessPolicy()

WEB = {"name": "web", "availability_zone": "us-east-1a", "blueprint_id": "amazon_linux_2023", "bundle_id": "nano_3_0"}
FRONT = {"name": "front", "instance_port": 80}
SHOP = {"name": "shop", "domain_name": "example.com"}
TLS = {"lb_name": "front", **SHOP}
OTHER_TLS = {**TLS, "name": "other"}


def shown(api: Any) -> Any:
    return api.get_load_balancer(loadBalancerName="front")["loadBalancer"]


CASES = {
    "certificate, its tags": Case(
        CERTIFICATE,
        {**SHOP, "tags": {"stage": "test"}},
        {**SHOP, "tags": {"stage": "live", "new": ""}},
        False,
        lambda api: api.get_certificates(certificateName="shop")["certificates"],
    ),
    "certificate, other names": Case(
        CERTIFICATE,
        SHOP,
        {**SHOP, "subject_alternative_names": ["www.example.com"]},
        True,
        lambda api: api.get_certificates(certificateName="shop")["certificates"],
    ),
    "load balancer, its tags and path": Case(
        LB, {**FRONT, "tags": {"a": "1"}}, {**FRONT, "health_check_path": "/up", "tags": {"b": "2"}}, False, shown
    ),
    "load balancer, another port": Case(LB, FRONT, {**FRONT, "instance_port": 8080}, True, shown),
    "attachment, another instance": Case(
        ATTACHMENT,
        {"lb_name": "front", "instance_name": "web"},
        {"lb_name": "front", "instance_name": "other"},
        True,
        lambda api: shown(api)["instanceHealthSummary"],
        [(LB, FRONT), (INSTANCE, WEB), (INSTANCE, {**WEB, "name": "other"})],
    ),
    "load balancer's certificate, other names": Case(
        TLS_CERTIFICATE,
        TLS,
        {**TLS, "subject_alternative_names": ["www.example.com"]},
        True,
        lambda api: shown(api)["tlsCertificateSummaries"],
        [(LB, FRONT)],
    ),
    "attached certificate, another one": Case(
        TLS_ATTACHMENT,
        {"lb_name": "front", "certificate_name": "shop"},
        {"lb_name": "front", "certificate_name": "other"},
        True,
        None,
        [(LB, FRONT), (TLS_CERTIFICATE, TLS), (TLS_CERTIFICATE, OTHER_TLS)],
    ),
    "stickiness, longer": Case(
        STICKINESS,
        {"lb_name": "front", "enabled": True, "cookie_duration": 900},
        {"lb_name": "front", "enabled": True, "cookie_duration": 1800},
        False,
        None,
        [(LB, FRONT)],
    ),
    "redirection, switched on": Case(
        REDIRECTION,
        {"lb_name": "front", "enabled": False},
        {"lb_name": "front", "enabled": True},
        False,
        None,
        [
            (LB, FRONT),
            (TLS_CERTIFICATE, TLS),
            (TLS_ATTACHMENT, {"lb_name": "front", "certificate_name": "shop"}),
        ],
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_each_is_applied_changed_and_destroyed_and_no_plan_in_between_shows_a_difference(
    provider: Provider, case: Case
) -> None:
    check(provider, case)


@pytest.mark.parametrize(
    ("kind", "state"),
    [
        (CERTIFICATE, {"id": "shop"}),
        (LB, {"id": "front"}),
        (ATTACHMENT, {"id": "front,web"}),
        (TLS_CERTIFICATE, {"id": "front,shop"}),
        (TLS_ATTACHMENT, {"id": "front,shop"}),
        (REDIRECTION, {"id": "front"}),
        (STICKINESS, {"id": "front"}),
    ],
    ids=lambda value: value.name if isinstance(value, Kind) else "",
)
def test_one_that_never_was_is_read_as_gone(provider: Provider, kind: Kind, state: State) -> None:
    assert provider.refresh(kind, state) is None


def test_a_whole_stack_stands_without_a_difference_and_is_destroyed_in_the_other_order(provider: Provider) -> None:
    config: list[tuple[Kind, State]] = [
        (INSTANCE, WEB),
        (LB, {**FRONT, "tags": {"stage": "test"}}),
        (TLS_CERTIFICATE, TLS),
        (TLS_ATTACHMENT, {"lb_name": "front", "certificate_name": "shop"}),
        (REDIRECTION, {"lb_name": "front", "enabled": True}),
        (STICKINESS, {"lb_name": "front", "enabled": True, "cookie_duration": 900}),
        (ATTACHMENT, {"lb_name": "front", "instance_name": "web"}),
        (CERTIFICATE, {**SHOP, "name": "edge"}),
    ]
    states = [provider.apply(kind, wanted) for kind, wanted in config]
    seen = []
    for (kind, wanted), state in zip(config, states, strict=True):
        refreshed = provider.refresh(kind, state)
        assert refreshed is not None
        assert provider.plan(kind, wanted, refreshed) == {}
        seen.append(refreshed)
    assert (seen[1]["protocol"], seen[1]["public_ports"]) == ("HTTP_HTTPS", [80, 443])
    for (kind, _), state in reversed(list(zip(config, seen, strict=True))):
        provider.destroy(kind, state)
    for kind, identifier in ((INSTANCE, "web"), (LB, "front"), (CERTIFICATE, "edge")):
        assert provider.refresh(kind, {"id": identifier}) is None
