"""`skysail clock`: a server's time on one line, moved in words, and told where there is none."""

from __future__ import annotations

import json

import pytest

from bench import START

URL = "http://127.0.0.1:4570"


def test_the_time_is_the_result_and_how_it_runs_is_said_beside_it(cli, bench):
    assert cli("clock", bench=bench) == (
        0,
        "2023-11-14T22:13:20Z\n",
        f"{URL}: the clock runs as fast as the machine's\n",
    )


@pytest.mark.parametrize(
    ("words", "time", "runs"),
    [
        ("advance 5m", "2023-11-14T22:18:20Z", "runs as fast as the machine's"),
        ("advance 1d12h", "2023-11-16T10:13:20Z", "runs as fast as the machine's"),
        ("set 2027-01-01T00:00Z", "2027-01-01T00:00:00Z", "runs as fast as the machine's"),
        ("run manual", "2023-11-14T22:13:20Z", "stands still until it is moved"),
        ("run x3600", "2023-11-14T22:13:20Z", "runs 3,600 times as fast as the machine's"),
    ],
)
def test_a_clock_is_moved_and_told_as_it_is_then(cli, bench, words, time, runs):
    assert cli("clock", *words.split(), bench=bench) == (0, f"{time}\n", f"{URL}: the clock {runs}\n")


def test_real_is_the_machines_time_again(cli, bench):
    cli("clock", "advance", "5m", bench=bench)
    cli("clock", "run", "real", bench=bench)
    assert bench.lightsail.clock.now() == START + 300
    assert cli("clock", "real", bench=bench).out == "2023-11-14T22:13:20Z\n"


def test_json_is_what_the_server_says(cli, bench):
    told = cli("clock", "run", "x60", "-o", "json", bench=bench)
    assert json.loads(told.out) == {"now": START, "time": "2023-11-14T22:13:20Z", "rate": 60}
    assert told.err == ""


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ("advance", "clock advance needs a value — skysail clock advance 5m"),
        ("advance soon", "'soon' is no length of time: 90, 90s, 5m, 1.5h, 1d12h"),
        ("set", "clock set needs a value — skysail clock set 2027-01-01T00:00Z"),
        ("set tomorrow", "'tomorrow' is no time: 2027-01-01T00:00Z, or seconds since 1970"),
        ("set 5", "a clock only goes forward: it is 2023-11-14T22:13:20Z, not to be 1970-01-01T00:00:05Z"),
        ("run fast", "clock run fast is none of real, manual, x60 (60 times as fast)"),
        ("real 5m", "clock real takes no value — skysail clock set 5m"),
        ("forward 5m", "clock forward is none of advance, set, run, settle, real — skysail clock --help"),
    ],
)
def test_what_a_clock_cannot_do_is_one_line_and_changes_nothing(cli, bench, words, line):
    assert cli("clock", *words.split(), bench=bench) == (2, "", f"error: {line}\n")
    assert bench.lightsail.clock.now() == START


def test_where_no_server_is_it_says_how_to_start_one(cli):
    told = cli("clock", "--endpoint", "http://127.0.0.1:1")
    assert told == (5, "", "error: no connection to http://127.0.0.1:1 — is it running? skysail serve starts one\n")


def test_aws_is_not_asked_for_its_clock(cli):
    told = cli("clock", "--endpoint", "https://lightsail.us-east-1.amazonaws.com")
    assert (told.status, told.err.count("\n")) == (2, 1)
    assert "is AWS's" in told.err


@pytest.mark.parametrize("name", ["SKYSAIL_ENDPOINT", "AWS_ENDPOINT_URL_LIGHTSAIL"])
def test_a_server_is_found_by_the_environment(cli, served, monkeypatch, name):
    monkeypatch.setenv(name, served)
    told = cli("clock", "-o", "json")
    assert json.loads(told.out)["rate"] == 1


def test_a_store_without_a_server_has_a_clock_too(cli, tmp_path):
    place = f"local:{tmp_path}/fleet.db"
    assert cli("clock", "set", "2099-01-01", "--endpoint", place).out == "2099-01-01T00:00:00Z\n"
