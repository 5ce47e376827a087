"""A new disk: whether it can be had, and the document it begins with. Members and values as in published answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from skysail.service import identity
from skysail.service.context import Context
from skysail.service.nouns.new_instance import check_zone, iops
from skysail.service.quotas import LARGEST_DISKS_GB
from skysail.service.refusals import invalid, over_quota
from skysail.service.resources import Draft
from skysail.service.tags import tags

KIND = "Disk"
SMALLEST_GB, LARGEST_GB = 8, 16_384


def draft(
    context: Context, name: str, zone: str, size_gb: int, requested_tags: Iterable[Mapping[str, Any]] = ()
) -> Draft:
    """A pending disk of that name.

    Raises InvalidInputException: the zone, the size or the tags do not fit, or the account's disks would be too large.
    """
    check_zone(context, zone)
    if not SMALLEST_GB <= size_gb <= LARGEST_GB:
        raise invalid(f"The size of a block storage disk must be between {SMALLEST_GB} and {LARGEST_GB} GB.")
    _check_total(context, size_gb)
    resource_id = context.world.new_id()
    document = {
        "name": name,
        "arn": identity.arn(context.place, KIND, resource_id),
        "supportCode": identity.support_code(context.place, identity.ec2_id("vol", resource_id)),
        "createdAt": round(context.now, 3),
        "location": {"availabilityZone": zone, "regionName": context.region},
        "resourceType": KIND,
        "tags": tags(requested_tags),
        "sizeInGb": size_gb,
        "isSystemDisk": False,
        "iops": iops(size_gb),
        "state": "pending",
        "isAttached": False,
        "attachmentState": "detached",
    }
    return Draft(resource_id, name, document)


def _check_total(context: Context, more_gb: int) -> None:
    """All disks together, where quotas are minded."""
    if context.quotas == "none":
        return
    context.resources.guard(KIND)
    there = context.resources.all_of(KIND)
    if sum(disk.document["sizeInGb"] for disk in there) + more_gb > LARGEST_DISKS_GB:
        raise over_quota("You've reached the maximum size limit of all disks in this account.")
