"""An instance's way between running and stopped, by a call or an add-on, and what each change of state brings."""

from __future__ import annotations

from typing import Any

from skysail.service.context import Context
from skysail.service.journal import about
from skysail.service.nouns import add_ons
from skysail.service.nouns.addressing import drop_dynamic_address, give_dynamic_address
from skysail.service.resources import Resource
from skysail.store.base import Record

# Codes are EC2's; 16 is seen in Lightsail's own answers.
PENDING = {"code": 0, "name": "pending"}
RUNNING = {"code": 16, "name": "running"}
STOPPING = {"code": 64, "name": "stopping"}
STOPPED = {"code": 80, "name": "stopped"}

REMEMBERED_RUNS = 50
"""How many of an instance's past runs, from start to stop, are kept for its metrics."""


def begin_start(context: Context, instance: Resource) -> list[Record]:
    """Pending, then `instance.running`; gives the journal's entries."""
    return _begin(context, instance, "StartInstance", PENDING, "instance.running", context.timing.start_s)


def begin_stop(context: Context, instance: Resource) -> list[Record]:
    """Stopping, then `instance.stopped`; it is no longer watched for idleness. Gives the journal's entries."""
    context.resources.not_any_more(instance, add_ons.WORK[add_ons.STOP_ON_IDLE])
    return _begin(context, instance, "StopInstance", STOPPING, "instance.stopped", context.timing.stop_s)


def came_up(context: Context, instance: Resource) -> None:
    """It runs from now on: a dynamic public IPv4 address comes with it, unless its plan has none. Saves it."""
    instance.document["state"] = RUNNING
    instance.private["runningSince"] = context.now
    give_dynamic_address(instance)
    context.resources.save(instance)
    add_ons.watch_idle(context, instance)


def came_down(context: Context, instance: Resource) -> None:
    """It is stopped: the dynamic address is given up (inferred: the member is absent then). Saves it."""
    instance.document["state"] = STOPPED
    drop_dynamic_address(instance)
    since = instance.private.pop("runningSince", None)
    if since is not None:
        instance.private["ran"] = [*instance.private.get("ran", []), [since, context.now]][-REMEMBERED_RUNS:]
    context.resources.save(instance)


def _begin(
    context: Context, instance: Resource, operation: str, state: dict[str, Any], step: str, after_s: float
) -> list[Record]:
    """Put an instance into a passing state, with a change to come; operationDetails is "" (seen)."""
    instance.document["state"] = state
    context.resources.save(instance)
    records = context.journal.started(operation, about(instance, ""))
    context.resources.later(instance, step, after_s, records)
    return records
