"""The newest botocore on the index: which operations it has that skysail lacks, and that the rest still fits."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tools import operations

pytestmark = pytest.mark.newest

_GIVEN = os.environ.get("SKYSAIL_NEWEST", "")  # when tests are collected: while they run, none of ours is set
PROJECT = Path(__file__).parent.parent.parent


@pytest.fixture
def surroundings() -> dict[str, str]:
    """An environment in which Python finds the newest botocore first."""
    if not _GIVEN:
        pytest.skip("the newest botocore is fetched by `make test-newest`")
    folder = Path(_GIVEN).absolute()
    assert (folder / "botocore").exists(), f"SKYSAIL_NEWEST names no folder with a botocore: {folder}"
    return {**os.environ, "PYTHONPATH": os.pathsep.join([str(folder), str(PROJECT / "src")])}


def test_the_newest_botocore_has_no_operation_that_is_news(surroundings: dict[str, str]) -> None:
    line = [sys.executable, "-m", "skysail", "operations", "--missing", "-o", "json"]
    told = subprocess.run(line, env=surroundings, capture_output=True, text=True, check=True, timeout=60)
    missing = [name for name, state in json.loads(told.stdout).items() if state == "missing"]
    known = operations.rows(operations.DOCUMENT.read_text())
    assert [name for name in missing if name not in known] == [], "new: build them, or `make operations`"


def test_what_holds_of_the_pinned_botocore_holds_of_the_newest(surroundings: dict[str, str]) -> None:
    tests = ["tests/service/test_dispatch.py", "tests/authority", "tests/protocol", "tests/test_operations_document.py"]
    line = [sys.executable, "-m", "pytest", "--no-header", "-p", "no:cacheprovider", *tests]
    told = subprocess.run(line, env=surroundings, cwd=PROJECT, capture_output=True, text=True, timeout=600)
    assert told.returncode == 0, told.stdout[-4000:]
