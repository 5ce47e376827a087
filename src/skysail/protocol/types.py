"""msgspec types for the model's shapes, made the first time an operation needs them.

Two kinds. An *answer* type is lax, as botocore's parser is: unknown members are dropped, scalars are taken as
JSON has them, timestamps become aware datetimes. What it does not take (a JSON null, a structure where a list
should be) is left to the slow, exact path of `codec.py`. A *request* type is strict, as the service is: required
members, JSON types and enumerations must fit. Values are plain dicts, lists and scalars in both.
"""

from __future__ import annotations

from datetime import datetime
from functools import cache, lru_cache
from typing import Any, Literal, Required, TypedDict

import msgspec

from skysail.protocol.members import ALL, Members
from skysail.protocol.model import Shape, service_model
from skysail.protocol.ready import decoder

# All JSON scalars but null: with every one of them allowed, nothing is coerced even in lax mode.
_SCALAR = bool | int | float | str

_REQUEST_SCALARS: dict[str, Any] = {
    "string": str,
    "boolean": bool,
    "integer": int,
    "long": int,
    "float": float,
    "double": float,
    "timestamp": float | str,
    "blob": str,
}


@cache
def answer_decoder(shape: str) -> msgspec.json.Decoder[dict[str, Any]]:
    """A decoder of answers of that shape into dicts."""
    return decoder(_answer_type(shape), strict=False)


@lru_cache(maxsize=256)
def narrowed_decoder(shape: str, members: Members) -> msgspec.json.Decoder[dict[str, Any]]:
    """The same, of these members alone; all others are passed over unread, which takes a tenth of the time."""
    return answer_decoder(shape) if members == ALL else decoder(_narrowed(shape, members), strict=False)


@cache
def request_decoder(shape: str) -> msgspec.json.Decoder[dict[str, Any]]:
    """A decoder of requests of that shape into dicts; what it refuses, `faults.py` explains."""
    return decoder(_request_type(shape))


@cache
def stored_decoder(shape: str) -> msgspec.json.Decoder[Any]:
    """A decoder of documents of that shape as a store has them: JSON types must fit, but enumerations are free."""
    return decoder(_stored_type(shape))


@cache
def _answer_type(name: str) -> Any:
    shape = service_model().shape(name)
    if shape.type == "structure":
        members = {member: _answer_type(of.shape) for member, of in shape.members.items()}
        return TypedDict(name, members, total=False)  # type: ignore[operator]  # made at run time
    if shape.type == "list":
        return list[_answer_type(_element(shape)) | None]  # type: ignore[misc]
    if shape.type == "map":
        return dict[str, _answer_type(_value(shape)) | None]  # type: ignore[misc]
    return datetime if shape.type == "timestamp" else _SCALAR


def _narrowed(name: str, members: Members) -> Any:
    shape = service_model().shape(name)
    if members.named is None or shape.type not in ("structure", "list"):
        return _answer_type(name)
    if shape.type == "list":
        return list[_narrowed(_element(shape), members) | None]  # type: ignore[misc]
    wanted = {member: _narrowed(shape.members[member].shape, inner) for member, inner in members.named.items()}
    return TypedDict(name, wanted, total=False)  # type: ignore[operator]  # made at run time


@cache
def _request_type(name: str) -> Any:
    shape = service_model().shape(name)
    if shape.type == "structure":
        members = {
            member: Required[_request_type(of.shape)] if member in shape.required else _request_type(of.shape)
            for member, of in shape.members.items()
        }
        return TypedDict(name, members, total=False)  # type: ignore[operator]  # made at run time
    if shape.type == "list":
        return list[_request_type(_element(shape))]  # type: ignore[misc]
    if shape.type == "map":
        return dict[str, _request_type(_value(shape))]  # type: ignore[misc]
    words = service_model().words(name)
    return Literal[words] if words else _REQUEST_SCALARS[shape.type]


@cache
def _stored_type(name: str) -> Any:
    shape = service_model().shape(name)
    if shape.type == "structure":
        members = {
            member: Any if _holds(of.shape, name) else _stored_type(of.shape) for member, of in shape.members.items()
        }
        return TypedDict(name, members, total=False)  # type: ignore[operator]  # made at run time
    if shape.type == "list":
        return list[_stored_type(_element(shape))]  # type: ignore[misc]
    if shape.type == "map":
        return dict[str, _stored_type(_value(shape))]  # type: ignore[misc]
    return _REQUEST_SCALARS[shape.type]


def _holds(name: str, wanted: str) -> bool:
    """Whether a shape is another one, or lists of it: how a structure of the model holds itself."""
    shape = service_model().shape(name)
    return name == wanted or (shape.type == "list" and _holds(_element(shape), wanted))


def _element(shape: Shape) -> str:
    assert shape.member is not None
    return shape.member.shape


def _value(shape: Shape) -> str:
    assert shape.value_ is not None
    return shape.value_.shape
