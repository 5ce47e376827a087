"""What skysail promises to those who import it: tests/data/public_api.txt, each public name with its signature.

    python tools/public_api.py [--check]

A test compares the file with the code, so that whoever changes a promise sees it in the difference, and says so in
CHANGELOG.md. With --check nothing is written; it fails where they differ, and shows where.

Names are public by standing in `PUBLIC`: what the documents use, and the types of what these give. A member is public
by having no underscore in front. The operations of a client are those of botocore's model, and not listed here.
"""

from __future__ import annotations

import ast
import dataclasses
import difflib
import inspect
import sys
import textwrap
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

_TREE = Path(__file__).parent.parent
FILE = _TREE / "tests" / "data" / "public_api.txt"

PUBLIC = {
    "skysail": (
        "client async_client fleet mock seed server_handle truthful Client AsyncClient ServiceError SkysailError"
        " __version__"
    ),
    "skysail.caller.pages": "Paginator PageIterator",
    "skysail.caller.async_pages": "AsyncPaginator AsyncPageIterator",
    "skysail.caller.surface": "Meta",
    "skysail.caller.fleet.fleet": "Fleet FleetPart",
    "skysail.caller.fleet.page": "FleetPage",
    "skysail.caller.fleet.places": "FleetPlace Login",
    "skysail.caller.handle": "ServerHandle",
    "skysail.server": "LocalLightsail",
    "skysail.service.clock": "Clock",
    "skysail.service.faults": "Faults",
    "skysail.service.calls": "Calls",
    "skysail.mocking.mock": "Mock",
    "skysail.testing": "ClientUnderTest LightsailMixin",
    "skysail.pytest_plugin": "lightsail lightsail_service lightsail_server",
    "skysail.tables": "schema batches write_parquet write_arrow",
    "skysail.world": "World ManualClock manual_world seeded_world system_world",
    "skysail.errors": "*",
}
# How the other classes are made is no promise.
_MADE = {"LocalLightsail", "World", "ManualClock", "ServiceError"}
_IN_A_LINE = 4  # parameters
_SPOKEN = {
    "__init__",
    "__call__",
    "__iter__",
    "__aiter__",
    "__enter__",
    "__aenter__",
    "__len__",
    "__getitem__",
    "__await__",
}


def text() -> str:
    """The file as the code gives it."""
    return "\n".join(line for module in PUBLIC for line in _module(module))


def names_of(module: str) -> list[str]:
    """The public names of one of these modules."""
    return _written(import_module(module)) if PUBLIC[module] == "*" else PUBLIC[module].split()


def is_made(name: str) -> bool:
    """Whether it is a class that readers make themselves; the others come out of functions."""
    return name in _MADE


def _module(name: str) -> Iterator[str]:
    for each in names_of(name):
        yield from _described(f"{name}.{each}", getattr(import_module(name), each))
    yield ""


def _written(module: ModuleType) -> list[str]:
    """The public names that a module defines itself."""
    return [
        name
        for name, value in vars(module).items()
        if getattr(value, "__module__", None) == module.__name__ and not name.startswith("_")
    ]


def callables(owner: Any) -> list[Any]:
    """The public methods and properties that a class has of skysail; none of anything else."""
    members = _members(owner) if inspect.isclass(owner) else {}
    found = (inspect.getattr_static(owner, name, None) for name in members if not name.startswith("_"))
    return [each for each in found if isinstance(each, property) or inspect.isroutine(each)]


@cache
def _listed() -> frozenset[object]:
    return frozenset(getattr(import_module(module), name) for module in PUBLIC for name in names_of(module))


def _described(name: str, value: Any) -> Iterator[str]:
    if inspect.isclass(value):
        bases = ", ".join(base.__name__ for base in value.__bases__ if base is not object)
        yield f"class {name}({bases})" if bases else f"class {name}"
        yield from sorted(f"    {member}{described}" for member, described in _members(value).items())
    elif callable(value):
        yield f"{name}{_signature(value)}"
    else:
        yield f"{name}: {type(value).__name__}"


def _members(owner: type) -> dict[str, str]:
    """What is public of a class, and of those above it that are not listed themselves."""
    found: dict[str, str] = {}
    told = {each for above in owner.__mro__[1:] if above in _listed() for each in above.__mro__}
    for each in reversed(owner.__mro__):
        if each.__module__.split(".")[0] != "skysail" or each in told:
            continue
        found |= {name: f": {kind}" for name, kind in inspect.get_annotations(each).items()}
        found |= {name: "" for name in _assigned(each) if name not in found}
        for name, value in vars(each).items():
            found[name] = _member(value) or found.get(name, f": {type(value).__name__}")
    if not is_made(owner.__name__):
        found.pop("__init__", None)
    elif dataclasses.is_dataclass(owner):
        found["__init__"] = _signature(owner)
    return {name: told for name, told in found.items() if not name.startswith("_") or name in _SPOKEN}


def _assigned(owner: type) -> Iterator[str]:
    """Attributes that `__init__` gives an object."""
    made = vars(owner).get("__init__")
    if inspect.isfunction(made) and not dataclasses.is_dataclass(owner):
        for node in ast.walk(ast.parse(textwrap.dedent(inspect.getsource(made)))):
            if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
                yield node.attr


def _member(value: Any) -> str | None:
    if isinstance(value, property):
        assert value.fget is not None
        returned = inspect.get_annotations(value.fget).get("return", "Any")
        return f": {returned}" + ("" if value.fset else "  (read only)")
    if isinstance(value, classmethod | staticmethod):
        return f"{_signature(value.__func__)}  ({type(value).__name__})"
    return _signature(value) if inspect.isfunction(value) else None


class _AsWritten(NamedTuple):
    """What a signature shows as it is: an annotation without quotes, a default that has no short form as a dot."""

    text: str

    def __repr__(self) -> str:
        return self.text


def _signature(function: Any) -> str:
    signature = inspect.signature(function)
    given = [each for each in signature.parameters.values() if each.name != "self"]
    shown = str(signature.replace(parameters=[_parameter(each) for each in given], return_annotation=signature.empty))
    if len(given) > _IN_A_LINE:
        parts = [str(_parameter(each)) for each in given]
        before = next((at for at, each in enumerate(given) if each.kind is each.KEYWORD_ONLY), None)
        if before is not None:
            parts.insert(before, "*")
        shown = "".join(["(", *(f"\n        {part}," for part in parts), "\n    )"])
    return shown if signature.return_annotation is signature.empty else f"{shown} -> {signature.return_annotation}"


def _parameter(of: inspect.Parameter) -> inspect.Parameter:
    is_plain = of.default is of.empty or isinstance(of.default, str | int | float | None) or of.default == ()
    return of.replace(
        annotation=of.annotation if of.annotation is of.empty else _AsWritten(of.annotation),
        default=of.default if is_plain else _AsWritten("..."),
    )


def main(arguments: list[str]) -> int:
    told, made = FILE.read_text() if FILE.exists() else "", text()
    if arguments == ["--check"]:
        changes = difflib.unified_diff(
            told.splitlines(), made.splitlines(), "promised", "in the code", lineterm="", n=0
        )
        print("\n".join(changes), end="\n" if told != made else "")
        return told != made
    FILE.write_text(made)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
