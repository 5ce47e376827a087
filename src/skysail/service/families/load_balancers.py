"""Load balancers: create, look, change, delete.

States and their ways: provisioning → active; a deleted load balancer is gone at once (seen), its certificates a little
later.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from skysail.service import identity
from skysail.service.context import Context
from skysail.service.dispatch import Answer, Family
from skysail.service.journal import about, shown
from skysail.service.nouns import balancer_certificates, balancing
from skysail.service.nouns.monitoring import forget_alarms
from skysail.service.refusals import invalid, wrong_state
from skysail.service.resources import Draft, Resource, resource
from skysail.service.tags import tags
from skysail.store.base import Due, Row

if TYPE_CHECKING:
    from types_boto3_lightsail.type_defs import (
        CreateLoadBalancerRequestTypeDef,
        DeleteLoadBalancerRequestTypeDef,
        GetLoadBalancerRequestTypeDef,
        GetLoadBalancersRequestTypeDef,
        UpdateLoadBalancerAttributeRequestTypeDef,
    )

KIND = balancing.LOAD_BALANCER
PAGE_SIZE = 20
"""Inferred from that of instances."""
LONGEST_COOKIE_S = 604_800
"""A week (Elastic Load Balancing's; inferred for Lightsail)."""

_PATH = re.compile(r"/[\x21-\x7e]*")

family = Family("load_balancers")


@family.writes("CreateLoadBalancer")
def create_load_balancer(context: Context, request: CreateLoadBalancerRequestTypeDef) -> Answer:
    """Make a load balancer, with a TLS certificate where one is asked for; it is provisioning, then active.

    Raises InvalidInputException: a name, a port, a path, a policy or a tag does not fit, or the quota is reached.
    """
    name = request["loadBalancerName"]
    settings = _settings(context, request)
    order = _order(context, request)
    context.resources.check_free([name, *([order.name] if order else [])])
    context.check_quota(KIND)
    resource_id = context.world.new_id()
    document = {"name": name, **_identity(context, resource_id), **settings}
    (balancer,) = context.resources.create(KIND, [Draft(resource_id, name, document)])
    records = context.journal.started("CreateLoadBalancer", about(balancer))
    context.resources.later(balancer, "load_balancer.active", context.timing.load_balancer_s, records)
    if order:
        records += balancer_certificates.create(context, balancer, order)
    return {"operations": shown(records)}


@family.reads("GetLoadBalancer")
def get_load_balancer(context: Context, request: GetLoadBalancerRequestTypeDef) -> Answer:
    """One load balancer, with how its instances are. Raises NotFoundException."""
    return {"loadBalancer": _shown(context, context.resources.row(KIND, request["loadBalancerName"]))}


@family.reads("GetLoadBalancers")
def get_load_balancers(context: Context, request: GetLoadBalancersRequestTypeDef) -> Answer:
    """One page of all load balancers, newest first."""
    return context.listing(
        "loadBalancers",
        request,
        lambda after, limit: context.resources.page(KIND, after, limit),
        PAGE_SIZE,
        lambda row: _shown(context, row),
    )


@family.writes("UpdateLoadBalancerAttribute")
def update_load_balancer_attribute(context: Context, request: UpdateLoadBalancerAttributeRequestTypeDef) -> Answer:
    """Set one attribute; done at once.

    Raises NotFoundException. Raises InvalidInputException: the value does not fit, or redirection to HTTPS needs a
    certificate.
    """
    name, value = request["attributeName"], request["attributeValue"]
    balancer = context.resources.get(KIND, request["loadBalancerName"])
    _set(context, balancer, name, value)
    context.resources.save(balancer)
    return {"operations": shown(context.journal.succeeded("UpdateLoadBalancerAttribute", about(balancer, name)))}


@family.writes("DeleteLoadBalancer")
def delete_load_balancer(context: Context, request: DeleteLoadBalancerRequestTypeDef) -> Answer:
    """Delete a load balancer with its certificates and alarms; its instances stay, and are detached at once.

    What it was still doing ends as failed (inferred). Raises NotFoundException.
    """
    balancer = context.resources.get(KIND, request["loadBalancerName"])
    certificates = balancer_certificates.certificates(context, balancer)
    balancing.let_all_go(context, balancer)
    forget_alarms(context, balancer)
    records = context.journal.succeeded("DeleteLoadBalancer", about(balancer))
    for certificate in certificates:
        records += balancer_certificates.remove(context, balancer, certificate)
    for due in context.resources.delete(balancer):
        context.journal.fail(due, "LoadBalancerDeleted", "The load balancer was deleted.")
    return {"operations": shown(records)}


@family.step("load_balancer.active")
def load_balancer_active(context: Context, due: Due) -> None:
    """It takes requests."""
    balancer = context.resources.get(KIND, due.name)
    balancer.document["state"] = "active"
    context.resources.save(balancer)
    context.journal.finish(due)


def _settings(context: Context, request: CreateLoadBalancerRequestTypeDef) -> dict[str, Any]:
    port = request["instancePort"]
    if not 0 <= port <= 65_535:
        raise invalid(f"The instance port must be between 0 and 65535: {port}")  # inferred
    return {
        "createdAt": round(context.now, 3),
        "location": identity.everywhere(context.place),
        "resourceType": KIND,
        "tags": tags(request.get("tags", ())),
        "state": "provisioning",
        "protocol": "HTTP",
        "publicPorts": [80],
        "healthCheckPath": _path(request.get("healthCheckPath", "/")),
        "instancePort": port,
        "instanceHealthSummary": [],
        "tlsCertificateSummaries": [],
        "configurationOptions": {
            "SessionStickinessEnabled": "false",
            "SessionStickiness_LB_CookieDurationSeconds": "86400",
        },
        "ipAddressType": request.get("ipAddressType", "dualstack"),
        "httpsRedirectionEnabled": False,
        "tlsPolicyName": _policy(context, request.get("tlsPolicyName", _default_policy(context))),
    }


def _identity(context: Context, resource_id: str) -> dict[str, str]:
    """What follows from its id; a part of its name behind the scenes is in its support code too (seen)."""
    app = identity.hex_digits(resource_id, "app", 32)
    tail = f"loadbalancer/app/{app}/{identity.hex_digits(resource_id, 'balancer', 16)}"
    return {
        "arn": identity.arn(context.place, KIND, resource_id),
        "supportCode": identity.support_arn(context.place, "elasticloadbalancing", tail),
        "dnsName": f"{app}-{identity.decimal_digits(resource_id, 10)}.{context.region}.elb.amazonaws.com",
    }


def _order(context: Context, request: CreateLoadBalancerRequestTypeDef) -> balancer_certificates.Order | None:
    """The certificate that is asked for. The rule is the model's, the texts inferred."""
    name, domain = request.get("certificateName"), request.get("certificateDomainName")
    alternatives = request.get("certificateAlternativeNames", ())
    if (name is None) != (domain is None):
        raise invalid("You must specify both a certificate name and a certificate domain name, or neither of them.")
    if name is None or domain is None:
        if alternatives:
            raise invalid("You can specify alternative names only with a certificate name and a domain name.")
        return None
    return balancer_certificates.Order(context, name, domain, alternatives, ())


def _set(context: Context, balancer: Resource, name: str, value: str) -> None:
    """Raises InvalidInputException (texts inferred)."""
    document = balancer.document
    if name == "HealthCheckPath":
        document["healthCheckPath"] = _path(value)
    elif name == "TlsPolicyName":
        document["tlsPolicyName"] = _policy(context, value)
    elif name == "HttpsRedirectionEnabled":
        is_on = _flag(name, value)
        if is_on and document["protocol"] == "HTTP":
            raise wrong_state(
                f"You can't enable HTTPS redirection because no certificate is attached to the load balancer: "
                f"{balancer.name}"
            )
        document["httpsRedirectionEnabled"] = is_on
    elif name == "SessionStickinessEnabled":
        _flag(name, value)
        document["configurationOptions"][name] = value
    else:
        if not (value.isascii() and value.isdigit() and 1 <= int(value) <= LONGEST_COOKIE_S):
            raise invalid(f"The value of {name} must be a number from 1 to {LONGEST_COOKIE_S}: {value}")
        document["configurationOptions"][name] = str(int(value))


def _path(path: str) -> str:
    if not _PATH.fullmatch(path):
        raise invalid(f"The health check path must begin with / and have no spaces: {path}")
    return path


def _policy(context: Context, name: str) -> str:
    if name not in {policy["name"] for policy in context.catalogue.tls_policies()}:
        raise invalid(f"The specified TLS policy does not exist: {name}")
    return name


def _default_policy(context: Context) -> str:
    return next(str(policy["name"]) for policy in context.catalogue.tls_policies() if policy["isDefault"])


def _flag(name: str, value: str) -> bool:
    if value not in ("true", "false"):
        raise invalid(f"The value of {name} must be true or false: {value}")
    return value == "true"


def _shown(context: Context, row: Row) -> dict[str, Any]:
    balancer = resource(row)
    return balancer.document | {"instanceHealthSummary": balancing.health(context, balancer)}
