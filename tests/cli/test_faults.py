"""`skysail faults`: added in words, listed with what they did, cleared one or all."""

from __future__ import annotations

import json

import pytest

URL = "http://127.0.0.1:4570"


@pytest.mark.parametrize(
    ("words", "columns"),
    [
        ("throttle GetInstances --first 2", ["throttle", "GetInstances", "first 2", "everywhere"]),
        ("error --status 400 --code Odd --message no", ["error 400 Odd", "*", "all", "everywhere"]),
        ("delay Get* --seconds 2.5 --every 3", ["delay 2.5 s", "Get*", "each 3", "everywhere"]),
        (
            "cut --when after --share 0.1 --account 111122223333 --region us-east-1",
            ["cut after", "*", "10 %", "111122223333 us-east-1"],
        ),
    ],
)
def test_a_fault_is_added_and_shown(cli, bench, words, columns):
    told = cli("faults", "add", *words.split(), bench=bench)
    header, line = told.out.splitlines()
    assert header.split() == ["ID", "FAULT", "OPERATION", "WHICH", "WHERE", "INJECTED"]
    rule = bench.lightsail.faults.rules()[0]
    assert [part.strip() for part in line.split("  ") if part.strip()] == [rule.id[:8], *columns, "0 of 0"]
    assert (told.status, told.err) == (0, "")


def test_a_list_says_how_often_each_came_about(cli, bench):
    cli("faults", "add", "throttle", "--every", "3", bench=bench)
    for _ in range(7):
        bench.send()
    assert cli("faults", bench=bench).out.splitlines()[1].endswith("each 3  everywhere  2 of 7")
    (fault,) = json.loads(cli("faults", "list", "-o", "json", bench=bench).out)["faults"]
    assert (fault["kind"], fault["met"], fault["injected"], fault["every"]) == ("throttle", 7, 2, 3)


def test_no_faults_are_told_as_none(cli, bench):
    told = cli("faults", bench=bench)
    assert (told.status, told.out) == (0, "")
    assert told.err == f"nothing: {URL} has no faults — skysail faults add throttle --first 2\n"
    assert json.loads(cli("faults", "-o", "json", bench=bench).out) == {"faults": []}


def test_faults_are_cleared_by_the_beginning_of_an_id_or_all(cli, bench):
    first, *_ = [bench.lightsail.faults.throttle(first=number) for number in (1, 2, 3)]
    assert cli("faults", "clear", first.id[:8], bench=bench).err == f"{URL}: 1 fault cleared\n"
    assert [rule.first for rule in bench.lightsail.faults.rules()] == [2, 3]
    assert cli("faults", "clear", bench=bench).err == f"{URL}: 2 faults cleared\n"
    assert cli("faults", "clear", bench=bench).err == f"{URL}: 0 faults cleared\n"


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ("ad", "faults ad is none of list, add, clear — skysail faults --help"),
        ("add", "faults add needs one of throttle, error, delay, cut — skysail faults add throttle GetInstances"),
        ("add GetInstances", "faults add GetInstances is none of throttle, error, delay, cut — skysail faults add"),
        ("add throttle GetInstnces", "no operation GetInstnces — did you mean GetInstances, GetInstance or"),
        ("add throttle Got*", "no fault: Got* is no operation, nor a pattern of any"),
        ("add throttle GetA GetB", "faults add takes no GetB — quote a pattern: 'Get*'"),
        ("--first 2", "faults list takes no --first — skysail faults add throttle --first 2"),
        ("clear --region us-east-1", "faults clear takes no --region — skysail faults"),
        ("clear nothing", "there is no fault nothing — skysail faults lists them"),
        ("add delay", "no fault: a delay needs seconds"),
        ("add cut --share 2", "no fault: share is between 0 and 1"),
        ("add cut --first 0", "--first: 0 is not in the range x>=1"),
    ],
)
def test_what_makes_no_sense_is_one_line_and_asks_for_nothing(cli, bench, words, line):
    told = cli("faults", *words.split(), bench=bench)
    assert (told.status, told.out, told.err.count("\n")) == (2, "", 1)
    assert told.err.startswith(f"error: {line}")
    assert bench.lightsail.faults.rules() == ()


def test_an_id_that_is_not_one_faults_own_clears_none(cli, bench):
    bench.lightsail.faults.throttle()
    bench.lightsail.faults.throttle()
    assert cli("faults", "clear", "", bench=bench).status == 2
    assert len(bench.lightsail.faults.rules()) == 2
