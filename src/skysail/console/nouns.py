"""What there is to look at besides instances, read off the service model: its listings, and what tells of one. Pure.

A listing is a Get operation that needs nothing and gives structures. What tells of one thing needs its name alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple

from skysail.protocol.model import Model, Operation, Shape, service_model

_MOST_COLUMNS = 6
_FIRST = ("name", "state", "status", "operationType", "price", "createdAt")
"""Members that are worth a column before others."""
_DULL = ("supportCode", "isActive", "arn", "location", "resourceType", "tags")
_SPECIAL = {"GetInstances", "GetActiveNames"}
"""Listings with pages of their own, or of mere names."""


class Noun(NamedTuple):
    """One listing. `member` of its answer has the items; `item` is their shape; `key` is the member that names one."""

    title: str
    part: str
    operation: Operation
    member: str
    item: str
    key: str
    columns: tuple[str, ...]

    @property
    def is_catalogue(self) -> bool:
        """Whether it is what can be ordered, not what somebody has: nobody created it, and it has no ARN."""
        members = service_model().shape(self.item).members
        return not any(member.lower().endswith("arn") or member == "createdAt" for member in members)


@cache
def nouns() -> Mapping[str, Noun]:
    """All of them by the part of the address that they have, in the order of their titles."""
    model = service_model()
    found = [noun for name in model if (noun := _noun(model, model.operation(name))) is not None]
    return {noun.part: noun for noun in sorted(found, key=lambda noun: noun.title)}


@cache
def about(item: str) -> tuple[Operation, ...]:
    """The operations that tell of one thing of that shape, and need its name alone; none that gives a secret away."""
    model = service_model()
    found = []
    for name in model:
        operation = model.operation(name)
        if not name.startswith("Get") or operation.input is None or operation.output is None:
            continue
        required = model.shape(operation.input).required
        if len(required) == 1 and _names(required[0], item) and not _is_secret(model, operation):
            found.append(operation)
    return tuple(found)


def one(noun: Noun) -> Operation | None:
    """The operation that gives the thing itself."""
    model = service_model()
    for operation in about(noun.item):
        members = model.shape(operation.output or "").members
        if any(reference.shape == noun.item for reference in members.values()):
            return operation
    return None


def chooser(noun: Noun) -> str | None:
    """The member by which a listing gives one thing alone, where it has such a member."""
    members = service_model().shape(noun.operation.input).members if noun.operation.input else ()
    return next((name for name in members if name == noun.key or _names(name, noun.item)), None)


def needs(operation: Operation) -> str:
    """The member that an operation about one thing needs."""
    return service_model().shape(operation.input or "").required[0]


def shown(shape_name: str, value: Any) -> Any:
    """A value of that shape, without what the model calls sensitive, and the values of an environment: people put their
    secrets there.
    """
    shape = service_model().shape(shape_name)
    if shape.sensitive:
        return "hidden"
    if isinstance(value, dict) and shape.type == "structure":
        return {
            name: dict.fromkeys(inner, "hidden")
            if name == "environment" and isinstance(inner, dict)
            else shown(shape.members[name].shape, inner)
            for name, inner in value.items()
            if name in shape.members
        }
    if isinstance(value, list) and shape.member is not None:
        return [shown(shape.member.shape, inner) for inner in value]
    if isinstance(value, dict) and shape.value_ is not None:
        return {name: shown(shape.value_.shape, inner) for name, inner in value.items()}
    return value


def _noun(model: Model, operation: Operation) -> Noun | None:
    if not operation.name.startswith("Get") or operation.name in _SPECIAL or operation.output is None:
        return None
    if operation.input is not None and model.shape(operation.input).required:
        return None
    for member, reference in model.shape(operation.output).members.items():
        listed = model.shape(reference.shape)
        if listed.type == "list" and listed.member is not None:
            item = listed.member.shape
            shape = model.shape(item)
            if shape.type == "structure":
                part = operation.name.removeprefix("Get")
                return Noun(
                    _spaced(part), part, operation, member, item, _key(item, shape), _columns(model, item, shape)
                )
    return None


def _key(item: str, shape: Shape) -> str:
    """The member by which one is told from others: bundleId of a Bundle, else its name, else an id."""
    own = [name for name in shape.members if name.endswith("Id") and item.endswith(_capital(name[:-2]))]
    plain = [name for name in ("name", "id") if name in shape.members]
    names = [name for name in shape.members if name.endswith("Name")]
    return next(iter([*own, *plain, *names, *shape.members]))


def _columns(model: Model, item: str, shape: Shape) -> tuple[str, ...]:
    """Plain members, those first that say most; the key is none of them."""
    key = _key(item, shape)
    plain = [
        name
        for name, reference in shape.members.items()
        if name not in (key, *_DULL) and not name.endswith("Arn") and _is_plain(name, model.shape(reference.shape))
    ]
    return tuple(sorted(plain, key=lambda name: _FIRST.index(name) if name in _FIRST else len(_FIRST))[:_MOST_COLUMNS])


def _is_plain(name: str, shape: Shape) -> bool:
    """Whether a cell can hold it; of a state's structure, it holds the name."""
    return name == "state" or shape.type not in ("structure", "list", "map")


def _names(member: str, item: str) -> bool:
    """Whether a member such as serviceName names a thing of a shape such as ContainerService."""
    return member.endswith("Name") and item.endswith(_capital(member.removesuffix("Name")))


def _capital(name: str) -> str:
    return name[:1].upper() + name[1:]


def _is_secret(model: Model, operation: Operation) -> bool:
    return "Password" in operation.name or "AccessDetails" in operation.name


def _spaced(name: str) -> str:
    """LoadBalancerTlsPolicies as Load balancer TLS policies."""
    words = re.findall(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+", name)
    told = " ".join(word if word.isupper() and len(word) > 1 else word.lower() for word in words)
    told = told.replace("tls", "TLS").replace(" ips", " IPs").replace("cloud formation", "CloudFormation")
    return told[0].upper() + told[1:]
