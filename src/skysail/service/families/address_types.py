"""Which IP addresses an instance has: IPv4 and IPv6, IPv4 alone, or IPv6 alone on a plan of its own; and others."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from skysail.service.context import Context
from skysail.service.dispatch import Answer, Family
from skysail.service.journal import about, shown
from skysail.service.nouns.addressing import (
    drop_dynamic_address,
    drop_ipv6_addresses,
    give_dynamic_address,
    give_ipv6_address,
)
from skysail.service.nouns.attaching import INSTANCE
from skysail.service.nouns.balancing import LOAD_BALANCER
from skysail.service.nouns.distributions import DISTRIBUTION, change, idle
from skysail.service.nouns.new_instance import of_bundle
from skysail.service.refusals import invalid, not_now, unsupported, wrong_state
from skysail.service.resources import Resource

if TYPE_CHECKING:
    from types_boto3_lightsail.type_defs import SetIpAddressTypeRequestTypeDef

IPV6_ONLY = "ipv6"
_BUNDLE = re.compile(r"(?P<size>.+?)(?P<ipv6>_ipv6)?(?P<version>_\d+_\d+)")

family = Family("address_types")


@family.writes("SetIpAddressType")
def set_ip_address_type(context: Context, request: SetIpAddressTypeRequestTypeDef) -> Answer:
    """Change the addresses of an instance, and its bundle where it comes to or from IPv6 alone, or of a load balancer.

    Done at once (inferred).

    An IPv6 address is given up with ipv4 only, and comes back as another one (seen); the public IPv4 address is given
    up with ipv6 only, and a running instance gets another one after it. Disks and firewall stay. The type that it has
    already changes nothing (inferred).
    Raises NotFoundException. Raises InvalidInputException: the bundle's change is not accepted or not possible, or a
    static IP or the instance's state is in the way.
    """
    kind, address_type = request["resourceType"], request["ipAddressType"]
    if kind == LOAD_BALANCER:
        return _of_what_has_none_itself(context, kind, request)
    if kind == DISTRIBUTION:
        return _of_distribution(context, request)
    if kind != INSTANCE:
        raise unsupported(f"The IP address type can't be set for the resource type: {kind}")  # inferred
    instance = context.resources.get(INSTANCE, request["resourceName"])
    former = _address_type(instance)
    if address_type != former:
        _check_state(instance)
        if IPV6_ONLY in (address_type, former):
            _change_bundle(context, instance, address_type, bool(request.get("acceptBundleUpdate")))
        instance.document["ipAddressType"] = address_type
        _change_addresses(instance, former, address_type)
        context.resources.save(instance)
    return {"operations": shown(context.journal.succeeded("SetIpAddressType", about(instance, address_type)))}


def _of_distribution(context: Context, request: SetIpAddressTypeRequestTypeDef) -> Answer:
    """It is InProgress, then Deployed again (inferred)."""
    address_type = request["ipAddressType"]
    changed = idle(context, request["resourceName"])
    if address_type == IPV6_ONLY:  # source: the model
        raise unsupported(f"A distribution does not support the IP address type: {address_type}")
    changed.document["ipAddressType"] = address_type
    return {"operations": shown(change(context, changed, "SetIpAddressType", address_type))}


def _of_what_has_none_itself(context: Context, kind: str, request: SetIpAddressTypeRequestTypeDef) -> Answer:
    """Its addresses are behind a name, and are not shown."""
    changed = context.resources.get(kind, request["resourceName"])
    changed.document["ipAddressType"] = request["ipAddressType"]
    context.resources.save(changed)
    return {
        "operations": shown(context.journal.succeeded("SetIpAddressType", about(changed, request["ipAddressType"])))
    }


def _address_type(instance: Resource) -> str:
    """An instance that was imported from an old answer does not say it."""
    usual = "dualstack" if instance.document.get("ipv6Addresses") else "ipv4"
    return str(instance.document.get("ipAddressType", usual))


def _check_state(instance: Resource) -> None:
    if instance.state not in ("running", "stopped"):  # inferred
        raise not_now("change the IP address type", "this instance", instance.state)


def _change_bundle(context: Context, instance: Resource, address_type: str, accepted: bool) -> None:
    """Put the instance on the other one of the two bundles of its size. Texts inferred."""
    if not accepted:
        raise invalid("The acceptBundleUpdate parameter must be true to change the instance bundle.")
    if address_type == IPV6_ONLY and instance.document.get("isStaticIp"):
        raise wrong_state(f"You can't change to ipv6 while a static IP is attached to the instance: {instance.name}")
    bundle_id = str(instance.document.get("bundleId", ""))
    bundle = _counterpart(context, bundle_id, address_type)
    if bundle is None:
        raise unsupported(
            f"The instance's bundle has no counterpart for the IP address type {address_type}: {bundle_id}"
        )
    follows = of_bundle(bundle)
    for member in ("hardware", "networking"):  # beside which there are disks and ports
        follows[member] = instance.document.get(member, {}) | follows[member]
    instance.document |= follows


def _counterpart(context: Context, bundle_id: str, address_type: str) -> dict[str, Any] | None:
    """nano_ipv6_3_0 for nano_3_0, and the reverse; None where there is none (as in generations 1 and 2)."""
    parts = _BUNDLE.fullmatch(bundle_id)
    if parts is None:
        return None
    middle = "_ipv6" if address_type == IPV6_ONLY else ""
    return context.catalogue.bundle(context.region, f"{parts['size']}{middle}{parts['version']}")


def _change_addresses(instance: Resource, former: str, address_type: str) -> None:
    if address_type == "ipv4":
        drop_ipv6_addresses(instance)
    else:
        give_ipv6_address(instance)
    if address_type == IPV6_ONLY:
        drop_dynamic_address(instance)
    elif former == IPV6_ONLY and instance.state == "running":
        give_dynamic_address(instance)
