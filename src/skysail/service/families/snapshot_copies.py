"""Copies of snapshots, within a region or from one to another, where the call is made in the copy's own region."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from skysail.service.context import Context
from skysail.service.dispatch import Answer, Family
from skysail.service.journal import about, shown
from skysail.service.nouns import attaching, automatic, snapshots
from skysail.service.refusals import invalid

if TYPE_CHECKING:
    from types_boto3_lightsail.type_defs import CopySnapshotRequestTypeDef

_SHOWN_OF_SOURCE = (
    *("fromAttachedDisks", "fromInstanceName", "fromInstanceArn", "fromBlueprintId", "fromBundleId"),
    *("fromDiskName", "fromDiskArn", "sizeInGb"),
)

family = Family("snapshot_copies")


class Source(NamedTuple):
    """What is to be copied."""

    kind: str
    name: str
    held: dict[str, Any]
    hidden: dict[str, Any]
    is_from_auto: bool


@family.writes("CopySnapshot")
def copy_snapshot(context: Context, request: CopySnapshotRequestTypeDef) -> Answer:
    """Begin a copy of a snapshot as a manual one: the same content, a name of its own and no tags (inferred).

    Raises NotFoundException. Raises InvalidInputException: the source is not said in one way, its region is none, it is
    not finished, or the name does not fit.
    """
    region = request["sourceRegion"]
    _check_source(request)
    if not context.catalogue.is_region(region):
        raise invalid(f"The specified region is not valid: {region}")  # inferred
    there = context.in_region(region)
    source = _automatic(there, request) if "sourceResourceName" in request else _manual(there, request)
    copy = snapshots.create(
        context,
        source.kind,
        request["targetSnapshotName"],
        source.held,
        hidden=source.hidden,
        is_from_auto=source.is_from_auto,
    )
    records = context.journal.started("CopySnapshot", about(copy, f"{region}:{source.name}"))
    context.resources.later(copy, snapshots.READY_STEP[copy.row.kind], context.timing.copy_s, records)
    return {"operations": shown(records)}


def _manual(there: Context, request: CopySnapshotRequestTypeDef) -> Source:
    """A copy of a copy of an automatic snapshot is from that, too (inferred)."""
    snapshot = snapshots.find(there, request["sourceSnapshotName"])
    snapshots.check_ready(snapshot, "copy")
    document = snapshot.document
    held = {member: document[member] for member in _SHOWN_OF_SOURCE if member in document}
    return Source(snapshot.row.kind, snapshot.name, held, snapshot.private, document.get("isFromAutoSnapshot", False))


def _automatic(there: Context, request: CopySnapshotRequestTypeDef) -> Source:
    """The journal has the resource's name for it (inferred)."""
    resource = automatic.source(there, request["sourceResourceName"])
    entry = automatic.restorable(resource, request.get("restoreDate"), request.get("useLatestRestorableAutoSnapshot"))
    kind = snapshots.INSTANCE_SNAPSHOT if resource.row.kind == attaching.INSTANCE else snapshots.DISK_SNAPSHOT
    return Source(kind, resource.name, entry["captured"], entry["hidden"], True)


def _check_source(request: CopySnapshotRequestTypeDef) -> None:
    """A manual snapshot by its name, or an automatic one by its resource and its date. Texts inferred."""
    if ("sourceSnapshotName" in request) == ("sourceResourceName" in request):
        raise invalid("You must specify either a source snapshot name or a source resource name, but not both.")
    if "sourceSnapshotName" in request and ("restoreDate" in request or "useLatestRestorableAutoSnapshot" in request):
        raise invalid(
            "You can specify a restore date or the latest restorable automatic snapshot only with a source "
            "resource name."
        )
