"""Disks: create, attach to an instance, detach, delete.

States and their ways: pending → available → in-use → available; a deleted disk is gone at once.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from skysail.service.context import Context
from skysail.service.dispatch import Answer, Family
from skysail.service.journal import about, shown
from skysail.service.nouns import attaching, snapshots
from skysail.service.nouns.add_ons import check_deletable, disabled_with, enable_at_creation
from skysail.service.nouns.automatic import restorable
from skysail.service.nouns.new_disk import draft
from skysail.service.refusals import invalid, not_now, over_quota, wrong_state
from skysail.service.resources import Resource
from skysail.service.stored import as_stored
from skysail.store.base import Due

if TYPE_CHECKING:
    from types_boto3_lightsail.type_defs import (
        AttachDiskRequestTypeDef,
        CreateDiskFromSnapshotRequestTypeDef,
        CreateDiskRequestTypeDef,
        DeleteDiskRequestTypeDef,
        DetachDiskRequestTypeDef,
        GetDiskRequestTypeDef,
        GetDisksRequestTypeDef,
    )

KIND = attaching.DISK
PAGE_SIZE = 20
"""Inferred from that of instances."""
MOST_ATTACHED = 15
"""Disks an instance can have beside its system disk (source: service quotas, user guide)."""
_PATH = re.compile(r"/dev/(?:xvd|sd)[f-z]")  # inferred: the console offers /dev/xvdf to /dev/xvdp

family = Family("disks")


@family.writes("CreateDisk")
def create_disk(context: Context, request: CreateDiskRequestTypeDef) -> Answer:
    """Make a disk; it is pending, then available.

    Raises InvalidInputException: name, zone, size, tags or add-ons do not fit.
    """
    return _create(context, "CreateDisk", request)


@family.writes("CreateDiskFromSnapshot")
def create_disk_from_snapshot(context: Context, request: CreateDiskFromSnapshotRequestTypeDef) -> Answer:
    """Make a disk from a snapshot or from an automatic snapshot of a disk; at least as large as that.

    Raises NotFoundException. Raises InvalidInputException: the source is not said in one way, not ready or too large,
    or the rest does not fit.
    """
    least_gb = _source_size(context, request)
    if request["sizeInGb"] < least_gb:  # text inferred
        raise invalid(f"The size of the disk must be equal to or greater than the size of the snapshot: {least_gb} GB")
    return _create(context, "CreateDiskFromSnapshot", request)


@family.reads("GetDisk")
def get_disk(context: Context, request: GetDiskRequestTypeDef) -> Answer:
    """One disk. Raises NotFoundException."""
    return {"disk": as_stored(context.resources.row(KIND, request["diskName"]))}


@family.reads("GetDisks")
def get_disks(context: Context, request: GetDisksRequestTypeDef) -> Answer:
    """One page of all disks but system disks, newest first."""
    return context.kind_listing("disks", request, KIND, PAGE_SIZE)


@family.writes("AttachDisk")
def attach_disk(context: Context, request: AttachDiskRequestTypeDef) -> Answer:
    """Attach a disk to a running or stopped instance of its zone; it is taken at once, attached a little later.

    Raises NotFoundException. Raises InvalidInputException: the path is none or taken, the disk is not available, the
    instance is elsewhere, in a passing state or has as many as it can.
    """
    disk = context.resources.get(KIND, request["diskName"])
    instance = context.resources.get(attaching.INSTANCE, request["instanceName"])
    path = request["diskPath"]
    if not _PATH.fullmatch(path):
        raise invalid("The disk path is invalid. You must specify a valid disk path.")
    if disk.state != "available":
        raise not_now("attach this disk", "this disk", disk.state)
    _check_room(context, instance, disk, path)
    attaching.attach_disk(context, disk, instance, path)
    if request.get("autoMounting"):
        _mount(context, disk, instance)
    records = context.journal.started("AttachDisk", about(disk, instance.name), about(instance, disk.name))
    context.resources.later(disk, "disk.attached", context.timing.attach_s, records)
    return {"operations": shown(records)}


@family.writes("DetachDisk")
def detach_disk(context: Context, request: DetachDiskRequestTypeDef) -> Answer:
    """Detach a disk from a stopped instance.

    Raises NotFoundException. Raises InvalidInputException: it is not attached, or its instance is not stopped.
    """
    disk = context.resources.get(KIND, request["diskName"])
    attached_to = disk.document.get("attachedTo")
    instance = context.resources.find(attaching.INSTANCE, attached_to) if attached_to else None
    if disk.document.get("attachmentState") != "attached" or (instance and instance.state != "stopped"):
        raise not_now("detach this disk", "this disk", disk.state)
    disk.document["attachmentState"] = "detaching"
    attaching.save(context, disk)
    subjects = [about(disk, attached_to), *([about(instance, disk.name)] if instance else [])]
    records = context.journal.started("DetachDisk", *subjects)
    context.resources.later(disk, "disk.detached", context.timing.detach_s, records)
    return {"operations": shown(records)}


@family.writes("DeleteDisk")
def delete_disk(context: Context, request: DeleteDiskRequestTypeDef) -> Answer:
    """Delete a disk with its automatic snapshots; it is gone at once.

    Raises NotFoundException. Raises InvalidInputException: it is attached or not ready yet, or has add-ons and they are
    not to be deleted too.
    """
    disk = context.resources.get(KIND, request["diskName"])
    if "attachedTo" in disk.document:
        raise wrong_state(
            "You can't perform this operation because the disk is still attached to a Lightsail instance: "
            f"{disk.document['attachedTo']}"
        )
    if disk.state == "pending":  # inferred
        raise not_now("delete this disk", "this disk", disk.state)
    check_deletable(disk, request.get("forceDeleteAddOns"))
    records = disabled_with(context, disk)
    for due in context.resources.delete(disk):
        context.journal.fail(due, "DiskDeleted", "The disk was deleted.")
    return {"operations": shown([*records, *context.journal.succeeded("DeleteDisk", about(disk))])}


@family.step("disk.available")
def disk_available(context: Context, due: Due) -> None:
    """It can be used: at once by the instance that it was made for, where there is one."""
    disk = context.resources.get(KIND, due.name)
    disk.document["state"] = "available"
    made_for = disk.private.pop("madeFor", None)
    context.resources.save(disk)
    context.journal.finish(due)
    instance = context.resources.find(attaching.INSTANCE, made_for["instance"]) if made_for else None
    if made_for and instance and instance.row.id == made_for["id"]:
        attaching.attach_disk(context, disk, instance, made_for["path"])
        context.resources.later(disk, "disk.attached", context.timing.attach_s)


@family.step("disk.attached")
def disk_attached(context: Context, due: Due) -> None:
    """Its instance sees it."""
    disk = context.resources.get(KIND, due.name)
    disk.document["attachmentState"] = "attached"
    if disk.document.get("autoMountStatus") == "Pending":
        disk.document["autoMountStatus"] = "Mounted"
    attaching.save(context, disk)
    context.journal.finish(due)


@family.step("disk.detached")
def disk_detached(context: Context, due: Due) -> None:
    """It is free. One whose instance was deleted is free already, and may be on another by now."""
    disk = context.resources.get(KIND, due.name)
    if disk.document["attachmentState"] == "detaching":
        attaching.free_disk(context, disk)
    context.journal.finish(due)


def _create(context: Context, operation: str, request: Mapping[str, Any]) -> Answer:
    name = request["diskName"]
    context.resources.check_free([name])
    context.check_quota(KIND)
    new = draft(context, name, request["availabilityZone"], request["sizeInGb"], request.get("tags", ()))
    (disk,) = context.resources.create(KIND, [new])
    records = context.journal.started(operation, about(disk))
    context.resources.later(disk, "disk.available", context.timing.disk_s, records)
    enable_at_creation(context, disk, request.get("addOns", ()))
    return {"operations": shown(records)}


def _source_size(context: Context, request: CreateDiskFromSnapshotRequestTypeDef) -> int:
    """GB of what the disk is to be made from. Texts inferred, rules from the model."""
    snapshot_name, source_name = request.get("diskSnapshotName"), request.get("sourceDiskName")
    date, latest = request.get("restoreDate"), request.get("useLatestRestorableAutoSnapshot")
    if (snapshot_name is None) == (source_name is None):
        raise invalid("You must specify either a disk snapshot name or a source disk name, but not both.")
    if source_name is not None:
        source = context.resources.get(KIND, source_name)
        return int(restorable(source, date, latest)["captured"]["sizeInGb"])
    if date is not None or latest is not None:
        raise invalid(
            "You can specify a restore date or the latest restorable automatic snapshot only with a source disk name."
        )
    snapshot = context.resources.get(snapshots.DISK_SNAPSHOT, str(snapshot_name))
    snapshots.check_ready(snapshot, "use")
    return int(snapshot.document["sizeInGb"])


def _check_room(context: Context, instance: Resource, disk: Resource, path: str) -> None:
    """Whether the instance can take the disk at that path. The first text is seen, the others are inferred."""
    if instance.zone != disk.zone:
        raise invalid(f"There are currently no instances in the {context.region} that can use this disk.")
    if instance.state not in ("running", "stopped"):
        raise not_now("attach a disk to this instance", "this instance", instance.state)
    attached = attaching.attached_disks(context, instance)
    if len(attached) >= MOST_ATTACHED:
        raise over_quota("You've reached the maximum number of disks you can attach to this instance.")
    if any(other.document["path"] == path for other in attached):
        raise invalid(f"The disk path is already in use: {path}")


def _mount(context: Context, disk: Resource, instance: Resource) -> None:
    """Automatic mounting is for Lightsail for Research alone (model; that others are refused is inferred)."""
    bundle = context.catalogue.bundle(context.region, instance.document["bundleId"]) or {}
    if not bundle.get("supportedAppCategories"):
        raise invalid(f"Automatic mounting is only available for Lightsail for Research: {instance.name}")
    disk.document["autoMountStatus"] = "Pending"
    attaching.save(context, disk)
