"""Automatic snapshots: kept with the instance or disk that they are of, one a day, and gone with it.

They have no name and no resource of their own; a source's private data has them, newest first, each with what it
holds of the source under `captured`. A day is a day of UTC. Texts are inferred.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from skysail.errors import NotFoundException
from skysail.service import captured
from skysail.service.context import Context
from skysail.service.refusals import invalid, not_now, unsupported
from skysail.service.resources import Resource

MOST = 7
"""How many are kept of a source; an eighth takes the oldest one's place (source: user guide)."""

SOURCES = ("Instance", "Disk")

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_SHOWN = ("date", "createdAt", "status", "fromAttachedDisks")


def source(context: Context, name: str) -> Resource:
    """An instance or a disk of that name.

    Raises NotFoundException. Raises InvalidInputException: it is of a kind that has neither add-ons nor such snapshots.
    """
    found = context.resources.of_any_kind(name)
    if found is None:
        raise NotFoundException.because(f"The resource does not exist: {name}", "DoesNotExist")
    if found.row.kind not in SOURCES:
        raise unsupported(f"Add-ons are not supported for the resource type: {found.row.kind}")
    return found


def listed(resource: Resource) -> list[dict[str, Any]]:
    """All of a source's, newest first, as GetAutoSnapshots shows them."""
    return [{member: entry[member] for member in _SHOWN} for entry in _kept(resource)]


def begin(resource: Resource, now: float) -> str:
    """Begin the snapshot of the day in the source's private data, in place of one of the same day; gives its date.

    What it holds is what the source is now. The source is not saved.
    """
    date = date_of(now)
    holds = captured.of_instance(resource) if resource.row.kind == "Instance" else captured.of_disk(resource)
    entry = {
        "date": date,
        "createdAt": round(now, 3),
        "status": "InProgress",
        "fromAttachedDisks": holds.get("fromAttachedDisks", []),
        "captured": holds,
        "hidden": captured.hidden(resource),
    }
    resource.private["autoSnapshots"] = [entry, *(one for one in _kept(resource) if one["date"] != date)][:MOST]
    return date


def finish(resource: Resource) -> None:
    """What was in progress can be used now. The source is not saved."""
    for entry in _kept(resource):
        if entry["status"] == "InProgress":
            entry["status"] = "Success"


def is_in_progress(resource: Resource) -> bool:
    """Whether one is being made: no manual snapshot can be made meanwhile (source: user guide)."""
    return any(entry["status"] == "InProgress" for entry in _kept(resource))


def restorable(resource: Resource, restore_date: str | None, use_latest: bool | None) -> dict[str, Any]:
    """The one of a date, or the latest, from which something new can be made.

    Raises InvalidInputException: both or neither are asked for, or the date is none or its snapshot cannot be used yet.
    Raises NotFoundException: there is none.
    """
    if restore_date and use_latest:
        raise invalid("restoreDate and useLatestRestorableAutoSnapshot can't be used together.")
    if not restore_date and not use_latest:
        raise invalid("Either restoreDate or useLatestRestorableAutoSnapshot is required.")
    if restore_date:
        check_date(restore_date)
        entry = _of_date(resource, restore_date)
        if entry["status"] != "Success":
            state = entry["status"]
            raise not_now("use this automatic snapshot", "this snapshot", state, "status")
        return entry
    for entry in _kept(resource):
        if entry["status"] == "Success":
            return entry
    raise NotFoundException.because(f"No automatic snapshot exists of the resource: {resource.name}", "DoesNotExist")


def remove(resource: Resource, date: str) -> dict[str, Any]:
    """Take away the one of a date, and give it. The source is not saved. Raises NotFoundException."""
    entry = _of_date(resource, date)
    _kept(resource).remove(entry)
    return entry


def check_date(date: str) -> None:
    """Raises InvalidInputException: not in the form of a date (text inferred)."""
    if not _DATE.fullmatch(date):
        raise invalid(f"The date must be in YYYY-MM-DD format: {date}")


def date_of(time: float) -> str:
    """The day of a time, in UTC: 2026-11-25."""
    return datetime.fromtimestamp(time, UTC).date().isoformat()


def _of_date(resource: Resource, date: str) -> dict[str, Any]:
    for entry in _kept(resource):
        if entry["date"] == date:
            return entry
    raise NotFoundException.because(f"The AutoSnapshot does not exist: {resource.name}/{date}", "DoesNotExist")


def _kept(resource: Resource) -> list[dict[str, Any]]:
    kept: list[dict[str, Any]] = resource.private.setdefault("autoSnapshots", [])
    return kept
