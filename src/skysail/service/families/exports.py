"""Snapshots exported to Amazon EC2, and the CloudFormation stacks that make machines there of them.

Both leave records, which stay for ever. What comes to be on the other side is not here: its id alone is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from skysail.service import captured, identity
from skysail.service.context import Context
from skysail.service.dispatch import Answer, Family
from skysail.service.journal import about, shown
from skysail.service.nouns import snapshots
from skysail.service.nouns.new_instance import LARGEST_USER_DATA, check_zone
from skysail.service.refusals import invalid, not_now, unsupported, wrong_state
from skysail.service.resources import Draft, Resource
from skysail.store.base import Due

if TYPE_CHECKING:
    from types_boto3_lightsail.type_defs import (
        CreateCloudFormationStackRequestTypeDef,
        ExportSnapshotRequestTypeDef,
        GetCloudFormationStackRecordsRequestTypeDef,
        GetExportSnapshotRecordsRequestTypeDef,
        InstanceEntryTypeDef,
    )

EXPORT, STACK = "ExportSnapshotRecord", "CloudFormationStackRecord"
PAGE_SIZE = 20
"""Inferred from that of instances."""

_NOT_EXPORTABLE = re.compile("cpanel|django|ghost")  # source: user guide
_INSTANCE_TYPE = re.compile(r"[a-z][a-z0-9-]*\.[a-z0-9-]+")

family = Family("exports")


@family.writes("ExportSnapshot")
def export_snapshot(context: Context, request: ExportSnapshotRequestTypeDef) -> Answer:
    """Begin to export a snapshot of an instance or a disk to the same region of EC2; the record is Started.

    Raises NotFoundException. Raises InvalidInputException: it is not finished, or its blueprint stays in Lightsail.
    """
    snapshot = snapshots.find(context, request["sourceSnapshotName"])
    snapshots.check_ready(snapshot, "export")
    blueprint_id = snapshot.document.get("fromBlueprintId", "")
    if _NOT_EXPORTABLE.match(blueprint_id):
        raise unsupported(f"Snapshots of instances of this blueprint can't be exported: {blueprint_id}")  # inferred
    record = _record(context, EXPORT, context.world.new_id(), _source_info(snapshot))
    entries = context.journal.started("ExportSnapshot", about(snapshot))  # inferred
    context.resources.later(record, "export.succeeded", context.timing.export_s, entries)
    return {"operations": shown(entries)}


@family.reads("GetExportSnapshotRecords")
def get_export_snapshot_records(context: Context, request: GetExportSnapshotRecordsRequestTypeDef) -> Answer:
    """One page of all exports, newest first."""
    return context.kind_listing("exportSnapshotRecords", request, EXPORT, PAGE_SIZE)


@family.writes("CreateCloudFormationStack")
def create_cloud_formation_stack(context: Context, request: CreateCloudFormationStackRequestTypeDef) -> Answer:
    """Begin a stack with one EC2 machine from an exported snapshot of an instance; the record is Started.

    Raises NotFoundException: no such export. Raises InvalidInputException: not one entry; the export is not done, is a
    disk's, or another stack of it is being made; machine type, zone or user data do not fit.
    """
    if len(request["instances"]) != 1:
        raise invalid("You must specify exactly one instance entry.")  # text inferred
    (entry,) = request["instances"]
    export = context.resources.get(EXPORT, entry["sourceName"])
    _check_entry(context, entry)
    _check_export(context, export)
    source = {"resourceType": EXPORT, "name": export.name, "arn": export.document["arn"]}
    stack_id = context.world.new_id()
    record = _record(context, STACK, stack_id, [source], {"stackId": stack_id, "entry": dict(entry)})
    export.private["stack"] = record.name
    context.resources.save(export)
    entries = context.journal.started("CreateCloudFormationStack", about(record))  # inferred
    context.resources.later(record, "stack.succeeded", context.timing.stack_s, entries)
    return {"operations": shown(entries)}


@family.reads("GetCloudFormationStackRecords")
def get_cloud_formation_stack_records(context: Context, request: GetCloudFormationStackRecordsRequestTypeDef) -> Answer:
    """One page of all stacks, newest first."""
    return context.kind_listing("cloudFormationStackRecords", request, STACK, PAGE_SIZE)


@family.step("export.succeeded")
def export_succeeded(context: Context, due: Due) -> None:
    """It is an image or a snapshot of EC2's (the latter's `service` is inferred)."""
    record = context.resources.get(EXPORT, due.name)
    is_instance = record.document["sourceInfo"]["resourceType"] == snapshots.INSTANCE_SNAPSHOT
    prefix, service = ("ami", "Aws::EC2::Image") if is_instance else ("snap", "Aws::EC2::Snapshot")
    _succeed(context, due, record, identity.ec2_id(prefix, record.row.id), service)


@family.step("stack.succeeded")
def stack_succeeded(context: Context, due: Due) -> None:
    """The stack is there; its name has the id of its record's name (seen)."""
    record = context.resources.get(STACK, due.name)
    stack = f"Lightsail-Stack-{record.private['stackId']}/{record.row.id}"
    arn = f"arn:aws:cloudformation:{context.region}:{context.account}:stack/{stack}"
    _succeed(context, due, record, arn, "Aws::CloudFormation::Stack")


def _record(
    context: Context, kind: str, number: str, source: object, private: Mapping[str, Any] | None = None
) -> Resource:
    """A record that is Started: no tags, no support code, another id in its name than in its ARN (seen).

    destinationInfo is absent until it succeeded (inferred).
    """
    record_id = context.world.new_id()
    document = {
        "name": f"{kind}-{number}",
        "arn": identity.arn(context.place, kind, record_id),
        "createdAt": round(context.now, 3),
        "location": identity.everywhere(context.place),
        "resourceType": kind,
        "state": "Started",
        "sourceInfo": source,
    }
    (record,) = context.resources.create(kind, [Draft(record_id, f"{kind}-{number}", document, dict(private or {}))])
    return record


def _succeed(context: Context, due: Due, record: Resource, destination_id: str, service: str) -> None:
    record.document |= {"state": "Succeeded", "destinationInfo": {"id": destination_id, "service": service}}
    context.resources.save(record)
    context.journal.finish(due)


def _source_info(snapshot: Resource) -> dict[str, Any]:
    """What a record keeps of its snapshot, which may be deleted later."""
    document = snapshot.document
    of = "Disk" if "fromDiskName" in document else "Instance"  # a disk's snapshot can be of an instance's system disk
    info = {
        "resourceType": snapshot.row.kind,
        **{member: document[member] for member in ("createdAt", "name", "arn")},
        "fromResourceName": document[f"from{of}Name"],
        "fromResourceArn": document[f"from{of}Arn"],
    }
    if snapshot.row.kind == snapshots.DISK_SNAPSHOT:
        return info | {"diskSnapshotInfo": {"sizeInGb": document["sizeInGb"]}}
    names = snapshot.private.get("diskNames", {})
    system_disk = {
        "path": snapshot.private.get("systemDiskPath") or "/dev/xvda",  # unknown of an imported snapshot
        "sizeInGb": captured.system_disk_size(document),
        "isSystemDisk": True,
    }
    attached = [
        {**({"name": names[disk["path"]]} if disk["path"] in names else {}), **disk, "isSystemDisk": False}
        for disk in document["fromAttachedDisks"]
    ]
    origin = {member: document[member] for member in ("fromBundleId", "fromBlueprintId")}
    return info | {"instanceSnapshotInfo": {**origin, "fromDiskInfo": [system_disk, *attached]}}


def _check_entry(context: Context, entry: InstanceEntryTypeDef) -> None:
    """Texts inferred; `portInfoSource` is one of the model's."""
    check_zone(context, entry["availabilityZone"])
    if not _INSTANCE_TYPE.fullmatch(entry["instanceType"]):
        raise invalid(f"The specified instance type is not valid: {entry['instanceType']}")
    if len(entry.get("userData", "").encode()) > LARGEST_USER_DATA:
        raise invalid(f"The user data is larger than {LARGEST_USER_DATA} bytes.")


def _check_export(context: Context, export: Resource) -> None:
    """One stack of an export at a time, of an instance alone (sources: model, user guide; texts inferred)."""
    if export.document["sourceInfo"]["resourceType"] != snapshots.INSTANCE_SNAPSHOT:
        raise invalid(f"You can't create a stack from the export of a disk snapshot: {export.name}")
    if export.state != "Succeeded":
        raise not_now("use this export", "this export", export.state)
    former = export.private.get("stack")
    stack = context.resources.find(STACK, former) if former else None
    if stack is not None and stack.state == "Started":
        raise wrong_state(f"You can't create a stack from this export while another one is being created: {stack.name}")
