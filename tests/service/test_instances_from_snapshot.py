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
