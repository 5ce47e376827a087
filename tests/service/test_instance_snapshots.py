"""Snapshots of instances: what they hold of their source."""

from __future__ import annotations

from bench import Bench


def test_a_snapshot_holds_the_plan_and_image_of_its_instance(bench: Bench) -> None:
    bench.instance("web", "stopped", blueprintId="ubuntu_24_04", bundleId="micro_3_0")
    bench.client.create_instance_snapshot(instanceName="web", instanceSnapshotName="snap")
    snapshot = bench.client.get_instance_snapshot(instanceSnapshotName="snap")["instanceSnapshot"]
    held = ("fromBlueprintId", "fromBundleId", "sizeInGb", "fromAttachedDisks")
    assert [snapshot[member] for member in held] == ["ubuntu_24_04", "micro_3_0", 40, []]
