"""Code that people copy: whatever strangers put into a call, a link or a name, it is that call and nothing else."""

from __future__ import annotations

import ast
import json
import re
import subprocess
from dataclasses import replace
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench import Bench
from console.browsing import Browsing
from skysail.console.code import Called, aws_cli, codes, python, skysail_call
from skysail.protocol.model import service_model

TEXTS = st.text(
    st.sampled_from("ax-;$()'\"\\`\n\t\r\x03\x1b\x7f\x9b\u202e\u2028é☃😀 =&|<>{}[]*?~#!%@:/"), min_size=1, max_size=9
)
ODD = [
    "x; touch pwned #",
    "$(touch pwned)",
    "`id`",
    "it's",
    '");import os;os.system("id',
    "\x1b[201~\ntouch pwned\x03\x7f\x9b\u202e",
    "--endpoint-url=http://evil.example",
    "file:///etc/passwd",
    "class",
]
VALUES = st.one_of(TEXTS, st.sampled_from(ODD), st.lists(TEXTS, max_size=2), st.dictionaries(TEXTS, TEXTS, max_size=2))
NAMES = st.one_of(st.sampled_from(["instanceName", *ODD]), TEXTS)
SHELL = 'show() { printf "%s\\0" "$@"; }; aws() { show "$AWS_ACCESS_KEY_ID" aws "$@"; }; skysail() { show "" "$@"; }; '


def words(command: str) -> list[str]:
    """What a shell makes of it, where two functions stand for the programs."""
    with TemporaryDirectory() as nowhere:  # where a redirection that gets through leaves its file
        run = subprocess.run(["bash", "-c", SHELL + command], capture_output=True, timeout=20, check=True, cwd=nowhere)
    assert run.stderr == b""
    return run.stdout.decode().split("\0")[:-1]


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(NAMES, VALUES, max_size=3), TEXTS, TEXTS)
def test_a_command_is_one_command_with_the_words_that_it_was_given(
    arguments: dict[str, Any], region: str, host: str
) -> None:
    called = Called(service_model().operation("GetInstance"), arguments, region, f"http://{host}", "111122223333")
    for command, where in ((aws_cli(called), "--endpoint-url"), (skysail_call(called), "--endpoint")):
        assert all(sign.isprintable() or sign == "\n" for sign in command)
        found = words(command)
        assert found[-4:] == ["--region", region, where, f"http://{host}"]
        if "--cli-input-json" in command or "--json" in command:
            assert json.loads(found[-5]) == arguments


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(NAMES, VALUES, max_size=3), TEXTS, TEXTS)
def test_a_program_is_one_call_of_plain_values(arguments: dict[str, Any], region: str, host: str) -> None:
    called = Called(service_model().operation("GetInstance"), arguments, region, f"http://{host}", "111122223333")
    written = python("boto3", called)
    assert all(sign.isprintable() or sign == "\n" for sign in written)
    imported, client, answer = ast.parse(written).body
    assert isinstance(imported, ast.Import)
    for one in (client, answer):
        assert isinstance(one, ast.Assign)
        assert isinstance(one.value, ast.Call)
    assert isinstance(client, ast.Assign)
    assert isinstance(client.value, ast.Call)
    assert {word.arg: ast.literal_eval(word.value) for word in client.value.keywords}["region_name"] == region
    assert isinstance(answer, ast.Assign)
    assert isinstance(answer.value, ast.Call)
    given: dict[str, Any] = {}
    for word in answer.value.keywords:
        value = ast.literal_eval(word.value)
        given |= value if word.arg is None else {word.arg: value}
    assert given == arguments


@pytest.mark.parametrize("value", ["--no-verify-ssl", "file:///etc/passwd", "https://evil.example/", ["a", "-b"]])
def test_a_value_that_the_aws_cli_takes_for_more_is_json(value: Any) -> None:
    called = Called(service_model().operation("GetInstance"), {"instanceName": value}, "us-east-1", "http://h")
    assert json.loads(words(aws_cli(called))[5]) == {"instanceName": value}


def test_a_usual_call_stays_as_people_write_it() -> None:
    called = Called(service_model().operation("GetInstance"), {"instanceName": "web-1"}, "us-east-1", "http://h:1", "1")
    told = {one.how: one.text for one in codes(called)}
    assert (
        "aws lightsail get-instance --instance-name web-1 --region us-east-1 --endpoint-url http://h:1"
        in told["AWS CLI"]
    )
    assert 'get_instance(instanceName="web-1")' in told["boto3"]


@pytest.mark.parametrize("place", ["$(id)", '";id;"', "us-east-1 ; id"])
def test_a_link_puts_no_region_of_its_own_into_the_code(browsing: Browsing, place: str) -> None:
    shown = browsing.page(f"instances?region=all&{urlencode({'at': place})}").partition("The same as code")[2]
    assert "--region us-east-1 --endpoint-url" in shown
    assert "id;" not in shown
    assert "id)" not in shown
    assert "; id" not in shown


ODD_CALLS: dict[str, dict[str, Any]] = {
    "no object": {"body": b"[1]"},
    "a text": {"body": b'"x"'},
    "no JSON": {"body": b"{"},
    "an unknown member": {"body": {"x; id #": 1}},
    "nothing": {"body": b""},
    "a region that there is not": {"body": {"instanceName": "x"}, "region": "nowhere;id"},
    "of another service": {"service": "sts", "operation": None, "body": b"Action=GetCallerIdentity&Version=2011-06-15"},
}


@pytest.mark.parametrize("case", ODD_CALLS)
def test_a_call_that_was_not_understood_has_its_page_too(bench: Bench, browsing: Browsing, case: str) -> None:
    bench.send(**{"operation": "GetInstance", **ODD_CALLS[case]})
    [call] = bench.lightsail.calls()
    browsing.page(f"calls/{call['id']}")
    browsing.page(f"instances?did={call['id']}")


def test_a_call_whose_sender_was_not_let_in_has_its_page_too(bench: Bench, browsing: Browsing) -> None:
    signed = bench.signed({"instanceName": "x"}, "GetInstance")
    bench.lightsail.service.answer(replace(signed, headers={**signed.headers, "authorization": "nothing"}))
    [call] = bench.lightsail.calls()
    assert "GetInstance" in browsing.page(f"calls/{call['id']}")
    browsing.page(f"instances?did={call['id']}")


@pytest.mark.parametrize("user", ["-oProxyCommand=touch pwned;", "a;id", "$(id)", "a\nb"])
def test_a_document_s_user_is_no_command_to_copy(bench: Bench, browsing: Browsing, user: str) -> None:
    """A store that somebody has handed over, or a mirror of a service that is somebody's, has any document."""
    bench.instance()
    usual = browsing.page("instances/us-east-1/web")
    assert re.search(r"Connect ssh [a-z0-9-]+@[0-9.]+ ", usual), usual
    with bench.lightsail.store.begin(write=True) as transaction:
        row = next(row for row in transaction.every_row(None, 9) if row.kind == "Instance")
        document = {**json.loads(row.document), "username": user}
        transaction.update(replace(row, document=json.dumps(document).encode()))
    page = browsing.page("instances/us-east-1/web")
    assert "not known how" in page
    assert f"ssh {user}" not in page
