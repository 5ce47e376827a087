"""Snapshots of instances, with their attached disks: create, look, delete."""

from __future__ import annotations

from typing import TYPE_CHECKING

from skysail.service import captured
from skysail.service.context import Context
from skysail.service.dispatch import Answer, Family
from skysail.service.journal import about, shown
from skysail.service.nouns import attaching, snapshots
from skysail.service.stored import as_stored
from skysail.store.base import Due

if TYPE_CHECKING:
    from types_boto3_lightsail.type_defs import (
        CreateInstanceSnapshotRequestTypeDef,
        DeleteInstanceSnapshotRequestTypeDef,
        GetInstanceSnapshotRequestTypeDef,
        GetInstanceSnapshotsRequestTypeDef,
    )

KIND = snapshots.INSTANCE_SNAPSHOT
PAGE_SIZE = 20
"""Inferred from that of instances."""

family = Family("instance_snapshots")


@family.writes("CreateInstanceSnapshot")
def create_instance_snapshot(context: Context, request: CreateInstanceSnapshotRequestTypeDef) -> Answer:
    """Begin a snapshot of a running or stopped instance; it has the tags that are asked for, not the instance's.

    Raises NotFoundException. Raises InvalidInputException: the instance's state, the name or the tags do not fit.
    """
    instance = context.resources.get(attaching.INSTANCE, request["instanceName"])
    snapshots.check_source(instance, ("running", "stopped"))
    snapshot = snapshots.create(
        context,
        KIND,
        request["instanceSnapshotName"],
        captured.of_instance(instance),
        requested_tags=request.get("tags", ()),
        hidden=captured.hidden(instance),
    )
    return {"operations": shown(snapshots.taken(context, "CreateInstanceSnapshot", snapshot, instance))}


@family.reads("GetInstanceSnapshot")
def get_instance_snapshot(context: Context, request: GetInstanceSnapshotRequestTypeDef) -> Answer:
    """One instance snapshot. Raises NotFoundException."""
    return {"instanceSnapshot": as_stored(context.resources.row(KIND, request["instanceSnapshotName"]))}


@family.reads("GetInstanceSnapshots")
def get_instance_snapshots(context: Context, request: GetInstanceSnapshotsRequestTypeDef) -> Answer:
    """One page of all instance snapshots, newest first."""
    return context.kind_listing("instanceSnapshots", request, KIND, PAGE_SIZE)


@family.writes("DeleteInstanceSnapshot")
def delete_instance_snapshot(context: Context, request: DeleteInstanceSnapshotRequestTypeDef) -> Answer:
    """Delete an instance snapshot. Raises NotFoundException. Raises InvalidInputException: it is pending (inferred)."""
    snapshot = context.resources.get(KIND, request["instanceSnapshotName"])
    snapshots.check_ready(snapshot, "delete")
    context.resources.delete(snapshot)
    return {"operations": shown(context.journal.succeeded("DeleteInstanceSnapshot", about(snapshot)))}


@family.step(snapshots.READY_STEP[KIND])
def instance_snapshot_available(context: Context, due: Due) -> None:
    """It can be used."""
    snapshots.become_ready(context, KIND, due)
