"""The picture of the architecture names every module, so that a reader finds each, and none that is not there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parent.parent
SOURCE = PROJECT / "src" / "skysail"
PICTURE = (PROJECT / "docs" / "architecture.md").read_text()

MODULES = [path for path in SOURCE.rglob("*.py") if path.stem != "__init__" and path.parent.name != "cli"]


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_every_module_is_in_the_picture(module: Path) -> None:
    assert re.search(rf"(?<![a-z_]){re.escape(module.name)}\b", PICTURE)


@pytest.mark.parametrize("name", sorted(set(re.findall(r"\b(?:[a-z_]+/)+[a-z_]+\.pyi?\b", PICTURE))))
def test_everything_in_the_picture_is_there(name: str) -> None:
    assert (SOURCE / name).exists() or (PROJECT / name).exists()
