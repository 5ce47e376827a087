"""What is to become of a database: what is changed at once, and what waits for the maintenance window.

What can make it unavailable waits, unless all is to be applied immediately: then what waited before comes with it (as
in RDS; inferred). Only what waits, or is being applied, shows among the pending values.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from skysail.service.context import Context
from skysail.service.nouns import database_parameters, database_passwords, database_windows, databases
from skysail.service.nouns.new_database import CA_CERTIFICATES
from skysail.service.refusals import invalid
from skysail.service.resources import Resource
from skysail.store.base import Due, Record

MAINTENANCE = "relational_database.maintenance"
MODIFIED = "relational_database.modified"
WAITING, APPLYING = "waiting", "applying"
"""Where the two are in a database's private data: new values by member, `blueprintId` and `hasPassword`."""
PENDING = {
    "hasPassword": "masterUserPassword",
    "engineVersion": "engineVersion",
    "backupRetentionEnabled": "backupRetentionEnabled",
}
"""What of them shows among the pending values, and as what."""

_PLAIN = ("preferredBackupWindow", "preferredMaintenanceWindow", "publiclyAccessible", "caCertificateIdentifier")


def wanted(context: Context, found: Resource, request: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """What a request changes at once, and what waits. A new password is kept as the pending one.

    Raises InvalidInputException (rules: model; texts inferred).
    """
    waiting = _backups(found, request) | _blueprint(context, found, request)
    password = _password(context, found, request)
    if password is not None:
        database_passwords.wait(context, found, password)
        waiting["hasPassword"] = True
    return _plain(found, request), waiting


def begin(
    context: Context, found: Resource, at_once: Mapping[str, Any], waiting: Mapping[str, Any], records: list[Record]
) -> None:
    """Apply the one, have the other wait. Saves the database."""
    if waiting:
        found.private[WAITING] = dict(waiting)
    else:
        found.private.pop(WAITING, None)
    _apply(context, found, at_once, records)


def maintain(context: Context, due: Due) -> None:
    """The maintenance window begins: what waits is applied, if the database is available, else a week later."""
    found = databases.database(context, due.name)
    if found.state != databases.AVAILABLE:
        _plan(context, found)
        return
    _apply(context, found, found.private.pop(WAITING), [])


def modified(context: Context, due: Due) -> None:
    """What was being applied is so now."""
    found = databases.database(context, due.name)
    document, changes = found.document, found.private.pop(APPLYING)
    document |= {member: changes[member] for member in _PLAIN if member in changes}
    if changes.get("backupRetentionEnabled", document["backupRetentionEnabled"]) != document["backupRetentionEnabled"]:
        document["backupRetentionEnabled"] = changes["backupRetentionEnabled"]
        found.private["backupsSince"] = round(context.now, 3)  # what there was before is deleted when they are disabled
    if "blueprintId" in changes:
        document["relationalDatabaseBlueprintId"] = changes["blueprintId"]
        document["engineVersion"] = changes["engineVersion"]
        version = [round(context.now, 3), changes["blueprintId"], document["engineVersion"]]
        found.private["versions"] = [*found.private.get("versions", []), version]
        database_parameters.begin_anew(found)
    if "hasPassword" in changes:
        database_passwords.rotate(found)
    document["state"] = databases.AVAILABLE
    _show_pending(found)
    databases.save(context, found)
    _plan(context, found)
    context.journal.finish(due)


def _apply(context: Context, found: Resource, changes: Mapping[str, Any], records: list[Record]) -> None:
    found.private[APPLYING] = dict(changes)
    _show_pending(found)
    state = "upgrading" if "blueprintId" in changes else "modifying"
    databases.begin(context, found, state, MODIFIED, context.timing.database_update_s, records)


def _plan(context: Context, found: Resource) -> None:
    """Have what waits applied at the next maintenance."""
    if WAITING in found.private:
        at = database_windows.next_maintenance(found.document["preferredMaintenanceWindow"], context.now)
        context.resources.later(found, MAINTENANCE, at - context.now)
    else:
        context.resources.not_any_more(found, MAINTENANCE)


def _show_pending(found: Resource) -> None:
    changes = found.private.get(WAITING, {}) | found.private.get(APPLYING, {})
    pending = {PENDING[name]: value for name, value in changes.items() if name in PENDING}
    if "hasPassword" in changes:
        pending["masterUserPassword"] = database_passwords.MASKED
    found.document["pendingModifiedValues"] = pending


def _plain(found: Resource, request: Mapping[str, Any]) -> dict[str, Any]:
    changes = {member: request[member] for member in _PLAIN if member in request}
    if "preferredBackupWindow" in changes:
        changes["preferredBackupWindow"] = database_windows.backup(changes["preferredBackupWindow"])
    if "preferredMaintenanceWindow" in changes:
        changes["preferredMaintenanceWindow"] = database_windows.maintenance(changes["preferredMaintenanceWindow"])
    windows = found.document | changes
    database_windows.check_apart(windows["preferredBackupWindow"], windows["preferredMaintenanceWindow"])
    certificate = changes.get("caCertificateIdentifier", CA_CERTIFICATES[0])
    if certificate not in CA_CERTIFICATES:
        raise invalid(f"The specified CA certificate does not exist: {certificate}")
    return changes


def _backups(found: Resource, request: Mapping[str, Any]) -> dict[str, Any]:
    on, off = request.get("enableBackupRetention", False), request.get("disableBackupRetention", False)
    if on and off:
        raise invalid("You can't enable and disable backup retention at the same time.")
    if not (on or off):
        return {}
    is_new = found.document.get("backupRetentionEnabled") != on
    is_awaited = "backupRetentionEnabled" in found.private.get(WAITING, {})
    return {"backupRetentionEnabled": on} if is_new or is_awaited else {}


def _blueprint(context: Context, found: Resource, request: Mapping[str, Any]) -> dict[str, Any]:
    """A later major version of the same engine."""
    blueprint_id = request.get("relationalDatabaseBlueprintId")
    former = found.document["relationalDatabaseBlueprintId"]
    if blueprint_id is None or blueprint_id == former:
        return {}
    listed = {one["blueprintId"]: one for one in context.catalogue.database_blueprints(context.region)}
    if blueprint_id not in listed:
        raise invalid(f"The specified blueprint does not exist in this region: {blueprint_id}")
    blueprint = listed[blueprint_id]
    if blueprint["engine"] != found.document["engine"] or _numbers(blueprint_id) < _numbers(former):
        raise invalid(f"The database can't be upgraded from {former} to {blueprint_id}")
    return {"blueprintId": blueprint_id, "engineVersion": blueprint["engineVersion"]}


def _numbers(blueprint_id: str) -> list[int]:
    return [*map(int, re.findall(r"\d+", blueprint_id))]


def _password(context: Context, found: Resource, request: Mapping[str, Any]) -> str | None:
    password, is_rotated = request.get("masterUserPassword"), request.get("rotateMasterUserPassword", False)
    if password is not None and is_rotated:
        raise invalid("You can't specify a master user password and rotate it at the same time.")
    if is_rotated:
        return database_passwords.generated(context)
    return None if password is None else database_passwords.check(password, found.document["engine"])
