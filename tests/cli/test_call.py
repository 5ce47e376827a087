"""`skysail call`: any operation, its answer as JSON."""

from __future__ import annotations

import json

import pytest


def test_an_answer_is_printed_without_its_metadata(cli, bench):
    bench.instance("web")
    told = cli("call", "get-instance", "instanceName=web", bench=bench)
    document = json.loads(told.out)
    assert list(document) == ["instance"]
    assert document["instance"]["createdAt"] == "2023-11-14T22:13:20+00:00"
    assert told.out == json.dumps(document, indent=4) + "\n"
    assert (told.status, told.err) == (0, "")


def test_arguments_reach_the_service(cli, bench):
    pairs = ["instanceNames=a1,b1", "availabilityZone=us-east-1a", "blueprintId=debian_12", "bundleId=nano_3_0"]
    told = cli("call", "CreateInstances", *pairs, "--query", "operations[].resourceName", bench=bench)
    assert json.loads(told.out) == ["a1", "b1"]
    assert sorted(bench.names()) == ["a1", "b1"]


def test_a_refusal_is_told_in_one_line_or_as_json(cli, bench):
    told = cli("call", "GetInstance", "instanceName=web", bench=bench)
    assert told == (1, "", "error: us-east-1 (default): The Instance does not exist: web\n")
    told = cli("call", "GetInstance", "instanceName=web", "-o", "json", bench=bench)
    error = json.loads(told.err)["error"]
    assert (error["code"], error["message"]) == ("NotFoundException", "The Instance does not exist: web")
    assert error["requestId"]


def test_what_botocore_finds_wrong_is_wrong_usage_in_one_line(cli, bench):
    told = cli("call", "OpenInstancePublicPorts", "instanceName=a", 'portInfo={"x": 1}', bench=bench)
    assert told.status == 2
    assert told.err.count("\n") == 1
    assert 'Unknown parameter in portInfo: "x"' in told.err


@pytest.mark.parametrize("arguments", [["GetInstanc"], ["GetInstance"], ["GetInstance", "x=1"]])
def test_wrong_usage_asks_nobody(cli, arguments):
    assert cli("call", *arguments).status == 2  # without any region or credentials
