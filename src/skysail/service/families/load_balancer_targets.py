"""Instances behind load balancers: attach, detach.

States and their ways: initial → healthy, or unused while the instance does not run → draining → gone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from skysail.service.context import Context
from skysail.service.dispatch import Answer, Family
from skysail.service.journal import shown
from skysail.service.nouns import balancing
from skysail.service.nouns.attaching import INSTANCE
from skysail.service.refusals import invalid, over_quota, wrong_state
from skysail.store.base import Due

if TYPE_CHECKING:
    from types_boto3_lightsail.type_defs import (
        AttachInstancesToLoadBalancerRequestTypeDef,
        DetachInstancesFromLoadBalancerRequestTypeDef,
    )

# Seen in the user guide.
_NO_TARGET = (
    "Sorry, the instance you specified doesn't exist, isn't in the same VPC as the target group, or has an unsupported "
    "instance type."
)
_TWICE = "Sorry, you've reached the maximum number of times an instance can be registered with a load balancer."

family = Family("load_balancer_targets")


@family.writes("AttachInstancesToLoadBalancer")
def attach_instances(context: Context, request: AttachInstancesToLoadBalancerRequestTypeDef) -> Answer:
    """Begin to send requests to running instances, all of them or none.

    Raises NotFoundException: no such load balancer. Raises InvalidInputException: an instance is not there, does not
    run, or is behind this load balancer already.
    """
    balancer = context.resources.get(balancing.LOAD_BALANCER, request["loadBalancerName"])
    names = _names(request)
    attached = {target["name"] for target in balancing.targets(balancer)}
    found = []
    for name in names:
        instance = context.resources.find(INSTANCE, name)
        if instance is None:
            raise invalid(_NO_TARGET)
        if instance.state != "running":
            raise wrong_state(_NO_TARGET)
        found.append(instance)
    if attached & set(names):
        raise over_quota(_TWICE)
    return {"operations": shown(balancing.attach(context, balancer, found))}


@family.writes("DetachInstancesFromLoadBalancer")
def detach_instances(context: Context, request: DetachInstancesFromLoadBalancerRequestTypeDef) -> Answer:
    """Begin to detach instances, all of them or none; they are draining, then gone.

    Raises NotFoundException: no such load balancer. Raises InvalidInputException: an instance is not attached, or is
    being detached already (texts inferred).
    """
    balancer = context.resources.get(balancing.LOAD_BALANCER, request["loadBalancerName"])
    names = _names(request)
    targets = {target["name"]: target for target in balancing.targets(balancer)}
    for name in names:
        if name not in targets:
            raise wrong_state(f"The instance is not attached to the load balancer: {name}")
        if "leaving" in targets[name]:
            raise wrong_state(f"The instance is already being detached from the load balancer: {name}")
    return {"operations": shown(balancing.detach(context, balancer, names))}


@family.step(balancing.STEP)
def targets_passed(context: Context, due: Due) -> None:
    """Instances are attached or detached."""
    balancing.passed(context, context.resources.get(balancing.LOAD_BALANCER, due.name), due)


def _names(request: Mapping[str, Any]) -> list[str]:
    """The instances that are meant, each once."""
    names = list(dict.fromkeys(request["instanceNames"]))
    if not names:
        raise invalid("You must specify at least one instance name.")  # inferred
    return names
