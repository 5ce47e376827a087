"""Exports of snapshots to EC2 and stacks made of them: the records, their states, and what is refused."""

from __future__ import annotations

import re
from typing import Any

import pytest

from bench import Bench, refusal
from modelled import misfits
from skysail.errors import ServiceError

UUID = "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
ENTRY = {"instanceType": "t3.micro", "portInfoSource": "DEFAULT", "availabilityZone": "us-east-1a"}


@pytest.fixture
def source(bench: Bench) -> Bench:
    bench.instance("web", blueprintId="ubuntu_24_04")
    bench.client.create_instance_snapshot(instanceName="web", instanceSnapshotName="snap")
    bench.client.create_disk_snapshot(instanceName="web", diskSnapshotName="disk-snap")
    bench.settle()
    return bench


def export(bench: Bench, snapshot: str = "snap") -> str:
    """An export of a snapshot; gives the record's name."""
    bench.client.export_snapshot(sourceSnapshotName=snapshot)
    return str(bench.client.get_export_snapshot_records()["exportSnapshotRecords"][0]["name"])


def stack(bench: Bench, source: str, **changed: Any) -> Any:
    return bench.client.create_cloud_formation_stack(instances=[{"sourceName": source, **ENTRY, **changed}])


def message(call: Any, *arguments: Any, **named: Any) -> str:
    with pytest.raises(ServiceError) as caught:
        call(*arguments, **named)
    return str(refusal(caught.value).message)


def test_an_export_of_an_instance_has_the_members_that_published_answers_show(source: Bench) -> None:
    snapshot = source.client.get_instance_snapshot(instanceSnapshotName="snap")["instanceSnapshot"]
    (entry,) = source.client.export_snapshot(sourceSnapshotName="snap")["operations"]
    assert (entry["resourceName"], entry["resourceType"]) == ("snap", "InstanceSnapshot")
    assert (entry["operationType"], entry["status"]) == ("ExportSnapshot", "Started")
    (record,) = source.client.get_export_snapshot_records()["exportSnapshotRecords"]
    assert (record["state"], "destinationInfo" in record) == ("Started", False)
    source.settle()
    (record,) = source.client.get_export_snapshot_records()["exportSnapshotRecords"]
    assert re.fullmatch(f"ExportSnapshotRecord-{UUID}", record["name"])
    assert re.fullmatch(rf"arn:aws:lightsail:us-east-1:\d{{12}}:ExportSnapshotRecord/{UUID}", record["arn"])
    assert record["arn"][-36:] != record["name"][-36:]
    assert record.keys() == {"name", "arn", "createdAt", "location", "resourceType", "state"} | {
        "sourceInfo", "destinationInfo"
    }  # fmt: skip
    assert record["sourceInfo"] == {
        "resourceType": "InstanceSnapshot",
        "createdAt": snapshot["createdAt"],
        "name": "snap",
        "arn": snapshot["arn"],
        "fromResourceName": "web",
        "fromResourceArn": snapshot["fromInstanceArn"],
        "instanceSnapshotInfo": {
            "fromBundleId": "nano_3_0",
            "fromBlueprintId": "ubuntu_24_04",
            "fromDiskInfo": [{"path": "/dev/sda1", "sizeInGb": 20, "isSystemDisk": True}],
        },
    }
    assert record["state"] == "Succeeded"
    assert record["destinationInfo"]["service"] == "Aws::EC2::Image"
    assert re.fullmatch("ami-[0-9a-f]{17}", record["destinationInfo"]["id"])
    assert misfits("GetExportSnapshotRecords", source.send({}, "GetExportSnapshotRecords")) == []
    assert source.client.get_operation(operationId=entry["id"])["operation"]["status"] == "Succeeded"


def test_an_export_of_a_disk_outlives_its_snapshot(source: Bench) -> None:
    export(source, "disk-snap")
    source.client.delete_disk_snapshot(diskSnapshotName="disk-snap")
    source.settle()
    (record,) = source.client.get_export_snapshot_records()["exportSnapshotRecords"]
    assert record["sourceInfo"]["diskSnapshotInfo"] == {"sizeInGb": 20}
    assert record["sourceInfo"]["fromResourceName"] == "web"
    assert record["destinationInfo"]["service"] == "Aws::EC2::Snapshot"
    assert re.fullmatch("snap-[0-9a-f]{17}", record["destinationInfo"]["id"])


def test_a_stack_is_made_of_an_export(source: Bench) -> None:
    name = export(source)
    source.settle()
    (entry,) = stack(source, name, userData="echo hello")["operations"]
    assert (entry["resourceType"], entry["operationType"]) == ("CloudFormationStackRecord", "CreateCloudFormationStack")
    (record,) = source.client.get_cloud_formation_stack_records()["cloudFormationStackRecords"]
    assert (record["state"], "destinationInfo" in record) == ("Started", False)
    assert message(stack, source, name) == (
        f"You can't create a stack from this export while another one is being created: {record['name']}"
    )
    source.settle()
    (record,) = source.client.get_cloud_formation_stack_records()["cloudFormationStackRecords"]
    number = record["name"].removeprefix("CloudFormationStackRecord-")
    (made_of,) = source.client.get_export_snapshot_records()["exportSnapshotRecords"]
    assert record["sourceInfo"] == [
        {"resourceType": "ExportSnapshotRecord", "name": name, "arn": made_of["arn"]}
    ]  # fmt: skip
    assert record["state"] == "Succeeded"
    assert record["destinationInfo"]["service"] == "Aws::CloudFormation::Stack"
    assert re.fullmatch(
        rf"arn:aws:cloudformation:us-east-1:\d{{12}}:stack/Lightsail-Stack-{number}/{UUID}",
        record["destinationInfo"]["id"],
    )
    assert misfits("GetCloudFormationStackRecords", source.send({}, "GetCloudFormationStackRecords")) == []
    assert source.client.get_operation(operationId=entry["id"])["operation"]["status"] == "Succeeded"
    stack(source, name)


def test_records_are_listed_newest_first_over_pages(source: Bench) -> None:
    names = [export(source) for _ in range(21)]
    first = source.client.get_export_snapshot_records()
    second = source.client.get_export_snapshot_records(pageToken=first["nextPageToken"])
    assert "nextPageToken" not in second
    listed = [record["name"] for page in (first, second) for record in page["exportSnapshotRecords"]]
    assert listed == names[::-1]


def test_a_snapshot_that_cannot_be_exported_is_refused(source: Bench) -> None:
    source.client.create_instance_snapshot(instanceName="web", instanceSnapshotName="young")
    call = source.client.export_snapshot
    assert message(call, sourceSnapshotName="young") == (
        "You can't export this snapshot right now. The state of this snapshot is: pending"
    )
    assert message(call, sourceSnapshotName="web") == "The InstanceSnapshot does not exist: web"
    source.instance("blog", blueprintId="ghost_bitnami", bundleId="small_3_0")
    source.client.create_instance_snapshot(instanceName="blog", instanceSnapshotName="blog-snap")
    source.settle()
    assert message(call, sourceSnapshotName="blog-snap") == (
        "Snapshots of instances of this blueprint can't be exported: ghost_bitnami"
    )


@pytest.mark.parametrize(
    ("changed", "text"),
    [
        ({"availabilityZone": "us-west-2a"}, "The specified Availability Zone is not valid: us-west-2a"),
        ({"instanceType": "large"}, "The specified instance type is not valid: large"),
        ({"userData": "x" * 16_385}, "The user data is larger than 16384 bytes."),
        ({"sourceName": "nothing"}, "The ExportSnapshotRecord does not exist: nothing"),
    ],
)
def test_an_entry_that_does_not_fit_is_refused(source: Bench, changed: dict[str, Any], text: str) -> None:
    name = export(source)
    source.settle()
    assert message(stack, source, name, **changed) == text


def test_a_stack_is_made_of_a_finished_export_of_an_instance_alone(source: Bench) -> None:
    young = export(source)
    assert message(stack, source, young) == (
        "You can't use this export right now. The state of this export is: Started"
    )  # fmt: skip
    disk = export(source, "disk-snap")
    source.settle()
    assert message(stack, source, disk) == f"You can't create a stack from the export of a disk snapshot: {disk}"


@pytest.mark.parametrize("count", [0, 2])
def test_a_stack_has_exactly_one_instance(source: Bench, count: int) -> None:
    entries = [{"sourceName": "any", **ENTRY}] * count
    assert message(source.client.create_cloud_formation_stack, instances=entries) == (
        "You must specify exactly one instance entry."
    )
