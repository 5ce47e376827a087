"""What hangs on an instance, kept alike on both sides: disks and a static IP.

An instance's document shows its disks whole, so a disk that changes is shown anew there (`save`). Changes of both sides
are made here, for every family that makes some.
"""

from __future__ import annotations

from typing import Any

from skysail.service.context import Context
from skysail.service.journal import about
from skysail.service.nouns.addressing import give_static_address, take_static_address
from skysail.service.resources import Resource
from skysail.store.base import Record

INSTANCE, DISK, STATIC_IP = "Instance", "Disk", "StaticIp"


def save(context: Context, changed: Resource) -> None:
    """Keep a resource, and where it is a disk that is attached, show it so in its instance.

    The instance is read anew and kept: one that the caller has in hand is out of date then.
    """
    context.resources.save(changed)
    name = changed.document.get("attachedTo") if changed.row.kind == DISK else None
    instance = context.resources.find(INSTANCE, name) if name else None
    if instance is not None:
        shown = _disks(instance)
        places = [place for place, disk in enumerate(shown) if disk.get("name") == changed.name]
        if places:
            shown[places[0]] = changed.document
        else:
            shown.append(changed.document)
        context.resources.save(instance)


def attached_disks(context: Context, instance: Resource) -> list[Resource]:
    """The disks that are attached to an instance, the system disk left out, in the order of attachment."""
    names = [disk["name"] for disk in _disks(instance) if not disk.get("isSystemDisk") and "name" in disk]
    found = (context.resources.find(DISK, name) for name in names)  # an imported instance shows disks that are not here
    return [disk for disk in found if disk is not None]


def attach_disk(context: Context, disk: Resource, instance: Resource, path: str) -> None:
    """The disk is taken at once; it is attached when `disk.attached` comes due."""
    disk.document |= {
        "path": path,
        "state": "in-use",
        "attachedTo": instance.name,
        "isAttached": True,
        "attachmentState": "attaching",
    }
    save(context, disk)


def free_disk(context: Context, disk: Resource) -> None:
    """The disk is attached to nothing, and can be attached again or deleted. Saves both sides."""
    name = disk.document.pop("attachedTo", None)
    for member in ("path", "autoMountStatus"):
        disk.document.pop(member, None)
    disk.document |= {"state": "available", "isAttached": False, "attachmentState": "detached"}
    context.resources.save(disk)
    instance = context.resources.find(INSTANCE, name) if name else None
    if instance is not None:
        shown = _disks(instance)
        shown[:] = [one for one in shown if one.get("name") != disk.name]
        context.resources.save(instance)


def attach_static_ip(context: Context, static_ip: Resource, instance: Resource) -> None:
    static_ip.document |= {"isAttached": True, "attachedTo": instance.name}
    give_static_address(instance, static_ip.name, static_ip.document["ipAddress"])
    context.resources.save(static_ip)
    context.resources.save(instance)


def detach_static_ip(context: Context, static_ip: Resource) -> Resource | None:
    """Detach it from its instance, and give that (None for one that an import left out)."""
    instance = context.resources.find(INSTANCE, static_ip.document.pop("attachedTo"))
    static_ip.document["isAttached"] = False
    context.resources.save(static_ip)
    if instance is not None:
        take_static_address(instance)
        context.resources.save(instance)
    return instance


def release_all(context: Context, instance: Resource) -> list[Record]:
    """Detach all that hangs on an instance which is about to be deleted; gives the journal's entries.

    Disks first, two entries each (seen, as Started), then the static IP (inferred). Disks and address stay. The disks
    are free at once; `disk.detached` only ends the entries then.
    """
    records: list[Record] = []
    for disk in attached_disks(context, instance):
        pending = context.resources.not_any_more(disk, "disk.attached")
        pending += context.resources.not_any_more(disk, "disk.detached")
        for due in pending:
            context.journal.fail(due, "InstanceDeleted", "The instance was deleted.")
        entries = context.journal.started("DetachDisk", about(disk, instance.name), about(instance, disk.name))
        free_disk(context, disk)
        context.resources.later(disk, "disk.detached", context.timing.detach_s, entries)
        records += entries
    name = instance.private.get("staticIp")
    static_ip = context.resources.find(STATIC_IP, name) if name else None
    if static_ip is not None:
        detach_static_ip(context, static_ip)
        records += context.journal.succeeded(
            "DetachStaticIp", about(static_ip, instance.name), about(instance, static_ip.name)
        )
    return records


def _disks(instance: Resource) -> list[dict[str, Any]]:
    hardware: dict[str, Any] = instance.document.setdefault("hardware", {})
    disks: list[dict[str, Any]] = hardware.setdefault("disks", [])
    return disks
