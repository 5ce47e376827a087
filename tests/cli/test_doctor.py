"""`skysail doctor`: a line for each thing that is or is not as it should be, against a real server."""

from __future__ import annotations

import json
import time
from dataclasses import replace

import pytest

import skysail
from running_server import RunningServer, neutral_environment
from skysail.cli.diagnosis import reads
from skysail.world import system_world

ALL = len(reads())
CONFIG = """
[profile prod]
aws_access_key_id = 111122223333
aws_secret_access_key = x
endpoint_url = {url}
[profile gone]
aws_access_key_id = 222233334444
aws_secret_access_key = x
endpoint_url = http://127.0.0.1:9
[profile lost]
role_arn = arn:aws:iam::111122223333:role/x
source_profile = nobody
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with RunningServer(tmp_path_factory.mktemp("doctor")) as server:
        yield server


@pytest.fixture
def doctor(cli, server, tmp_path, monkeypatch):
    """`doctor(*words)` in surroundings with three profiles, of which one lives."""
    config = tmp_path / "config"
    config.write_text(CONFIG.format(url=server.url))
    environment = neutral_environment(tmp_path, AWS_CONFIG_FILE=str(config))

    def call(*words, world=None, **more):
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE", "AWS_DEFAULT_REGION"):
            monkeypatch.delenv(name, raising=False)
        for name, value in {**environment, **more}.items():
            monkeypatch.setenv(name, value)
        return cli("doctor", *words, environ={**environment, **more}, world=world)

    return call


def lines(told):
    return [line.split(None, 2) for line in told.out.splitlines()]


@pytest.fixture
def faults(server):
    """What goes wrong at the server, until the test ends."""
    faults = skysail.server_handle(server.url).faults
    yield faults
    faults.clear()


def test_each_profile_is_told_with_what_to_do(doctor, server):
    told = doctor()
    assert told.status == 3
    found = lines(told)
    assert ["ok", "endpoint", f"{server.url}, by endpoint_url of profile prod: not AWS"] in found
    assert ["ok", "clock", "the same as the service's"] in found
    assert ["ok", "prod", f"account 111122223333, 19 of 19 regions, {ALL} of {ALL} reads allowed"] in found
    assert [
        "error",
        "gone",
        "no connection to http://127.0.0.1:9 — is it running? skysail serve starts one",
    ] in found
    assert "lost" in [about for grade, about, _ in found if grade == "error"]


def test_all_well_is_status_0(doctor):
    told = doctor("--profile", "prod", "--region", "us-*")
    assert (told.status, told.err) == (0, "")
    assert lines(told)[-1] == ["ok", "prod", f"account 111122223333, 3 of 3 regions, {ALL} of {ALL} reads allowed"]


@pytest.mark.parametrize(
    ("words", "more", "status", "line"),
    [
        (["--profile", "gone"], {}, 5, "no connection to http://127.0.0.1:9"),
        ([], {"AWS_CONFIG_FILE": "none"}, 2, "no credentials were found"),
    ],
)
def test_of_no_use_at_all_is_the_status_of_the_reason(doctor, words, more, status, line):
    told = doctor(*words, **more)
    assert told.status == status
    assert line in told.out.splitlines()[-1]


def test_a_profile_that_would_ask_for_a_code_is_left_alone_unless_it_is_named(doctor, tmp_path):
    told = doctor("--region", "us-east-1")
    config = (tmp_path / "config").read_text()
    (tmp_path / "config").write_text(f"{config}mfa_serial = arn:aws:iam::111122223333:mfa/me\n")
    assert [about for _, about, _ in lines(told)].count("lost") == 1
    told = doctor("--region", "us-east-1")
    assert lines(told)[-1] == [
        "note",
        "lost",
        "wants the code of an MFA device, and is not asked for it unless it is named — skysail doctor --profile lost",
    ]


def test_keys_in_the_environment_are_a_login_of_their_own(doctor, server):
    keys = {"AWS_ACCESS_KEY_ID": "444455556666", "AWS_SECRET_ACCESS_KEY": "x"}
    told = doctor("--region", "us-east-1", "--endpoint", server.url, **keys)
    assert ["ok", "environment", f"account 444455556666, 1 of 1 regions, {ALL} of {ALL} reads allowed"] in lines(told)


def test_what_the_policy_lacks_is_named(doctor, faults):
    for operation in ("GetDisks", "GetInstancePortStates"):
        faults.error(operation, code="AccessDeniedException", status=400)
    told = doctor("--profile", "prod", "--region", "us-east-1")
    assert told.status == 3
    assert lines(told)[-2:] == [
        ["ok", "prod", f"account 111122223333, 1 of 1 regions, {ALL - 2} of {ALL} reads allowed"],
        [
            "error",
            "prod",
            "its policy lacks lightsail:GetDisks, lightsail:GetInstancePortStates — allow lightsail:Get*, or these",
        ],
    ]


def test_a_region_that_is_not_enabled_is_a_note_and_one_that_fails_an_error(doctor, faults):
    faults.error("*", region="eu-west-3", code="UnrecognizedClientException", status=400)
    faults.error("*", region="eu-west-2", code="AccessDeniedException", status=400)
    told = doctor("--profile", "prod", "--region", "us-east-1", "--region", "eu-west-*")
    assert told.status == 0
    assert lines(told)[-3:] == [
        ["ok", "prod", f"account 111122223333, 3 of 4 regions, {ALL} of {ALL} reads allowed"],
        ["note", "prod", "not enabled: eu-west-3 — usual for regions of choice; leave them out: --skip-disabled"],
        ["note", "prod", "not allowed in eu-west-2 — a policy keeps it out there"],
    ]
    faults.error("*", region="eu-west-1", code="InvalidInputException", status=400)
    told = doctor("--profile", "prod", "--region", "us-east-1", "--region", "eu-west-1")
    assert told.status == 3
    assert lines(told)[-1][2].startswith("refused in eu-west-1")


@pytest.mark.parametrize(
    ("ahead_s", "grade", "line", "status"),
    [
        (120, "note", "120 s ahead of the service's: from 300 s on signatures are refused", 0),
        (-400, "error", "400 s behind the service's: signatures are refused", 1),
    ],
)
def test_a_clock_that_is_off_is_told_by_how_much(doctor, ahead_s, grade, line, status):
    world = replace(system_world(), now=lambda: time.time() + ahead_s + (0.5 if ahead_s > 0 else -0.5))
    told = doctor("--profile", "prod", "--region", "us-east-1", world=world)
    assert told.status == status
    clock = next(found for found in lines(told) if found[1] == "clock")
    assert clock[0] == grade
    seconds = int(clock[2].split()[0])
    assert abs(seconds - abs(ahead_s)) <= 1
    assert clock[2].replace(str(seconds), str(abs(ahead_s)), 1).startswith(line)


def test_json_has_the_same_for_programs(doctor):
    told = doctor("-o", "json", "--profile", "gone")
    found = json.loads(told.out)
    assert found[-1]["grade"] == "error"
    assert found[-1]["about"] == "gone"
    assert found[-1]["remedy"] == "is it running? skysail serve starts one"


def test_on_a_terminal_the_first_word_is_coloured_and_the_remedy_bold(doctor):
    told = doctor("--profile", "gone", "--color", "always")
    last = told.out.splitlines()[-1]
    assert last.startswith("\x1b[31merror\x1b[0m  gone")
    assert last.endswith("— \x1b[1mis it running? skysail serve starts one\x1b[0m")
