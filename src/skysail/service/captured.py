"""What a snapshot holds of its source, manual or automatic, by the names that a snapshot shows it under.

A snapshot's document shows little of the disks in it: what else a restore or an export has to know is `hidden`.
"""

from __future__ import annotations

from typing import Any

from skysail.service.resources import Resource


def of_instance(instance: Resource) -> dict[str, Any]:
    """An instance's plan, image and disks as they are now. sizeInGb is the sum of all disks (inferred)."""
    document = instance.document
    disks = _disks(instance)
    return {
        "fromInstanceName": instance.name,
        "fromInstanceArn": document["arn"],
        "fromBlueprintId": document["blueprintId"],
        "fromBundleId": document["bundleId"],
        "fromAttachedDisks": [
            {"path": disk["path"], "sizeInGb": disk["sizeInGb"]} for disk in disks if not disk.get("isSystemDisk")
        ],
        "sizeInGb": sum(disk["sizeInGb"] for disk in disks),
    }


def of_disk(disk: Resource) -> dict[str, Any]:
    return {
        "fromDiskName": disk.name,
        "fromDiskArn": disk.document["arn"],
        "sizeInGb": disk.document["sizeInGb"],
    }


def of_system_disk(instance: Resource) -> dict[str, Any]:
    """What CreateDiskSnapshot keeps of an instance: its system disk alone."""
    return {
        "fromInstanceName": instance.name,
        "fromInstanceArn": instance.document["arn"],
        "sizeInGb": sum(disk["sizeInGb"] for disk in _disks(instance) if disk.get("isSystemDisk")),
    }


def hidden(source: Resource) -> dict[str, Any]:
    """What is kept beside `of_instance`: where the system disk was, and the attached disks' names by their paths.

    Of a disk there is nothing to keep.
    """
    if source.row.kind != "Instance":
        return {}
    disks = _disks(source)
    return {
        "systemDiskPath": next((disk.get("path") for disk in disks if disk.get("isSystemDisk")), None),
        "diskNames": {disk["path"]: disk["name"] for disk in disks if "name" in disk and not disk.get("isSystemDisk")},
    }


def system_disk_size(snapshot: dict[str, Any]) -> int:
    """How many GB of what an instance's snapshot holds is its system disk."""
    size: int = snapshot["sizeInGb"] - sum(disk["sizeInGb"] for disk in snapshot.get("fromAttachedDisks", []))
    return size


def _disks(instance: Resource) -> list[dict[str, Any]]:
    disks: list[dict[str, Any]] = instance.document.get("hardware", {}).get("disks", [])
    return disks
