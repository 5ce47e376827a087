"""`skysail instances --watch`: a line for each change, whatever happens meanwhile."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from skysail.cli.watching import Look, changes
from skysail.errors import ConnectError


@pytest.fixture
def watch(cli, bench):
    """`watch(step, step, words=…)`: what is told while these steps happen, one between two looks; then Ctrl-C."""

    def call(*steps, words=(), answer=None):
        left = list(steps)

        def sleep(seconds):
            bench.clock.advance(seconds)
            if not left:
                raise KeyboardInterrupt
            left.pop(0)()

        world = replace(bench.lightsail.world, sleep=sleep)
        return cli("instances", "--watch", *words, bench=bench, world=world, answer=answer)

    return call


def test_each_change_is_a_line_with_its_time(watch, bench):
    bench.instance("web")
    address = bench.get()["publicIpAddress"]
    told = watch(
        lambda: bench.create("new"),
        bench.settle,
        lambda: bench.client.stop_instance(instanceName="web"),
        bench.settle,
        lambda: bench.client.delete_instance(instanceName="new"),
    )
    assert told.status == 130
    assert told.err == "watching 1 instance   us-east-1, profile default   Ctrl-C ends it\n"
    times, lines = zip(*(line.split(" ", 1) for line in told.out.splitlines()), strict=True)
    new_address = lines[2].rpartition(" ")[2]
    assert list(lines) == [
        "new + pending",
        "new pending → running",
        f"new address - → {new_address}",
        "web running → stopping",
        "web stopping → stopped",
        f"web address {address} → -",
        "new gone",
    ]
    assert list(times) == sorted(times)


def test_conditions_say_whom_to_watch(watch, bench):
    told = watch(lambda: bench.create("web", "db"), words=("--where", "name=web"))
    assert [line.split(" ", 1)[1] for line in told.out.splitlines()] == ["web + pending"]


def test_a_program_gets_an_object_a_change(watch, bench):
    told = watch(lambda: bench.create("web"), words=("-o", "jsonl"))
    found = json.loads(told.out)
    assert found.pop("at").startswith("2023-11-14T22:13:2")
    assert found == {"name": "web", "what": "new", "was": "", "now": "pending"}


def test_a_service_that_is_away_for_a_while_ends_no_watch(watch, bench):
    is_away = False

    def answer(request, serve):
        if is_away:
            raise ConnectError(endpoint_url="https://lightsail.us-east-1.amazonaws.com")
        return serve(request)

    def away(value):
        nonlocal is_away
        is_away = value

    told = watch(
        lambda: away(True), lambda: None, lambda: (away(False), bench.create("web"))[0], lambda: None, answer=answer
    )
    assert told.status == 130
    lines = told.err.splitlines()
    assert lines[1].startswith("error: us-east-1 (default): no connection to https://lightsail.us-east-1.amazonaws.com")
    assert lines[1].endswith(" — looking again every 2 s")
    assert lines[2:] == ["there again after 4 s"]
    assert "web + pending\n" in told.out


def test_what_does_not_pass_by_itself_ends_it(watch, bench):
    told = watch(
        lambda: bench.lightsail.faults.error("GetInstances", code="AccessDeniedException", status=400), lambda: None
    )
    assert told.status == 1


@pytest.mark.parametrize(
    ("after", "told"),
    [
        (Look("a1", "running", "192.0.2.1"), []),
        (Look("a1", "stopped", ""), ["web running → stopped", "web address 192.0.2.1 → -"]),
        (None, ["web gone"]),
        (Look("a2", "pending", ""), ["web gone", "web + pending"]),
    ],
)
def test_one_that_was_made_anew_is_another_one(after, told):
    before = {"web": Look("a1", "running", "192.0.2.1")}
    assert list(map(str, changes(before, {} if after is None else {"web": after}))) == told
