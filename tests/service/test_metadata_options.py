"""An instance's metadata options: how they change, and what is refused in which words."""

from __future__ import annotations

from typing import Any

import pytest

from bench import Bench, Refusal, refused
from modelled import misfits

NEW = {
    "state": "applied",
    "httpTokens": "optional",
    "httpEndpoint": "enabled",
    "httpPutResponseHopLimit": 1,
    "httpProtocolIpv6": "disabled",
}


@pytest.fixture
def bench() -> Bench:
    return Bench()


def update(bench: Bench, **options: Any) -> dict[str, Any]:
    operation: dict[str, Any] = bench.client.update_instance_metadata_options(instanceName="web", **options)[
        "operation"
    ]
    return operation


def options(bench: Bench) -> dict[str, Any]:
    found: dict[str, Any] = bench.get()["metadataOptions"]
    return found


def test_options_of_a_running_instance_are_pending_then_applied(bench: Bench) -> None:
    bench.instance()
    operation = update(bench, httpTokens="required", httpPutResponseHopLimit=2)
    assert (operation["operationType"], operation["operationDetails"]) == ("UpdateInstanceMetadataOptions", "")
    assert (operation["resourceName"], operation["status"]) == ("web", "Succeeded")
    changed = NEW | {"httpTokens": "required", "httpPutResponseHopLimit": 2}
    assert options(bench) == changed | {"state": "pending"}
    bench.settle()
    assert options(bench) == changed


def test_options_of_a_stopped_instance_are_applied_at_once(bench: Bench) -> None:
    bench.instance(state="stopped")
    update(bench, httpEndpoint="disabled")
    assert options(bench) == NEW | {"httpEndpoint": "disabled"}


def test_what_is_not_said_stays_but_for_tokens(bench: Bench) -> None:
    bench.instance()
    update(bench, httpTokens="required", httpEndpoint="disabled", httpPutResponseHopLimit=64)
    update(bench)
    bench.settle()
    assert options(bench) == NEW | {"httpEndpoint": "disabled", "httpPutResponseHopLimit": 64}


def test_a_change_before_the_former_is_applied_takes_its_place(bench: Bench) -> None:
    bench.instance()
    update(bench, httpPutResponseHopLimit=2)
    bench.clock.advance(0.9)
    update(bench, httpPutResponseHopLimit=3)
    bench.clock.advance(0.2)
    assert options(bench)["state"] == "pending"
    bench.clock.advance(0.9)
    assert options(bench) == NEW | {"httpPutResponseHopLimit": 3}


def test_ipv6_can_be_enabled_in_stockholm() -> None:
    bench = Bench(region="eu-north-1")
    bench.instance()
    update(bench, httpProtocolIpv6="enabled")
    bench.settle()
    assert options(bench) == NEW | {"httpProtocolIpv6": "enabled"}
    update(bench, httpEndpoint="disabled")
    assert options(bench)["httpProtocolIpv6"] == "enabled", "it counts again when the endpoint does"
    said = refused(lambda: update(bench, httpProtocolIpv6="enabled"))
    text = "The IPv6 endpoint can't be enabled while the HTTP metadata endpoint is disabled."
    assert said == Refusal("InvalidInputException", "InvalidParams", text)


@pytest.mark.parametrize("hop_limit", [0, -1, 65])
def test_a_hop_limit_out_of_range_is_refused(bench: Bench, hop_limit: int) -> None:
    bench.instance()
    said = refused(lambda: update(bench, httpPutResponseHopLimit=hop_limit))
    text = f"The HTTP PUT response hop limit must be between 1 and 64: {hop_limit}"
    assert said == Refusal("InvalidInputException", "InvalidParams", text)
    assert options(bench) == NEW


def test_ipv6_is_refused_elsewhere(bench: Bench) -> None:
    bench.instance()
    said = refused(lambda: update(bench, httpProtocolIpv6="enabled"))
    text = "The httpProtocolIpv6 parameter is only available in the eu-north-1 Region."
    assert said == Refusal("InvalidInputException", "UnsupportedOperation", text)


@pytest.mark.parametrize("state", ["pending", "stopping"])
def test_an_instance_on_its_way_is_refused(bench: Bench, state: str) -> None:
    bench.instance(state=state)
    said = refused(lambda: update(bench, httpTokens="required"))
    text = f"You can't change the metadata options right now. The state of this instance is: {state}"
    assert said == Refusal("InvalidInputException", "InvalidState", text)


def test_an_instance_that_is_not_there_is_refused(bench: Bench) -> None:
    assert refused(lambda: update(bench)).message == "The Instance does not exist: web"


def test_the_answer_is_as_the_model_says(bench: Bench) -> None:
    bench.instance()
    answer = bench.send({"instanceName": "web", "httpTokens": "required"}, "UpdateInstanceMetadataOptions")
    assert (answer.status, misfits("UpdateInstanceMetadataOptions", answer)) == (200, [])
