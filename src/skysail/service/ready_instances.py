"""Instances whose JSON can be stored nearly as it came: looked at in microseconds, by types made from the model.

Times alone change, where they are text. What passes here would come out of `importing.row_of` as the same document;
whatever is unusual is not ready, and is left to it.
"""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

import msgspec
from msgspec import UNSET, UnsetType

from skysail.protocol.model import service_model
from skysail.protocol.ready import decoder
from skysail.service.times import NoTime, is_as_stored, seconds

KIND = "Instance"

_JSON_TYPES: dict[str, Any] = {
    "string": str,
    "blob": str,
    "boolean": bool,
    "integer": int,
    "long": int,
    "float": float,
    "double": float,
    "timestamp": int | float | str,
}
_BEGINNING = 64
"""Bytes by which it is told whether JSON is written with spaces, which are not worth storing."""
_ANYTHING = msgspec.json.Decoder(dict[str, Any])
_UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)


class Ready(NamedTuple):
    """An instance that can be stored; arn and region are "" where it has none."""

    name: str
    arn: str
    region: str
    document: bytes


def ready(raw: bytes, is_listed: bool) -> Ready | None:
    """The instance that this JSON is, or None: it is something else, or one to be looked at closely.

    `is_listed`: it stands in a list of instances, so it can be nothing that holds instances.
    """
    instance = _read(raw, is_listed)
    if instance is None or not instance.name or instance.resourceType not in (UNSET, KIND):
        return None
    document = _with_numbers(raw, instance)
    if document is None:
        return None
    beginning = document[:_BEGINNING]
    if b'": ' in beginning or b"\n" in beginning:
        document = msgspec.json.format(document, indent=-1)
    location = instance.location or None
    return Ready(instance.name, instance.arn or "", (location and location.regionName) or "", document)


def _read(raw: bytes, is_listed: bool) -> Any:
    try:
        return _decoder(knows_all=True).decode(raw)
    except msgspec.ValidationError:  # a member that this version of the model does not know, most likely
        pass
    except _UNREADABLE:
        return None
    try:
        whole = _ANYTHING.decode(raw)  # a decoder of types does not look into what it passes over
        is_one = is_listed or not ("instances" in whole or "instance" in whole)
        return _decoder(knows_all=False).decode(raw) if is_one else None
    except _UNREADABLE:
        return None


# --- times ------------------------------------------------------------------------------------------------


def _with_numbers(raw: bytes, instance: Any) -> bytes | None:
    """The JSON with its times as numbers; None where they cannot be found or replaced for sure."""
    times: list[Any] = []
    _collect(instance, _times(KIND), times)
    texts = set()
    seen: Any = None
    for time in times:
        if isinstance(time, str):
            texts.add(time)
        elif time != seen or type(time) is not type(seen):  # an instance and its disks are made at the same time
            if not is_as_stored(time):
                return None
            seen = time
    for text in texts:
        quoted = b'"%s"' % text.encode()
        if b"\\" in raw or raw.count(quoted) != times.count(text):
            return None  # it may be written in another way, or stand elsewhere too, where it is no time
        try:
            raw = raw.replace(quoted, msgspec.json.encode(seconds(text)))
        except NoTime:
            return None
    return raw


_Tree = tuple[tuple[str, bool, Any], ...]
"""The members in which times are: name, whether it is a list, and the same of what is in it; None for a time."""


def _collect(value: Any, tree: _Tree, times: list[Any]) -> None:
    for member, is_list, inner in tree:
        found = getattr(value, member)
        if found is UNSET:
            continue
        if inner is None:
            times.extend(found) if is_list else times.append(found)
        elif is_list:
            for element in found:
                _collect(element, inner, times)
        else:
            _collect(found, inner, times)


@cache
def _times(name: str) -> _Tree:
    """Where the times of a structure are."""
    tree: list[tuple[str, bool, Any]] = []
    for member, of in service_model().shape(name).members.items():
        held, is_list = of.shape, False
        if element := service_model().shape(held).member:
            held, is_list = element.shape, True
        kind = service_model().shape(held).type
        if kind == "timestamp":
            tree.append((member, is_list, None))
        elif kind == "structure" and (inner := _times(held)):
            tree.append((member, is_list, inner))
    return tuple(tree)


# --- types ------------------------------------------------------------------------------------------------


@cache
def _decoder(knows_all: bool) -> msgspec.json.Decoder[Any]:
    return decoder(_type(KIND, knows_all))


@cache
def _type(name: str, knows_all: bool) -> Any:
    """A type for documents of that shape: JSON types must fit, nothing is required; with `knows_all` no other member
    may be there.
    """
    shape = service_model().shape(name)
    if shape.type == "structure":
        fields = [(member, _type(of.shape, knows_all) | UnsetType, UNSET) for member, of in shape.members.items()]
        return msgspec.defstruct(name, fields, gc=False, forbid_unknown_fields=knows_all)
    if shape.type == "list" and shape.member:
        return list[_type(shape.member.shape, knows_all)]  # type: ignore[misc]  # made at run time
    if shape.type == "map" and shape.value_:
        return dict[str, _type(shape.value_.shape, knows_all)]  # type: ignore[misc]
    return _JSON_TYPES[shape.type]
