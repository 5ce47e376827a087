"""An instance's addresses: a dynamic public IPv4 address while it runs, or the static one that is attached; and IPv6.

A dynamic address is another one each time it is given, and so is an IPv6 address, which stays until it is given up.
(Source: user guide; that the member is absent from a stopped instance without a static address is inferred.)
"""

from __future__ import annotations

from skysail.service import identity
from skysail.service.resources import Resource


def give_dynamic_address(instance: Resource) -> None:
    """A new address for an instance that runs; none for one with a static address or with IPv6 alone."""
    document = instance.document
    if document.get("isStaticIp") or document.get("ipAddressType") == "ipv6":
        return
    occasion = instance.private.get("addressesGiven", 0) + 1
    instance.private["addressesGiven"] = occasion
    document["publicIpAddress"] = identity.public_ipv4(instance.row.id, occasion)


def drop_dynamic_address(instance: Resource) -> None:
    """The address of an instance that does not run any more; a static one stays."""
    if not instance.document.get("isStaticIp"):
        instance.document.pop("publicIpAddress", None)


def give_static_address(instance: Resource, name: str, address: str) -> None:
    """The address of the static IP of that name takes the dynamic one's place."""
    instance.document |= {"isStaticIp": True, "publicIpAddress": address}
    instance.private["staticIp"] = name


def take_static_address(instance: Resource) -> None:
    """Back to a dynamic address: a new one at once where the instance runs (inferred)."""
    instance.document["isStaticIp"] = False
    instance.document.pop("publicIpAddress", None)
    instance.private.pop("staticIp", None)
    if instance.state == "running":
        give_dynamic_address(instance)


def give_ipv6_address(instance: Resource) -> None:
    """An IPv6 address, where it has none."""
    if not instance.document.get("ipv6Addresses"):
        occasion = instance.private.get("ipv6AddressesGiven", 0) + 1
        instance.private["ipv6AddressesGiven"] = occasion
        instance.document["ipv6Addresses"] = [identity.ipv6(instance.row.id, occasion)]


def drop_ipv6_addresses(instance: Resource) -> None:
    """Give its IPv6 addresses up for good."""
    instance.document["ipv6Addresses"] = []
