"""Static IPs: allocate, attach to an instance, detach, release. All done at once (seen)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from skysail.service import identity
from skysail.service.context import Context
from skysail.service.dispatch import Answer, Family
from skysail.service.journal import about, shown
from skysail.service.nouns import attaching
from skysail.service.refusals import wrong_state
from skysail.service.resources import Draft
from skysail.service.stored import as_stored

if TYPE_CHECKING:
    from types_boto3_lightsail.type_defs import (
        AllocateStaticIpRequestTypeDef,
        AttachStaticIpRequestTypeDef,
        DetachStaticIpRequestTypeDef,
        GetStaticIpRequestTypeDef,
        GetStaticIpsRequestTypeDef,
        ReleaseStaticIpRequestTypeDef,
    )

KIND = attaching.STATIC_IP
PAGE_SIZE = 20
"""Inferred from that of instances."""

family = Family("static_ips")


@family.writes("AllocateStaticIp")
def allocate_static_ip(context: Context, request: AllocateStaticIpRequestTypeDef) -> Answer:
    """Reserve an address. Raises InvalidInputException: the name is bad or in use, or the quota is reached."""
    name = request["staticIpName"]
    context.resources.check_free([name])
    context.check_quota(KIND)
    resource_id = context.world.new_id()
    address = identity.public_ipv4(resource_id, 0)
    document = {
        "name": name,
        "arn": identity.arn(context.place, KIND, resource_id),
        "supportCode": identity.support_code(context.place, address),
        "createdAt": round(context.now, 3),
        "location": identity.everywhere(context.place),
        "resourceType": KIND,
        "ipAddress": address,
        "isAttached": False,
    }
    (static_ip,) = context.resources.create(KIND, [Draft(resource_id, name, document)])
    return {"operations": shown(context.journal.succeeded("AllocateStaticIp", about(static_ip)))}


@family.reads("GetStaticIp")
def get_static_ip(context: Context, request: GetStaticIpRequestTypeDef) -> Answer:
    """One static IP. Raises NotFoundException."""
    return {"staticIp": as_stored(context.resources.row(KIND, request["staticIpName"]))}


@family.reads("GetStaticIps")
def get_static_ips(context: Context, request: GetStaticIpsRequestTypeDef) -> Answer:
    """One page of all static IPs, newest first."""
    return context.kind_listing("staticIps", request, KIND, PAGE_SIZE)


@family.writes("AttachStaticIp")
def attach_static_ip(context: Context, request: AttachStaticIpRequestTypeDef) -> Answer:
    """Give an instance the address in place of its dynamic one.

    Raises NotFoundException. Raises InvalidInputException: one of both has its other half already, or the instance is
    pending or has IPv6 alone (all inferred).
    """
    static_ip = context.resources.get(KIND, request["staticIpName"])
    instance = context.resources.get(attaching.INSTANCE, request["instanceName"])
    if static_ip.document["isAttached"]:
        raise wrong_state(f"The static IP is already attached to an instance: {static_ip.document['attachedTo']}")
    if instance.document.get("ipAddressType") == "ipv6":
        raise wrong_state(f"You can't attach a static IP to an IPv6-only instance: {instance.name}")
    if instance.document.get("isStaticIp"):
        raise wrong_state(f"The instance already has a static IP: {instance.name}")
    if instance.state == "pending":
        raise wrong_state(f"You can't attach a static IP to this instance because it is pending: {instance.name}")
    attaching.attach_static_ip(context, static_ip, instance)
    return {
        "operations": shown(
            context.journal.succeeded(
                "AttachStaticIp", about(static_ip, instance.name), about(instance, static_ip.name)
            )
        )
    }


@family.writes("DetachStaticIp")
def detach_static_ip(context: Context, request: DetachStaticIpRequestTypeDef) -> Answer:
    """Take the address from its instance, which gets a dynamic one where it runs.

    Raises NotFoundException. Raises InvalidInputException: it is not attached (inferred).
    """
    static_ip = context.resources.get(KIND, request["staticIpName"])
    if not static_ip.document["isAttached"]:
        raise wrong_state(f"The static IP is not attached to an instance: {static_ip.name}")
    attached_to = static_ip.document["attachedTo"]
    instance = attaching.detach_static_ip(context, static_ip)
    subjects = [about(static_ip, attached_to), *([about(instance, static_ip.name)] if instance else [])]
    return {"operations": shown(context.journal.succeeded("DetachStaticIp", *subjects))}


@family.writes("ReleaseStaticIp")
def release_static_ip(context: Context, request: ReleaseStaticIpRequestTypeDef) -> Answer:
    """Give the address back for good.

    Raises NotFoundException. Raises InvalidInputException: it is attached (inferred).
    """
    static_ip = context.resources.get(KIND, request["staticIpName"])
    if static_ip.document["isAttached"]:
        attached_to = static_ip.document["attachedTo"]
        raise wrong_state(f"You can't release this static IP because it is attached to an instance: {attached_to}")
    context.resources.delete(static_ip)
    return {"operations": shown(context.journal.succeeded("ReleaseStaticIp", about(static_ip)))}
