"""What is wrong with a request, member by member, in the service's words.

Called only for a request that the strict types refused, so it may take its time. A JSON type that does not fit is
the front end's SerializationException; a member that is missing or outside its enumeration is the service's
InvalidInputException (texts inferred from other JSON services of AWS; Lightsail's own are not published).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from skysail.errors import InvalidInputException, ServiceError
from skysail.protocol.model import Shape, service_model

_JSON_NAMES = {
    dict: "START_OBJECT",
    list: "START_ARRAY",
    str: "STRING_VALUE",
    bool: "BOOLEAN_VALUE",
    int: "NUMBER_VALUE",
    float: "DECIMAL_VALUE",
    type(None): "NULL_VALUE",
}
_TAKES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "blob": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "long": (int,),
    "float": (int, float),
    "double": (int, float),
    "timestamp": (int, float, str),
    "list": (list,),
    "map": (dict,),
    "structure": (dict,),
}
_MOST_FAULTS = 100
"""That are told: a small request with many of them should not have a huge answer."""
_JAVA_NAMES = {"integer": "an Integer", "list": "a list", "map": "a map", "structure": "a structure"}


class Fault(NamedTuple):
    """One thing that is wrong. `path` is the member's, such as `tags.1.member.key`."""

    path: str
    text: str
    wrong_type: bool


def refusal(shape: str, value: Any) -> ServiceError:
    """The error to raise for a request that does not fit its shape."""
    found: list[Fault] = []
    for fault in faults(shape, value, ""):
        if fault.wrong_type:
            return ServiceError.because(fault.text, kind="SerializationException")
        if len(found) < _MOST_FAULTS:
            found.append(fault)
    count = f"{len(found)} validation error{'s' if len(found) != 1 else ''} detected"
    return InvalidInputException.because(f"{count}: {'; '.join(f.text for f in found)}", "InvalidParams")


def faults(name: str, value: Any, path: str) -> Iterator[Fault]:
    """All that keeps `value` from being a request of that shape."""
    shape = service_model().shape(name)
    if type(value) not in _TAKES[shape.type]:
        wanted = _JAVA_NAMES.get(shape.type, f"a {shape.type.capitalize()}")
        yield Fault(path, f"{_JSON_NAMES[type(value)]} can not be converted to {wanted}{_at(path)}", True)
    elif shape.type == "structure":
        yield from _structure_faults(shape, value, path)
    elif shape.type == "list" and shape.member:
        for place, element in enumerate(value, 1):
            yield from faults(shape.member.shape, element, f"{path}.{place}.member")
    elif shape.type == "map" and shape.value_:
        for key, element in value.items():
            yield from faults(shape.value_.shape, element, f"{path}.{key}.member")
    elif (words := service_model().words(name)) and value not in words:
        known = ", ".join(words)
        text = f"Value '{value}' at '{path}' failed to satisfy constraint: "
        yield Fault(path, f"{text}Member must satisfy enum value set: [{known}]", False)


def _structure_faults(shape: Shape, value: dict[str, Any], path: str) -> Iterator[Fault]:
    for member in shape.required:
        if member not in value:
            where = f"{path}.{member}" if path else member
            text = f"Value null at '{where}' failed to satisfy constraint: Member must not be null"
            yield Fault(where, text, False)
    for member, element in value.items():
        if member in shape.members:
            yield from faults(shape.members[member].shape, element, f"{path}.{member}" if path else member)


def _at(path: str) -> str:
    return f": {path}" if path else ""
