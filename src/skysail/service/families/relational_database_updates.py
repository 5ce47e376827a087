"""Changes to databases: of their settings, and of their engines' runtime parameters; and the master user's password."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from skysail.errors import NotFoundException
from skysail.service.context import Context
from skysail.service.dispatch import Answer, Family
from skysail.service.journal import about, shown
from skysail.service.nouns import database_parameters, database_passwords, database_updates, databases
from skysail.store.base import Due, Position

if TYPE_CHECKING:
    from types_boto3_lightsail.type_defs import (
        GetRelationalDatabaseMasterUserPasswordRequestTypeDef,
        GetRelationalDatabaseParametersRequestTypeDef,
        UpdateRelationalDatabaseParametersRequestTypeDef,
        UpdateRelationalDatabaseRequestTypeDef,
    )

PARAMETERS_PAGE_SIZE = 100
"""RDS's (inferred for Lightsail)."""
_PARAMETERS = "relational_database.parameters"

family = Family("relational_database_updates")


@family.writes("UpdateRelationalDatabase")
def update_relational_database(context: Context, request: UpdateRelationalDatabaseRequestTypeDef) -> Answer:
    """Change a database, which is modifying for a while. What can make it unavailable (its password, its backups, its
    engine's version) waits for the maintenance window unless all is to be applied immediately.

    Raises NotFoundException. Raises InvalidInputException: it is not available, or a new value does not fit.
    """
    found = databases.database(context, request["relationalDatabaseName"])
    databases.check_available(found)
    at_once, waiting = database_updates.wanted(context, found, request)
    waiting = found.private.get(database_updates.WAITING, {}) | waiting
    if request.get("applyImmediately", False):
        at_once, waiting = at_once | waiting, {}
    records = context.journal.started("UpdateRelationalDatabase", about(found, ""))
    database_updates.begin(context, found, at_once, waiting, records)
    return {"operations": shown(records)}


@family.writes("GetRelationalDatabaseMasterUserPassword")
def get_relational_database_master_user_password(
    context: Context, request: GetRelationalDatabaseMasterUserPasswordRequestTypeDef
) -> Answer:
    """The password, the one before it, or the one that is to replace it.

    Raises NotFoundException: no such database, or it has no such version (inferred).
    """
    found = databases.database(context, request["relationalDatabaseName"])
    which = request.get("passwordVersion", database_passwords.CURRENT)
    version = database_passwords.version(found, which)
    if version is None:
        raise NotFoundException.because(f"The master user password version does not exist: {which}", "DoesNotExist")
    return {"masterUserPassword": version[0], "createdAt": version[1]}


@family.reads("GetRelationalDatabaseParameters")
def get_relational_database_parameters(
    context: Context, request: GetRelationalDatabaseParametersRequestTypeDef
) -> Answer:
    """One page of the runtime parameters, by name. Raises NotFoundException."""
    found = databases.database(context, request["relationalDatabaseName"])
    parameters = list(enumerate(database_parameters.listed(context.catalogue, found)))

    def fetch(after: Position | None, limit: int) -> list[tuple[int, dict[str, Any]]]:
        first = 0 if after is None else after.number + 1
        return parameters[first : first + limit]

    return context.paged(
        "parameters", request, fetch, PARAMETERS_PAGE_SIZE, lambda one: Position(one[0], ""), lambda one: one[1]
    )


@family.writes("UpdateRelationalDatabaseParameters")
def update_relational_database_parameters(
    context: Context, request: UpdateRelationalDatabaseParametersRequestTypeDef
) -> Answer:
    """Set runtime parameters, which are in effect at once or when the database begins anew.

    Raises NotFoundException. Raises InvalidInputException: it is not available, or a parameter or a value does not fit.
    """
    found = databases.database(context, request["relationalDatabaseName"])
    databases.check_available(found)
    wanted = database_parameters.checked(context.catalogue, found, request["parameters"])
    database_parameters.set_to(found, wanted, context.catalogue)
    databases.save(context, found)
    records = context.journal.started("UpdateRelationalDatabaseParameters", about(found, ""))
    context.resources.later(found, _PARAMETERS, context.timing.database_parameters_s, records)
    return {"operations": shown(records)}


@family.step(_PARAMETERS)
def relational_database_parameters_applied(context: Context, due: Due) -> None:
    """Those that can be are in effect."""
    found = databases.database(context, due.name)
    database_parameters.applied(found)
    databases.save(context, found)
    context.journal.finish(due)


@family.step(database_updates.MODIFIED)
def relational_database_modified(context: Context, due: Due) -> None:
    """It is as it was to become."""
    database_updates.modified(context, due)


@family.step(database_updates.MAINTENANCE)
def relational_database_maintenance(context: Context, due: Due) -> None:
    """What waited for it is applied."""
    database_updates.maintain(context, due)
