"""Disks: what a new one looks like, and what attaching, detaching and deleting do on both sides."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest

from bench import START, Bench, entries, refused
from skysail.errors import NotFoundException

ZONE = "us-east-1a"


def create(bench: Bench, name: str = "data", size_gb: int = 8, zone: str = ZONE, **more: Any) -> list[dict[str, Any]]:
    operations: list[dict[str, Any]] = bench.client.create_disk(
        diskName=name, availabilityZone=zone, sizeInGb=size_gb, **more
    )["operations"]
    return operations


def disk(bench: Bench, name: str = "data") -> dict[str, Any]:
    found: dict[str, Any] = bench.client.get_disk(diskName=name)["disk"]
    return found


def attach(bench: Bench, name: str = "data", instance: str = "web", path: str = "/dev/xvdf", **more: Any) -> Any:
    return bench.client.attach_disk(diskName=name, instanceName=instance, diskPath=path, **more)["operations"]


def shown(bench: Bench, instance: str = "web") -> list[dict[str, Any]]:
    """The disks that an instance shows, but for its system disk."""
    return [one for one in bench.get(instance)["hardware"]["disks"] if not one["isSystemDisk"]]


def with_a_disk(bench: Bench, state: str = "running") -> None:
    """An instance with a disk that is attached."""
    bench.instance()
    create(bench)
    bench.settle()
    attach(bench)
    bench.settle()
    if state == "stopped":
        bench.client.stop_instance(instanceName="web")
        bench.settle()


# --- a new disk -------------------------------------------------------------------------------------------


def test_a_new_disk_has_the_members_that_published_answers_show(bench: Bench) -> None:
    operations = create(bench, size_gb=128, tags=[{"key": "a", "value": ""}])
    assert entries(operations) == [("Disk", "data", "CreateDisk", None, "Started")]
    found = disk(bench)
    assert re.fullmatch(r"arn:aws:lightsail:us-east-1:\d{12}:Disk/[0-9a-f-]{36}", found.pop("arn"))
    assert re.fullmatch(r"\d{12}/vol-[0-9a-f]{17}", found.pop("supportCode"))
    assert found == {
        "name": "data",
        "createdAt": datetime.fromtimestamp(START, UTC),
        "location": {"availabilityZone": ZONE, "regionName": "us-east-1"},
        "resourceType": "Disk",
        "tags": [{"key": "a"}],
        "sizeInGb": 128,
        "isSystemDisk": False,
        "iops": 384,
        "state": "pending",
        "isAttached": False,
        "attachmentState": "detached",
    }
    bench.settle()
    assert disk(bench)["state"] == "available"
    assert bench.operations("data")[0]["status"] == "Succeeded"


CANNOT_BE_MADE = {
    "too small": ({"sizeInGb": 7}, "The size of a block storage disk must be between 8 and 16384 GB."),
    "too large": ({"sizeInGb": 16385}, "The size of a block storage disk must be between 8 and 16384 GB."),
    "nowhere": ({"availabilityZone": "us-east-1z"}, "The specified Availability Zone is not valid: us-east-1z"),
    "a name in use": ({"diskName": "web"}, "Some names are already in use: web"),
}


@pytest.mark.parametrize(("order", "text"), CANNOT_BE_MADE.values(), ids=CANNOT_BE_MADE)
def test_what_cannot_be_made(bench: Bench, order: dict[str, Any], text: str) -> None:
    bench.create("web")
    asked = {"diskName": "data", "availabilityZone": ZONE, "sizeInGb": 8, **order}
    assert refused(bench.client.create_disk, **asked).message == text
    assert bench.client.get_disks()["disks"] == []


def test_disks_are_listed_newest_first_in_pages(bench: Bench) -> None:
    small = Bench(page_size=2)
    for number in range(5):
        create(small, f"data-{number}")
    pages = [[one["name"] for one in page["disks"]] for page in small.client.get_paginator("get_disks").paginate()]
    assert pages == [["data-4", "data-3"], ["data-2", "data-1"], ["data-0"]]


# --- attaching --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["running", "stopped"])
def test_an_attached_disk_is_shown_whole_in_its_instance(bench: Bench, state: str) -> None:
    bench.instance(state=state)
    create(bench)
    bench.settle()
    assert entries(attach(bench)) == [
        ("Disk", "data", "AttachDisk", "web", "Started"),
        ("Instance", "web", "AttachDisk", "data", "Started"),
    ]
    taken = {"state": "in-use", "isAttached": True, "attachedTo": "web", "path": "/dev/xvdf"}
    for attachment in ("attaching", "attached"):
        assert {**disk(bench), **taken, "attachmentState": attachment} == disk(bench)
        assert shown(bench) == [disk(bench)]
        bench.settle()
    assert [one["status"] for one in bench.operations() if one["operationType"] == "AttachDisk"] == ["Succeeded"] * 2


def test_a_disk_that_changes_is_shown_so_in_its_instance(bench: Bench) -> None:
    with_a_disk(bench)
    bench.client.tag_resource(resourceName="data", tags=[{"key": "a"}])
    assert shown(bench) == [disk(bench)]
    assert disk(bench)["tags"] == [{"key": "a"}]


@pytest.mark.parametrize("path", ["/dev/xvdf", "/dev/xvdz", "/dev/sdf"])
def test_good_paths(bench: Bench, path: str) -> None:
    bench.instance()
    create(bench)
    bench.settle()
    attach(bench, path=path)
    assert disk(bench)["path"] == path


@pytest.mark.parametrize("path", ["/dev/xvda", "/dev/sda1", "xvdf", "/dev/xvdff", "/dev/nvme1", " /dev/xvdf"])
def test_bad_paths(bench: Bench, path: str) -> None:
    bench.instance()
    create(bench)
    bench.settle()
    told = refused(attach, bench=bench, path=path)
    assert (told.code, told.message) == (
        "InvalidParams",
        "The disk path is invalid. You must specify a valid disk path.",
    )


def test_what_cannot_be_attached(bench: Bench) -> None:
    with_a_disk(bench)
    create(bench, "new")
    elsewhere = "There are currently no instances in the us-east-1 that can use this disk."
    pending = "You can't attach this disk right now. The state of this disk is: pending"
    assert refused(attach, bench=bench, name="new").message == pending
    create(bench, "far", zone="us-east-1b")
    bench.settle()
    assert refused(attach, bench=bench, name="far", path="/dev/xvdg").message == elsewhere
    in_use = "You can't attach this disk right now. The state of this disk is: in-use"
    assert refused(attach, bench=bench, path="/dev/xvdg").message == in_use
    assert refused(attach, bench=bench, name="new").message == "The disk path is already in use: /dev/xvdf"
    bench.create("young")
    assert refused(attach, bench=bench, name="new", instance="young").message == (
        "You can't attach a disk to this instance right now. The state of this instance is: pending"
    )
    assert (
        "Lightsail for Research"
        in refused(attach, bench=bench, name="new", path="/dev/xvdg", autoMounting=True).message
    )
    for arguments in ({"name": "none"}, {"name": "new", "instance": "none"}):
        with pytest.raises(NotFoundException):
            attach(bench, **arguments)
    assert len(shown(bench)) == 1
    assert disk(bench, "new")["state"] == "available"


def test_an_instance_takes_fifteen_disks(bench: Bench) -> None:
    bench.instance()
    for number in range(16):
        create(bench, f"data-{number}")
    bench.settle()
    for number in range(15):
        attach(bench, f"data-{number}", path=f"/dev/xvd{'fghijklmnopqrst'[number]}")
    bench.settle()
    text = "You've reached the maximum number of disks you can attach to this instance."
    told = refused(attach, bench=bench, name="data-15", path="/dev/xvdu")
    assert (told.code, told.message) == ("LimitExceeded", text)
    assert len(shown(bench)) == 15


# --- detaching and deleting -------------------------------------------------------------------------------


def test_a_disk_is_detached_from_a_stopped_instance_alone(bench: Bench) -> None:
    with_a_disk(bench)
    text = "You can't detach this disk right now. The state of this disk is: in-use"
    assert refused(bench.client.detach_disk, diskName="data").message == text
    bench.client.stop_instance(instanceName="web")
    bench.settle()
    operations = bench.client.detach_disk(diskName="data")["operations"]
    assert entries(operations) == [
        ("Disk", "data", "DetachDisk", "web", "Started"),
        ("Instance", "web", "DetachDisk", "data", "Started"),
    ]
    assert disk(bench)["attachmentState"] == "detaching"
    assert refused(bench.client.detach_disk, diskName="data").message == text
    bench.settle()
    assert shown(bench) == []
    found = disk(bench)
    assert (found["state"], found["isAttached"], found["attachmentState"]) == ("available", False, "detached")
    assert not {"attachedTo", "path"} & set(found)
    assert refused(bench.client.detach_disk, diskName="data").message == text.replace("in-use", "available")
    attach(bench)


def test_a_deleted_instance_leaves_its_disks_free(bench: Bench) -> None:
    with_a_disk(bench)
    operations = bench.client.delete_instance(instanceName="web")["operations"]
    assert entries(operations) == [
        ("Disk", "data", "DetachDisk", "web", "Started"),
        ("Instance", "web", "DetachDisk", "data", "Started"),
        ("Instance", "web", "DeleteInstance", None, "Succeeded"),
    ]
    assert disk(bench)["state"] == "available"
    bench.instance("web")
    assert shown(bench) == [], "another instance of that name"
    attach(bench)
    bench.settle()
    assert shown(bench) == [disk(bench)]
    assert all(one["isTerminal"] for one in bench.operations())


@pytest.mark.parametrize("doing", ["attaching", "detaching"])
def test_an_instance_that_is_deleted_in_the_middle_leaves_its_disk_free_too(bench: Bench, doing: str) -> None:
    if doing == "attaching":
        bench.instance()
        create(bench)
        bench.settle()
        attach(bench)
    else:
        with_a_disk(bench, "stopped")
        bench.client.detach_disk(diskName="data")
    bench.client.delete_instance(instanceName="web")
    bench.instance("other")
    attach(bench, instance="other")
    bench.settle()
    assert shown(bench, "other") == [disk(bench)]
    assert disk(bench)["attachmentState"] == "attached"
    assert all(one["isTerminal"] for one in bench.operations())


def test_a_deleted_disk_is_gone_and_its_name_is_free(bench: Bench) -> None:
    with_a_disk(bench)
    text = "You can't perform this operation because the disk is still attached to a Lightsail instance: web"
    assert refused(bench.client.delete_disk, diskName="data").message == text
    create(bench, "new")
    pending = "You can't delete this disk right now. The state of this disk is: pending"
    assert refused(bench.client.delete_disk, diskName="new").message == pending
    bench.settle()
    operations = bench.client.delete_disk(diskName="new")["operations"]
    assert entries(operations) == [("Disk", "new", "DeleteDisk", None, "Succeeded")]
    with pytest.raises(NotFoundException, match="The Disk does not exist: new"):
        disk(bench, "new")
    bench.create("new")


def test_add_ons_of_a_disk_keep_it_from_being_deleted_unless_they_may_go_too(bench: Bench) -> None:
    create(bench, addOns=[{"addOnType": "AutoSnapshot"}])
    bench.settle()
    assert disk(bench)["addOns"][0]["status"] == "Enabled"
    assert "Set forceDeleteAddOns to true." in refused(bench.client.delete_disk, diskName="data").message
    operations = bench.client.delete_disk(diskName="data", forceDeleteAddOns=True)["operations"]
    assert [one["operationType"] for one in operations] == ["DisableAddOn", "DeleteDisk"]


# --- from a snapshot --------------------------------------------------------------------------------------


def snapshot(bench: Bench) -> None:
    create(bench, size_gb=32, addOns=[{"addOnType": "AutoSnapshot"}])
    bench.settle()
    bench.client.create_disk_snapshot(diskName="data", diskSnapshotName="kept")


def restore(bench: Bench, size_gb: int = 64, **source: Any) -> list[dict[str, Any]]:
    operations: list[dict[str, Any]] = bench.client.create_disk_from_snapshot(
        diskName="copy", availabilityZone="us-east-1b", sizeInGb=size_gb, **source
    )["operations"]
    return operations


@pytest.mark.parametrize(
    "source",
    [
        {"diskSnapshotName": "kept"},
        {"sourceDiskName": "data", "useLatestRestorableAutoSnapshot": True},
        {"sourceDiskName": "data", "restoreDate": "2023-11-15"},
    ],
)
def test_a_disk_from_a_snapshot_is_as_large_or_larger(bench: Bench, source: dict[str, Any]) -> None:
    snapshot(bench)
    bench.clock.advance(86_400)
    small = "The size of the disk must be equal to or greater than the size of the snapshot: 32 GB"
    assert refused(restore, bench=bench, size_gb=31, **source).message == small
    operations = restore(bench, **source)
    assert entries(operations) == [("Disk", "copy", "CreateDiskFromSnapshot", None, "Started")]
    bench.settle()
    assert (disk(bench, "copy")["sizeInGb"], disk(bench, "copy")["state"]) == (64, "available")


def test_a_source_that_is_not_said_in_one_way_or_not_ready(bench: Bench) -> None:
    snapshot(bench)
    either = "You must specify either a disk snapshot name or a source disk name, but not both."
    assert refused(restore, bench=bench).message == either
    assert refused(restore, bench=bench, diskSnapshotName="kept", sourceDiskName="data").message == either
    assert (
        "only with a source disk name"
        in refused(restore, bench=bench, diskSnapshotName="kept", restoreDate="2023-11-15").message
    )
    assert "The state of this snapshot is: pending" in refused(restore, bench=bench, diskSnapshotName="kept").message


# --- imported instances -----------------------------------------------------------------------------------


def test_disks_that_an_imported_instance_shows_and_nobody_has_are_no_hindrance(bench: Bench) -> None:
    with_a_disk(bench, "stopped")
    with bench.lightsail.store.begin(write=True) as transaction:
        [place] = transaction.places("Disk")
        [row] = transaction.page(place, "Disk", None, 1)
        transaction.delete(row)
    create(bench, "more")
    bench.settle()
    attach(bench, "more", path="/dev/xvdg")
    bench.settle()
    assert [one["name"] for one in shown(bench)] == ["data", "more"]
    bench.client.delete_instance(instanceName="web")
    assert disk(bench, "more")["state"] == "available"
