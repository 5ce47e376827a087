"""What a start and a stop bring with them, whoever asks for them; the calls' own rules are in test_instances."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from bench import START, Bench
from skysail.service import identity
from skysail.service.nouns.power import REMEMBERED_RUNS
from skysail.store.base import Place


@pytest.fixture
def bench() -> Bench:
    return Bench()


def private(bench: Bench) -> dict[str, Any]:
    with bench.lightsail.service.store.begin(write=False) as transaction:
        row = transaction.get(Place(identity.account_number("local"), bench.region), "web")
    assert row is not None
    found: dict[str, Any] = msgspec.json.decode(row.private)
    return found


def test_a_run_is_remembered_from_its_start_to_its_stop(bench: Bench) -> None:
    bench.instance()
    up = START + 1.5
    assert private(bench)["runningSince"] == up
    bench.client.stop_instance(instanceName="web")
    asked = bench.clock.now()
    bench.settle()
    bench.get()
    assert "runningSince" not in private(bench)
    assert private(bench)["ran"] == [[up, asked + 1]]


def test_only_the_latest_runs_are_remembered(bench: Bench) -> None:
    bench.instance()
    for _ in range(REMEMBERED_RUNS + 2):
        bench.client.stop_instance(instanceName="web")
        bench.settle()
        bench.client.start_instance(instanceName="web")
        bench.settle()
    ran = private(bench)["ran"]
    assert len(ran) == REMEMBERED_RUNS
    assert ran == sorted(ran)
    assert ran[-1][1] > bench.clock.now() - 180


def test_each_run_has_a_new_address_and_a_stopped_instance_has_none(bench: Bench) -> None:
    bench.instance()
    first = bench.get()["publicIpAddress"]
    bench.client.stop_instance(instanceName="web")
    assert bench.get()["publicIpAddress"] == first, "it is stopping"
    bench.settle()
    assert "publicIpAddress" not in bench.get()
    bench.client.start_instance(instanceName="web")
    bench.settle()
    assert bench.get()["publicIpAddress"] != first
