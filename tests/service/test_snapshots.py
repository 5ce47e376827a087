"""What snapshots of both kinds have in common: their document, their way from pending on, and what is refused."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest

from bench import Bench, Refusal, refused
from modelled import misfits

UUID = "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"


def take(bench: Bench, kind: str, name: str, **more: Any) -> Any:
    """A snapshot of the instance "web": whole, or of its system disk alone."""
    if kind == "InstanceSnapshot":
        return bench.client.create_instance_snapshot(instanceName="web", instanceSnapshotName=name, **more)
    return bench.client.create_disk_snapshot(instanceName="web", diskSnapshotName=name, **more)


def look(bench: Bench, kind: str, name: str) -> dict[str, Any]:
    if kind == "InstanceSnapshot":
        return dict(bench.client.get_instance_snapshot(instanceSnapshotName=name)["instanceSnapshot"])
    return dict(bench.client.get_disk_snapshot(diskSnapshotName=name)["diskSnapshot"])


def delete(bench: Bench, kind: str, name: str) -> Any:
    if kind == "InstanceSnapshot":
        return bench.client.delete_instance_snapshot(instanceSnapshotName=name)
    return bench.client.delete_disk_snapshot(diskSnapshotName=name)


BOTH = pytest.mark.parametrize("kind", ["InstanceSnapshot", "DiskSnapshot"])
SHOWN = ("resourceName", "resourceType", "operationType", "operationDetails", "status")
READY = {"InstanceSnapshot": "available", "DiskSnapshot": "completed"}


@BOTH
def test_a_snapshot_is_pending_and_then_ready_and_ends_both_entries(bench: Bench, kind: str) -> None:
    bench.instance("web")
    operations = take(bench, kind, "snap")["operations"]
    assert [(*(entry[member] for member in SHOWN), entry["location"]["availabilityZone"]) for entry in operations] == [
        ("snap", kind, f"Create{kind}", "web", "Started", "all"),
        ("web", "Instance", f"Create{kind}", "snap", "Started", "us-east-1a"),
    ]
    assert look(bench, kind, "snap")["state"] == "pending"
    bench.settle()
    assert look(bench, kind, "snap")["state"] == READY[kind]
    assert {entry["status"] for entry in bench.operations()} == {"Succeeded"}


@BOTH
def test_a_snapshot_has_the_members_that_published_answers_show(bench: Bench, kind: str) -> None:
    bench.instance("web", tags=[{"key": "of", "value": "the instance"}])
    created = datetime.fromtimestamp(bench.clock.now(), UTC)
    take(bench, kind, "snap", tags=[{"key": "no_delete"}])
    bench.settle()
    snapshot = look(bench, kind, "snap")
    inner = {"InstanceSnapshot": "ami", "DiskSnapshot": "snap"}[kind]
    assert re.fullmatch(rf"arn:aws:lightsail:us-east-1:\d{{12}}:{kind}/{UUID}", snapshot.pop("arn"))
    assert re.fullmatch(rf"\d{{12}}/{inner}-[0-9a-f]{{17}}", snapshot.pop("supportCode"))
    follows: dict[str, dict[str, Any]] = {
        "InstanceSnapshot": {
            "fromAttachedDisks": [],
            "fromBlueprintId": "amazon_linux_2023",
            "fromBundleId": "nano_3_0",
        },
        "DiskSnapshot": {"progress": "100%"},
    }
    assert snapshot == {
        "name": "snap",
        "createdAt": created,
        "location": {"availabilityZone": "all", "regionName": "us-east-1"},
        "resourceType": kind,
        "tags": [{"key": "no_delete"}],
        "state": READY[kind],
        "fromInstanceName": "web",
        "fromInstanceArn": bench.get()["arn"],
        "isFromAutoSnapshot": False,
        "sizeInGb": 20,
        **follows[kind],
    }
    member = "instanceSnapshotName" if kind == "InstanceSnapshot" else "diskSnapshotName"
    assert misfits(f"Get{kind}", bench.send({member: "snap"}, f"Get{kind}")) == []


def test_progress_is_shown_of_disk_snapshots_alone(bench: Bench) -> None:
    bench.instance("web")
    for kind, progress in {"InstanceSnapshot": None, "DiskSnapshot": "0%"}.items():
        take(bench, kind, kind)
        assert look(bench, kind, kind).get("progress") == progress


@BOTH
@pytest.mark.parametrize("state", ["pending", "stopping"])
def test_an_instance_in_a_passing_state_gives_no_snapshot(bench: Bench, kind: str, state: str) -> None:
    bench.instance("web", state)
    assert refused(take, bench=bench, kind=kind, name="snap") == Refusal(
        "InvalidInputException",
        "InvalidState",
        f"You can't create a snapshot of this instance right now. The state of this instance is: {state}",
    )


@BOTH
@pytest.mark.parametrize("state", ["running", "stopped"])
def test_a_snapshot_outlives_its_source(bench: Bench, kind: str, state: str) -> None:
    bench.instance("web", state)
    take(bench, kind, "snap")
    bench.client.delete_instance(instanceName="web")
    bench.settle()
    assert look(bench, kind, "snap")["state"] == READY[kind]


@BOTH
def test_a_snapshot_is_deleted_at_once_but_not_while_it_is_pending(bench: Bench, kind: str) -> None:
    bench.instance("web")
    take(bench, kind, "snap")
    assert refused(delete, bench=bench, kind=kind, name="snap") == Refusal(
        "InvalidInputException",
        "InvalidState",
        "You can't delete this snapshot right now. The state of this snapshot is: pending",
    )
    bench.settle()
    (entry,) = delete(bench, kind, "snap")["operations"]
    assert (entry["operationType"], entry["status"], entry["isTerminal"]) == (f"Delete{kind}", "Succeeded", True)
    assert "operationDetails" not in entry
    missing = Refusal("NotFoundException", "DoesNotExist", f"The {kind} does not exist: snap")
    assert refused(look, bench=bench, kind=kind, name="snap").message == missing.message
    assert refused(delete, bench=bench, kind=kind, name="snap").kind == missing.kind


@BOTH
@pytest.mark.parametrize(
    ("name", "tags", "text"),
    [
        ("web", [], "Some names are already in use: web"),
        ("x", [], "x is not a valid resource name. Resource names must be at least 2 characters long and contain "
         "only alphanumerics, -, _, and ."),
        ("snap", [{"key": "aws:x"}], "Tag keys can't start with aws:"),
    ],
)  # fmt: skip
def test_names_and_tags_are_held_to_their_rules(
    bench: Bench, kind: str, name: str, tags: list[dict[str, str]], text: str
) -> None:
    bench.instance("web")
    assert refused(take, bench=bench, kind=kind, name=name, tags=tags).message == text
    assert len(bench.operations()) == 1, "only the instance's own"


@BOTH
def test_a_source_that_is_not_there_is_named(bench: Bench, kind: str) -> None:
    assert refused(take, bench=bench, kind=kind, name="snap").message == "The Instance does not exist: web"


@BOTH
def test_snapshots_are_listed_newest_first_over_pages(kind: str) -> None:
    bench = Bench(page_size=2)
    bench.instance("web")
    for number in range(5):
        take(bench, kind, f"snap-{number}")
    method, member = {
        "InstanceSnapshot": ("get_instance_snapshots", "instanceSnapshots"),
        "DiskSnapshot": ("get_disk_snapshots", "diskSnapshots"),
    }[kind]
    pages = list(bench.client.get_paginator(method).paginate())
    assert [[entry["name"] for entry in page[member]] for page in pages] == [
        ["snap-4", "snap-3"],
        ["snap-2", "snap-1"],
        ["snap-0"],
    ]
    bench.close()


@BOTH
def test_no_snapshot_is_made_while_an_automatic_one_is(kind: str) -> None:
    bench = Bench(pace="real")
    bench.instance("web")
    bench.client.enable_add_on(
        resourceName="web",
        addOnRequest={"addOnType": "AutoSnapshot", "autoSnapshotAddOnRequest": {"snapshotTimeOfDay": "06:00"}},
    )
    while True:
        bench.settle()
        kept = bench.client.get_auto_snapshots(resourceName="web")["autoSnapshots"]
        if kept:
            break
    assert kept[0]["status"] == "InProgress"
    assert refused(take, bench=bench, kind=kind, name="snap").message == (
        "You can't create a snapshot of this instance while an automatic snapshot is being created: web"
    )
    bench.clock.advance(600)
    take(bench, kind, "snap")
    bench.close()
