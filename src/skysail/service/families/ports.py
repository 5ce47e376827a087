"""An instance's firewall: open ports, close them, put all of them, look. Done at once, in every state (seen)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from skysail.service.context import Context
from skysail.service.dispatch import Answer, Family
from skysail.service.journal import about
from skysail.service.nouns import firewall
from skysail.service.nouns.attaching import INSTANCE as KIND
from skysail.service.nouns.firewall import Rule
from skysail.service.resources import Resource
from skysail.service.stored import as_stored

if TYPE_CHECKING:
    from types_boto3_lightsail.type_defs import (
        CloseInstancePublicPortsRequestTypeDef,
        GetInstancePortStatesRequestTypeDef,
        OpenInstancePublicPortsRequestTypeDef,
        PutInstancePublicPortsRequestTypeDef,
    )

family = Family("ports")


@family.writes("OpenInstancePublicPorts")
def open_instance_public_ports(context: Context, request: OpenInstancePublicPortsRequestTypeDef) -> Answer:
    """Open ports to some sources or to all, beside those that are open.

    Raises NotFoundException. Raises InvalidInputException: ports, ranges or aliases do not fit.
    """
    instance = context.resources.get(KIND, request["instanceName"])
    rule = firewall.requested(request["portInfo"])
    return _change(context, instance, "OpenInstancePublicPorts", firewall.opened(_rules(instance), rule), str(rule))


@family.writes("CloseInstancePublicPorts")
def close_instance_public_ports(context: Context, request: CloseInstancePublicPortsRequestTypeDef) -> Answer:
    """Close ports to the sources that are named, or to all; those that are not open are closed already (inferred).

    Raises NotFoundException. Raises InvalidInputException: ports, ranges or aliases do not fit.
    """
    instance = context.resources.get(KIND, request["instanceName"])
    rule = firewall.requested(request["portInfo"])
    return _change(context, instance, "CloseInstancePublicPorts", firewall.closed(_rules(instance), rule), str(rule))


@family.writes("PutInstancePublicPorts")
def put_instance_public_ports(context: Context, request: PutInstancePublicPortsRequestTypeDef) -> Answer:
    """Have these ports open and no others; none at all for an empty list.

    Raises NotFoundException. Raises InvalidInputException: ports, ranges or aliases do not fit.
    """
    instance = context.resources.get(KIND, request["instanceName"])
    rules = firewall.put(request["portInfos"])
    return _change(context, instance, "PutInstancePublicPorts", rules, ", ".join(map(str, rules)))


@family.reads("GetInstancePortStates")
def get_instance_port_states(context: Context, request: GetInstancePortStatesRequestTypeDef) -> Answer:
    """The ports that are open. Raises NotFoundException."""
    instance = context.resources.get(KIND, request["instanceName"])
    return {"portStates": [firewall.state(rule) for rule in _rules(instance)]}


def _rules(instance: Resource) -> list[Rule]:
    return [firewall.rule_of(entry) for entry in instance.document.get("networking", {}).get("ports", [])]


def _change(context: Context, instance: Resource, operation: str, rules: Sequence[Rule], details: str) -> Answer:
    firewall.check_sources(rules)
    instance.document.setdefault("networking", {})["ports"] = [firewall.entry(rule) for rule in rules]
    context.resources.save(instance)
    (record,) = context.journal.succeeded(operation, about(instance, details))
    return {"operation": as_stored(record)}
