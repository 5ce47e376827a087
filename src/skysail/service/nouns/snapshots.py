"""Snapshots of instances and of disks: what both kinds, their copies and what is made from them have in common.

A snapshot is pending, then available (of an instance) or completed (of a disk); only then can it be used.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from skysail.service import identity
from skysail.service.context import Context
from skysail.service.journal import about
from skysail.service.nouns import automatic
from skysail.service.refusals import not_now, wrong_state
from skysail.service.resources import Draft, Resource, not_found
from skysail.service.tags import tags
from skysail.store.base import Due, Record

INSTANCE_SNAPSHOT, DISK_SNAPSHOT = "InstanceSnapshot", "DiskSnapshot"
READY = {INSTANCE_SNAPSHOT: "available", DISK_SNAPSHOT: "completed"}
"""The state in which a snapshot can be used, by kind."""
READY_STEP = {INSTANCE_SNAPSHOT: "instance_snapshot.available", DISK_SNAPSHOT: "disk_snapshot.completed"}
"""The change with which a new snapshot comes into that state."""

_INNER_ID = {INSTANCE_SNAPSHOT: "ami", DISK_SNAPSHOT: "snap"}


def create(
    context: Context,
    kind: str,
    name: str,
    held: Mapping[str, Any],
    *,
    requested_tags: Iterable[Mapping[str, Any]] = (),
    hidden: Mapping[str, Any] | None = None,
    is_from_auto: bool = False,
) -> Resource:
    """A pending snapshot which holds that (`captured`). Members in the order of published answers.

    Raises InvalidInputException: its name or tags do not fit.
    """
    context.resources.check_free([name])
    resource_id = context.world.new_id()
    is_of_disk = kind == DISK_SNAPSHOT
    content = dict(held)
    size = {"sizeInGb": content.pop("sizeInGb")}
    document = {
        "name": name,
        "arn": identity.arn(context.place, kind, resource_id),
        "supportCode": identity.support_code(context.place, identity.ec2_id(_INNER_ID[kind], resource_id)),
        "createdAt": round(context.now, 3),
        "location": identity.everywhere(context.place),
        "resourceType": kind,
        "tags": tags(requested_tags),
        **(size if is_of_disk else {}),
        "state": "pending",
        **({"progress": "0%"} if is_of_disk else {}),  # of disk snapshots alone (model)
        **content,
        "isFromAutoSnapshot": is_from_auto,
        **({} if is_of_disk else size),
    }
    (snapshot,) = context.resources.create(kind, [Draft(resource_id, name, document, dict(hidden or {}))])
    return snapshot


def taken(context: Context, operation: str, snapshot: Resource, source: Resource) -> list[Record]:
    """A snapshot of a source is under way: an entry for each of both (seen), which end when it is ready."""
    records = context.journal.started(operation, about(snapshot, source.name), about(source, snapshot.name))
    context.resources.later(snapshot, READY_STEP[snapshot.row.kind], context.timing.snapshot_s, records)
    return records


def become_ready(context: Context, kind: str, due: Due) -> None:
    """What a new snapshot, or a copy, comes to."""
    snapshot = context.resources.get(kind, due.name)
    snapshot.document["state"] = READY[kind]
    if kind == DISK_SNAPSHOT:
        snapshot.document["progress"] = "100%"
    context.resources.save(snapshot)
    context.journal.finish(due)


def find(context: Context, name: str) -> Resource:
    """A snapshot of either kind. Raises NotFoundException."""
    found = context.resources.of_any_kind(name)
    if found is None or found.row.kind not in READY:
        raise not_found(INSTANCE_SNAPSHOT, name)  # inferred: for want of a kind, the commoner one
    return found


def check_ready(snapshot: Resource, what: str) -> None:
    """Raises InvalidInputException: it cannot be used yet (inferred, by analogy with what is said of disks)."""
    if snapshot.state != READY[snapshot.row.kind]:
        raise not_now(f"{what} this snapshot", "this snapshot", snapshot.state)


def check_source(source: Resource, states: Iterable[str]) -> None:
    """Raises InvalidInputException: no snapshot can be taken of it now.

    Neither in a passing state (inferred) nor while an automatic snapshot is being made (user guide; text inferred).
    """
    noun = source.row.kind.lower()
    if source.state not in states:
        raise not_now(f"create a snapshot of this {noun}", f"this {noun}", source.state)
    if automatic.is_in_progress(source):
        raise wrong_state(
            f"You can't create a snapshot of this {noun} while an automatic snapshot is being created: {source.name}"
        )
