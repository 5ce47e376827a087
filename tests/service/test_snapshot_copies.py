"""Copies of snapshots: from where to where, with what in them, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from bench import Bench, refusal
from skysail.errors import ServiceError


@pytest.fixture
def source(bench: Bench) -> Bench:
    """An instance, a snapshot of it and one of its system disk, in us-east-1."""
    bench.instance("web")
    bench.client.create_instance_snapshot(instanceName="web", instanceSnapshotName="snap", tags=[{"key": "mine"}])
    bench.client.create_disk_snapshot(instanceName="web", diskSnapshotName="disk-snap")
    bench.settle()
    return bench


def look(client: Any, kind: str, name: str) -> Any:
    if kind == "InstanceSnapshot":
        return client.get_instance_snapshot(instanceSnapshotName=name)["instanceSnapshot"]
    return client.get_disk_snapshot(diskSnapshotName=name)["diskSnapshot"]


@pytest.mark.parametrize(("name", "kind"), [("snap", "InstanceSnapshot"), ("disk-snap", "DiskSnapshot")])
@pytest.mark.parametrize("region", ["us-east-1", "eu-west-1"])
def test_a_copy_comes_to_be_in_the_region_of_the_call(source: Bench, name: str, kind: str, region: str) -> None:
    client = source.lightsail.client(region)
    (entry,) = client.copy_snapshot(sourceSnapshotName=name, targetSnapshotName="copy", sourceRegion="us-east-1")[
        "operations"
    ]
    assert entry["operationType"] == "CopySnapshot"
    assert (entry["operationDetails"], entry["status"]) == (f"us-east-1:{name}", "Started")
    assert entry["location"] == {"availabilityZone": "all", "regionName": region}
    assert look(client, kind, "copy")["state"] == "pending"
    source.settle()
    assert client.get_operation(operationId=entry["id"])["operation"]["status"] == "Succeeded"
    own = ("name", "arn", "supportCode", "createdAt", "location", "tags")
    copy, original = look(client, kind, "copy"), look(source.client, kind, name)
    assert {member: copy[member] for member in copy if member not in own} == {
        member: original[member] for member in original if member not in own
    }
    assert copy["tags"] == []
    assert copy["arn"] != original["arn"]
    assert copy["arn"].split(":")[3] == region


def test_an_instance_can_be_made_of_a_copy_elsewhere_where_bundles_have_other_ids(source: Bench) -> None:
    client = source.lightsail.client("ap-south-1")
    client.copy_snapshot(sourceSnapshotName="snap", targetSnapshotName="copy", sourceRegion="us-east-1")
    source.settle()
    client.create_instances_from_snapshot(
        instanceSnapshotName="copy", instanceNames=["new"], availabilityZone="ap-south-1a", bundleId="nano_3_1"
    )
    assert client.get_instance(instanceName="new")["instance"]["blueprintId"] == "amazon_linux_2023"


def with_automatic(bench: Bench) -> None:
    """The add-on on for "web" since two days, so that two automatic snapshots of it are there."""
    bench.client.enable_add_on(resourceName="web", addOnRequest={"addOnType": "AutoSnapshot"})
    for _ in range(2):
        bench.clock.advance(86_400)
        bench.client.get_instances()
    bench.settle()


@pytest.mark.parametrize("which", ["latest", "date"])
def test_an_automatic_snapshot_is_copied_as_a_manual_one(source: Bench, which: str) -> None:
    with_automatic(source)
    kept = source.client.get_auto_snapshots(resourceName="web")["autoSnapshots"]
    assert [entry["status"] for entry in kept] == ["Success", "Success"]
    asked = {"restoreDate": kept[-1]["date"]} if which == "date" else {"useLatestRestorableAutoSnapshot": True}
    client = source.lightsail.client("eu-west-1")
    (entry,) = client.copy_snapshot(
        sourceResourceName="web", targetSnapshotName="copy", sourceRegion="us-east-1", **asked
    )["operations"]
    assert (entry["resourceType"], entry["operationDetails"]) == ("InstanceSnapshot", "us-east-1:web")
    source.settle()
    copy = client.get_instance_snapshot(instanceSnapshotName="copy")["instanceSnapshot"]
    assert (copy["state"], copy["isFromAutoSnapshot"]) == ("available", True)
    assert (copy["fromInstanceName"], copy["sizeInGb"]) == ("web", 20)
    client.copy_snapshot(sourceSnapshotName="copy", targetSnapshotName="again", sourceRegion="eu-west-1")
    again = client.get_instance_snapshot(instanceSnapshotName="again")["instanceSnapshot"]
    assert again["isFromAutoSnapshot"] is True
    client.export_snapshot(sourceSnapshotName="copy")
    (record,) = client.get_export_snapshot_records()["exportSnapshotRecords"]
    assert record["sourceInfo"]["instanceSnapshotInfo"]["fromDiskInfo"][0]["path"] == "/dev/xvda"


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        ({}, "Either restoreDate or useLatestRestorableAutoSnapshot is required."),
        ({"restoreDate": "2023-11-15", "useLatestRestorableAutoSnapshot": True},
         "restoreDate and useLatestRestorableAutoSnapshot can't be used together."),
        ({"restoreDate": "yesterday"}, "The date must be in YYYY-MM-DD format: yesterday"),
        ({"restoreDate": "2001-01-01"}, "The AutoSnapshot does not exist: web/2001-01-01"),
        ({"sourceResourceName": "snap"}, "Add-ons are not supported for the resource type: InstanceSnapshot"),
        ({"sourceResourceName": "nothing"}, "The resource does not exist: nothing"),
    ],
)  # fmt: skip
def test_an_automatic_snapshot_is_said_in_one_way(source: Bench, asked: dict[str, Any], text: str) -> None:
    request = {"sourceResourceName": "web", "targetSnapshotName": "copy", "sourceRegion": "us-east-1", **asked}
    with pytest.raises(ServiceError) as caught:
        source.client.copy_snapshot(**request)
    assert refusal(caught.value).message == text


EITHER = "You must specify either a source snapshot name or a source resource name, but not both."
ONLY_AUTO = (
    "You can specify a restore date or the latest restorable automatic snapshot only with a source resource name."
)


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        ({"sourceSnapshotName": None}, EITHER),
        ({"sourceResourceName": "web"}, EITHER),
        ({"restoreDate": "2023-11-14"}, ONLY_AUTO),
        ({"useLatestRestorableAutoSnapshot": True}, ONLY_AUTO),
        ({"sourceSnapshotName": "nothing"}, "The InstanceSnapshot does not exist: nothing"),
        ({"sourceSnapshotName": "web"}, "The InstanceSnapshot does not exist: web"),
        ({"sourceRegion": "eu-west-1"}, "The InstanceSnapshot does not exist: snap"),
        ({"targetSnapshotName": "web"}, "Some names are already in use: web"),
        ({"sourceSnapshotName": "young"},
         "You can't copy this snapshot right now. The state of this snapshot is: pending"),
    ],
)  # fmt: skip
def test_what_cannot_be_copied_is_refused(source: Bench, asked: dict[str, Any], text: str) -> None:
    source.client.create_instance_snapshot(instanceName="web", instanceSnapshotName="young")
    request = {"sourceSnapshotName": "snap", "targetSnapshotName": "copy", "sourceRegion": "us-east-1", **asked}
    with pytest.raises(ServiceError) as caught:
        source.client.copy_snapshot(**{member: value for member, value in request.items() if value is not None})
    assert refusal(caught.value).message == text
