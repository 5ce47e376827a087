"""The reference of a client's methods and of what they take and give: two pages, from the installed botocore's model.

Names, types and errors alone: what AWS writes about them stays where AWS writes it.
"""

from __future__ import annotations

from collections.abc import Iterator, Set

import botocore

from skysail import errors
from skysail.protocol.model import Model, Operation, Shape, service_model
from tools.operations import every_family

_METHODS = """\
# Methods

Every operation of Lightsail is a method of a client, with the arguments that boto3 takes, by name. Those in bold are
required. [Shapes](shapes.md) has what the types are made of. This is the model of botocore {version}; another botocore
brings its own.

```python
client.allocate_static_ip(staticIpName="web-ip")
```

Answers are dicts, and have `ResponseMetadata` beside what stands here. The methods of an asynchronous client are the
same, awaited. AWS's own page of an operation says what it does, and what each argument means.

All methods raise {usual}, further ones as named, and
[ParameterError](errors.md#skysail.errors.ParameterError) for arguments that do not fit.
"""

_SHAPES = """\
# Shapes

What [methods](methods.md) take and give, by the model of botocore {version}. A structure is a dict; a time is a
datetime in UTC in an answer, and anything that boto3 takes for one in a request. Bounds are of a text's or a list's
length, and of a number's value. What is sensitive shows as `***` in a local service's record of calls. Members in bold
must be given.
"""
_AT_AWS = "https://docs.aws.amazon.com/lightsail/2016-11-28/api-reference/API_"
_SCALARS = {
    "string": "str",
    "boolean": "bool",
    "integer": "int",
    "long": "int",
    "float": "float",
    "double": "float",
    "timestamp": "datetime",
    "blob": "bytes",
}


def methods() -> str:
    """The page of methods."""
    model = service_model()
    operations = sorted((model.operation(name) for name in model), key=lambda operation: operation.method)
    usual = set.intersection(*(set(operation.errors) for operation in operations))
    parts = [_METHODS.format(version=botocore.__version__, usual=", ".join(map(_error, sorted(usual))))]
    for operation in operations:
        parts += _method(operation, model, usual)
    return "\n".join(parts)


def shapes() -> str:
    """The page of shapes: structures, and texts of which there are only some."""
    model = service_model()
    names = sorted(_named(model), key=str.lower)
    parts = [_SHAPES.format(version=botocore.__version__)]
    for name in names:
        shape = model.shape(name)
        parts.append(f"## {name}\n")
        parts.append(_members(shape, model) if shape.members else f"One of {_values(shape)}.\n")
    return "\n".join(parts)


def _method(operation: Operation, model: Model, usual: Set[str]) -> Iterator[str]:
    yield f"## {operation.method}\n"
    said = [f"[{operation.name} at AWS]({_AT_AWS}{operation.name}.html)."]
    if operation.paging is not None:
        said.append(f"It has [a paginator](../paginator.md), which lists `{', '.join(operation.paging.result_keys)}`.")
    if not _is_here(operation.name):
        said.append("The local service does not have it yet.")
    if further := [name for name in operation.errors if name not in usual]:
        said.append(f"Raises {', '.join(map(_error, further))} too.")
    yield " ".join(said) + "\n"
    for title, name in (("argument", operation.input), ("in the answer", operation.output)):
        if name is not None and model.shape(name).members:
            yield _members(model.shape(name), model, title)


def _error(name: str) -> str:
    return f"[{name}](errors.md#skysail.errors.{name})" if hasattr(errors, name) else name


def _is_here(name: str) -> bool:
    return any(name in family.operations for family in every_family())


def _members(shape: Shape, model: Model, title: str = "member") -> str:
    rows = "".join(
        f"| {f'**`{name}`**' if name in shape.required else f'`{name}`'} | {_type(reference.shape, model)} |\n"
        for name, reference in shape.members.items()
    )
    return f"| {title} | type |\n| --- | --- |\n{rows}"


def _type(name: str, model: Model) -> str:
    shape = model.shape(name)
    if shape.type == "list":
        assert shape.member is not None
        return f"list of {_type(shape.member.shape, model)}{_bounds(shape)}"
    if shape.type == "map":
        assert shape.key is not None
        assert shape.value_ is not None
        return f"dict of {_type(shape.key.shape, model)} to {_type(shape.value_.shape, model)}"
    if shape.members or shape.enum:
        return f"[{name}](shapes.md#{name.lower()})"
    if shape.type == "structure":
        return "dict"
    return f"{_SCALARS[shape.type]}{_bounds(shape)}{', sensitive' if shape.sensitive else ''}"


def _bounds(shape: Shape) -> str:
    least, most = (None if bound is None else f"{bound:g}" for bound in (shape.min, shape.max))
    if least is None and most is None:
        return ""
    if least == most:
        return f", {least}"
    return f", {least} to {most}" if least and most else f", at least {least}" if least else f", at most {most}"


def _values(shape: Shape) -> str:
    return ", ".join(f"`{value}`" for value in shape.enum)


def _named(model: Model) -> set[str]:
    """The shapes with a name of their own that the operations lead to."""
    found: set[str] = set()
    left = [name for each in model for name in (model.operation(each).input, model.operation(each).output) if name]
    tops, seen = set(left), set[str]()
    while left:
        name = left.pop()
        if name in seen:
            continue
        seen.add(name)
        shape = model.shape(name)
        if name not in tops and (shape.members or shape.enum):
            found.add(name)
        inner = [*shape.members.values(), shape.member, shape.key, shape.value_]
        left += [reference.shape for reference in inner if reference is not None]
    return found
