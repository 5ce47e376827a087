"""What each call leaves in the journal, and what becomes of its entries."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bench import START, Bench

BEGUN = datetime.fromtimestamp(START, UTC)


def brief(operations: list[dict[str, Any]]) -> list[tuple[str, str, str | None, str]]:
    return [
        (one["resourceName"], one["operationType"], one.get("operationDetails"), one["status"]) for one in operations
    ]


# Source: published answers, call by call; None is an absent member.
ENTRIES: dict[str, tuple[str, str, str | None, str]] = {
    # call: the state it needs, then operationType, operationDetails, status
    "start_instance": ("stopped", "StartInstance", "", "Started"),
    "stop_instance": ("running", "StopInstance", "", "Started"),
    "reboot_instance": ("running", "RebootInstance", "", "Succeeded"),
    "delete_instance": ("running", "DeleteInstance", None, "Succeeded"),
}


@pytest.mark.parametrize("call", ENTRIES)
def test_a_call_answers_with_its_one_entry_as_published_answers_show_it(bench: Bench, call: str) -> None:
    state, kind, details, status = ENTRIES[call]
    bench.instance(state=state)
    now = datetime.fromtimestamp(bench.clock.now(), UTC)
    answer = getattr(bench.client, call)(instanceName="web")
    (operation,) = answer["operations"]
    operation = dict(operation)
    assert len(operation.pop("id")) == 36
    assert operation == {
        "resourceName": "web",
        "resourceType": "Instance",
        "createdAt": now,
        "location": {"availabilityZone": "us-east-1a", "regionName": "us-east-1"},
        "isTerminal": status == "Succeeded",
        **({} if details is None else {"operationDetails": details}),
        "operationType": kind,
        "status": status,
        "statusChangedAt": now,
    }


def test_create_instances_answers_an_entry_a_name_in_the_order_of_the_names(bench: Bench) -> None:
    operations = bench.create("zz", "aa", "mm")
    assert brief(operations) == [(name, "CreateInstance", None, "Started") for name in ("zz", "aa", "mm")]
    assert len({one["id"] for one in operations}) == 3


@pytest.mark.parametrize("call", ["create", "start_instance", "stop_instance"])
def test_a_started_entry_ends_when_the_work_is_done_and_says_when_that_was(bench: Bench, call: str) -> None:
    if call == "create":
        (operation,) = bench.create("web")
        seconds = 1.5
    else:
        bench.instance(state=ENTRIES[call][0])
        (operation,) = getattr(bench.client, call)(instanceName="web")["operations"]
        seconds = 1

    def found() -> dict[str, Any]:
        entry: dict[str, Any] = bench.client.get_operation(operationId=operation["id"])["operation"]
        return entry

    bench.clock.advance(seconds - 0.001)
    assert found() == operation
    bench.clock.advance(100)
    ended = operation["createdAt"] + timedelta(seconds=seconds)
    assert found() == operation | {"isTerminal": True, "status": "Succeeded", "statusChangedAt": ended}
    assert found() == bench.operations("web")[-1]


@pytest.mark.parametrize("state", ["pending", "stopping"])
def test_what_a_deleted_instance_was_still_doing_ends_as_failed(bench: Bench, state: str) -> None:
    bench.instance(state=state)
    bench.clock.advance(0.25)
    bench.client.delete_instance(instanceName="web")
    *_, doing, deleting = bench.operations("web")
    assert (deleting["operationType"], deleting["status"]) == ("DeleteInstance", "Succeeded")
    assert (doing["status"], doing["isTerminal"]) == ("Failed", True)
    assert (doing["errorCode"], doing["errorDetails"]) == ("InstanceDeleted", "The instance was deleted.")
    assert doing["statusChangedAt"] == deleting["createdAt"] == doing["createdAt"] + timedelta(seconds=0.25)
    before = bench.operations()
    bench.settle()
    assert bench.operations() == before


def test_the_journal_tells_a_life_in_order_also_when_no_time_passes() -> None:
    bench = Bench(pace="instant")
    for _ in range(2):
        bench.create("web")
        for call in ("stop_instance", "start_instance", "reboot_instance", "delete_instance"):
            getattr(bench.client, call)(instanceName="web")
    life = ["CreateInstance", "StopInstance", "StartInstance", "RebootInstance", "DeleteInstance"]
    operations = bench.operations("web")
    assert [one["operationType"] for one in operations] == life * 2
    assert {one["status"] for one in operations} == {"Succeeded"}


def test_times_are_told_in_milliseconds(bench: Bench) -> None:
    bench.clock.advance(0.123456)
    (operation,) = bench.create("web")
    expected = BEGUN + timedelta(milliseconds=123)
    assert operation["createdAt"] == operation["statusChangedAt"] == bench.get()["createdAt"] == expected
