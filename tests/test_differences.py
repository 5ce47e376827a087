"""docs/differences.md: each row names tests that exist."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ROWS = [
    line
    for line in (ROOT / "docs" / "differences.md").read_text().splitlines()
    if line.startswith("| ") and not line.startswith(("| what", "| ---"))
]
TESTS = {
    name
    for path in (ROOT / "tests").rglob("test_*.py")
    for name in re.findall(r"^ *(?:async )?def (test_\w+)", path.read_text(), re.MULTILINE)
}


@pytest.mark.parametrize("row", ROWS)
def test_a_difference_is_held_by_a_test(row):
    *cells, tests = row.removesuffix("|").split(" | ")
    named = re.findall(r"`(test_\w+)`", tests)
    assert len(cells) == 4
    assert named
    assert set(named) <= TESTS
