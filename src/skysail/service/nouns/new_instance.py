"""A new instance: whether what was ordered can be had, and the document it begins with.

Members and values as published answers of the real service show them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from skysail.service import identity
from skysail.service.context import Context
from skysail.service.nouns import default_key_pair, firewall
from skysail.service.refusals import invalid
from skysail.service.resources import Draft
from skysail.service.tags import tags

DEFAULT_KEY_PAIR = default_key_pair.NAME
MOST_NAMES = 1_000
"""Instances of one call: what is made in one piece keeps everybody else waiting. The real service's quota of instances
is far below (20; inferred: what it says to a thousand)."""
LARGEST_USER_DATA = 16_384
"""Bytes: EC2's limit (inferred for Lightsail)."""
METADATA_OPTIONS: Mapping[str, str | int] = {  # seen
    "state": "applied",
    "httpTokens": "optional",
    "httpEndpoint": "enabled",
    "httpPutResponseHopLimit": 1,
    "httpProtocolIpv6": "disabled",
}


@dataclass(frozen=True, slots=True)
class Order:
    """What can be had: an instance's bundle and blueprint as the catalogue has them, and the rest of the order."""

    zone: str
    bundle: Mapping[str, Any]
    blueprint: Mapping[str, Any]
    address_type: str
    key_pair: str
    user_data: str
    tags: list[dict[str, str]]
    public_key: str | None = None
    """Of a key pair that is not the default one: the machine keeps it, whatever becomes of the pair."""


def order(context: Context, request: Mapping[str, Any], blueprint: Mapping[str, Any]) -> Order:
    """What CreateInstances or CreateInstancesFromSnapshot asks for.

    Raises InvalidInputException: zone, bundle, address type, user data or tags do not fit. Raises NotFoundException: no
    such key pair.
    """
    zone = request["availabilityZone"]
    check_zone(context, zone)
    bundle = fitting_bundle(context, request["bundleId"], blueprint)
    is_ipv6_only = bundle["publicIpv4AddressCount"] == 0
    address_type = request.get("ipAddressType", "ipv6" if is_ipv6_only else "dualstack")
    if (address_type == "ipv6") != is_ipv6_only:  # inferred
        raise invalid(f"The specified bundle does not support the IP address type: {address_type}")
    key_pair = request.get("keyPairName") or DEFAULT_KEY_PAIR
    public_key = None
    if key_pair == DEFAULT_KEY_PAIR:
        default_key_pair.ensured(context)  # it comes with a region's first instance; others must have been made
    else:
        public_key = context.resources.get(default_key_pair.KIND, key_pair).private.get("publicKey")
    user_data = request.get("userData", "")
    if len(user_data.encode()) > LARGEST_USER_DATA:  # inferred
        raise invalid(f"The user data is larger than {LARGEST_USER_DATA} bytes.")
    return Order(zone, bundle, blueprint, address_type, key_pair, user_data, tags(request.get("tags", ())), public_key)


def instance_names(request: Mapping[str, Any]) -> list[str]:
    """How the instances of one call are to be called. Raises InvalidInputException: none, or too many (inferred)."""
    names: list[str] = request["instanceNames"]
    if not names:
        raise invalid("At least one instance name is required.")
    if len(names) > MOST_NAMES:
        raise invalid(f"At most {MOST_NAMES} instances can be created at once; {len(names)} names were given.")
    return names


def check_zone(context: Context, zone: str) -> None:
    """Raises InvalidInputException: no such zone in the region (text inferred)."""
    if zone not in context.catalogue.zones(context.region):
        raise invalid(f"The specified Availability Zone is not valid: {zone}")


def active_blueprint(context: Context, blueprint_id: str) -> dict[str, Any]:
    """Raises InvalidInputException: unknown, or not for new instances (inferred, in the words for bundles)."""
    blueprint = context.catalogue.blueprint(blueprint_id)
    if blueprint is None or not blueprint["isActive"]:
        raise invalid(f"The specified blueprint does not exist in this region: {blueprint_id}")
    return blueprint


def fitting_bundle(context: Context, bundle_id: str, blueprint: Mapping[str, Any]) -> dict[str, Any]:
    """A bundle on which a blueprint runs. Raises InvalidInputException."""
    bundle = context.catalogue.bundle(context.region, bundle_id)
    if bundle is None:
        raise invalid(f"The specified bundle does not exist in this region: {bundle_id}")  # seen
    if blueprint["platform"] not in bundle["supportedPlatforms"]:  # inferred
        raise invalid(f"The specified blueprint requires a {blueprint['platform']} bundle: {bundle_id}")
    if bundle["power"] < blueprint["minPower"]:  # inferred
        raise invalid(f"The specified blueprint requires a bundle with more power: {blueprint['blueprintId']}")
    return bundle


def draft(context: Context, name: str, ordered: Order) -> Draft:
    """An instance of that name."""
    resource_id = context.world.new_id()
    created_at = round(context.now, 3)
    blueprint_id = ordered.blueprint["blueprintId"]
    document = {
        "name": name,
        "arn": identity.arn(context.place, "Instance", resource_id),
        "supportCode": identity.support_code(context.place, identity.ec2_id("i", resource_id)),
        "createdAt": created_at,
        "location": {"availabilityZone": ordered.zone, "regionName": context.region},
        "resourceType": "Instance",
        "tags": ordered.tags,
        "blueprintId": blueprint_id,
        "blueprintName": ordered.blueprint["name"],
        "isStaticIp": False,
        "privateIpAddress": identity.private_ipv4(resource_id),
        "ipv6Addresses": [] if ordered.address_type == "ipv4" else [identity.ipv6(resource_id)],
        "ipAddressType": ordered.address_type,
        **of_bundle(ordered.bundle),
        "state": {"code": 0, "name": "pending"},
        "username": context.catalogue.username(blueprint_id),
        "sshKeyName": ordered.key_pair,
        "metadataOptions": dict(METADATA_OPTIONS),
    }
    document["hardware"]["disks"] = [_system_disk(name, ordered.blueprint, ordered.bundle["diskSizeInGb"], created_at)]
    document["networking"]["ports"] = _ports(context.catalogue.default_ports(blueprint_id), ordered.address_type)
    private = {"userData": ordered.user_data}
    if ordered.public_key and ordered.blueprint["platform"] == "WINDOWS":  # its password is encrypted with it
        private["publicKey"] = ordered.public_key
    return Draft(resource_id, name, document, private)


def of_bundle(bundle: Mapping[str, Any]) -> dict[str, Any]:
    """The members that follow from an instance's bundle, without disks and ports."""
    return {
        "bundleId": bundle["bundleId"],
        "hardware": {"cpuCount": bundle["cpuCount"], "ramSizeInGb": bundle["ramSizeInGb"]},
        "networking": {"monthlyTransfer": {"gbPerMonthAllocated": bundle["transferPerMonthInGb"]}},
    }


def iops(size_gb: int) -> int:
    """3 a GB, at least 100 and at most 16,000 (seen up to 128 GB)."""
    return min(16_000, max(100, 3 * size_gb))


def _system_disk(instance: str, blueprint: Mapping[str, Any], size_gb: int, created_at: float) -> dict[str, Any]:
    """Seven members only (seen)."""
    ubuntu_or_windows = blueprint["platform"] == "WINDOWS" or blueprint["group"].startswith("ubuntu")
    return {
        "createdAt": created_at,
        "sizeInGb": size_gb,
        "isSystemDisk": True,
        "iops": iops(size_gb),
        "path": "/dev/sda1" if ubuntu_or_windows else "/dev/xvda",
        "attachedTo": instance,
        "attachmentState": "attached",
    }


def _ports(rules: Iterable[Mapping[str, Any]], address_type: str) -> list[dict[str, Any]]:
    """A blueprint's ports, open to all."""
    cidrs = () if address_type == "ipv6" else (firewall.ANYWHERE_IPV4,)
    ipv6_cidrs = () if address_type == "ipv4" else (firewall.ANYWHERE_IPV6,)
    ports = (firewall.Rule(one["fromPort"], one["toPort"], one["protocol"], cidrs, ipv6_cidrs) for one in rules)
    return [firewall.entry(rule) for rule in ports]
