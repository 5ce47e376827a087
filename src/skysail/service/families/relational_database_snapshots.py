"""Snapshots of databases: create, look, delete, and databases that are made from them or from automated backups."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from skysail.service.context import Context
from skysail.service.dispatch import Answer, Family
from skysail.service.journal import about, shown
from skysail.service.nouns import database_backups, databases, new_database
from skysail.service.nouns.new_database import Order, Origin
from skysail.service.refusals import invalid, not_now, wrong_state
from skysail.service.resources import Resource
from skysail.service.stored import as_stored
from skysail.service.tags import tags
from skysail.service.times import asked
from skysail.store.base import Due

if TYPE_CHECKING:
    from types_boto3_lightsail.type_defs import (
        CreateRelationalDatabaseFromSnapshotRequestTypeDef,
        CreateRelationalDatabaseSnapshotRequestTypeDef,
        DeleteRelationalDatabaseSnapshotRequestTypeDef,
        GetRelationalDatabaseSnapshotRequestTypeDef,
        GetRelationalDatabaseSnapshotsRequestTypeDef,
    )

KIND = database_backups.SNAPSHOT
PAGE_SIZE = 20
"""Inferred from that of instances."""
_USUAL = {"masterDatabaseName": "dbmaster", "masterUsername": "dbmasteruser"}
"""The console's, for a snapshot that was imported and does not tell (inferred)."""

family = Family("relational_database_snapshots")


@family.writes("CreateRelationalDatabaseSnapshot")
def create_relational_database_snapshot(
    context: Context, request: CreateRelationalDatabaseSnapshotRequestTypeDef
) -> Answer:
    """Begin a snapshot of a database, which is backing up meanwhile; one of high availability goes on (user guide).

    Raises NotFoundException. Raises InvalidInputException: it is not available, or the name or the tags do not fit.
    """
    source = databases.database(context, request["relationalDatabaseName"])
    databases.check_available(source)
    name = request["relationalDatabaseSnapshotName"]
    snapshot = database_backups.take(context, name, source, request.get("tags", ()))
    if "secondaryAvailabilityZone" not in source.document:
        source.document["state"] = "backing-up"
    databases.save(context, source)
    return {"operations": shown(database_backups.started(context, snapshot, source))}


@family.reads("GetRelationalDatabaseSnapshot")
def get_relational_database_snapshot(context: Context, request: GetRelationalDatabaseSnapshotRequestTypeDef) -> Answer:
    """One snapshot. Raises NotFoundException."""
    row = context.resources.row(KIND, request["relationalDatabaseSnapshotName"])
    return {"relationalDatabaseSnapshot": as_stored(row)}


@family.reads("GetRelationalDatabaseSnapshots")
def get_relational_database_snapshots(
    context: Context, request: GetRelationalDatabaseSnapshotsRequestTypeDef
) -> Answer:
    """One page of all snapshots of databases, newest first."""
    return context.kind_listing("relationalDatabaseSnapshots", request, KIND, PAGE_SIZE)


@family.writes("DeleteRelationalDatabaseSnapshot")
def delete_relational_database_snapshot(
    context: Context, request: DeleteRelationalDatabaseSnapshotRequestTypeDef
) -> Answer:
    """Delete a snapshot. Raises NotFoundException. Raises InvalidInputException: it is being created (inferred)."""
    snapshot = context.resources.get(KIND, request["relationalDatabaseSnapshotName"])
    _check_ready(snapshot, "delete")
    context.resources.delete(snapshot)
    return {"operations": shown(context.journal.succeeded("DeleteRelationalDatabaseSnapshot", about(snapshot)))}


@family.writes("CreateRelationalDatabaseFromSnapshot")
def create_relational_database_from_snapshot(
    context: Context, request: CreateRelationalDatabaseFromSnapshotRequestTypeDef
) -> Answer:
    """Make a database from a snapshot, or as another database was at a time; of the same plan or a larger one.

    It gets a password of its own (user guide); its windows and parameters are those of a new one (inferred). Raises
    NotFoundException. Raises InvalidInputException: the source is not said in one way, is not ready or too large, the
    time cannot be restored, or the rest does not fit.
    """
    origin, source_bundle, least_gb = _source(context, request)
    chosen = _bundle(context, request.get("relationalDatabaseBundleId"), source_bundle, least_gb)
    order = Order(
        origin,
        chosen,
        new_database.zones(context, chosen, request.get("availabilityZone")),
        (None, None),
        None,
        request.get("publiclyAccessible", False),
        tags(request.get("tags", ())),
    )
    operation = "CreateRelationalDatabaseFromSnapshot"
    return new_database.create(context, operation, request["relationalDatabaseName"], order)


@family.step(database_backups.SNAPSHOT_TAKEN)
def relational_database_snapshot_available(context: Context, due: Due) -> None:
    """It can be used."""
    database_backups.taken(context, due)


def _source(context: Context, request: Mapping[str, Any]) -> tuple[Origin, str, int]:
    """What the new database comes from: itself, its plan, and its size in GB. The texts are inferred."""
    snapshot_name, source_name = (
        request.get("relationalDatabaseSnapshotName"),
        request.get("sourceRelationalDatabaseName"),
    )
    at, is_latest = request.get("restoreTime"), request.get("useLatestRestorableTime", False)
    if (snapshot_name is None) == (source_name is None):
        raise invalid(
            "You must specify either a relational database snapshot name or a source relational database name, but not "
            "both."
        )
    if source_name is not None:
        if (at is None) == (not is_latest):
            raise invalid("You must specify either a restore time or the latest restorable time, but not both.")
        return _of_database(context, databases.database(context, source_name), request)
    if at is not None or is_latest:
        raise invalid(
            "You can specify a restore time or the latest restorable time only with a source relational database name."
        )
    snapshot = context.resources.get(KIND, str(snapshot_name))
    _check_ready(snapshot, "use")
    return _of_snapshot(snapshot)


def _of_snapshot(snapshot: Resource) -> tuple[Origin, str, int]:
    held = _USUAL | {member: snapshot.private[member] for member in _USUAL if member in snapshot.private}
    document = snapshot.document
    origin = Origin(
        document["fromRelationalDatabaseBlueprintId"],
        document["engine"],
        document["engineVersion"],
        held["masterDatabaseName"],
        held["masterUsername"],
    )
    return origin, document["fromRelationalDatabaseBundleId"], document["sizeInGb"]


def _of_database(context: Context, source: Resource, request: Mapping[str, Any]) -> tuple[Origin, str, int]:
    """As it was at a time, or at the last one that can be restored: its engine's version is that of the time."""
    restorable = database_backups.restorable(source, context.now)
    if restorable is None:
        raise wrong_state(f"The relational database has no restorable time: {source.name}")
    moment = asked(request, "restoreTime", restorable.until)
    if not restorable.since <= moment <= restorable.until:
        raise invalid(
            f"The restore time must be between {_written(restorable.since)} and {_written(restorable.until)}: "
            f"{_written(moment)}"
        )
    document = source.document
    blueprint_id, version = databases.version_at(source, moment)
    origin = Origin(
        blueprint_id, document["engine"], version, document["masterDatabaseName"], document["masterUsername"]
    )
    return origin, document["relationalDatabaseBundleId"], document["hardware"]["diskSizeInGb"]


def _bundle(context: Context, asked: str | None, former: str, least_gb: int) -> Mapping[str, Any]:
    """The plan that is asked for, or the source's; of a former generation's, today's of that size (inferred)."""
    before = context.catalogue.database_bundle(context.region, former)
    if asked is None:
        is_former = before is None or not before["isActive"]
        return new_database.bundle(context, former.replace("_1_0", "_2_0") if is_former else former)
    chosen = new_database.bundle(context, asked)
    if chosen["diskSizeInGb"] < least_gb or (before and chosen["ramSizeInGb"] < before["ramSizeInGb"]):
        raise invalid(f"The specified bundle is smaller than the bundle of the source database: {asked}")
    return chosen


def _check_ready(snapshot: Resource, what: str) -> None:
    if snapshot.state != "available":
        raise not_now(f"{what} this snapshot", "this snapshot", snapshot.state)


def _written(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
