"""Instances: create, look, start, stop, reboot, delete.

States and their ways: pending → running → stopping → stopped → pending …; a deleted instance is gone at once. Texts
and rules that no public answer shows are marked `inferred`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from skysail.service.context import Context
from skysail.service.dispatch import Answer, Family
from skysail.service.journal import about, shown
from skysail.service.nouns import add_ons, balancing, buckets, power
from skysail.service.nouns.attaching import release_all
from skysail.service.nouns.health import health
from skysail.service.nouns.monitoring import forget_alarms
from skysail.service.nouns.new_instance import active_blueprint, draft, instance_names, order
from skysail.service.refusals import wrong_state
from skysail.service.resources import Resource, resource
from skysail.service.stored import as_stored
from skysail.store.base import Due, Row

if TYPE_CHECKING:
    from types_boto3_lightsail.type_defs import (
        CreateInstancesRequestTypeDef,
        DeleteInstanceRequestTypeDef,
        GetInstanceRequestTypeDef,
        GetInstancesRequestTypeDef,
        GetInstanceStateRequestTypeDef,
        RebootInstanceRequestTypeDef,
        StartInstanceRequestTypeDef,
        StopInstanceRequestTypeDef,
    )

KIND = "Instance"
PAGE_SIZE = 20
"""Source: seen once, in a public report of the real service's answers."""

family = Family("instances")


@family.writes("CreateInstances")
def create_instances(context: Context, request: CreateInstancesRequestTypeDef) -> Answer:
    """Make one instance a name, all of them or none; each is pending, then running.

    Raises InvalidInputException: names, zone, blueprint, bundle, address type, tags, user data or add-ons do not
    fit.
    Raises NotFoundException: no such key pair.
    """
    names = instance_names(request)
    ordered = order(context, request, active_blueprint(context, request["blueprintId"]))
    context.resources.check_free(names)
    context.check_quota(KIND, len(names))
    instances = context.resources.create(KIND, [draft(context, name, ordered) for name in names])
    records = context.journal.started("CreateInstance", *map(about, instances))
    for instance, record in zip(instances, records, strict=True):
        context.resources.later(instance, "instance.running", context.timing.create_s, [record])
        add_ons.enable_at_creation(context, instance, request.get("addOns", ()))
    return {"operations": shown(records)}


@family.reads("GetInstances")
def get_instances(context: Context, request: GetInstancesRequestTypeDef) -> Answer:
    """One page of all instances, newest first; with their health where it is asked for."""
    return context.listing(
        "instances",
        request,
        lambda after, limit: context.resources.page(KIND, after, limit),
        PAGE_SIZE,
        lambda row: _shown(context, request, row),
    )


@family.reads("GetInstance")
def get_instance(context: Context, request: GetInstanceRequestTypeDef) -> Answer:
    """One instance, with its health where it is asked for. Raises NotFoundException."""
    return {"instance": _shown(context, request, context.resources.row(KIND, request["instanceName"]))}


@family.reads("GetInstanceState")
def get_instance_state(context: Context, request: GetInstanceStateRequestTypeDef) -> Answer:
    """An instance's state. Raises NotFoundException."""
    return {"state": context.resources.get(KIND, request["instanceName"]).document.get("state", {})}


@family.writes("StartInstance")
def start_instance(context: Context, request: StartInstanceRequestTypeDef) -> Answer:
    """Begin to start a stopped instance: pending, then running, with a new dynamic address.

    Raises NotFoundException. Raises InvalidInputException: it is not stopped.
    """
    instance = context.resources.get(KIND, request["instanceName"])
    _require(instance, "stopped", "started")
    return {"operations": shown(power.begin_start(context, instance))}


@family.writes("StopInstance")
def stop_instance(context: Context, request: StopInstanceRequestTypeDef) -> Answer:
    """Begin to stop a running instance: stopping, then stopped, without its dynamic address.

    Raises NotFoundException. Raises InvalidInputException: it is not running.
    """
    instance = context.resources.get(KIND, request["instanceName"])
    _require(instance, "running", "stopped")
    return {"operations": shown(power.begin_stop(context, instance))}


@family.writes("RebootInstance")
def reboot_instance(context: Context, request: RebootInstanceRequestTypeDef) -> Answer:
    """Reboot a running instance, which stays running and keeps its address; done at once (seen).

    Raises NotFoundException. Raises InvalidInputException: it is not running.
    """
    instance = context.resources.get(KIND, request["instanceName"])
    _require(instance, "running", "rebooted")
    return {"operations": shown(context.journal.succeeded("RebootInstance", about(instance, "")))}


@family.writes("DeleteInstance")
def delete_instance(context: Context, request: DeleteInstanceRequestTypeDef) -> Answer:
    """Delete an instance in whatever state; it is gone at once (seen).

    Its disks and its static IP are detached first, and stay, and it leaves its load balancers and buckets; add-ons,
    automatic snapshots and alarms go with it. What it was still doing ends as failed (inferred).
    Raises NotFoundException. Raises InvalidInputException: add-ons are on, and forceDeleteAddOns is not.
    """
    instance = context.resources.get(KIND, request["instanceName"])
    add_ons.check_deletable(instance, request.get("forceDeleteAddOns"))
    forget_alarms(context, instance)
    buckets.leave_all(context, instance)
    records = balancing.leave_all(context, instance) + release_all(context, instance)
    records += add_ons.disabled_with(context, instance)
    for due in context.resources.delete(instance):
        context.journal.fail(due, "InstanceDeleted", "The instance was deleted.")
    return {"operations": shown([*records, *context.journal.succeeded("DeleteInstance", about(instance))])}


@family.step("instance.running")
def instance_running(context: Context, due: Due) -> None:
    """It is up."""
    power.came_up(context, context.resources.get(KIND, due.name))
    context.journal.finish(due)


@family.step("instance.stopped")
def instance_stopped(context: Context, due: Due) -> None:
    """It is down."""
    power.came_down(context, context.resources.get(KIND, due.name))
    context.journal.finish(due)


def _shown(context: Context, request: Mapping[str, Any], row: Row) -> Any:
    if not request.get("includeHealthStatus"):
        return as_stored(row)
    instance = resource(row)
    return instance.document | health(instance, context.now, context.timing.checks_s)


def _require(instance: Resource, state: str, to_be: str) -> None:
    if instance.state != state:
        raise wrong_state(f"The instance can't be {to_be} because it is not {state}: {instance.name}")  # inferred
