"""An instance's public IPv4 address: a dynamic one while it runs, or the static one that is attached to it.

A dynamic address is another one each time it is given. (Source: user guide; that the member is absent from a stopped
instance without a static address is inferred.)
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
