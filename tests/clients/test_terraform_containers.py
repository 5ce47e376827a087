"""Terraform's AWS provider against the local Lightsail: container services and their deployments."""

from __future__ import annotations

from typing import Any

import pytest

from clients.terraform_balancers import Certificate
from clients.terraform_calls import Provider, State
from clients.terraform_cases import Case, check
from clients.terraform_containers import ContainerService, DeploymentVersion

SERVICE, DEPLOYMENT = ContainerService(), DeploymentVersion()
SHOP = {"name": "shop", "power": "nano", "scale": 1}
HEALTH_CHECK = {
    "healthyThreshold": 2,
    "unhealthyThreshold": 2,
    "timeoutSeconds": 2,
    "intervalSeconds": 5,
    "path": "/",
    "successCodes": "200-499",
}
"""The provider's schema demands one, and has these defaults."""


def shown(api: Any) -> Any:
    return api.get_container_services(serviceName="shop")["containerServices"]


def deployment(image: str) -> State:
    return {
        "service_name": "shop",
        "container": {
            "web": {"image": image, "command": ["serve"], "environment": {"A": "1"}, "ports": {"80": "HTTP"}}
        },
        "public_endpoint": {"containerName": "web", "containerPort": 80, "healthCheck": HEALTH_CHECK},
    }


def domain(*names: str) -> State:
    return {"public_domain_names": {"cert": list(names)}}


CERTIFICATE = (
    Certificate(),
    {"name": "cert", "domain_name": "example.com", "subject_alternative_names": ["www.example.com"]},
)

CASES = {
    "its power, scale and tags": Case(
        SERVICE,
        {**SHOP, "tags": {"a": "1"}},
        {**SHOP, "power": "small", "scale": 2, "tags": {"b": ""}},
        False,
        shown,
    ),
    "switched off": Case(SERVICE, SHOP, {**SHOP, "is_disabled": True}, False, shown),
    "switched on": Case(SERVICE, {**SHOP, "is_disabled": True}, {**SHOP, "is_disabled": False}, False, shown),
    "its registry access": Case(SERVICE, SHOP, {**SHOP, "private_registry_access": True}, False, shown),
    "another name": Case(SERVICE, {**SHOP, "name": "blog"}, SHOP, True, shown),
    "a domain name": Case(
        SERVICE,
        {**SHOP, **domain("example.com")},
        {**SHOP, **domain("www.example.com", "example.com")},
        False,
        shown,
        [CERTIFICATE],
    ),
    "no domain name any more": Case(SERVICE, {**SHOP, **domain("example.com")}, SHOP, False, shown, [CERTIFICATE]),
    "deployment": Case(DEPLOYMENT, deployment("nginx:1"), deployment("nginx:2"), True, None, [(SERVICE, SHOP)]),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_what_is_applied_is_read_back_and_no_plan_shows_a_difference(provider: Provider, case: Case) -> None:
    check(provider, case)


def test_a_failed_deployment_is_an_error(provider: Provider) -> None:
    provider.apply(SERVICE, SHOP)
    with pytest.raises(AssertionError, match="unexpected state 'FAILED'"):
        provider.apply(DEPLOYMENT, deployment("111122223333.dkr.ecr.us-east-1.amazonaws.com/shop:1"))
