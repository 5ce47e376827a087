"""Databases' way between available and stopped, and round by a reboot.

A database that has been stopped for 7 days is started again (source: model). Whatever makes it begin anew also brings
into effect the parameters that wait for that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from skysail.service.context import Context
from skysail.service.dispatch import Answer, Family
from skysail.service.journal import about, shown
from skysail.service.nouns import database_backups, database_parameters, databases
from skysail.service.refusals import wrong_state
from skysail.service.resources import Resource
from skysail.store.base import Due, Record

if TYPE_CHECKING:
    from types_boto3_lightsail.type_defs import (
        RebootRelationalDatabaseRequestTypeDef,
        StartRelationalDatabaseRequestTypeDef,
        StopRelationalDatabaseRequestTypeDef,
    )

LONGEST_STOP_S = 7 * databases.DAY_S
_STARTED = "relational_database.started"
_STOPPED = "relational_database.stopped"
_REBOOTED = "relational_database.rebooted"
_LONG_STOPPED = "relational_database.long_stopped"

family = Family("relational_database_power")


@family.writes("StartRelationalDatabase")
def start_relational_database(context: Context, request: StartRelationalDatabaseRequestTypeDef) -> Answer:
    """Start a stopped database. Raises NotFoundException. Raises InvalidInputException: it is not stopped."""
    stopped = databases.database(context, request["relationalDatabaseName"])
    if stopped.state != "stopped":
        raise wrong_state(f"The relational database can't be started because it is not stopped: {stopped.name}")
    return {"operations": shown(_start(context, stopped))}


@family.writes("StopRelationalDatabase")
def stop_relational_database(context: Context, request: StopRelationalDatabaseRequestTypeDef) -> Answer:
    """Stop a database, after a snapshot of it where one is named.

    Raises NotFoundException. Raises InvalidInputException: it is not available, or the snapshot's name does not fit.
    """
    found = databases.database(context, request["relationalDatabaseName"])
    databases.check_available(found)
    name, after_s = request.get("relationalDatabaseSnapshotName"), context.timing.database_power_s
    records = context.journal.started("StopRelationalDatabase", about(found))
    snapshot_records = []
    if name is not None:
        snapshot = database_backups.take(context, name, found)
        snapshot_records = database_backups.started(context, snapshot, found, is_last=True)
        after_s += context.timing.database_snapshot_s
    databases.begin(context, found, "stopping", _STOPPED, after_s, records)
    return {"operations": shown([*records, *snapshot_records])}


@family.writes("RebootRelationalDatabase")
def reboot_relational_database(context: Context, request: RebootRelationalDatabaseRequestTypeDef) -> Answer:
    """Restart a database. Raises NotFoundException. Raises InvalidInputException: it is not available."""
    found = databases.database(context, request["relationalDatabaseName"])
    databases.check_available(found)
    records = context.journal.started("RebootRelationalDatabase", about(found, ""))
    databases.happened(context, found, "Relational Database shutdown", "availability")
    databases.begin(context, found, "rebooting", _REBOOTED, context.timing.database_power_s, records)
    return {"operations": shown(records)}


@family.step(_STARTED)
def relational_database_started(context: Context, due: Due) -> None:
    """It can be used again."""
    _came_up(context, due, "Relational Database started", "notification")


@family.step(_REBOOTED)
def relational_database_rebooted(context: Context, due: Due) -> None:
    """It can be used again."""
    _came_up(context, due, "Relational Database restarted", "availability")


@family.step(_STOPPED)
def relational_database_stopped(context: Context, due: Due) -> None:
    """It is stopped, for a week at most."""
    found = databases.database(context, due.name)
    found.document["state"] = "stopped"
    databases.happened(context, found, "Relational Database stopped", "notification")
    databases.save(context, found)
    context.resources.later(found, _LONG_STOPPED, LONGEST_STOP_S)
    context.journal.finish(due)


@family.step(_LONG_STOPPED)
def relational_database_long_stopped(context: Context, due: Due) -> None:
    """The service starts it, so that it does not miss its maintenance."""
    _start(context, databases.database(context, due.name))


def _start(context: Context, stopped: Resource) -> list[Record]:
    context.resources.not_any_more(stopped, _LONG_STOPPED)
    records = context.journal.started("StartRelationalDatabase", about(stopped))
    databases.begin(context, stopped, "starting", _STARTED, context.timing.database_power_s, records)
    return records


def _came_up(context: Context, due: Due, message: str, category: str) -> None:
    found = databases.database(context, due.name)
    found.document["state"] = databases.AVAILABLE
    database_parameters.begin_anew(found)
    databases.happened(context, found, message, category)
    databases.save(context, found)
    context.journal.finish(due)
