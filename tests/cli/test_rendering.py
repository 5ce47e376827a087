"""Rows, documents and tables as text."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skysail.cli.rendering import (
    csv_line,
    fit,
    header_line,
    json_closing,
    json_elements,
    json_line,
    json_opening,
    json_text,
    row_line,
    tsv_line,
)
from skysail.telling.columns import Cell

ROWS = [[Cell("web-1"), Cell("running", "running"), Cell("nano")], [Cell("b"), Cell("odd", "odd"), Cell("small_3_0")]]
HEADERS = ["NAME", "STATE", "BUNDLE"]


def test_a_table_without_colour_is_aligned_words():
    table = fit(HEADERS, ROWS)
    assert [header_line(table), *(row_line(table, row) for row in ROWS)] == [
        "NAME   STATE    BUNDLE\n",
        "web-1  running  nano\n",
        "b      odd      small_3_0\n",
    ]


def test_a_coloured_table_has_glyphs_before_states_and_underlined_headers():
    table = fit(HEADERS, ROWS, has_colour=True, has_glyphs=True)
    assert [header_line(table), *(row_line(table, row) for row in ROWS)] == [
        "\x1b[4mNAME\x1b[0m   \x1b[4mSTATE\x1b[0m      \x1b[4mBUNDLE\x1b[0m\n",
        "web-1  \x1b[32m●\x1b[0m running  nano\n",
        "b        odd      small_3_0\n",
    ]


@pytest.mark.parametrize(
    ("width", "shown", "hidden"),
    [
        (None, ["A", "B", "C"], ()),
        (20, ["A", "B", "C"], ()),
        (19, ["A", "C"], ("B",)),
        (12, ["A"], ("C", "B")),
        (1, ["A"], ("C", "B")),
    ],
)
def test_a_narrow_terminal_hides_expendable_columns_and_cuts_nothing(width, shown, hidden):
    row = [Cell("a" * 6), Cell("b" * 5), Cell("c" * 5)]
    table = fit(["A", "B", "C"], [row], width=width, expendable=("B", "X", "C"))
    assert header_line(table).split() == shown
    assert table.hidden == hidden
    assert row_line(table, row).split() == [(name * 6 if name == "A" else name * 5).lower() for name in shown]


def test_a_later_row_may_be_wider_and_is_not_cut():
    table = fit(HEADERS, ROWS)
    assert row_line(table, [Cell("a-longer-name"), Cell("x"), Cell("y")]) == "a-longer-name  x        y\n"


def test_what_takes_two_columns_of_a_terminal_is_measured_so():
    table = fit(
        ["A", "B"], [[Cell("機"), Cell("x")]], measure=lambda text: sum(2 if sign > "\xff" else 1 for sign in text)
    )
    assert header_line(table) == "A   B\n"


def test_separated_values_are_quoted_or_freed_of_separators():
    assert csv_line(["a", 'say "x", y', ""]) == 'a,"say ""x"", y",\n'
    assert tsv_line(["a\tb", "c\nd", ""]) == "a b\tc d\t\n"


def test_json_is_as_the_aws_cli_prints_it():
    value = {"at": datetime(2026, 4, 28, 9, 14, 2, 123000, tzinfo=UTC), "é": [], "n": 8.0, "none": None}
    assert json_text(value) == (
        '{\n    "at": "2026-04-28T09:14:02.123000+00:00",\n    "é": [],\n    "n": 8.0,\n    "none": null\n}'
    )
    assert json_line({"at": datetime(2026, 4, 28, tzinfo=UTC), "text": "a\nb"}) == (
        '{"at":"2026-04-28T00:00:00+00:00","text":"a\\nb"}\n'
    )


@given(st.lists(st.lists(st.dictionaries(st.text(max_size=3), st.text(max_size=8) | st.lists(st.integers(0, 9))))))
def test_a_document_in_pieces_is_the_document_in_one(pages):
    text = json_opening("instances")
    is_empty = True
    for page in pages:
        text += json_elements(page, is_first=is_empty)
        is_empty = is_empty and not page
    text += json_closing(is_empty=is_empty, others={"NextToken": "x"})
    whole = {"instances": [element for page in pages for element in page], "NextToken": "x"}
    assert json.loads(text) == whole
    assert text == f"{json_text(whole)}\n"
