"""One line of where, what and why — then what to do; or one JSON object."""

from __future__ import annotations

import json

import pytest

from skysail.cli.failures import Status, Trouble, as_json, as_line, notice

WHOLE = Trouble("it broke\n  twice", "mend it", Status.REFUSED, "us-east-1 (default)", "Broken", "id-1")


@pytest.mark.parametrize(
    ("trouble", "line"),
    [
        (WHOLE, "error: us-east-1 (default): it broke twice — mend it"),
        (Trouble("it broke"), "error: it broke"),
        (Trouble("it broke", "mend it"), "error: it broke — mend it"),
    ],
)
def test_an_error_is_one_line(trouble, line):
    assert as_line(trouble) == line


def test_on_a_terminal_the_first_word_is_red_and_the_remedy_bold():
    assert as_line(Trouble("it broke", "mend it"), colour=True) == (
        "\x1b[31merror:\x1b[0m it broke — \x1b[1mmend it\x1b[0m"
    )


def test_a_program_gets_one_object_without_empty_members():
    assert json.loads(as_json(WHOLE)) == {
        "error": {
            "code": "Broken",
            "message": "it broke twice",
            "hint": "mend it",
            "requestId": "id-1",
            "place": "us-east-1 (default)",
        }
    }
    assert json.loads(as_json(Trouble("x", status=Status.NO_CONNECTION))) == {
        "error": {"code": "NO_CONNECTION", "message": "x"}
    }
    assert "\n" not in as_json(WHOLE)


@pytest.mark.parametrize(
    ("trouble", "line"),
    [
        (
            WHOLE,
            "error: us-east-1 (default): it broke twice (Broken, request id-1, docs/errors.md#serviceerror) — mend it",
        ),
        (
            Trouble("it is not there", code="NotFoundException"),
            "error: it is not there (NotFoundException, docs/errors.md#notfoundexception)",
        ),
        (Trouble("no region", error="NoRegionError"), "error: no region (docs/errors.md#noregionerror)"),
        (Trouble("it broke", status=Status.PARTIAL), "error: it broke (docs/errors.md#status-3)"),
    ],
)
def test_verbose_adds_the_code_the_request_and_where_the_documents_have_it(trouble, line):
    assert as_line(trouble, verbose=True) == line


def test_nothing_is_yellow_as_it_is_no_error():
    assert notice("nothing: none fits — look again", colour=True) == (
        "\x1b[33mnothing:\x1b[0m none fits — \x1b[1mlook again\x1b[0m"
    )
