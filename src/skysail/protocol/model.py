"""Lightsail's service model, as botocore ships it, read when asked for.

The model is one large JSON document; only its outline is decoded at once, each operation and shape when it is
first named. Documentation is kept raw. botocore's file is the only source: nothing is generated from it.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

import msgspec
from botocore import xform_name

from skysail.protocol.ready import ready

Kind = Literal[
    "structure", "list", "map", "string", "boolean", "integer", "long", "float", "double", "timestamp", "blob"
]


class Reference(msgspec.Struct, frozen=True):
    """A member, element, key or value: the name of its shape."""

    shape: str


class Shape(msgspec.Struct, frozen=True, rename={"value_": "value"}):
    """One shape of the model: what the service calls a structure, list, map or scalar."""

    type: Kind
    members: dict[str, Reference] = {}
    required: tuple[str, ...] = ()
    member: Reference | None = None
    key: Reference | None = None
    value_: Reference | None = None
    enum: tuple[str, ...] = ()
    min: float | None = None
    max: float | None = None
    pattern: str | None = None
    exception: bool = False
    fault: bool = False
    sensitive: bool = False


_ALSO_TAKEN: Mapping[str, tuple[str, ...]] = {"ForwardValues": ("default",)}
"""Words that the service takes beside those of its model (source: the tests of Terraform's provider against it)."""


@dataclass(frozen=True, slots=True)
class Paging:
    """How an operation is listed. Names of arguments; JMESPath expressions into answers.

    `repeat_ends` says that a token which comes twice is the end, as with readers of logs, and not an error.
    """

    input_tokens: tuple[str, ...]
    output_tokens: tuple[str, ...]
    result_keys: tuple[str, ...]
    more_results: str | None = None
    limit_key: str | None = None
    non_aggregate_keys: tuple[str, ...] = ()
    repeat_ends: bool = False


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation: GetInstances on the wire, get_instances in Python.

    `input` and `output` name shapes. `paging` is None where no page token is taken; `paginator` says whether
    botocore has a paginator for it, which not every operation with a page token has.
    """

    name: str
    method: str
    input: str | None
    output: str | None
    errors: tuple[str, ...]
    paging: Paging | None
    paginator: bool


class _OperationText(msgspec.Struct):
    input: Reference | None = None
    output: Reference | None = None
    errors: list[Reference] = []


class _Documented(msgspec.Struct):
    documentation: str = ""


class _ModelText(msgspec.Struct):
    metadata: dict[str, object]
    operations: dict[str, msgspec.Raw]
    shapes: dict[str, msgspec.Raw]


class _PaginatorText(msgspec.Struct):
    input_token: str | list[str]
    output_token: str | list[str]
    result_key: str | list[str]
    more_results: str | None = None
    limit_key: str | None = None
    non_aggregate_keys: list[str] = []


@dataclass
class Model:
    """The outline of the service model; operations and shapes are read from it by name."""

    target_prefix: str
    api_version: str
    _operations: Mapping[str, msgspec.Raw]
    _shapes: Mapping[str, msgspec.Raw]
    _paginators: Mapping[str, _PaginatorText]
    _known_operations: dict[str, Operation] = field(default_factory=dict)
    _known_shapes: dict[str, Shape] = field(default_factory=dict)
    _methods: dict[str, str] = field(default_factory=dict)

    def __iter__(self) -> Iterator[str]:
        """The names of all operations, as on the wire."""
        return iter(self._operations)

    def __contains__(self, name: str) -> bool:
        return name in self._operations

    def operation(self, name: str) -> Operation:
        """The operation of that wire name. Raises KeyError."""
        known = self._known_operations.get(name)
        if known is None:
            known = self._known_operations[name] = self._read_operation(name)
        return known

    def shape(self, name: str) -> Shape:
        """The shape of that name. Raises KeyError."""
        known = self._known_shapes.get(name)
        if known is None:
            known = self._known_shapes[name] = msgspec.json.decode(self._shapes[name], type=Shape)
        return known

    def documentation(self, operation: str) -> str:
        """What the model says about an operation: HTML."""
        return msgspec.json.decode(self._operations[operation], type=_Documented).documentation

    def words(self, name: str) -> tuple[str, ...]:
        """The words that a text of a shape may be in a request; none for any."""
        words = self.shape(name).enum
        return (*words, *_ALSO_TAKEN.get(name, ())) if words else ()

    @property
    def methods(self) -> Mapping[str, str]:
        """get_instances -> GetInstances, for all operations, by botocore's rule."""
        if not self._methods:
            self._methods.update((xform_name(name), name) for name in self._operations)
        return self._methods

    def _read_operation(self, name: str) -> Operation:
        text = msgspec.json.decode(self._operations[name], type=_OperationText)
        return Operation(
            name=name,
            method=xform_name(name),
            input=text.input.shape if text.input else None,
            output=text.output.shape if text.output else None,
            errors=tuple(error.shape for error in text.errors),
            paging=self._paging(name, text),
            paginator=name in self._paginators,
        )

    def _paging(self, name: str, text: _OperationText) -> Paging | None:
        """botocore's paginator where it has one; else by rule: a page token in, the same out, one list."""
        listed = self._paginators.get(name)
        if listed is not None:
            return Paging(
                input_tokens=_several(listed.input_token),
                output_tokens=_several(listed.output_token),
                result_keys=_several(listed.result_key),
                more_results=listed.more_results,
                limit_key=listed.limit_key,
                non_aggregate_keys=tuple(listed.non_aggregate_keys),
            )
        if text.input is None or text.output is None:
            return None
        members = self.shape(text.output.shape).members
        if "pageToken" not in self.shape(text.input.shape).members:
            return None
        # Log readers hand out a token each way; the forward one is the listing's.
        token = next((name for name in ("nextPageToken", "nextForwardToken") if name in members), None)
        lists = [name for name, member in members.items() if self.shape(member.shape).type == "list"]
        if token is None or len(lists) != 1:
            return None
        others = tuple(name for name in members if name not in (*lists, token) and not name.startswith("next"))
        return Paging(
            ("pageToken",), (token,), (lists[0],), non_aggregate_keys=others, repeat_ends=token == "nextForwardToken"
        )


def _several(value: str | list[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


@cache
def service_model() -> Model:
    """The model of the installed botocore, the newest version of the API in it; one per process."""
    versions = botocore_data() / "lightsail"
    newest = max(path for path in versions.iterdir() if path.is_dir())
    text = msgspec.json.decode(read_data(newest, "service-2"), type=_ModelText)
    paginators = msgspec.json.decode(read_data(newest, "paginators-1"), type=dict[str, dict[str, _PaginatorText]])
    return Model(
        target_prefix=str(text.metadata["targetPrefix"]),
        api_version=newest.name,
        _operations=text.operations,
        _shapes=text.shapes,
        _paginators=paginators["pagination"],
    )


def botocore_data() -> Path:
    """The folder of botocore's data files. Raises ModuleNotFoundError."""
    spec = find_spec("botocore")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("skysail reads Lightsail's service model from botocore: pip install botocore")
    return Path(spec.origin).parent / "data"


def read_data(folder: Path, name: str) -> bytes:
    """A data file of botocore's, which older versions ship plain and newer ones compressed."""
    plain = folder / f"{name}.json"
    return plain.read_bytes() if plain.exists() else gzip.decompress((folder / f"{name}.json.gz").read_bytes())


ready(Shape, _OperationText, _Documented, _ModelText, _PaginatorText)
