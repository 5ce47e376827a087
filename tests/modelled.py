"""Whether an answer is what botocore's model says, member by member, and what botocore's own parser makes of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
from botocore.model import Shape
from botocore.parsers import create_parser

from skysail.protocol.arguments import botocore_model
from skysail.protocol.message import Response

_KINDS: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "long": (int,),
    "float": (int, float),
    "double": (int, float),
    "timestamp": (int, float),
    "list": (list,),
    "map": (dict,),
    "structure": (dict,),
}
# Source: real answers, which have it so whatever the enumeration says.
_SEEN_OTHERWISE = {
    ("PortAccessType", "public"),
    ("OperationType", "PeeredVpc"),
    ("OperationType", "UnpeeredVpc"),
    ("OperationType", "CreateDomainEntry"),
    ("RegionName", "global"),
    ("ForwardValues", "default"),
    ("RelationalDatabaseEngine", "postgres"),
}


def parsed_by_botocore(operation: str, response: Response) -> Any:
    """The answer, or the parsed error, as botocore's parser for this protocol reads it."""
    shape = botocore_model().operation_model(operation).output_shape
    found = {"status_code": response.status, "headers": response.headers, "body": response.body}
    return create_parser("json").parse(found, shape)


def misfits(operation: str, response: Response) -> list[str]:
    """All that is in a good answer and not in the model, or otherwise there."""
    shape = botocore_model().operation_model(operation).output_shape
    assert shape is not None
    return list(_misfits(shape, msgspec.json.decode(response.body), operation))


def _misfits(shape: Shape, value: Any, path: str) -> Iterator[str]:
    if type(value) not in _KINDS[shape.type_name]:
        yield f"{path} is a {type(value).__name__}, not a {shape.type_name}"
    elif shape.type_name == "structure":
        yield from (f"{path}.{name} is not in the model" for name in value.keys() - shape.members.keys())
        for name in value.keys() & shape.members.keys():
            yield from _misfits(shape.members[name], value[name], f"{path}.{name}")
    elif shape.type_name == "list":
        for place, element in enumerate(value):
            yield from _misfits(shape.member, element, f"{path}[{place}]")
    elif getattr(shape, "enum", None) and value not in shape.enum and not _is_seen(shape.name, value):
        yield f"{path} is {value!r}, which is none of {shape.enum}"


def _is_seen(shape: str, value: str) -> bool:
    """Real answers name some operations in the journal that the enumeration lacks: CreateKeyPair, CopySnapshot."""
    is_a_call = shape == "OperationType" and value in botocore_model().operation_names
    return is_a_call or (shape, value) in _SEEN_OTHERWISE
