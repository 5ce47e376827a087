"""Who imports whom in skysail, room by room; fails where a rule of the architecture is broken.

    python tools/rooms.py [src/skysail]

A room is a folder or a single module with a row in the table of docs/architecture.md. The source is read, not
run. An import in a function counts, except for cycles; one under TYPE_CHECKING counts for no library and no
cycle, but two rooms that must not know one another must not know one another's types either.
What merely differs from the table is printed, and does not fail: look at it, or mend the table.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Iterator
from enum import Enum
from pathlib import Path
from typing import NamedTuple

# The rooms, lowest first, and what each may import. Its own modules always; "*" is everything.
ROOMS: dict[str, tuple[str, ...]] = {
    "version": (),
    "world": (),
    "call_site": (),
    "errors": (),
    "protocol": ("errors",),
    "store": ("errors",),
    "caller": ("version", "world", "call_site", "errors", "protocol"),
    "service": ("version", "world", "call_site", "errors", "protocol", "store.base"),
    "service.nouns": ("service", "errors", "protocol", "store.base"),
    "service.families": ("service", "service.nouns", "errors", "protocol", "store.base"),
    "service.inspecting": ("service", "service.nouns", "errors", "protocol", "store.base"),
    "serving": ("errors", "protocol.message"),
    "telling": ("errors", "protocol", "service.catalogue"),
    "console": ("version", "world", "errors", "protocol", "caller", "telling"),
    "server": ("*",),
    "seeds": ("server", "service", "store", "protocol", "errors", "world"),
    "opening": ("caller", "errors", "protocol.message", "world", "server"),
    "mocking": ("server", "service", "caller", "seeds", "protocol", "errors", "world"),
    "testing": ("mocking", "opening", "server", "service", "caller", "protocol", "errors", "world"),
    "pytest_plugin": ("testing", "mocking", "serving", "server", "service", "errors"),
    "mirroring": ("opening", "caller", "service", "store", "protocol", "errors", "world"),
    "fleets": ("opening", "caller", "protocol.sigv4", "errors", "world"),
    "tables": ("protocol", "errors"),
    "cli": (
        "version",
        "telling",
        "seeds",
        "mirroring",
        "fleets",
        "tables",
        "opening",
        "server",
        "serving",
        "service",
        "caller",
        "store",
        "protocol",
        "errors",
        "world",
    ),
    "__init__": ("version", "fleets", "mocking", "opening", "seeds", "caller", "errors"),
    "__main__": ("cli",),
}

# Rooms that never import one another: importer, imported, and what to do instead.
APART: tuple[tuple[str, str, str], ...] = (
    ("caller", "service", "what both need belongs in protocol; a service is handed over by server.py"),
    ("service", "caller", "what both need belongs in protocol"),
    ("store", "caller", "a store takes rows and gives rows"),
    ("store", "service", "a store takes rows and gives rows; the service calls it"),
)

# A module a noun; none imports another.
FAMILIES = "service.families"

# The libraries, and the only places that import them: "*" is everywhere, () is under TYPE_CHECKING alone.
LIBRARIES: dict[str, tuple[str, ...]] = {
    "botocore": ("*",),
    "jmespath": ("*",),
    "msgspec": ("*",),
    "urllib3": ("caller.http",),
    "aiobotocore": ("mocking.aiobotocore_answer",),
    "aiohttp": ("caller.aio_http",),
    "yarl": ("caller.aio_http",),
    "psycopg": ("store.postgres", "store.postgres_schema", "store.postgres_look"),
    "psycopg_pool": ("store.postgres",),
    "httptools": ("serving.parsing",),
    "click": ("cli",),
    "rich": ("cli",),
    "jinja2": ("console.rendering",),
    "yaml": ("seeds.reading", "seeds.writing"),
    "pyarrow": ("tables",),
    "PIL": ("cli.charts",),
    "cryptography": ("service.nouns.key_material", "service.nouns.host_keys", "service.nouns.ssh_certificate"),
    "pytest": ("pytest_plugin",),
    "types_aiobotocore_lightsail": (),
    "types_boto3_lightsail": (),
}


class When(Enum):
    """At what time an import statement takes effect."""

    AT_IMPORT = "when the module is imported"
    LATER = "in a function"
    NEVER = "under TYPE_CHECKING"


class Import(NamedTuple):
    """One import statement's target. Names within the package have no "skysail." before them."""

    importer: str
    target: str
    ours: bool  # of this package; otherwise `target` is a library's top name
    when: When
    path: Path
    line: int

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.importer} imports {self.target}"


def imports(package: Path) -> list[Import]:
    """Every import in the package but the standard library's, in the order of files and lines."""
    modules = {_module_name(package, path): path for path in sorted(package.rglob("*.py"))}
    found: list[Import] = []
    for name, path in modules.items():
        for statement, when in _statements(ast.parse(path.read_text(), path), When.AT_IMPORT):
            for target in _targets(package.name, name, path, statement, modules):
                top, _, inner = target.partition(".")
                if top == package.name and (inner or "__init__") != name:
                    found.append(Import(name, inner or "__init__", True, when, path, statement.lineno))
                elif top != package.name and top not in sys.stdlib_module_names:
                    found.append(Import(name, top, False, when, path, statement.lineno))
    return found


def breaches(found: Iterable[Import]) -> list[str]:
    """What is broken, a text each, with the import to move."""
    found = list(found)
    return [*_apart(found), *_families(found), *_libraries(found), *_cycles(found)]


def beside_the_table(found: Iterable[Import]) -> list[str]:
    """Imports of another room that the importer's row does not name. Types alone are no matter."""
    return [
        f"{each}, which the row of {room_of(each.importer)} does not name"
        for each in found
        if each.ours and each.when is not When.NEVER
        if room_of(each.importer) != room_of(each.target)
        if not _is_in(each.target, ROOMS.get(room_of(each.importer), ()))
    ]


def room_of(module: str) -> str:
    """The room of a module: the longest name in the table that it lies in, else its first part."""
    rooms = [room for room in ROOMS if _is_in(module, (room,))]
    return max(rooms, key=len, default=module.partition(".")[0])


def table(found: Iterable[Import]) -> list[str]:
    """A line a room: the rooms and the libraries that it imports, in brackets where only functions do."""
    always: dict[str, set[tuple[bool, str]]] = {}
    later: dict[str, set[tuple[bool, str]]] = {}
    for each in found:
        importer, target = room_of(each.importer), room_of(each.target) if each.ours else each.target
        if each.when is not When.NEVER and importer != target:
            kept = always if each.when is When.AT_IMPORT else later
            kept.setdefault(importer, set()).add((not each.ours, target))
    rooms = [*ROOMS, *sorted((always.keys() | later.keys()) - ROOMS.keys())]
    lines = []
    for room in rooms:
        at_once, on_call = always.get(room, set()), later.get(room, set())
        names = [name if (kind, name) in at_once else f"({name})" for kind, name in sorted(at_once | on_call)]
        lines.append(f"{room:20}{', '.join(names) or '-'}")
    return lines


def main(arguments: list[str]) -> int:
    package = Path(arguments[0] if arguments else "src/skysail")
    if not (package / "__init__.py").is_file():
        print(f"rooms: {package} is no package; name its folder, or run this from the checkout's top")
        return 2
    found = imports(package)
    print(*table(found), sep="\n")
    if odd := beside_the_table(found):
        print("\nBeside the table in docs/architecture.md; move them, or mend it:", *odd, sep="\n  ")
    if broken := breaches(found):
        print("\nBroken:", *broken, sep="\n  ")
    return 1 if broken else 0


# -- the rules


def _apart(found: list[Import]) -> Iterator[str]:
    for each in found:
        for importer, target, instead in APART:
            if each.ours and _is_in(each.importer, (importer,)) and _is_in(each.target, (target,)):
                yield f"{each}: {importer} and {target} stay apart; move this import: {instead}"


def _families(found: list[Import]) -> Iterator[str]:
    for each in found:
        importer, target = _family(each.importer), _family(each.target)
        if each.ours and importer and target and importer != target:
            yield f"{each}: a family imports no other; move this import: what both need belongs in service/nouns/"


def _libraries(found: list[Import]) -> Iterator[str]:
    for each in found:
        if each.ours or each.when is When.NEVER:
            continue
        places = LIBRARIES.get(each.target)
        if places is None:
            yield f"{each}: no library of ours; move this import, or name it in LIBRARIES and pyproject.toml"
        elif not _is_in(each.importer, places):
            where = f"to {' or '.join(places)}" if places else "under TYPE_CHECKING"
            yield f"{each}: move this import {where}"


def _cycles(found: list[Import]) -> Iterator[str]:
    """The shortest cycle of each knot, to be broken where an import points up the table, if one does."""
    steps: dict[str, dict[str, Import]] = {}
    for each in found:
        if each.ours and each.when is When.AT_IMPORT:
            steps.setdefault(each.importer, {}).setdefault(each.target, each)
    rank = {room: place for place, room in enumerate(ROOMS)}
    seen: set[str] = set()
    cycles = [cycle for module in steps if (cycle := _way_back(module, steps))]
    for cycle in sorted(cycles, key=len):
        if seen.isdisjoint(step.importer for step in cycle):
            seen.update(step.importer for step in cycle)
            up = [s for s in cycle if rank.get(room_of(s.importer), 99) < rank.get(room_of(s.target), 99)]
            way = " -> ".join([*(step.importer for step in cycle), cycle[0].importer])
            yield f"{(up or cycle)[-1]}, in the cycle {way}: move this import, or what it needs further down"


def _way_back(module: str, steps: dict[str, dict[str, Import]]) -> list[Import]:
    """The shortest way from a module along its imports to itself; empty where there is none."""
    ways: list[list[Import]] = [[step] for step in steps[module].values()]
    reached: set[str] = set()
    for way in ways:  # grows as it is walked: shorter ways come first
        here = way[-1].target
        if here == module:
            return way
        if here not in reached:
            reached.add(here)
            ways.extend([*way, step] for step in steps.get(here, {}).values())
    return []


def _family(module: str) -> str:
    inside = module.removeprefix(f"{FAMILIES}.")
    return inside.partition(".")[0] if inside != module else ""


def _is_in(module: str, places: Iterable[str]) -> bool:
    return any(place == "*" or module == place or module.startswith(f"{place}.") for place in places)


# -- the reading


def _module_name(package: Path, path: Path) -> str:
    """Dotted and without the package's name; a folder's __init__.py goes by the folder's."""
    parts = path.relative_to(package).with_suffix("").parts
    return ".".join(parts[:-1] if len(parts) > 1 and parts[-1] == "__init__" else parts)


def _statements(node: ast.AST, when: When) -> Iterator[tuple[ast.Import | ast.ImportFrom, When]]:
    """The import statements below a node, each with the time at which it takes effect."""
    if isinstance(node, ast.Import | ast.ImportFrom):
        yield node, when
    elif isinstance(node, ast.If) and _is_type_checking(node.test):
        for statement in node.body:
            yield from _statements(statement, When.NEVER)
        for statement in node.orelse:
            yield from _statements(statement, when)
    else:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and when is When.AT_IMPORT:
            when = When.LATER
        for child in ast.iter_child_nodes(node):
            yield from _statements(child, when)


def _is_type_checking(test: ast.expr) -> bool:
    """Whether an `if` asks for the checker, and nothing else: TYPE_CHECKING or typing.TYPE_CHECKING."""
    return (isinstance(test, ast.Name) and test.id == "TYPE_CHECKING") or (
        isinstance(test, ast.Attribute) and test.attr == "TYPE_CHECKING"
    )


def _targets(
    package: str, module: str, path: Path, statement: ast.Import | ast.ImportFrom, modules: Iterable[str]
) -> Iterator[str]:
    """The full dotted names that a statement imports: a submodule where the name is one, else its module."""
    if isinstance(statement, ast.Import):
        yield from (alias.name for alias in statement.names)
        return
    base = statement.module or ""
    if statement.level:
        here = [package, *(module.split(".") if module != "__init__" else [])]
        up = statement.level - (path.name == "__init__.py")
        base = ".".join([*here[: len(here) - up], *filter(None, [base])])
    for alias in statement.names:
        inner = f"{base}.{alias.name}".removeprefix(f"{package}.")
        yield f"{package}.{inner}" if base.split(".")[0] == package and inner in modules else base


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
