"""HTTPS set up on an instance: its steps by the clock, its history, and what is refused."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from bench import Bench, Refusal, refusal, refusal_in
from modelled import misfits
from skysail.errors import ServiceError
from skysail.service.families.https_setup import COMMANDS

ORDER: dict[str, Any] = {
    "instanceName": "web",
    "emailAddress": "me@example.com",
    "domainNames": ["example.com", "www.example.com"],
    "certificateProvider": "LetsEncrypt",
}


def refused(bench: Bench, **changed: Any) -> Refusal:
    return refusal_in(bench.send(ORDER | changed, "SetupInstanceHttps"))  # past what a client would refuse


def history(bench: Bench) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = bench.client.get_setup_history(resourceName="web")["setupHistory"]
    return found


def test_a_run_goes_command_by_command_to_its_end(bench: Bench) -> None:
    bench.instance()
    response = bench.send(ORDER, "SetupInstanceHttps")
    assert misfits("SetupInstanceHttps", response) == []
    (operation,) = msgspec.json.decode(response.body)["operations"]
    assert (operation["operationType"], operation["status"]) == ("SetupInstanceHttps", "Started")
    for done in range(len(COMMANDS)):
        (run,) = history(bench)
        assert run["status"] == "inProgress"
        assert [detail["status"] for detail in run["executionDetails"]] == ["succeeded"] * done + ["inProgress"]
        bench.clock.advance(2 / len(COMMANDS) + 0.001)
    assert misfits("GetSetupHistory", bench.send({"resourceName": "web"}, "GetSetupHistory")) == []
    (run,) = history(bench)
    assert (run["status"], run["operationId"]) == ("succeeded", operation["id"])
    assert [(detail["command"], detail["status"]) for detail in run["executionDetails"]] == [
        (command, "succeeded") for command in COMMANDS
    ]
    assert run["request"] == {name: ORDER[name] for name in ("instanceName", "domainNames", "certificateProvider")}
    instance = bench.get()
    assert run["resource"] == {
        name: instance[name] for name in ("name", "arn", "createdAt", "location", "resourceType")
    }
    assert bench.operations("web")[-1]["status"] == "Succeeded"


def test_a_run_on_an_instance_that_is_stopped_meanwhile_fails(bench: Bench) -> None:
    bench.instance()
    bench.client.setup_instance_https(**ORDER)
    bench.client.stop_instance(instanceName="web")
    bench.settle()
    (run,) = history(bench)
    assert (run["status"], run["executionDetails"][-1]["status"]) == ("failed", "failed")
    entry = next(entry for entry in bench.operations("web") if entry["operationType"] == "SetupInstanceHttps")
    assert (entry["status"], entry["errorCode"]) == ("Failed", "SetupFailed")


def test_the_last_five_runs_are_kept_newest_first_and_come_in_pages() -> None:
    bench = Bench(page_size=2)
    bench.instance()
    ids = []
    for _ in range(7):
        ids.append(bench.client.setup_instance_https(**ORDER)["operations"][0]["id"])
        bench.settle()
    pages: list[list[str]] = []
    asked: dict[str, Any] = {"resourceName": "web"}
    while True:
        answer = bench.client.get_setup_history(**asked)
        pages.append([run["operationId"] for run in answer["setupHistory"]])
        if "nextPageToken" not in answer:
            break
        assert 24 <= len(answer["nextPageToken"]) <= 40, "the model's limits"
        asked["pageToken"] = answer["nextPageToken"]
    newest = ids[:1:-1]
    assert pages == [newest[:2], newest[2:4], newest[4:]]
    bench.close()


LONG = ".".join(["a" * 40, "b" * 40, "com"])
BAD: dict[str, tuple[dict[str, Any], str]] = {
    "no address": ({"emailAddress": "me.example.com"}, "The email address is not valid."),
    "a long address": ({"emailAddress": f"me@{'a.' * 130}com"}, "The email address is not valid."),
    "no domain": ({"domainNames": []}, "The number of domain names must be from 1 to 10."),
    "eleven domains": ({"domainNames": ["a.com"] * 11}, "The number of domain names must be from 1 to 10."),
    "a wildcard": ({"domainNames": ["*.example.com"]}, "The domain name is not valid: *.example.com"),
    "one label": ({"domainNames": ["localhost"]}, "The domain name is not valid: localhost"),
    "long ones alone": ({"domainNames": [LONG]}, "At least one domain name must have 63 characters or less."),
}


@pytest.mark.parametrize("what", BAD)
def test_what_does_not_fit_is_refused(bench: Bench, what: str) -> None:
    bench.instance()
    changed, text = BAD[what]
    assert refused(bench, **changed) == Refusal("InvalidInputException", "InvalidParams", text)
    assert history(bench) == []


@pytest.mark.parametrize("state", ["pending", "stopping", "stopped"])
def test_an_instance_that_does_not_run_is_refused(bench: Bench, state: str) -> None:
    bench.instance(state=state)
    text = f"You can't set up HTTPS on this instance because it is {state}: web"
    assert refused(bench) == Refusal("InvalidInputException", "InvalidState", text)


def test_a_second_run_waits_for_the_first(bench: Bench) -> None:
    bench.instance()
    bench.client.setup_instance_https(**ORDER)
    assert refused(bench).message == "HTTPS is already being set up on this instance: web"


def test_windows_is_refused(bench: Bench) -> None:
    bench.instance(blueprintId="windows_server_2022", bundleId="medium_win_3_0")
    assert refused(bench) == Refusal(
        "InvalidInputException", "UnsupportedOperation", "You can't set up HTTPS on a Windows instance: web"
    )


def test_the_history_of_nothing_is_not_found(bench: Bench) -> None:
    with pytest.raises(ServiceError) as caught:
        bench.client.get_setup_history(resourceName="web")
    assert refusal(caught.value) == Refusal("NotFoundException", "DoesNotExist", "The Instance does not exist: web")
