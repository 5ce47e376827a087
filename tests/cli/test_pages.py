"""`skysail pages --unread`: what callers of a server have left unread, by name and in numbers."""

from __future__ import annotations

import json

import pytest

from bench import Bench


@pytest.fixture
def left(bench: Bench) -> Bench:
    bench.lightsail.page_size = 1
    bench.create("web-1", "web-2")
    bench.send(b'{"includeHealthStatus": true}', "GetInstances")
    bench.send(b"{}", "GetOperations")
    return bench


def test_what_nobody_asked_for_is_a_line_each(cli, left):
    told = cli("pages", "--unread", bench=left)
    account = left.lightsail.calls()[0]["account"]
    assert [line.split() for line in told.out.splitlines()] == [
        ["TIME", "OPERATION", "ITEMS", "ACCOUNT", "REGION", "ARGUMENTS"],
        ["2023-11-14T22:13:20Z", "GetInstances", "1", account, "us-east-1", "includeHealthStatus=True"],
        ["2023-11-14T22:13:20Z", "GetOperations", "1", account, "us-east-1", "-"],
    ]
    assert told.err.startswith("2 answers whose next page nobody asked for   ")
    assert told.status == 0


def test_they_are_json_too(cli, left):
    pages = json.loads(cli("pages", "--unread", "--operation", "GetOperations", "-o", "json", bench=left).out)
    assert pages["dropped"] == 0
    assert [(page["operation"], page["items"], page["arguments"]) for page in pages["unread"]] == [
        ("GetOperations", 1, {})
    ]


def test_a_build_can_fail_for_them(cli, left):
    assert cli("pages", "--unread", "--fail", bench=left).status == 4
    assert cli("pages", "clear", bench=left).status == 0
    told = cli("pages", "--unread", "--fail", bench=left)
    assert (told.status, told.out) == (0, "")
    assert told.err.startswith("nothing: every next page at ")


@pytest.mark.parametrize(("words", "why"), [("pages", "say which pages"), ("pages all", "pages all is not clear")])
def test_anything_else_is_told(cli, left, words, why):
    told = cli(*words.split(), bench=left)
    assert told.status == 2
    assert why in told.err
