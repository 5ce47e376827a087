"""Automatic snapshots of an instance or a disk: list, delete one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from skysail.service.context import Context
from skysail.service.dispatch import Answer, Family
from skysail.service.journal import Subject, shown
from skysail.service.nouns import add_ons, attaching, automatic
from skysail.service.refusals import not_now, wrong_state

if TYPE_CHECKING:
    from types_boto3_lightsail.type_defs import DeleteAutoSnapshotRequestTypeDef, GetAutoSnapshotsRequestTypeDef

family = Family("auto_snapshots")


@family.reads("GetAutoSnapshots")
def get_auto_snapshots(context: Context, request: GetAutoSnapshotsRequestTypeDef) -> Answer:
    """All of a source's, newest first; also when the add-on is off again.

    Raises NotFoundException. Raises InvalidInputException: the add-on was never on (inferred).
    """
    source = automatic.source(context, request["resourceName"])
    if add_ons.entry(source, add_ons.AUTO_SNAPSHOT) is None:
        raise wrong_state("AutoSnapshot not enabled for the resource")
    return {
        "resourceName": source.name,
        "resourceType": source.row.kind,
        "autoSnapshots": automatic.listed(source),
    }


@family.writes("DeleteAutoSnapshot")
def delete_auto_snapshot(context: Context, request: DeleteAutoSnapshotRequestTypeDef) -> Answer:
    """Delete the one of a date; done at once, and its entry stands in the region, not in a zone (both seen).

    Raises NotFoundException: no such source, or none of that date. Raises InvalidInputException: no date, or the
    snapshot is still being made (inferred).
    """
    source = automatic.source(context, request["resourceName"])
    date = request["date"]
    automatic.check_date(date)
    entry = automatic.remove(source, date)
    if entry["status"] == "InProgress":
        raise not_now("delete this automatic snapshot", "this snapshot", entry["status"], "status")
    attaching.save(context, source)
    subject = Subject(source.name, source.row.kind, context.region, f"DeleteAutoSnapshot-{date}")
    return {"operations": shown(context.journal.succeeded("DeleteAutoSnapshot", subject))}
