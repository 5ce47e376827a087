"""Snapshots of disks, and of instances' system disks: create, look, delete."""

from __future__ import annotations

from typing import TYPE_CHECKING

from skysail.service import captured
from skysail.service.context import Context
from skysail.service.dispatch import Answer, Family
from skysail.service.journal import about, shown
from skysail.service.nouns import attaching, snapshots
from skysail.service.refusals import invalid
from skysail.service.stored import as_stored
from skysail.store.base import Due

if TYPE_CHECKING:
    from types_boto3_lightsail.type_defs import (
        CreateDiskSnapshotRequestTypeDef,
        DeleteDiskSnapshotRequestTypeDef,
        GetDiskSnapshotRequestTypeDef,
        GetDiskSnapshotsRequestTypeDef,
    )

KIND = snapshots.DISK_SNAPSHOT
PAGE_SIZE = 20
"""Inferred from that of instances."""

family = Family("disk_snapshots")


@family.writes("CreateDiskSnapshot")
def create_disk_snapshot(context: Context, request: CreateDiskSnapshotRequestTypeDef) -> Answer:
    """Begin a snapshot of a disk, attached or not, or of an instance's system disk.

    Raises NotFoundException. Raises InvalidInputException: both or none of both are named (text inferred), or the
    source's state, the name or the tags do not fit.
    """
    disk_name, instance_name = request.get("diskName"), request.get("instanceName")
    if (disk_name is None) == (instance_name is None):
        raise invalid("You must specify either a disk name or an instance name, but not both.")
    if disk_name is not None:
        source = context.resources.get(attaching.DISK, disk_name)
        snapshots.check_source(source, ("available", "in-use"))
        held = captured.of_disk(source)
    else:
        source = context.resources.get(attaching.INSTANCE, str(instance_name))
        snapshots.check_source(source, ("running", "stopped"))
        held = captured.of_system_disk(source)
    snapshot = snapshots.create(
        context, KIND, request["diskSnapshotName"], held, requested_tags=request.get("tags", ())
    )
    return {"operations": shown(snapshots.taken(context, "CreateDiskSnapshot", snapshot, source))}


@family.reads("GetDiskSnapshot")
def get_disk_snapshot(context: Context, request: GetDiskSnapshotRequestTypeDef) -> Answer:
    """One disk snapshot. Raises NotFoundException."""
    return {"diskSnapshot": as_stored(context.resources.row(KIND, request["diskSnapshotName"]))}


@family.reads("GetDiskSnapshots")
def get_disk_snapshots(context: Context, request: GetDiskSnapshotsRequestTypeDef) -> Answer:
    """One page of all disk snapshots, newest first."""
    return context.kind_listing("diskSnapshots", request, KIND, PAGE_SIZE)


@family.writes("DeleteDiskSnapshot")
def delete_disk_snapshot(context: Context, request: DeleteDiskSnapshotRequestTypeDef) -> Answer:
    """Delete a disk snapshot. Raises NotFoundException. Raises InvalidInputException: it is pending (inferred)."""
    snapshot = context.resources.get(KIND, request["diskSnapshotName"])
    snapshots.check_ready(snapshot, "delete")
    context.resources.delete(snapshot)
    return {"operations": shown(context.journal.succeeded("DeleteDiskSnapshot", about(snapshot)))}


@family.step(snapshots.READY_STEP[KIND])
def disk_snapshot_completed(context: Context, due: Due) -> None:
    """It can be used."""
    snapshots.become_ready(context, KIND, due)
