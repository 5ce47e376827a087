"""Databases: create, look, delete."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from skysail.service.context import Context
from skysail.service.dispatch import Answer, Family
from skysail.service.journal import about, shown
from skysail.service.nouns import database_backups, databases, new_database
from skysail.service.nouns.monitoring import forget_alarms
from skysail.service.refusals import invalid, wrong_state
from skysail.service.resources import resource
from skysail.store.base import Due, Row

if TYPE_CHECKING:
    from types_boto3_lightsail.type_defs import (
        CreateRelationalDatabaseRequestTypeDef,
        DeleteRelationalDatabaseRequestTypeDef,
        GetRelationalDatabaseRequestTypeDef,
        GetRelationalDatabasesRequestTypeDef,
    )

PAGE_SIZE = 20
"""Inferred from that of instances."""
_GONE = "relational_database.gone"

family = Family("relational_databases")


@family.writes("CreateRelationalDatabase")
def create_relational_database(context: Context, request: CreateRelationalDatabaseRequestTypeDef) -> Answer:
    """Make a database; it is being created for some minutes. Without a password it gets a strong one.

    Raises InvalidInputException: a name, the plan, the engine, the zone, a window, the password or a tag does not fit,
    or the quota is reached.
    """
    order = new_database.ordered(context, request)
    return new_database.create(context, "CreateRelationalDatabase", request["relationalDatabaseName"], order)


@family.reads("GetRelationalDatabase")
def get_relational_database(context: Context, request: GetRelationalDatabaseRequestTypeDef) -> Answer:
    """One database. Raises NotFoundException."""
    row = context.resources.row(databases.DATABASE, request["relationalDatabaseName"])
    return {"relationalDatabase": _shown(context, row)}


@family.reads("GetRelationalDatabases")
def get_relational_databases(context: Context, request: GetRelationalDatabasesRequestTypeDef) -> Answer:
    """One page of all databases, newest first."""
    return context.listing(
        "relationalDatabases",
        request,
        lambda after, limit: context.resources.page(databases.DATABASE, after, limit),
        PAGE_SIZE,
        lambda row: _shown(context, row),
    )


@family.writes("DeleteRelationalDatabase")
def delete_relational_database(context: Context, request: DeleteRelationalDatabaseRequestTypeDef) -> Answer:
    """Delete a database with its alarms and automated backups, after a last snapshot unless that is to be skipped.

    A last snapshot without a name is called after the database and the time (seen, though the model wants a name).
    What the database was still doing ends as failed. Raises NotFoundException. Raises InvalidInputException: it is
    being deleted already, or is in no state for a snapshot (both inferred), or the snapshot's name does not fit.
    """
    found = databases.database(context, request["relationalDatabaseName"])
    is_skipped, name = request.get("skipFinalSnapshot", False), request.get("finalRelationalDatabaseSnapshotName")
    if is_skipped and name is not None:
        raise invalid("You can't specify a final snapshot name when the final snapshot is skipped.")
    if found.state == "deleting":
        raise wrong_state(f"The relational database is being deleted: {found.name}")
    if not is_skipped and found.state not in (databases.AVAILABLE, "stopped"):
        raise wrong_state(f"The relational database must be in the available or stopped state: {found.name}")
    after_s = context.timing.database_deletion_s
    records = context.journal.started("DeleteRelationalDatabase", about(found))
    last = []
    if not is_skipped:
        snapshot_name = name or f"{found.name}-FinalSnapshot-{int(context.now * 1000)}"
        snapshot = database_backups.take(context, snapshot_name, found)
        last = database_backups.started(context, snapshot, found, is_last=True)
        after_s += context.timing.database_snapshot_s
    for due in context.resources.not_any_more(found):
        context.journal.fail(due, "RelationalDatabaseDeleted", "The relational database was deleted.")
    databases.begin(context, found, "deleting", _GONE, after_s, records)
    return {"operations": shown([*records, *last])}


@family.step(new_database.CREATED)
def relational_database_available(context: Context, due: Due) -> None:
    """It can be used."""
    new_database.become_available(context, due)


@family.step(_GONE)
def relational_database_gone(context: Context, due: Due) -> None:
    """Nothing of it is left but its snapshots."""
    found = databases.database(context, due.name)
    forget_alarms(context, found)
    context.resources.delete(found)
    context.journal.finish(due)


def _shown(context: Context, row: Row) -> dict[str, Any]:
    """With the time to which it can be restored, where it can."""
    found = resource(row)
    found.document.pop("latestRestorableTime", None)
    restorable = database_backups.restorable(found, context.now)
    if restorable is None:
        return found.document
    return found.document | {"latestRestorableTime": restorable.until}
