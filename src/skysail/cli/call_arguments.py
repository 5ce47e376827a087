"""An operation by what somebody typed, and its arguments from key=value, by the types in the service model."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from skysail.cli.failures import wrong_usage
from skysail.protocol.model import Operation, Shape, service_model
from skysail.telling.nearest import bare, did_you_mean


def operation_named(typed: str) -> Operation:
    """GetInstances, getinstances, get-instances, get_instances. Raises CommandError with the nearest three."""
    model = service_model()
    wanted = bare(typed)
    for name in model:
        if bare(name) == wanted:
            return model.operation(name)
    raise wrong_usage(f"no operation {typed}", did_you_mean(typed, model))


def arguments_of(operation: Operation, pairs: Iterable[str], document: str | None = None) -> dict[str, Any]:
    """The arguments in `key=value` words and in a JSON object, which must not name a member twice.

    Raises CommandError: an unknown member, a value that does not fit, a required member that is missing.
    """
    shape = service_model().shape(operation.input) if operation.input else Shape("structure")
    arguments = _from_json(operation, shape, document) if document is not None else {}
    for member, texts in _gathered(operation, shape, pairs).items():
        if member in arguments:
            raise wrong_usage(f"{member} stands both in --json and beside it")
        arguments[member] = _value(member, shape.members[member].shape, texts)
    missing = [member for member in shape.required if member not in arguments]
    if missing:
        needs = " ".join(f"{member}={_example(shape, member)}" for member in shape.required)
        raise wrong_usage(f"{operation.name} needs {', '.join(missing)}", f"skysail call {operation.name} {needs}")
    return arguments


def _gathered(operation: Operation, shape: Shape, pairs: Iterable[str]) -> dict[str, list[str]]:
    """The texts given for each member, in their order."""
    gathered: dict[str, list[str]] = {}
    for pair in pairs:
        key, mark, text = pair.partition("=")
        if not mark:
            raise wrong_usage(f"{pair} is not key=value", _members(shape))
        gathered.setdefault(_member(operation, shape, key), []).append(text)
    return gathered


def _from_json(operation: Operation, shape: Shape, document: str) -> dict[str, Any]:
    value = _read_json("--json", document)
    if not isinstance(value, dict):
        raise wrong_usage("--json is not an object", '--json \'{"instanceName": "web-1"}\'')
    return {_member(operation, shape, key): member for key, member in value.items()}


def _member(operation: Operation, shape: Shape, key: str) -> str:
    wanted = bare(key)
    for member in shape.members:
        if bare(member) == wanted:
            return member
    raise wrong_usage(f"{operation.name} has no member {key}", did_you_mean(key, shape.members) or _members(shape))


def _members(shape: Shape) -> str:
    return f"its members: {', '.join(shape.members)}" if shape.members else "it takes none"


# --- values -----------------------------------------------------------------------------------------------


def _value(member: str, name: str, texts: list[str]) -> Any:
    """The value that texts stand for, of a member whose shape has that name."""
    shape = service_model().shape(name)
    if shape.type == "list":
        assert shape.member is not None
        return [value for text in texts for value in _elements(member, shape.member.shape, text)]
    if len(texts) > 1:
        raise wrong_usage(f"{member} was given {len(texts)} times, and it is no list")
    return _single(member, shape, texts[0])


def _elements(member: str, name: str, text: str) -> list[Any]:
    """The elements in one text: a JSON list, a JSON structure, or values with commas between them."""
    shape = service_model().shape(name)
    if text.startswith("["):
        value = _read_json(member, text)
        return value if isinstance(value, list) else [value]
    if shape.type in ("structure", "map", "list"):
        return [_single(member, shape, text)]
    return [_single(member, shape, part) for part in text.split(",")] if text else []


def _single(member: str, shape: Shape, text: str) -> Any:
    if shape.type in ("structure", "map", "list"):
        return _read_json(member, text)
    convert = _CONVERSIONS.get(shape.type)
    if convert is None:
        return text
    try:
        return convert(text)
    except (ValueError, KeyError):
        raise wrong_usage(f"{member}={text} is not {_KINDS[shape.type]}") from None


def _read_json(what: str, text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise wrong_usage(f"{what} is not JSON: {error}", "in single quotes, names and texts in double ones") from error


def _seconds(text: str) -> float | str:
    """A time as the epoch's seconds, or as text, which is read as ISO 8601 when it is sent."""
    try:
        return float(text)
    except ValueError:
        return text


_CONVERSIONS: Mapping[str, Callable[[str], Any]] = {
    "integer": int,
    "long": int,
    "float": float,
    "double": float,
    "boolean": lambda text: {"true": True, "false": False}[text.lower()],
    "timestamp": _seconds,
    "blob": str.encode,
}
_KINDS = {
    "integer": "a whole number",
    "long": "a whole number",
    "float": "a number",
    "double": "a number",
    "boolean": "true or false",
}


def _example(shape: Shape, member: str) -> str:
    """What a value looks like, for a hint."""
    inner = service_model().shape(shape.members[member].shape)
    if inner.type in ("structure", "map"):
        return "'{…}'"
    if inner.type == "boolean":
        return "true"
    return "…,…" if inner.type == "list" else "…"
