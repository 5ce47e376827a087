"""What Terraform's AWS provider asks of relational databases. Like terraform_calls.py, from the provider's own source.

Before it looks at a database, and before it deletes one, it waits until that is no longer modifying; any state but that
and available is a failure. Of a change of backups or of who may connect it waits until the new value shows.
"""

from __future__ import annotations

from typing import Any

from clients.terraform_calls import Kind, Provider, State, from_tags, given, to_tags

_REQUEST = {
    "relational_database_name": "relationalDatabaseName",
    "availability_zone": "availabilityZone",
    "blueprint_id": "relationalDatabaseBlueprintId",
    "bundle_id": "relationalDatabaseBundleId",
    "master_database_name": "masterDatabaseName",
    "master_username": "masterUsername",
    "master_password": "masterUserPassword",
    "preferred_backup_window": "preferredBackupWindow",
    "preferred_maintenance_window": "preferredMaintenanceWindow",
    "publicly_accessible": "publiclyAccessible",
}
_CHANGED = ("master_password", "preferred_backup_window", "preferred_maintenance_window", "publicly_accessible")
_NOT_SENT = frozenset({"apply_immediately", "final_snapshot_name", "skip_final_snapshot", "tags"})
"""What is no reason to call UpdateRelationalDatabase."""


class Database(Kind):
    name = "aws_lightsail_database"
    replaced = frozenset(
        {
            *("relational_database_name", "availability_zone", "blueprint_id", "bundle_id"),
            *("master_database_name", "master_username"),
        }
    )
    settable = replaced | {
        *_CHANGED,
        *("apply_immediately", "backup_retention_enabled", "final_snapshot_name", "skip_final_snapshot", "tags"),
    }
    computed = frozenset(
        {"availability_zone", "apply_immediately", "preferred_backup_window", "preferred_maintenance_window"}
    )
    defaults = {"backup_retention_enabled": True, "publicly_accessible": False, "skip_final_snapshot": False}

    def create(self, provider: Provider, config: State) -> tuple[str, State]:
        """Backups are always on at first."""
        order = {member: config.get(ours) for ours, member in _REQUEST.items()} | {"tags": to_tags(config.get("tags"))}
        provider.wait(provider.api.create_relational_database(**given(order))["operations"])
        name = config["relational_database_name"]
        if not config["backup_retention_enabled"]:
            self._update(provider, name, {"applyImmediately": True, "disableBackupRetention": True})
            wait_for(provider, name, "backupRetentionEnabled", False)
        wait_until_modified(provider, name)
        return name, {}

    def read(self, provider: Provider, state: State) -> State:
        wait_until_modified(provider, state["id"])
        found = database(provider, state["id"])
        return {
            "arn": found["arn"],
            "availability_zone": found["location"]["availabilityZone"],
            "backup_retention_enabled": found["backupRetentionEnabled"],
            "blueprint_id": found["relationalDatabaseBlueprintId"],
            "bundle_id": found["relationalDatabaseBundleId"],
            "ca_certificate_identifier": found["caCertificateIdentifier"],
            "cpu_count": found["hardware"]["cpuCount"],
            "created_at": found["createdAt"].isoformat(timespec="seconds"),
            "disk_size": found["hardware"]["diskSizeInGb"],
            "engine": found["engine"],
            "engine_version": found["engineVersion"],
            "master_database_name": found["masterDatabaseName"],
            "master_endpoint_address": found["masterEndpoint"]["address"],
            "master_endpoint_port": found["masterEndpoint"]["port"],
            "master_username": found["masterUsername"],
            "preferred_backup_window": found["preferredBackupWindow"],
            "preferred_maintenance_window": found["preferredMaintenanceWindow"],
            "publicly_accessible": found["publiclyAccessible"],
            "ram_size": found["hardware"]["ramSizeInGb"],
            "relational_database_name": found["name"],
            "secondary_availability_zone": found.get("secondaryAvailabilityZone"),
            "support_code": found["supportCode"],
            "tags": from_tags(found),
        }

    def update(self, provider: Provider, state: State, config: State) -> None:
        changed = provider.plan(self, config, state).keys()
        if changed - _NOT_SENT:
            is_backed_up, is_public = config["backup_retention_enabled"], config["publicly_accessible"]
            request = {_REQUEST[ours]: config[ours] for ours in _CHANGED if ours in changed}
            request["applyImmediately"] = bool(config.get("apply_immediately"))
            if "backup_retention_enabled" in changed:
                request["enableBackupRetention" if is_backed_up else "disableBackupRetention"] = True
            self._update(provider, state["id"], request)
            if "backup_retention_enabled" in changed:
                wait_for(provider, state["id"], "backupRetentionEnabled", is_backed_up)
            if "publicly_accessible" in changed:
                wait_for(provider, state["id"], "publiclyAccessible", is_public)
            wait_until_modified(provider, state["id"])
        super().update(provider, state, config)

    def delete(self, provider: Provider, state: State) -> None:
        """A last snapshot has to have a name."""
        wait_until_modified(provider, state["id"])
        request = {"relationalDatabaseName": state["id"], "skipFinalSnapshot": state["skip_final_snapshot"]}
        if not state["skip_final_snapshot"]:
            request["finalRelationalDatabaseSnapshotName"] = state["final_snapshot_name"]
        provider.wait(provider.api.delete_relational_database(**request)["operations"])

    def _update(self, provider: Provider, name: str, request: State) -> None:
        answer = provider.api.update_relational_database(relationalDatabaseName=name, **request)
        provider.wait(answer["operations"])


def database(provider: Provider, name: str) -> dict[str, Any]:
    found: dict[str, Any] = provider.api.get_relational_database(relationalDatabaseName=name)["relationalDatabase"]
    return found


def wait_until_modified(provider: Provider, name: str) -> None:
    provider.wait_until(("modifying",), ("available",), lambda: str(database(provider, name)["state"]))


def wait_for(provider: Provider, name: str, member: str, wanted: bool) -> None:
    provider.wait_until((str(not wanted),), (str(wanted),), lambda: str(database(provider, name)[member]))
