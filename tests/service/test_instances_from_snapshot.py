"""Instances from a snapshot of another: on which plans, with what of the first one, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from bench import Bench, refusal
from skysail.errors import ServiceError

ORDER: dict[str, Any] = {
    "instanceSnapshotName": "snap",
    "instanceNames": ["new"],
    "availabilityZone": "us-east-1a",
    "bundleId": "micro_3_0",
}


@pytest.fixture
def source(bench: Bench) -> Bench:
    """A micro with WordPress, a port opened and a snapshot."""
    bench.instance("web", blueprintId="wordpress", bundleId="micro_3_0", tags=[{"key": "mine"}])
    bench.client.open_instance_public_ports(
        instanceName="web", portInfo={"fromPort": 8080, "toPort": 8080, "protocol": "tcp"}
    )
    bench.client.create_instance_snapshot(instanceName="web", instanceSnapshotName="snap")
    bench.settle()
    return bench


def test_new_instances_run_after_a_while_one_entry_a_name(source: Bench) -> None:
    order = ORDER | {"instanceNames": ["one", "two"], "bundleId": "small_3_0", "availabilityZone": "us-east-1b"}
    operations = source.client.create_instances_from_snapshot(**order)["operations"]
    assert [(entry["resourceName"], entry["operationType"], entry["status"]) for entry in operations] == [
        ("one", "CreateInstancesFromSnapshot", "Started"),
        ("two", "CreateInstancesFromSnapshot", "Started"),
    ]
    assert not any("operationDetails" in entry for entry in operations)
    assert source.state("one") == "pending"
    source.settle()
    assert {entry["status"] for entry in source.operations()} == {"Succeeded"}
    new = source.get("one")
    assert (new["state"]["name"], new["blueprintId"], new["bundleId"]) == ("running", "wordpress", "small_3_0")
    assert new["location"]["availabilityZone"] == "us-east-1b"
    assert new["hardware"]["disks"][0]["sizeInGb"] == 60, "the new plan's"
    assert new["tags"] == []
    assert new["publicIpAddress"] != source.get("web")["publicIpAddress"]


def test_ports_and_the_static_ip_are_not_inherited(source: Bench) -> None:
    source.client.allocate_static_ip(staticIpName="address")
    source.client.attach_static_ip(staticIpName="address", instanceName="web")
    source.client.create_instances_from_snapshot(**ORDER)
    source.settle()
    new = source.get("new")
    assert not new["isStaticIp"]
    assert 8080 in {port["fromPort"] for port in source.get("web")["networking"]["ports"]}
    assert {port["fromPort"] for port in new["networking"]["ports"]} == {22, 80, 443}


def test_the_members_of_the_order_are_honoured(source: Bench) -> None:
    source.client.create_instances_from_snapshot(**ORDER, ipAddressType="ipv4", tags=[{"key": "k", "value": "v"}])
    new = source.get("new")
    assert (new["ipAddressType"], new["tags"]) == ("ipv4", [{"key": "k", "value": "v"}])


@pytest.mark.parametrize(("bundle", "fits"), [("nano_3_0", False), ("micro_3_0", True), ("xlarge_3_0", True)])
def test_a_bundle_is_of_the_same_size_or_larger(source: Bench, bundle: str, fits: bool) -> None:
    if fits:
        source.client.create_instances_from_snapshot(**ORDER | {"bundleId": bundle})
        return
    with pytest.raises(ServiceError) as caught:
        source.client.create_instances_from_snapshot(**ORDER | {"bundleId": bundle})
    assert refusal(caught.value).message == (
        f"The bundle must be the same size as the bundle of the snapshot's source instance, or larger: {bundle}"
    )


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        ({"instanceSnapshotName": None},
         "You must specify either an instance snapshot name or a source instance name, but not both."),
        ({"restoreDate": "2023-11-14"}, "You can specify a restore date or the latest restorable automatic snapshot "
         "only with a source instance name."),
        ({"instanceSnapshotName": "nothing"}, "The InstanceSnapshot does not exist: nothing"),
        ({"instanceSnapshotName": "young"},
         "You can't use this snapshot right now. The state of this snapshot is: pending"),
        ({"instanceNames": []}, "At least one instance name is required."),
        ({"instanceNames": ["new", "web"]}, "Some names are already in use: web"),
        ({"bundleId": "huge"}, "The specified bundle does not exist in this region: huge"),
        ({"bundleId": "medium_win_3_0"}, "The specified blueprint requires a LINUX_UNIX bundle: medium_win_3_0"),
        ({"availabilityZone": "us-west-2a"}, "The specified Availability Zone is not valid: us-west-2a"),
        ({"keyPairName": "unknown"}, "The KeyPair does not exist: unknown"),
    ],
)  # fmt: skip
def test_an_order_that_does_not_fit_is_refused_and_leaves_nothing(
    source: Bench, asked: dict[str, Any], text: str
) -> None:
    source.client.create_instance_snapshot(instanceName="web", instanceSnapshotName="young")
    order = {member: value for member, value in (ORDER | asked).items() if value is not None}
    with pytest.raises(ServiceError) as caught:
        source.client.create_instances_from_snapshot(**order)
    assert refusal(caught.value).message == text
    assert source.names() == ["web"]


ADD_ON = {"addOnType": "AutoSnapshot", "autoSnapshotAddOnRequest": {"snapshotTimeOfDay": "06:00"}}


def from_automatic(source: Bench, **asked: Any) -> Any:
    """Of "web", which has had the add-on for a day."""
    source.client.enable_add_on(resourceName="web", addOnRequest=ADD_ON)
    source.clock.advance(86_400)
    source.settle()
    order = {member: value for member, value in ORDER.items() if member != "instanceSnapshotName"}
    return source.client.create_instances_from_snapshot(**order, sourceInstanceName="web", **asked)


def test_an_instance_is_made_of_the_latest_automatic_snapshot_or_that_of_a_date(source: Bench) -> None:
    from_automatic(source, useLatestRestorableAutoSnapshot=True)
    assert source.get("new")["blueprintId"] == "wordpress"
    (kept,) = source.client.get_auto_snapshots(resourceName="web")["autoSnapshots"]
    order = ORDER | {"instanceNames": ["second"], "sourceInstanceName": "web", "restoreDate": kept["date"]}
    del order["instanceSnapshotName"]
    source.client.create_instances_from_snapshot(**order)
    assert source.state("second") == "pending"


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        ({}, "Either restoreDate or useLatestRestorableAutoSnapshot is required."),
        ({"restoreDate": "2001-01-01"}, "The AutoSnapshot does not exist: web/2001-01-01"),
        ({"instanceSnapshotName": "snap", "useLatestRestorableAutoSnapshot": True},
         "You must specify either an instance snapshot name or a source instance name, but not both."),
    ],
)  # fmt: skip
def test_an_automatic_snapshot_is_said_in_one_way(source: Bench, asked: dict[str, Any], text: str) -> None:
    with pytest.raises(ServiceError) as caught:
        from_automatic(source, **asked)
    assert refusal(caught.value).message == text


def test_add_ons_are_switched_on_with_the_new_instance(source: Bench) -> None:
    source.client.create_instances_from_snapshot(**ORDER, addOns=[ADD_ON])
    source.settle()
    (add_on,) = source.get("new")["addOns"]
    assert (add_on["name"], add_on["status"], add_on["snapshotTimeOfDay"]) == ("AutoSnapshot", "Enabled", "06:00")


# --- the disks that the snapshot holds ---------------------------------------------------------------------


@pytest.fixture
def with_disk(source: Bench) -> Bench:
    """The same with a disk of 16 GB at /dev/xvdf, in the snapshot "whole"."""
    source.client.create_disk(diskName="data", availabilityZone="us-east-1a", sizeInGb=16)
    source.settle()
    source.client.attach_disk(diskName="data", instanceName="web", diskPath="/dev/xvdf")
    source.settle()
    source.client.create_instance_snapshot(instanceName="web", instanceSnapshotName="whole")
    source.settle()
    return source


def of(path: str, name: str) -> dict[str, str]:
    return {"originalDiskPath": path, "newDiskName": name}


def test_mapped_disks_are_made_and_attached_each_to_its_instance(with_disk: Bench) -> None:
    order = ORDER | {"instanceSnapshotName": "whole", "instanceNames": ["one", "two"]}
    operations = with_disk.client.create_instances_from_snapshot(
        **order, attachedDiskMapping={name: [of("/dev/xvdf", f"data-{name}")] for name in ("one", "two")}
    )["operations"]
    assert [(entry["resourceName"], entry["operationType"]) for entry in operations] == [
        ("one", "CreateInstancesFromSnapshot"),
        ("two", "CreateInstancesFromSnapshot"),
        ("data-one", "CreateDiskFromSnapshot"),
        ("data-two", "CreateDiskFromSnapshot"),
    ]
    with_disk.settle()
    for name in ("one", "two"):
        disk = with_disk.client.get_disk(diskName=f"data-{name}")["disk"]
        assert (disk["sizeInGb"], disk["path"], disk["attachedTo"]) == (16, "/dev/xvdf", name)
        assert (disk["state"], disk["attachmentState"]) == ("in-use", "attached")
        assert with_disk.get(name)["hardware"]["disks"][1:] == [disk]
    assert {entry["status"] for entry in with_disk.operations()} == {"Succeeded"}


def test_a_disk_that_is_not_mapped_is_not_made(with_disk: Bench) -> None:
    with_disk.client.create_instances_from_snapshot(**ORDER | {"instanceSnapshotName": "whole"})
    with_disk.settle()
    assert len(with_disk.get("new")["hardware"]["disks"]) == 1
    assert [disk["name"] for disk in with_disk.client.get_disks()["disks"]] == ["data"]


def test_a_disk_does_not_count_against_the_plan_of_the_new_instance(with_disk: Bench) -> None:
    with_disk.client.create_instances_from_snapshot(**ORDER | {"instanceSnapshotName": "whole"})
    assert with_disk.get("new")["hardware"]["disks"][0]["sizeInGb"] == 40


@pytest.mark.parametrize(
    ("mapping", "text"),
    [
        ({"other": [of("/dev/xvdf", "new-data")]},
         "The attached disk mapping names an instance that is not to be created: other"),
        ({"new": [of("/dev/xvdg", "new-data")]}, "The snapshot has no disk with the original disk path: /dev/xvdg"),
        ({"new": [of("/dev/xvdf", "new-data"), of("/dev/xvdf", "more-data")]},
         "The original disk path comes twice in the attached disk mapping: /dev/xvdf"),
        ({"new": [of("/dev/xvdf", "data")]}, "Some names are already in use: data"),
        ({"new": [of("/dev/xvdf", "new")]}, "Some names are already in use: new"),
    ],
)  # fmt: skip
def test_a_mapping_that_does_not_fit_is_refused_and_leaves_nothing(
    with_disk: Bench, mapping: dict[str, Any], text: str
) -> None:
    with pytest.raises(ServiceError) as caught:
        with_disk.client.create_instances_from_snapshot(
            **ORDER | {"instanceSnapshotName": "whole"}, attachedDiskMapping=mapping
        )
    assert refusal(caught.value).message == text
    assert with_disk.names() == ["web"]
