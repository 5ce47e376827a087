"""Add-ons: automatic snapshots and stopping when idle, switched on and off, and what they do by the clock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from skysail.service.context import Context
from skysail.service.dispatch import Answer, Family
from skysail.service.journal import shown
from skysail.service.nouns import add_ons, attaching, automatic, power
from skysail.service.resources import Resource
from skysail.store.base import Due

if TYPE_CHECKING:
    from types_boto3_lightsail.type_defs import DisableAddOnRequestTypeDef, EnableAddOnRequestTypeDef

# Of an instance or a disk, in any other state no snapshot is made that day (inferred).
_STEADY = ("running", "stopped", "available", "in-use")

family = Family("add_ons")


@family.writes("EnableAddOn")
def enable_add_on(context: Context, request: EnableAddOnRequestTypeDef) -> Answer:
    """Switch an add-on on, or change one that is on: Enabling, then Enabled.

    Raises NotFoundException. Raises InvalidInputException: not for this resource, settings that do not fit, or the
    add-on is set so already.
    """
    resource = automatic.source(context, request["resourceName"])
    return {"operations": shown(add_ons.enable(context, resource, request["addOnRequest"]))}


@family.writes("DisableAddOn")
def disable_add_on(context: Context, request: DisableAddOnRequestTypeDef) -> Answer:
    """Switch an add-on off: Disabling, then Disabled; automatic snapshots stay.

    Raises NotFoundException. Raises InvalidInputException: it is not on.
    """
    resource = automatic.source(context, request["resourceName"])
    return {"operations": shown(add_ons.disable(context, resource, request["addOnType"]))}


@family.step("auto_snapshot.enabled")
def auto_snapshot_enabled(context: Context, due: Due) -> None:
    """The add-on is on; its first snapshot is scheduled since it was asked for."""
    _settle(context, due, add_ons.AUTO_SNAPSHOT, "Enabled")


@family.step("auto_snapshot.disabled")
def auto_snapshot_disabled(context: Context, due: Due) -> None:
    """The add-on is off."""
    _settle(context, due, add_ons.AUTO_SNAPSHOT, "Disabled")


@family.step("auto_snapshot.take")
def take_auto_snapshot(context: Context, due: Due) -> None:
    """Begin the day's snapshot, and come again tomorrow. A changed time that waited is the daily one from now on."""
    resource = _of(context, due)
    entry = _entry(resource, add_ons.AUTO_SNAPSHOT)
    entry["snapshotTimeOfDay"] = entry.pop("nextSnapshotTimeOfDay", entry["snapshotTimeOfDay"])
    now = round(due.at)  # the hour itself, whatever came of adding up seconds
    is_steady = resource.state in _STEADY
    if is_steady:
        automatic.begin(resource, now)
    attaching.save(context, resource)
    if is_steady:
        context.resources.later(resource, "auto_snapshot.taken", context.timing.snapshot_s)
    tomorrow = (now // add_ons.DAY_S + 1) * add_ons.DAY_S
    at = tomorrow + int(entry["snapshotTimeOfDay"][:2]) * 3600
    context.resources.later(resource, "auto_snapshot.take", at - context.now)


@family.step("auto_snapshot.taken")
def auto_snapshot_taken(context: Context, due: Due) -> None:
    """The snapshot can be used."""
    resource = _of(context, due)
    automatic.finish(resource)
    attaching.save(context, resource)


@family.step("stop_on_idle.enabled")
def stop_on_idle_enabled(context: Context, due: Due) -> None:
    """The add-on is on, and the instance watched from now on."""
    add_ons.watch_idle(context, _settle(context, due, add_ons.STOP_ON_IDLE, "Enabled"))


@family.step("stop_on_idle.disabled")
def stop_on_idle_disabled(context: Context, due: Due) -> None:
    """The add-on is off."""
    _settle(context, due, add_ons.STOP_ON_IDLE, "Disabled")


@family.step("stop_on_idle.stop")
def stop_idle_instance(context: Context, due: Due) -> None:
    """The instance was idle for long enough: stop it, as StopInstance does."""
    instance = _of(context, due)
    if instance.state == "running":
        power.begin_stop(context, instance)


def _settle(context: Context, due: Due, kind: str, status: str) -> Resource:
    resource = _of(context, due)
    _entry(resource, kind)["status"] = status
    attaching.save(context, resource)
    context.journal.finish(due)
    return resource


def _of(context: Context, due: Due) -> Resource:
    """The resource of a change; a deleted one's are never made."""
    return automatic.source(context, due.name)


def _entry(resource: Resource, kind: str) -> dict[str, Any]:
    entry = add_ons.entry(resource, kind)
    assert entry is not None, "an add-on that was ever on stays in the document"
    return entry
