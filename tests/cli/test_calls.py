"""`skysail calls`: what a server was asked, chosen by operation, caller and outcome."""

from __future__ import annotations

import json

import pytest

from bench import Bench

URL = "http://127.0.0.1:4570"


@pytest.fixture
def asked(bench: Bench) -> Bench:
    bench.create("web", userData="password=s3cret")
    bench.clock.advance(60)
    bench.send(b"{}", "GetInstance")
    bench.send(b"{}", "GetRegions", region="eu-west-1")
    return bench


def test_calls_are_a_line_each_the_last_at_the_bottom(cli, asked):
    told = cli("calls", bench=asked)
    account = asked.lightsail.calls()[0]["account"]
    assert [line.split() for line in told.out.splitlines()] == [
        ["TIME", "OPERATION", "STATUS", "ERROR", "ACCOUNT", "REGION"],
        ["2023-11-14T22:13:20Z", "CreateInstances", "200", "-", account, "us-east-1"],
        ["2023-11-14T22:14:20Z", "GetInstance", "400", "InvalidInputException", account, "us-east-1"],
        ["2023-11-14T22:14:20Z", "GetRegions", "200", "-", account, "eu-west-1"],
    ]
    assert (told.status, told.err) == (0, "")


@pytest.mark.parametrize(
    ("options", "operations"),
    [
        ("--operation GetRegions", ["GetRegions"]),
        ("--error InvalidInputException", ["GetInstance"]),
        ("--region us-east-1", ["CreateInstances", "GetInstance"]),
        ("--limit 1", ["GetRegions"]),
        ("--account 111122223333", []),
        ("--after {first}", ["GetInstance", "GetRegions"]),
    ],
)
def test_calls_are_chosen(cli, asked, options, operations):
    words = options.format(first=asked.lightsail.calls()[0]["id"]).split()
    told = cli("calls", *words, "-o", "jsonl", bench=asked)
    assert [json.loads(line)["operation"] for line in told.out.splitlines()] == operations


def test_json_has_the_arguments_without_secrets(cli, asked):
    told = cli("calls", "-o", "json", bench=asked)
    create = json.loads(told.out)["calls"][0]
    assert (create["arguments"]["instanceNames"], create["arguments"]["userData"]) == (["web"], "***")
    assert "s3cret" not in told.out


def test_no_calls_are_told_as_none_with_what_was_looked_for(cli, asked):
    told = cli("calls", "--operation", "GetDisks", bench=asked)
    assert told == (0, "", f"nothing: {URL} remembers no calls with operation=GetDisks\n")


def test_calls_are_forgotten_all_or_none(cli, asked):
    told = cli("calls", "clear", "--operation", "GetDisks", bench=asked)
    assert told.err == "error: calls clear takes no --operation — skysail calls clear forgets all of them\n"
    assert len(asked.lightsail.calls()) == 3
    assert cli("calls", "clear", bench=asked) == (0, "", f"{URL}: the calls are forgotten\n")
    assert asked.lightsail.calls() == []


def test_an_operation_without_its_option_is_told_how(cli, bench):
    told = cli("calls", "GetDisks", bench=bench)
    assert told == (2, "", "error: calls GetDisks is not clear — skysail calls --operation GetDisks\n")
