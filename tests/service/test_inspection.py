"""What is wrong in a store is found, each thing once and named; in a store that only a service has written, nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import msgspec
import pytest

from bench import Bench
from skysail.server import inspection
from skysail.service.inspecting.inspection import Fault
from skysail.store.base import Due, Place, Record, Row, Transaction
from world_calls import BEGINNING

DATABASE = {
    "relationalDatabaseName": "db-1",
    "relationalDatabaseBlueprintId": "mysql_8_0",
    "relationalDatabaseBundleId": "micro_2_0",
    "masterDatabaseName": "main",
    "masterUsername": "main_user",
}
ALARM = {
    "alarmName": "alarm-1",
    "metricName": "CPUUtilization",
    "monitoredResourceName": "web-1",
    "comparisonOperator": "GreaterThanThreshold",
    "threshold": 50,
    "evaluationPeriods": 1,
}


@pytest.fixture
def world(bench: Bench) -> Bench:
    for operation, arguments in [*BEGINNING, ("CreateRelationalDatabase", DATABASE), ("PutAlarm", ALARM)]:
        assert bench.send(arguments, operation).status == 200
        bench.clock.advance(30)
    return bench


def found(bench: Bench) -> list[Fault]:
    with bench.lightsail.store.begin(write=False) as transaction:
        return list(inspection(transaction).faults())


def place(transaction: Transaction) -> Place:
    (only,) = transaction.places("Instance")
    return only


def row(transaction: Transaction, name: str, name_space: str = "") -> Row:
    one = transaction.get(place(transaction), name, name_space)
    assert one is not None
    return one


def changed(name: str, name_space: str = "", /, **members: Any) -> Callable[[Transaction], None]:
    """A document with other members; None takes one out."""

    def change(transaction: Transaction) -> None:
        one = row(transaction, name, name_space)
        document = {**msgspec.json.decode(one.document), **members}
        kept = {member: value for member, value in document.items() if value is not None}
        transaction.update(replace(one, document=msgspec.json.encode(kept)))

    return change


def cut(transaction: Transaction) -> None:
    one = row(transaction, "data-1")
    transaction.update(replace(one, document=one.document[:-5]))


def without(name: str, name_space: str = "") -> Callable[[Transaction], None]:
    return lambda transaction: transaction.delete(row(transaction, name, name_space))


def another_kind(transaction: Transaction) -> None:
    one = row(transaction, "key-1")
    transaction.delete(one)
    transaction.insert([replace(one, kind="Ship")])


def scheduled(
    name: str, id: str | None = None, step: str = "disk.available", *ids: str
) -> Callable[[Transaction], None]:
    def schedule(transaction: Transaction) -> None:
        where = place(transaction)
        one = transaction.get(where, name)
        transaction.schedule([Due(9e9, where, name, id or (one.id if one else "none"), step, ids)])

    return schedule


def entry(**members: Any) -> Callable[[Transaction], None]:
    """The newest entry of the journal with other members."""

    def change(transaction: Transaction) -> None:
        (newest,) = transaction.records(place(transaction), None, None, 1)
        document = {**msgspec.json.decode(newest.document), **members}
        transaction.update_record(replace(newest, document=msgspec.json.encode(document)))

    return change


def unreadable_entry(transaction: Transaction) -> None:
    transaction.add_records([Record(place(transaction), "e1", 10**17, "web-1", b"no JSON")])


WRONG: dict[str, tuple[Callable[[Transaction], None], list[tuple[str, str]]]] = {
    # what is done to the store; about what something is found, and what
    "a document that is no JSON": (cut, [("Disk data-1", "cannot be read")]),
    "a document of another name": (changed("key-1", name="key-2"), [("KeyPair key-1", "its document says name key-2")]),
    "a document of another kind": (
        changed("key-1", resourceType="Disk"),
        [("KeyPair key-1", "its document says resourceType Disk")],
    ),
    "a member of another type": (
        changed("web-1", tags="none"),
        [("Instance web-1", "STRING_VALUE can not be converted to a list: tags")],
    ),
    "a kind that there is not": (another_kind, [("Ship key-1", "there is no Ship"), ("Ship key-1", "resourceType")]),
    "a disk that its instance shows otherwise": (
        changed("data-1", sizeInGb=64),
        [("Disk data-1", "is attached to web-1, which does not"), ("Instance web-1", "the disk data-1 otherwise")],
    ),
    "a disk of an instance that is not there": (
        changed("data-1", attachedTo="web-9"),
        [("Disk data-1", "is attached to web-9"), ("Instance web-1", "the disk data-1 otherwise")],
    ),
    "an instance that its disk knows nothing of": (
        changed("data-1", attachedTo=None, isAttached=False),
        [("Instance web-1", "the disk data-1 otherwise")],
    ),
    "a static IP that its instance does not have": (
        changed("address-1", ipAddress="100.64.0.1"),
        [("StaticIp address-1", "is attached to web-1, which does not have its address")],
    ),
    "a static IP that is not there": (without("address-1"), [("Instance web-1", "has the static IP address-1")]),
    "an alarm that is not there": (without("alarm-1", "Alarm"), [("Instance web-1", "has the alarm alarm-1")]),
    "an alarm on what does not know it": (
        changed("alarm-1", "Alarm", monitoredResourceInfo={"name": "web-2", "resourceType": "Instance"}),
        [("Alarm alarm-1", "is on web-2, which does not know it")],
    ),
    "a pending value that does not wait": (
        changed("db-1", pendingModifiedValues={"engineVersion": "8.4.11"}),
        [("RelationalDatabase db-1", "shows engineVersion otherwise than it waits")],
    ),
    "a change that is not known": (
        scheduled("data-1", step="disk.sunk"),
        [("the change disk.sunk of data-1", "is none that this version knows")],
    ),
    "a change of what is not there": (scheduled("data-9"), [("the change disk.available of data-9", "not there")]),
    "a change of what had that name": (
        scheduled("data-1", id="former"),
        [("the change disk.available of data-1", "not there")],
    ),
    "a change that ends no entry": (
        scheduled("data-1", None, "disk.available", "e9"),
        [("the change disk.available of data-1", "ends the journal's entry e9, which is not there")],
    ),
    "an entry that is no JSON": (unreadable_entry, [("the journal's entry e1", "cannot be read")]),
    "an entry of another resource": (entry(resourceName="web-9"), [("the journal's entry", "resourceName web-9")]),
    "an entry that never ends": (
        entry(status="Started", isTerminal=False),
        [("the journal's entry", "is Started, and no change to come ends it")],
    ),
    "an entry that has ended and not": (entry(isTerminal=False), [("the journal's entry", "isTerminal is False")]),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_found_and_named(world: Bench, case: str) -> None:
    assert found(world) == []
    damage, expected = WRONG[case]
    with world.lightsail.store.begin(write=True) as transaction:
        damage(transaction)
        where = place(transaction)
    faults = sorted(found(world), key=lambda fault: fault.about)
    assert len(faults) == len(expected), faults
    for fault, (about, what) in zip(faults, expected, strict=True):
        assert fault.about.startswith(about)
        assert what in fault.what
        assert fault.place == where
        assert fault.remedy


def test_everything_is_read_over_many_pages_and_counted(bench: Bench) -> None:
    for start in range(0, 1200, 100):
        bench.create(*(f"web-{number}" for number in range(start, start + 100)))
    with bench.lightsail.store.begin(write=False) as transaction:
        inspected = inspection(transaction)
        assert list(inspected.faults()) == []
    assert inspected.counts == {"KeyPair": 1, "Instance": 1200, "changes to come": 1200, "journal": 1200}


def test_an_imported_instance_may_show_what_is_not_here(bench: Bench) -> None:
    bench.instance("web")
    disk = {"name": "elsewhere", "isSystemDisk": False, "attachedTo": "web"}
    with bench.lightsail.store.begin(write=True) as transaction:
        changed("web", hardware={"cpuCount": 2, "disks": [disk]}, isStaticIp=True)(transaction)
    assert found(bench) == []


def test_what_a_service_keeps_for_itself_is_no_fault(world: Bench) -> None:
    assert world.send({"instanceName": "web-1"}, "GetInstanceAccessDetails").status == 200
    with world.lightsail.store.begin(write=False) as transaction:
        kept = transaction.get(place(transaction), "AccessAuthority", "AccessAuthority")
    assert kept is not None
    assert found(world) == []


def test_one_that_cannot_be_read_does_not_end_the_look_at_those_that_hang_on_it(bench: Bench) -> None:
    client = bench.client
    client.create_bucket(bucketName="files", bundleId="small_1_0")
    bench.instance("web")
    client.set_resource_access_for_bucket(bucketName="files", resourceName="web", access="allow")
    client.create_disk(diskName="data", availabilityZone="us-east-1a", sizeInGb=8)
    with bench.lightsail.store.begin(write=True) as transaction:
        one = row(transaction, "web")
        transaction.update(replace(one, private=one.private[:-5]))
        changed("data", state=None, isAttached=True)(transaction)
    assert {fault.about for fault in found(bench)} == {"Bucket files", "Disk data", "Instance web"}
