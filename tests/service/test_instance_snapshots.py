"""Snapshots of instances: what they hold of their source."""

from __future__ import annotations

from bench import Bench


def test_a_snapshot_holds_the_plan_and_image_of_its_instance(bench: Bench) -> None:
    bench.instance("web", "stopped", blueprintId="ubuntu_24_04", bundleId="micro_3_0")
    bench.client.create_instance_snapshot(instanceName="web", instanceSnapshotName="snap")
    snapshot = bench.client.get_instance_snapshot(instanceSnapshotName="snap")["instanceSnapshot"]
    held = ("fromBlueprintId", "fromBundleId", "sizeInGb", "fromAttachedDisks")
    assert [snapshot[member] for member in held] == ["ubuntu_24_04", "micro_3_0", 40, []]


def test_a_snapshot_holds_the_attached_disks_and_their_sizes(bench: Bench) -> None:
    bench.instance("web", blueprintId="ubuntu_24_04")
    for name, size, path in (("data", 8, "/dev/xvdf"), ("more", 32, "/dev/xvdg")):
        bench.client.create_disk(diskName=name, availabilityZone="us-east-1a", sizeInGb=size)
        bench.settle()
        bench.client.attach_disk(diskName=name, instanceName="web", diskPath=path)
    bench.settle()
    bench.client.create_instance_snapshot(instanceName="web", instanceSnapshotName="snap")
    bench.settle()
    snapshot = bench.client.get_instance_snapshot(instanceSnapshotName="snap")["instanceSnapshot"]
    assert snapshot["sizeInGb"] == 20 + 8 + 32
    assert snapshot["fromAttachedDisks"] == [
        {"path": "/dev/xvdf", "sizeInGb": 8},
        {"path": "/dev/xvdg", "sizeInGb": 32},
    ]
    bench.client.export_snapshot(sourceSnapshotName="snap")
    (record,) = bench.client.get_export_snapshot_records()["exportSnapshotRecords"]
    assert record["sourceInfo"]["instanceSnapshotInfo"]["fromDiskInfo"] == [
        {"path": "/dev/sda1", "sizeInGb": 20, "isSystemDisk": True},
        {"name": "data", "path": "/dev/xvdf", "sizeInGb": 8, "isSystemDisk": False},
        {"name": "more", "path": "/dev/xvdg", "sizeInGb": 32, "isSystemDisk": False},
    ]
