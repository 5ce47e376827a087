"""The commonest tasks as they look on a terminal, byte for byte: at two widths, with and without colour."""

from __future__ import annotations

import re
from functools import cache

import pytest

import screens


@pytest.fixture(scope="module")
def shown(tmp_path_factory):
    """`shown(look)`: a session on a terminal of that look, played once."""
    return cache(lambda look: screens.session(look, tmp_path_factory.mktemp(look)))


@pytest.mark.whole
@pytest.mark.parametrize("task", screens.TASKS)
@pytest.mark.parametrize("look", screens.LOOKS)
def test_a_terminal_gets_what_was_looked_at(shown, look, task):
    assert shown(look)[task] == screens.kept(look)[task], "PYTHONPATH=src:tests python tests/screens.py, and look"


@pytest.mark.parametrize("look", [look for look, (_, has_colour) in screens.LOOKS.items() if not has_colour])
def test_without_colour_there_is_none_and_no_sign(look):
    text = "".join(screens.kept(look).values())
    assert not re.search(r"\{(?!again|\n)[a-z]*\}|[●◐○✗]", text)


@pytest.mark.parametrize(("look", "width"), [(look, width) for look, (width, _) in screens.LOOKS.items()])
def test_tables_fit_the_width(look, width):
    text = screens.kept(look)["what do I have here"] + screens.kept(look)["what it did lately"]
    assert max(len(re.sub(r"\{\w*\}", "", line)) for line in text.splitlines()) <= width
