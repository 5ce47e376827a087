"""A database's backups: automated ones, to which it can be restored, and snapshots, by which others are made.

An automated backup is taken each day at a moment of the backup window, while the database is up and keeps backups; with
the log that goes with it, any time can be restored of which 7 days have not passed. (Source: user guide.)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from skysail.service import identity
from skysail.service.context import Context
from skysail.service.journal import about
from skysail.service.metric_series import noise, seed_of
from skysail.service.nouns import database_windows, databases
from skysail.service.nouns.databases import DAY_S
from skysail.service.nouns.new_database import inner_name
from skysail.service.resources import Draft, Resource
from skysail.service.tags import tags
from skysail.store.base import Due, Record

SNAPSHOT = "RelationalDatabaseSnapshot"
SNAPSHOT_TAKEN = "relational_database_snapshot.available"
"""The change with which a snapshot can be used."""
KEPT_S = 7 * DAY_S
STEP_S = 300
"""The log is kept in steps of 5 minutes."""
LAG_S = 60
"""How long a step takes to be kept (inferred)."""
TAKES_S = 103
"""An automated backup (seen)."""


class Restorable(NamedTuple):
    """The first and the last time to which a database can be restored; seconds since 1970."""

    since: float
    until: float


def restorable(found: Resource, now: float) -> Restorable | None:
    """None where there is no backup, or none any more."""
    if not found.document.get("backupRetentionEnabled"):
        return None
    backed_up = [spell for spell in databases.spells(found) if spell.window is not None]
    if not backed_up:
        return None
    end = now if backed_up[-1].until is None else backed_up[-1].until
    until = float((end - LAG_S) // STEP_S * STEP_S)
    since = max(found.private.get("backupsSince", found.document.get("createdAt", 0.0)), now - KEPT_S)
    return Restorable(since, until) if since <= until else None


def automated(found: Resource, since: float, until: float) -> Iterator[float]:
    """When the automated backups of a time began; seconds since 1970."""
    seed = seed_of(f"{found.row.id} backups")
    for spell in databases.spells(found):
        if spell.window is None:
            continue
        first, last = max(spell.since, since), min(until, until if spell.until is None else spell.until)
        longest = max(0.0, database_windows.length_s(spell.window) - TAKES_S)
        for day in range(int(first // DAY_S) - 1, int(last // DAY_S) + 1):
            at = database_windows.backup_at(spell.window, day) + longest * noise(seed, "backup", day)
            if first <= at < last:
                yield round(at, 3)


def take(context: Context, name: str, source: Resource, requested_tags: Iterable[Mapping[str, Any]] = ()) -> Resource:
    """A snapshot of a database, which is being created.

    `started` is to follow. Raises InvalidInputException: its name or tags do not fit.
    """
    context.resources.check_free([name])
    resource_id = context.world.new_id()
    of = source.document
    document = {
        "name": name,
        "arn": identity.arn(context.place, SNAPSHOT, resource_id),
        "supportCode": identity.support_code(context.place, inner_name(resource_id)),
        "createdAt": round(context.now, 3),
        "location": identity.everywhere(context.place),
        "resourceType": SNAPSHOT,
        "tags": tags(requested_tags),
        "engine": of["engine"],
        "engineVersion": of["engineVersion"],
        "sizeInGb": of["hardware"]["diskSizeInGb"],
        "state": "creating",
        "fromRelationalDatabaseName": source.name,
        "fromRelationalDatabaseArn": of["arn"],
        "fromRelationalDatabaseBundleId": of["relationalDatabaseBundleId"],
        "fromRelationalDatabaseBlueprintId": of["relationalDatabaseBlueprintId"],
    }
    private = {member: of[member] for member in ("masterDatabaseName", "masterUsername")}
    databases.happened(context, source, "Creating manual snapshot", "backup")  # as in RDS
    (snapshot,) = context.resources.create(SNAPSHOT, [Draft(resource_id, name, document, private)])
    return snapshot


def started(context: Context, snapshot: Resource, source: Resource, *, is_last: bool = False) -> list[Record]:
    """The journal's entries of a snapshot, which end with it: its own, then its source's; of a last one the other way
    (both seen).
    """
    subjects = (about(snapshot, source.name), about(source, snapshot.name))
    records = context.journal.started("CreateRelationalDatabaseSnapshot", *(subjects[::-1] if is_last else subjects))
    context.resources.later(snapshot, SNAPSHOT_TAKEN, context.timing.database_snapshot_s, records)
    return records


def taken(context: Context, due: Due) -> None:
    """It can be used; its source, if it waited for that, can be used again."""
    snapshot = context.resources.get(SNAPSHOT, due.name)
    snapshot.document["state"] = "available"
    context.resources.save(snapshot)
    source = context.resources.find(databases.DATABASE, snapshot.document["fromRelationalDatabaseName"])
    if source is not None:
        databases.happened(context, source, "Manual snapshot created", "backup")
        if source.state == "backing-up":
            source.document["state"] = databases.AVAILABLE
        databases.save(context, source)
    context.journal.finish(due)
