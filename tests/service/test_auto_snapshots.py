"""Automatic snapshots as calls show and delete them; when they are made is in test_add_ons."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest

from bench import Bench, Refusal, refused
from modelled import misfits
from skysail.service import identity
from skysail.service.timing import Pace
from skysail.store.base import Place, Row

DAY = 86_400.0
ON = {"addOnType": "AutoSnapshot", "autoSnapshotAddOnRequest": {"snapshotTimeOfDay": "06:00"}}


def on_the_second_morning(pace: Pace = "brisk") -> Bench:
    """An instance with one snapshot, one second after the second one began."""
    bench = Bench(pace=pace)
    bench.instance()
    bench.client.enable_add_on(resourceName="web", addOnRequest=ON)
    bench.clock.advance(datetime(2023, 11, 16, 6, 0, 1, tzinfo=UTC).timestamp() - bench.clock.now())
    return bench


def put_disk(bench: Bench) -> None:
    document = {
        "name": "data",
        "arn": "arn:d",
        "location": {"availabilityZone": "us-east-1a", "regionName": "us-east-1"},
        "resourceType": "Disk",
        "sizeInGb": 8,
        "state": "available",
    }
    place = Place(identity.account_number("local"), "us-east-1")
    with bench.lightsail.service.store.begin(write=True) as transaction:
        transaction.insert([Row(place, "Disk", "data", "id", 1, msgspec.json.encode(document))])


def test_they_are_shown_newest_first_as_in_the_published_answer() -> None:
    bench = on_the_second_morning(pace="real")
    answer = bench.send({"resourceName": "web"}, "GetAutoSnapshots")
    assert misfits("GetAutoSnapshots", answer) == []
    assert msgspec.json.decode(answer.body) == {
        "resourceName": "web",
        "resourceType": "Instance",
        "autoSnapshots": [
            {"date": "2023-11-16", "createdAt": 1700114400, "status": "InProgress", "fromAttachedDisks": []},
            {"date": "2023-11-15", "createdAt": 1700028000, "status": "Success", "fromAttachedDisks": []},
        ],
    }


def test_there_are_none_before_the_first() -> None:
    bench = Bench()
    bench.create("web", addOns=[ON])
    assert bench.client.get_auto_snapshots(resourceName="web")["autoSnapshots"] == []


def test_they_are_shown_when_the_add_on_is_off_again() -> None:
    bench = on_the_second_morning()
    bench.client.disable_add_on(resourceName="web", addOnType="AutoSnapshot")
    bench.clock.advance(3 * DAY)
    assert len(bench.client.get_auto_snapshots(resourceName="web")["autoSnapshots"]) == 2


def test_one_is_deleted_by_its_date() -> None:
    bench = on_the_second_morning()
    bench.settle()
    answer = bench.send({"resourceName": "web", "date": "2023-11-15"}, "DeleteAutoSnapshot")
    assert misfits("DeleteAutoSnapshot", answer) == []
    (operation,) = msgspec.json.decode(answer.body)["operations"]
    assert operation["operationDetails"] == "DeleteAutoSnapshot-2023-11-15"
    assert (operation["operationType"], operation["status"]) == ("DeleteAutoSnapshot", "Succeeded")
    assert operation["location"] == {"availabilityZone": "us-east-1", "regionName": "us-east-1"}
    left = bench.client.get_auto_snapshots(resourceName="web")["autoSnapshots"]
    assert [entry["date"] for entry in left] == ["2023-11-16"]
    said = refused(bench.client.delete_auto_snapshot, resourceName="web", date="2023-11-15")
    text = "The AutoSnapshot does not exist: web/2023-11-15"
    assert said == Refusal("NotFoundException", "DoesNotExist", text, said.status)


def test_a_disks_are_shown_and_deleted_alike() -> None:
    bench = Bench()
    put_disk(bench)
    bench.client.enable_add_on(resourceName="data", addOnRequest=ON)
    bench.clock.advance(DAY)
    answer = bench.client.get_auto_snapshots(resourceName="data")
    assert (answer["resourceType"], answer["autoSnapshots"][0]["fromAttachedDisks"]) == ("Disk", [])
    (operation,) = bench.client.delete_auto_snapshot(resourceName="data", date="2023-11-15")["operations"]
    assert operation["resourceType"] == "Disk"
    assert bench.client.get_auto_snapshots(resourceName="data")["autoSnapshots"] == []


def test_one_that_is_being_made_cannot_be_deleted() -> None:
    bench = on_the_second_morning(pace="real")
    said = refused(bench.client.delete_auto_snapshot, resourceName="web", date="2023-11-16")
    text = "You can't delete this automatic snapshot right now. The status of this snapshot is: InProgress"
    assert said == Refusal("InvalidInputException", "InvalidState", text)
    assert len(bench.client.get_auto_snapshots(resourceName="web")["autoSnapshots"]) == 2


@pytest.mark.parametrize("date", ["yesterday", "2023-11-15T06:00", "15.11.2023", "2023-1-5", ""])
def test_a_date_of_another_form_is_refused(date: str) -> None:
    said = refused(on_the_second_morning().client.delete_auto_snapshot, resourceName="web", date=date)
    assert said == Refusal("InvalidInputException", "InvalidParams", f"The date must be in YYYY-MM-DD format: {date}")


def test_an_instance_that_never_had_the_add_on_is_refused() -> None:
    bench = Bench()
    bench.instance()
    said = refused(bench.client.get_auto_snapshots, resourceName="web")
    assert said == Refusal("InvalidInputException", "InvalidState", "AutoSnapshot not enabled for the resource")


def test_what_is_not_there_or_has_no_such_snapshots_is_refused() -> None:
    bench = Bench()
    bench.client.allocate_static_ip(staticIpName="ip")
    for call, more in ((bench.client.get_auto_snapshots, {}), (bench.client.delete_auto_snapshot, {"date": "x"})):
        assert refused(call, resourceName="web", **more).message == "The resource does not exist: web"
        said = refused(call, resourceName="ip", **more)
        assert said.message == "Add-ons are not supported for the resource type: StaticIp"
