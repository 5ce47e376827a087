"""Snapshots of disks: which source is meant."""

from __future__ import annotations

from typing import Any

import pytest

from bench import Bench, refusal
from skysail.errors import InvalidInputException, NotFoundException


@pytest.mark.parametrize("sources", [{}, {"diskName": "data", "instanceName": "web"}])
def test_a_disk_or_an_instance_is_named_and_not_both(bench: Bench, sources: dict[str, Any]) -> None:
    bench.instance("web")
    with pytest.raises(InvalidInputException) as caught:
        bench.client.create_disk_snapshot(diskSnapshotName="snap", **sources)
    text = "You must specify either a disk name or an instance name, but not both."
    assert (refusal(caught.value).code, refusal(caught.value).message) == ("InvalidParams", text)


def test_a_disk_that_is_not_there_is_named(bench: Bench) -> None:
    with pytest.raises(NotFoundException, match="The Disk does not exist: data"):
        bench.client.create_disk_snapshot(diskSnapshotName="snap", diskName="data")


def with_disk(bench: Bench, state: str) -> None:
    """A disk in that state: "in-use" on an instance."""
    bench.client.create_disk(diskName="data", availabilityZone="us-east-1a", sizeInGb=16)
    if state == "pending":
        return
    bench.settle()
    if state == "in-use":
        bench.client.attach_disk(diskName="data", instanceName=bench.instance("web"), diskPath="/dev/xvdf")
        bench.settle()


@pytest.mark.parametrize("state", ["available", "in-use"])
def test_a_snapshot_of_a_disk_holds_it_attached_or_not(bench: Bench, state: str) -> None:
    with_disk(bench, state)
    operations = bench.client.create_disk_snapshot(diskName="data", diskSnapshotName="snap")["operations"]
    assert [
        (entry["resourceName"], entry["resourceType"], entry["operationDetails"], entry["location"]["availabilityZone"])
        for entry in operations
    ] == [("snap", "DiskSnapshot", "data", "all"), ("data", "Disk", "snap", "us-east-1a")]
    bench.settle()
    snapshot = bench.client.get_disk_snapshot(diskSnapshotName="snap")["diskSnapshot"]
    disk = bench.client.get_disk(diskName="data")["disk"]
    assert (snapshot["fromDiskName"], snapshot["fromDiskArn"]) == ("data", disk["arn"])
    assert (snapshot["sizeInGb"], snapshot["state"], snapshot["progress"]) == (16, "completed", "100%")
    assert "fromInstanceName" not in snapshot
    assert disk["state"] == state, "a snapshot leaves its source as it is"
    assert {entry["status"] for entry in bench.operations("data")} == {"Succeeded"}


def test_a_disk_that_is_not_ready_gives_no_snapshot(bench: Bench) -> None:
    with_disk(bench, "pending")
    with pytest.raises(InvalidInputException) as caught:
        bench.client.create_disk_snapshot(diskName="data", diskSnapshotName="snap")
    text = "You can't create a snapshot of this disk right now. The state of this disk is: pending"
    assert (refusal(caught.value).code, refusal(caught.value).message) == ("InvalidState", text)


def test_an_automatic_snapshot_of_a_disk_is_copied_as_a_snapshot_of_it(bench: Bench) -> None:
    with_disk(bench, "available")
    bench.client.enable_add_on(resourceName="data", addOnRequest={"addOnType": "AutoSnapshot"})
    bench.clock.advance(86_400)
    bench.settle()
    (entry,) = bench.client.copy_snapshot(
        sourceResourceName="data",
        useLatestRestorableAutoSnapshot=True,
        targetSnapshotName="copy",
        sourceRegion="us-east-1",
    )["operations"]
    assert (entry["resourceType"], entry["operationDetails"]) == ("DiskSnapshot", "us-east-1:data")
    copy = bench.client.get_disk_snapshot(diskSnapshotName="copy")["diskSnapshot"]
    assert (copy["fromDiskName"], copy["sizeInGb"], copy["isFromAutoSnapshot"]) == ("data", 16, True)
