"""Automatic snapshots as a source keeps them: one a day, seven at most, and which of them can be used."""

from __future__ import annotations

from typing import Any

import pytest

from skysail.errors import ServiceError
from skysail.service.nouns import automatic
from skysail.service.resources import Resource
from skysail.store.base import Place, Row

DAY = 86_400.0
START = 1_700_000_000.0  # 2023-11-14T22:13:20Z

DISK: dict[str, Any] = {"arn": "arn:d", "sizeInGb": 8}
INSTANCE: dict[str, Any] = {
    "arn": "arn:i",
    "blueprintId": "debian_12",
    "bundleId": "nano_3_0",
    "hardware": {
        "disks": [{"isSystemDisk": True, "sizeInGb": 20}, {"path": "/dev/xvdf", "sizeInGb": 8, "isSystemDisk": False}]
    },
}


def source(kind: str = "Disk") -> Resource:
    row = Row(Place("111122223333", "us-east-1"), kind, "data", "id", 1, b"{}")
    return Resource(row, INSTANCE if kind == "Instance" else DISK)


def with_days(count: int) -> Resource:
    disk = source()
    for day in range(count):
        automatic.begin(disk, START + day * DAY)
        automatic.finish(disk)
    return disk


def dates(resource: Resource) -> list[str]:
    return [entry["date"] for entry in automatic.listed(resource)]


def test_a_source_has_none_at_first() -> None:
    assert automatic.listed(source()) == []


def test_one_is_in_progress_then_a_success_and_shows_the_attached_disks() -> None:
    instance = source("Instance")
    assert automatic.begin(instance, START + 0.12345) == "2023-11-14"
    assert automatic.is_in_progress(instance)
    shown = {
        "date": "2023-11-14",
        "createdAt": START + 0.123,
        "fromAttachedDisks": [{"path": "/dev/xvdf", "sizeInGb": 8}],
    }
    assert automatic.listed(instance) == [shown | {"status": "InProgress"}]
    automatic.finish(instance)
    assert not automatic.is_in_progress(instance)
    assert automatic.listed(instance) == [shown | {"status": "Success"}]
    assert automatic.restorable(instance, None, True)["captured"]["sizeInGb"] == 28


def test_seven_are_kept_newest_first() -> None:
    assert dates(with_days(10)) == [f"2023-11-{day}" for day in range(23, 16, -1)]


def test_a_second_one_of_a_day_takes_the_first_ones_place() -> None:
    disk = with_days(2)
    automatic.begin(disk, START + DAY + 60)
    assert [(entry["date"], entry["status"]) for entry in automatic.listed(disk)] == [
        ("2023-11-15", "InProgress"),
        ("2023-11-14", "Success"),
    ]


def test_the_latest_is_the_latest_that_can_be_used() -> None:
    disk = with_days(2)
    automatic.begin(disk, START + 2 * DAY)
    assert automatic.restorable(disk, None, True)["date"] == "2023-11-15"
    assert automatic.restorable(disk, "2023-11-14", None)["date"] == "2023-11-14"
    assert automatic.restorable(disk, "2023-11-14", False)["date"] == "2023-11-14"


NO_DATE = "The AutoSnapshot does not exist: data/2023-11-20"
REFUSED: dict[str, tuple[int, str | None, bool | None, str, str]] = {
    # name: days with a snapshot, restoreDate, useLatestRestorableAutoSnapshot, the error's class, its text
    "both": (
        *(1, "2023-11-14", True, "InvalidInputException"),
        "restoreDate and useLatestRestorableAutoSnapshot can't be used together.",
    ),
    "neither": (
        *(1, None, None, "InvalidInputException"),
        "Either restoreDate or useLatestRestorableAutoSnapshot is required.",
    ),
    "not the latest either": (
        *(1, None, False, "InvalidInputException"),
        "Either restoreDate or useLatestRestorableAutoSnapshot is required.",
    ),
    "a day without one": (1, "2023-11-20", None, "NotFoundException", NO_DATE),
    "no date": (1, "yesterday", None, "InvalidInputException", "The date must be in YYYY-MM-DD format: yesterday"),
    "none at all": (0, None, True, "NotFoundException", "No automatic snapshot exists of the resource: data"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_restored_is_refused(case: str) -> None:
    days, date, latest, kind, text = REFUSED[case]
    with pytest.raises(ServiceError) as caught:
        automatic.restorable(with_days(days), date, latest)
    assert (caught.value.kind, caught.value.message) == (kind, text)


def test_one_in_progress_cannot_be_used_by_its_date() -> None:
    disk = source()
    date = automatic.begin(disk, START)
    with pytest.raises(ServiceError) as caught:
        automatic.restorable(disk, date, None)
    text = "You can't use this automatic snapshot right now. The status of this snapshot is: InProgress"
    assert (caught.value.code, caught.value.message) == ("InvalidState", text)


def test_one_is_removed_by_its_date() -> None:
    disk = with_days(3)
    assert automatic.remove(disk, "2023-11-15")["date"] == "2023-11-15"
    assert dates(disk) == ["2023-11-16", "2023-11-14"]
    with pytest.raises(ServiceError) as caught:
        automatic.remove(disk, "2023-11-20")
    assert caught.value.message == NO_DATE
