"""What a snapshot holds of its source, manual or automatic, by the names that a snapshot shows it under."""

from __future__ import annotations

from typing import Any

from skysail.service.resources import Resource


def of_instance(instance: Resource) -> dict[str, Any]:
    """An instance's plan, image and disks as they are now. sizeInGb is the sum of all disks (inferred)."""
    document = instance.document
    disks = document.get("hardware", {}).get("disks", [])
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
    disks = instance.document.get("hardware", {}).get("disks", [])
    return {
        "fromInstanceName": instance.name,
        "fromInstanceArn": instance.document["arn"],
        "sizeInGb": sum(disk["sizeInGb"] for disk in disks if disk.get("isSystemDisk")),
    }
