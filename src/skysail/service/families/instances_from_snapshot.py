"""New instances from a snapshot of another one: its image on a plan of the same size or larger."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from skysail.service import captured
from skysail.service.context import Context
from skysail.service.dispatch import Answer, Family
from skysail.service.journal import about, shown
from skysail.service.nouns import add_ons, attaching, automatic, new_disk, snapshots
from skysail.service.nouns.new_instance import draft, instance_names, order
from skysail.service.refusals import invalid
from skysail.service.resources import Resource
from skysail.store.base import Record

if TYPE_CHECKING:
    from types_boto3_lightsail.type_defs import CreateInstancesFromSnapshotRequestTypeDef

KIND = attaching.INSTANCE

family = Family("instances_from_snapshot")


@family.writes("CreateInstancesFromSnapshot")
def create_instances_from_snapshot(context: Context, request: CreateInstancesFromSnapshotRequestTypeDef) -> Answer:
    """Make one instance a name, all of them or none; each is pending, then running.

    They have their blueprint's default ports and a dynamic address, whatever the first one had (seen).
    Raises NotFoundException: no such snapshot or key pair. Raises InvalidInputException: the snapshot is not said in
    one way or not finished; its disks, names, zone, bundle, address type, tags, add-ons or user data do not fit.
    """
    names = instance_names(request)
    snapshot = _snapshot(context, request)
    blueprint = context.catalogue.blueprint(snapshot["fromBlueprintId"])
    if blueprint is None:  # of an imported snapshot; one that is no longer for new instances is good here
        raise invalid(f"The specified blueprint does not exist in this region: {snapshot['fromBlueprintId']}")
    ordered = order(context, request, blueprint)
    _check_size(context, ordered.bundle, snapshot)
    disks = _mapped_disks(request, snapshot)
    context.resources.check_free([*names, *(disk.name for disk in disks)])
    context.check_quota(KIND, len(names))
    instances = context.resources.create(KIND, [draft(context, name, ordered) for name in names])
    records = context.journal.started("CreateInstancesFromSnapshot", *map(about, instances))
    for instance, record in zip(instances, records, strict=True):
        context.resources.later(instance, "instance.running", context.timing.create_s, [record])
        add_ons.enable_at_creation(context, instance, request.get("addOns", ()))
    for instance in instances:
        records += _create_disks(context, instance, [disk for disk in disks if disk.of == instance.name])
    return {"operations": shown(records)}


class Mapped(NamedTuple):
    """A disk to be made for a new instance (`of`) from one that the snapshot holds."""

    of: str
    name: str
    path: str
    size_gb: int


def _mapped_disks(request: CreateInstancesFromSnapshotRequestTypeDef, snapshot: Mapping[str, Any]) -> list[Mapped]:
    """The disks that `attachedDiskMapping` asks for. Raises InvalidInputException (texts inferred).

    It is keyed by the new instances' names; a disk that it does not name is not made (both inferred).
    """
    held = {disk["path"]: disk["sizeInGb"] for disk in snapshot.get("fromAttachedDisks", ())}
    found: list[Mapped] = []
    for instance, mappings in request.get("attachedDiskMapping", {}).items():
        if instance not in request["instanceNames"]:
            raise invalid(f"The attached disk mapping names an instance that is not to be created: {instance}")
        for mapping in mappings:
            path, name = mapping.get("originalDiskPath", ""), mapping.get("newDiskName", "")
            if path not in held:
                raise invalid(f"The snapshot has no disk with the original disk path: {path}")
            if any(disk.of == instance and disk.path == path for disk in found):
                raise invalid(f"The original disk path comes twice in the attached disk mapping: {path}")
            found.append(Mapped(instance, name, path, held[path]))
    return found


def _create_disks(context: Context, instance: Resource, disks: Sequence[Mapped]) -> list[Record]:
    """Pending disks, which are attached when they are available; an entry each (inferred)."""
    records: list[Record] = []
    for one in disks:
        made_for = {"instance": instance.name, "id": instance.row.id, "path": one.path}
        new = new_disk.draft(context, one.name, instance.zone, one.size_gb)
        (disk,) = context.resources.create(new_disk.KIND, [replace(new, private={"madeFor": made_for})])
        started = context.journal.started("CreateDiskFromSnapshot", about(disk))
        context.resources.later(disk, "disk.available", context.timing.disk_s, started)
        records += started
    return records


def _snapshot(context: Context, request: CreateInstancesFromSnapshotRequestTypeDef) -> dict[str, Any]:
    """What is to be restored, by the names of `captured`. Texts inferred."""
    if ("instanceSnapshotName" in request) == ("sourceInstanceName" in request):
        raise invalid("You must specify either an instance snapshot name or a source instance name, but not both.")
    if "sourceInstanceName" in request:
        source = context.resources.get(KIND, request["sourceInstanceName"])
        entry = automatic.restorable(source, request.get("restoreDate"), request.get("useLatestRestorableAutoSnapshot"))
        held: dict[str, Any] = entry["captured"]
        return held
    if "restoreDate" in request or "useLatestRestorableAutoSnapshot" in request:
        raise invalid(
            "You can specify a restore date or the latest restorable automatic snapshot only with a source instance "
            "name."
        )
    found = context.resources.get(snapshots.INSTANCE_SNAPSHOT, request["instanceSnapshotName"])
    snapshots.check_ready(found, "use")
    return found.document


def _check_size(context: Context, bundle: Mapping[str, Any], snapshot: dict[str, Any]) -> None:
    """Raises InvalidInputException where the bundle is smaller than that of the first instance (text inferred).

    In its processors, memory or disk (inferred: the user guide says "smaller" alone). A bundle that is not in the
    catalogue any more is known by its disk.
    """
    home = snapshot["fromInstanceArn"].split(":")[3]  # bundles have other ids in some regions
    former = context.catalogue.bundle(home, snapshot["fromBundleId"]) or {}
    least = {"cpuCount": 0, "ramSizeInGb": 0, **former, "diskSizeInGb": captured.system_disk_size(snapshot)}
    if any(bundle[member] < least[member] for member in ("cpuCount", "ramSizeInGb", "diskSizeInGb")):
        raise invalid(
            "The bundle must be the same size as the bundle of the snapshot's source instance, or larger: "
            f"{bundle['bundleId']}"
        )
