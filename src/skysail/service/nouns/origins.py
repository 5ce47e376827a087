"""Where a distribution has its content from: an instance, a load balancer, a container service or a bucket."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from skysail.service.context import Context
from skysail.service.home_region import HOME
from skysail.service.identity import ec2_id
from skysail.service.nouns.attaching import INSTANCE
from skysail.service.nouns.balancing import LOAD_BALANCER
from skysail.service.nouns.buckets import BUCKET
from skysail.service.nouns.containers import CONTAINER_SERVICE
from skysail.service.refusals import invalid, wrong_state
from skysail.service.resources import Resource

KINDS = (INSTANCE, LOAD_BALANCER, CONTAINER_SERVICE, BUCKET)
LONGEST_TIMEOUT_S, USUAL_TIMEOUT_S = 60, 30


def origin(context: Context, asked: Mapping[str, Any], private_access: bool | None) -> dict[str, Any]:
    """The members of a distribution that tell its origin. `private_access` is None where nothing is said of it.

    Raises InvalidInputException: there is no such resource, or protocol, timeout, addresses or private access do not
    fit it. (Rules from the model and the user guide; texts inferred.)
    """
    name, region = asked.get("name"), asked.get("regionName", HOME)
    timeout = asked.get("responseTimeout", USUAL_TIMEOUT_S)
    if not name:
        raise invalid("You must specify the name of the origin.")
    if not 1 <= timeout <= LONGEST_TIMEOUT_S:
        raise invalid(f"The response timeout must be between 1 and {LONGEST_TIMEOUT_S} seconds: {timeout}")
    there = context.in_region(region).resources
    found = there.of_any_kind(name)
    if found is None or found.row.kind not in KINDS:
        raise invalid(f"The specified origin does not exist: {name}")
    there.hold(found)
    is_bucket = found.row.kind == BUCKET
    protocol = asked.get("protocolPolicy", "https-only" if is_bucket else "http-only")
    if is_bucket and protocol != "https-only":
        raise invalid(f"The protocol policy of a bucket must be https-only: {name}")
    if private_access and not is_bucket:
        raise invalid(f"You can enable private origin access only for a bucket: {name}")
    members = {
        "name": name,
        "resourceType": found.row.kind,
        "regionName": region,
        "protocolPolicy": protocol,
        "responseTimeout": timeout,
        "ipAddressType": _address_type(found, asked.get("ipAddressType")),
        **({"isPrivateOriginAccessEnabled": bool(private_access)} if is_bucket else {}),
    }
    return {"origin": members, "originPublicDNS": _public_dns(found, region)}


def _address_type(found: Resource, asked: str | None) -> str:
    """An instance must be reached in the long run: by a static address, or by IPv6."""
    if found.row.kind != INSTANCE:
        return asked or "ipv4"
    own = found.document.get("ipAddressType", "dualstack")
    wanted = asked or ("ipv6" if own == "ipv6" else "ipv4")
    if own not in ("dualstack", wanted):
        raise invalid(f"The origin does not support the IP address type: {wanted}")
    if wanted != "ipv6" and not found.document.get("isStaticIp"):
        raise wrong_state(f"The instance can't be an origin because it has no static IP: {found.name}")
    return wanted


def _public_dns(found: Resource, region: str) -> str:
    """An instance's is that of EC2 (inferred)."""
    if found.row.kind == LOAD_BALANCER:
        return str(found.document["dnsName"])
    if found.row.kind != INSTANCE:
        return str(urlsplit(found.document["url"]).hostname)
    domain = "compute-1.amazonaws.com" if region == HOME else f"{region}.compute.amazonaws.com"
    address = found.document.get("publicIpAddress")
    if address is None:
        return f"{ec2_id('i', found.row.id)}.{domain}"
    return f"ec2-{address.replace('.', '-')}.{domain}"
