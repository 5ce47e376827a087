"""Copies of snapshots, within a region or from one to another, where the call is made in the copy's own region."""

from __future__ import annotations

from typing import TYPE_CHECKING

from skysail.service import snapshots
from skysail.service.context import Context
from skysail.service.dispatch import Answer, Family, not_yet
from skysail.service.journal import about, shown
from skysail.service.refusals import invalid

if TYPE_CHECKING:
    from types_boto3_lightsail.type_defs import CopySnapshotRequestTypeDef

_SHOWN_OF_SOURCE = (
    *("fromAttachedDisks", "fromInstanceName", "fromInstanceArn", "fromBlueprintId", "fromBundleId"),
    *("fromDiskName", "fromDiskArn", "sizeInGb"),
)

family = Family("snapshot_copies")


@family.writes("CopySnapshot", lacks="copies of automatic snapshots")
def copy_snapshot(context: Context, request: CopySnapshotRequestTypeDef) -> Answer:
    """Begin a copy of a snapshot as a manual one: the same content, a name of its own and no tags (inferred).

    Raises NotFoundException. Raises InvalidInputException: the source is not said in one way, its region is none, it is
    not finished, or the name does not fit.
    """
    region = request["sourceRegion"]
    _check_source(request)
    if not context.catalogue.is_region(region):
        raise invalid(f"The specified region is not valid: {region}")  # inferred
    if "sourceResourceName" in request:
        raise not_yet("CopySnapshot of an automatic snapshot")
    source = snapshots.find(context.in_region(region), request["sourceSnapshotName"])
    snapshots.check_ready(source, "copy")
    copy = snapshots.create(
        context,
        source.row.kind,
        request["targetSnapshotName"],
        {member: source.document[member] for member in _SHOWN_OF_SOURCE if member in source.document},
        hidden=source.private,
        is_from_auto=source.document.get("isFromAutoSnapshot", False),
    )
    records = context.journal.started("CopySnapshot", about(copy, f"{region}:{source.name}"))
    context.resources.later(copy, snapshots.READY_STEP[copy.row.kind], context.timing.copy_s, records)
    return {"operations": shown(records)}


def _check_source(request: CopySnapshotRequestTypeDef) -> None:
    """A manual snapshot by its name, or an automatic one by its resource and its date. Texts inferred."""
    if ("sourceSnapshotName" in request) == ("sourceResourceName" in request):
        raise invalid("You must specify either a source snapshot name or a source resource name, but not both.")
    if "sourceSnapshotName" in request and ("restoreDate" in request or "useLatestRestorableAutoSnapshot" in request):
        raise invalid(
            "You can specify a restore date or the latest restorable automatic snapshot only with a source "
            "resource name."
        )
