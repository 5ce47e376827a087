"""A new instance: whether what was ordered can be had, and the document it begins with.

Members and values as published answers of the real service show them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from skysail.errors import InvalidInputException
from skysail.service import identity
from skysail.service.context import Context
from skysail.service.resources import Draft, check_name
from skysail.service.tags import tags

if TYPE_CHECKING:
    from types_boto3_lightsail.type_defs import CreateInstancesRequestTypeDef

DEFAULT_KEY_PAIR = "LightsailDefaultKeyPair"
LARGEST_USER_DATA = 16_384
"""Bytes: EC2's limit (inferred for Lightsail)."""

_ANYWHERE_IPV4 = "0.0.0.0/0"
_ANYWHERE_IPV6 = "::/0"


def draft(context: Context, name: str, request: CreateInstancesRequestTypeDef) -> Draft:
    """An instance of that name, as CreateInstances orders it. Raises InvalidInputException, NotFoundException."""
    check_name(name)
    bundle, blueprint, address_type = _ordered(context, request)
    resource_id = context.world.new_id()
    created_at = round(context.now, 3)
    blueprint_id = blueprint["blueprintId"]
    document = {
        "name": name,
        "arn": identity.arn(context.place, "Instance", resource_id),
        "supportCode": identity.instance_support_code(context.place, resource_id),
        "createdAt": created_at,
        "location": {"availabilityZone": request["availabilityZone"], "regionName": context.region},
        "resourceType": "Instance",
        "tags": tags(request.get("tags", ())),
        "blueprintId": blueprint_id,
        "blueprintName": blueprint["name"],
        "bundleId": bundle["bundleId"],
        "isStaticIp": False,
        "privateIpAddress": identity.private_ipv4(resource_id),
        "ipv6Addresses": [] if address_type == "ipv4" else [identity.ipv6(resource_id)],
        "ipAddressType": address_type,
        "hardware": {
            "cpuCount": bundle["cpuCount"],
            "disks": [_system_disk(name, blueprint, bundle["diskSizeInGb"], created_at)],
            "ramSizeInGb": bundle["ramSizeInGb"],
        },
        "networking": {
            "monthlyTransfer": {"gbPerMonthAllocated": bundle["transferPerMonthInGb"]},
            "ports": [_port(rule, address_type) for rule in context.catalogue.default_ports(blueprint_id)],
        },
        "state": {"code": 0, "name": "pending"},
        "username": context.catalogue.username(blueprint_id),
        "sshKeyName": request.get("keyPairName") or DEFAULT_KEY_PAIR,
        "metadataOptions": {
            "state": "applied",
            "httpTokens": "optional",
            "httpEndpoint": "enabled",
            "httpPutResponseHopLimit": 1,
            "httpProtocolIpv6": "disabled",
        },
    }
    return Draft(resource_id, name, document, {"userData": request.get("userData", "")})


def _ordered(
    context: Context, request: CreateInstancesRequestTypeDef
) -> tuple[Mapping[str, Any], Mapping[str, Any], str]:
    """Bundle, blueprint and address type of an order that can be had."""
    zone = request["availabilityZone"]
    if zone not in context.catalogue.zones(context.region):
        raise _refused(f"The specified Availability Zone is not valid: {zone}")  # inferred
    bundle = context.catalogue.bundle(context.region, request["bundleId"])
    if bundle is None:
        raise _refused(f"The specified bundle does not exist in this region: {request['bundleId']}")  # seen
    blueprint = context.catalogue.blueprint(request["blueprintId"])
    if blueprint is None or not blueprint["isActive"]:  # inferred, in the words for bundles
        raise _refused(f"The specified blueprint does not exist in this region: {request['blueprintId']}")
    if blueprint["platform"] not in bundle["supportedPlatforms"]:  # inferred
        raise _refused(f"The specified blueprint requires a {blueprint['platform']} bundle: {bundle['bundleId']}")
    if bundle["power"] < blueprint["minPower"]:  # inferred
        raise _refused(f"The specified blueprint requires a bundle with more power: {blueprint['blueprintId']}")
    is_ipv6_only = bundle["publicIpv4AddressCount"] == 0
    address_type = request.get("ipAddressType", "ipv6" if is_ipv6_only else "dualstack")
    if (address_type == "ipv6") != is_ipv6_only:  # inferred
        raise _refused(f"The specified bundle does not support the IP address type: {address_type}")
    _check_key_pair(context, request.get("keyPairName"))
    if len(request.get("userData", "").encode()) > LARGEST_USER_DATA:  # inferred
        raise _refused(f"The user data is larger than {LARGEST_USER_DATA} bytes.")
    return bundle, blueprint, address_type


def _check_key_pair(context: Context, name: str | None) -> None:
    """The default key pair is always there; any other must have been made before."""
    if name and name != DEFAULT_KEY_PAIR:
        context.resources.row("KeyPair", name)


def _system_disk(instance: str, blueprint: Mapping[str, Any], size_gb: int, created_at: float) -> dict[str, Any]:
    """Seven members only (seen). iops: 3 a GB, at least 100 and at most 16,000."""
    ubuntu_or_windows = blueprint["platform"] == "WINDOWS" or blueprint["group"].startswith("ubuntu")
    return {
        "createdAt": created_at,
        "sizeInGb": size_gb,
        "isSystemDisk": True,
        "iops": min(16_000, max(100, 3 * size_gb)),
        "path": "/dev/sda1" if ubuntu_or_windows else "/dev/xvda",
        "attachedTo": instance,
        "attachmentState": "attached",
    }


def _port(rule: Mapping[str, Any], address_type: str) -> dict[str, Any]:
    """A port that is open to all; accessType is lower case on the wire (seen), whatever the model's enum says."""
    cidrs = [] if address_type == "ipv6" else [_ANYWHERE_IPV4]
    ipv6_cidrs = [] if address_type == "ipv4" else [_ANYWHERE_IPV6]
    return {
        "fromPort": rule["fromPort"],
        "toPort": rule["toPort"],
        "protocol": rule["protocol"],
        "accessFrom": f"Anywhere ({' and '.join([*cidrs, *ipv6_cidrs])})",
        "accessType": "public",
        "commonName": "",
        "accessDirection": "inbound",
        "cidrs": cidrs,
        "ipv6Cidrs": ipv6_cidrs,
        "cidrListAliases": [],
    }


def _refused(message: str) -> InvalidInputException:
    return InvalidInputException.because(message, "InvalidParams")
