"""What was ordered -> a database that is being created: checks, zones, windows, endpoint.

Rules: the model and the user guide; texts inferred, but where the two others like them are known.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from skysail.service import identity
from skysail.service.context import Context
from skysail.service.dispatch import Answer
from skysail.service.journal import about, shown
from skysail.service.nouns import database_passwords, database_windows, databases
from skysail.service.refusals import invalid
from skysail.service.resources import Draft, Resource
from skysail.service.tags import tags
from skysail.store.base import Due

CREATED = "relational_database.available"
"""The change with which a new database becomes available."""
PORTS = {"mysql": 3306, "postgres": 5432}
CA_CERTIFICATES = ("rds-ca-rsa2048-g1", "rds-ca-rsa4096-g1", "rds-ca-ecc384-g1")
"""RDS's (inferred); the first one is a new database's."""

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_LONGEST_NAME = {"mysql": 64, "postgres": 63}
_LONGEST_USERNAME = {"mysql": 16, "postgres": 63}
_RESERVED_NAMES = {
    "mysql": frozenset({"information_schema", "innodb", "mysql", "performance_schema", "sys", "tmp"}),
    "postgres": frozenset({"rdsadmin", "template0", "template1"}),
}
_RESERVED_USERNAMES = {
    "mysql": frozenset({"rdsadmin", "rdsrepladmin"}),
    "postgres": frozenset({"admin", "rdsadmin", "rdsrepladmin", "rds_superuser", "public"}),
}
# The words that people try; each engine reserves some hundreds (inferred: which ones are refused).
_SQL_WORDS = frozenset(
    (
        "all", "and", "as", "between", "by", "case", "check", "column", "create", "cross", "default", "delete",
        "desc", "distinct", "drop", "else", "exists", "false", "for", "foreign", "from", "grant", "group",
        "having", "in", "index", "inner", "insert", "into", "is", "join", "key", "left", "like", "limit", "not",
        "null", "on", "or", "order", "primary", "references", "right", "select", "set", "table", "then", "to",
        "true", "union", "unique", "update", "user", "using", "values", "when", "where", "with",
    )
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Origin:
    """What a new database is: of a blueprint, or as its source was."""

    blueprint_id: str
    engine: str
    engine_version: str
    database_name: str
    username: str


@dataclass(frozen=True, slots=True)
class Order:
    """A database that is to be, all checked."""

    origin: Origin
    bundle: Mapping[str, Any]
    zones: tuple[str, ...]
    """Where it stands, and where its standby does if it has one."""
    windows: tuple[str | None, str | None]
    password: str | None
    is_public: bool
    tags: list[dict[str, str]]


def ordered(context: Context, request: Mapping[str, Any]) -> Order:
    """The order of a CreateRelationalDatabase. Raises InvalidInputException."""
    blueprint_id = request["relationalDatabaseBlueprintId"]
    blueprints = {
        blueprint["blueprintId"]: blueprint for blueprint in context.catalogue.database_blueprints(context.region)
    }
    if blueprint_id not in blueprints:
        raise invalid(f"The specified blueprint does not exist in this region: {blueprint_id}")
    blueprint = blueprints[blueprint_id]
    engine = blueprint["engine"]
    chosen = bundle(context, request["relationalDatabaseBundleId"])
    password = request.get("masterUserPassword")
    windows = _windows(request)
    return Order(
        Origin(
            blueprint_id,
            engine,
            blueprint["engineVersion"],
            _database_name(request["masterDatabaseName"], engine),
            _username(request["masterUsername"], engine),
        ),
        chosen,
        zones(context, chosen, request.get("availabilityZone")),
        windows,
        None if password is None else database_passwords.check(password, engine),
        request.get("publiclyAccessible", False),
        tags(request.get("tags", ())),
    )


def bundle(context: Context, bundle_id: str) -> Mapping[str, Any]:
    """A plan for a new database. Raises InvalidInputException."""
    found = context.catalogue.database_bundle(context.region, bundle_id)
    if found is None:
        raise invalid(f"The specified bundle does not exist in this region: {bundle_id}")
    if not found["isActive"]:
        raise invalid(f"The specified bundle is not available for new databases: {bundle_id}")
    return found


def zones(context: Context, chosen: Mapping[str, Any], asked: str | None) -> tuple[str, ...]:
    """Where a database of a plan stands: chosen for one of high availability, which must not ask for a zone (seen)."""
    available = context.catalogue.database_zones(context.region)
    if "_ha_" in chosen["bundleId"]:
        if asked is not None:
            raise invalid("You can't specify an Availability Zone for a high availability database.")
        return tuple(available[:2])
    if asked is not None and asked not in available:
        raise invalid(f"The specified Availability Zone is not valid: {asked}")
    return (asked or available[0],)


def create(context: Context, operation: str, name: str, order: Order) -> Answer:
    """The answer: a database of that name is being created. Raises InvalidInputException: its name, or the quota."""
    context.resources.check_free([name])
    context.check_quota(databases.DATABASE)
    resource_id = context.world.new_id()
    windows = database_windows.completed(context.region, resource_id, *order.windows)
    password = order.password or database_passwords.generated(context)
    private = {
        "passwords": database_passwords.first(context, password),
        "versions": [[round(context.now, 3), order.origin.blueprint_id, order.origin.engine_version]],
    }
    draft = Draft(resource_id, name, _document(context, resource_id, name, order, windows), private)
    (made,) = context.resources.create(databases.DATABASE, [draft])
    records = context.journal.started(operation, about(made))
    databases.begin(context, made, "creating", CREATED, context.timing.database_s, records)
    return {"operations": shown(records)}


def become_available(context: Context, due: Due) -> None:
    """It can be reached, and its first backup is there."""
    made = databases.database(context, due.name)
    made.document["state"] = databases.AVAILABLE
    made.document["masterEndpoint"] = _endpoint(context, made)
    made.private["backupsSince"] = round(context.now, 3)
    for message, category in (
        ("Relational Database created", "creation"),
        ("Backing up Relational Database", "backup"),
        ("Finished Relational Database backup", "backup"),
    ):
        databases.happened(context, made, message, category)
    databases.save(context, made)
    context.journal.finish(due)


def _document(context: Context, resource_id: str, name: str, order: Order, windows: tuple[str, str]) -> dict[str, Any]:
    """The members of a new database, in the order of published answers."""
    origin, standby = order.origin, order.zones[1:]
    return {
        "name": name,
        "arn": identity.arn(context.place, databases.DATABASE, resource_id),
        "supportCode": identity.support_code(context.place, inner_name(resource_id)),
        "createdAt": round(context.now, 3),
        "location": {"availabilityZone": order.zones[0], "regionName": context.region},
        "resourceType": databases.DATABASE,
        "tags": order.tags,
        "relationalDatabaseBlueprintId": origin.blueprint_id,
        "relationalDatabaseBundleId": order.bundle["bundleId"],
        "masterDatabaseName": origin.database_name,
        "hardware": {member: order.bundle[member] for member in ("cpuCount", "diskSizeInGb", "ramSizeInGb")},
        "state": "creating",
        **({"secondaryAvailabilityZone": standby[0]} if standby else {}),
        "backupRetentionEnabled": True,
        "pendingModifiedValues": {},
        "engine": origin.engine,
        "engineVersion": origin.engine_version,
        "masterUsername": origin.username,
        "parameterApplyStatus": "in-sync",
        "preferredBackupWindow": windows[0],
        "preferredMaintenanceWindow": windows[1],
        "publiclyAccessible": order.is_public,
        "pendingMaintenanceActions": [],
        "caCertificateIdentifier": CA_CERTIFICATES[0],
    }


def inner_name(resource_id: str) -> str:
    """What a database or a snapshot is called behind the scenes (form seen)."""
    return f"ls-{identity.hex_digits(resource_id, 'database', 40)}"


def _endpoint(context: Context, made: Resource) -> dict[str, Any]:
    """Its address, which has a part of the account's own in each region (seen)."""
    of_account = identity.letters(f"databases {context.account} {context.region}", 12)
    return {
        "port": PORTS.get(made.document["engine"], 0),
        "address": f"{inner_name(made.row.id)}.{of_account}.{context.region}.rds.amazonaws.com",
    }


def _windows(request: Mapping[str, Any]) -> tuple[str | None, str | None]:
    daily, weekly = request.get("preferredBackupWindow"), request.get("preferredMaintenanceWindow")
    return (
        None if daily is None else database_windows.backup(daily),
        None if weekly is None else database_windows.maintenance(weekly),
    )


def _database_name(name: str, engine: str) -> str:
    if not _NAME.fullmatch(name) or len(name) > _LONGEST_NAME[engine]:
        raise invalid(f"The parameter MasterDatabaseName is not a valid database name: {name}")
    if name.lower() in _SQL_WORDS | _RESERVED_NAMES[engine]:
        raise invalid(f"DBName {name} cannot be used. It is a reserved word for this engine")
    return name


def _username(name: str, engine: str) -> str:
    if not _NAME.fullmatch(name) or len(name) > _LONGEST_USERNAME[engine]:
        raise invalid(f"The parameter MasterUsername is not a valid user name: {name}")
    if name.lower() in _SQL_WORDS | _RESERVED_USERNAMES[engine]:
        raise invalid(f"MasterUsername {name} cannot be used as it is a reserved word used by the engine")
    return name
