"""All operations of Lightsail, and which of them the local service has: docs/operations.md, made from the code.

    python tools/operations.py [--check]

The operations are those of the installed botocore's model, whose version the document names. With --check nothing is
written; it fails where the document is not what the code gives.
"""

from __future__ import annotations

import sys
from pathlib import Path

import botocore

from skysail.protocol.model import service_model
from skysail.service.dispatch import Family
from skysail.service.families import FAMILIES

DOCUMENT = Path(__file__).parent.parent / "docs" / "operations.md"
_FOLDER = "src/skysail/service/families"

_HEAD = """\
# Operations

What the local service has of Lightsail's API. The client calls every one of these operations on the real service;
what the local one does not have yet it refuses by name, with status 501. Made by `make operations` with botocore
{version}; do not edit.

{here} of {all} operations are here, {partial} of them in part.

| operation | local service | module |
| --- | --- | --- |
"""


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
    return text.partition("with botocore\n")[2].partition(";")[0]


def _row(operation: str, family: Family | None) -> str:
    if family is None:
        return f"| `{operation}` | not yet | |\n"
    lacks = family.operations[operation].lacks
    state = f"partial: {lacks}" if lacks else "complete"
    return f"| `{operation}` | {state} | [{family.name}](../{_FOLDER}/{family.name}.py) |\n"


def _family_of(operation: str) -> Family | None:
    return next((family for family in FAMILIES if operation in family.operations), None)


def main() -> int:
    """Write the document, or compare it; gives the exit status."""
    text = document()
    if "--check" not in sys.argv[1:]:
        DOCUMENT.write_text(text)
    elif DOCUMENT.read_text() != text:
        print("docs/operations.md is not what the code gives: make operations", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
