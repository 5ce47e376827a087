"""Which operations of Lightsail the local service has, and where: docs/operations.md and families/index.py, made from
the families' modules.

    python tools/operations.py [--check]

The operations are those of the installed botocore's model, whose version the document names. With --check nothing is
written; it fails where one of them is not what the code gives.
"""

from __future__ import annotations

import pkgutil
import sys
from functools import cache
from importlib import import_module
from pathlib import Path

import botocore

from skysail.protocol.model import service_model
from skysail.service import families
from skysail.service.dispatch import Family

_TREE = Path(__file__).parent.parent
_FOLDER = "src/skysail/service/families"
DOCUMENT = _TREE / "docs" / "operations.md"
INDEX = _TREE / _FOLDER / "index.py"

_HEAD = """\
# Operations

Every operation of Lightsail's API, and whether the local service has it: {here} of {all}, {partial} of them partly.
On the real service the client calls them all. What the local service does not have it refuses by name, with status
501; [what is behind it](local-service.md#what-is-behind-it) tells where a noun ends. `skysail operations` prints this
list for the botocore that is installed.

Made by `make operations` with botocore {version}; do not edit.

| operation | local service | module |
| --- | --- | --- |
"""

_INDEX = '''\
"""Which module has an operation, and which a change that comes due. Made by `make operations`; do not edit."""

OPERATIONS = {{
{operations}}}

STEPS = {{
{steps}}}
'''


def document() -> str:
    """The document as the code gives it."""
    operations = sorted(service_model())
    families = {operation: family for operation in operations if (family := _family_of(operation))}
    partial = sum(bool(family.operations[operation].lacks) for operation, family in families.items())
    head = _HEAD.format(version=botocore.__version__, here=len(families), all=len(operations), partial=partial)
    return head + "".join(_row(operation, families.get(operation)) for operation in operations)


def rows(text: str) -> dict[str, str]:
    """The table's lines in a document, by operation."""
    lines = [line for line in text.splitlines() if line.startswith("| `")]
    return {line.split("`")[1]: line for line in lines}


def made_with(text: str) -> str:
    """The version of botocore that a document names."""
    return text.partition("with botocore ")[2].partition(";")[0]


def _row(operation: str, family: Family | None) -> str:
    if family is None:
        return f"| `{operation}` | not yet | |\n"
    lacks = family.operations[operation].lacks
    state = f"partial: {lacks}" if lacks else "complete"
    return f"| `{operation}` | {state} | [{family.name}](../{_FOLDER}/{family.name}.py) |\n"


def _family_of(operation: str) -> Family | None:
    return next((family for family in every_family() if operation in family.operations), None)


@cache
def every_family() -> tuple[Family, ...]:
    """Those of all modules in the folder that have one."""
    names = sorted(found.name for found in pkgutil.iter_modules(families.__path__))
    modules = [import_module(f"{families.__name__}.{name}") for name in names]
    return tuple(module.family for module in modules if hasattr(module, "family"))


def index() -> str:
    """The text of families/index.py."""
    operations = {name: family.name for family in every_family() for name in family.operations}
    steps = {name: family.name for family in every_family() for name in family.steps}
    return _INDEX.format(operations=_entries(operations), steps=_entries(steps))


def _entries(modules: dict[str, str]) -> str:
    return "".join(f'    "{name}": "{module}",\n' for name, module in sorted(modules.items()))


def main() -> int:
    """Write both, or compare them; gives the exit status."""
    made = {INDEX: index(), DOCUMENT: document()}
    for path, text in made.items():
        if "--check" not in sys.argv[1:]:
            path.write_text(text)
        elif path.read_text() != text:
            print(f"{path.name} is not what the code gives: make operations", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
