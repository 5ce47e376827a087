"""GUI sessions of instances of Lightsail for Research."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import msgspec
import pytest

from bench import Bench, entries, refused
from modelled import misfits
from skysail.service import identity
from skysail.store.base import Place


def for_research(bench: Bench, state: str = "running") -> None:
    """An instance on a bundle of Lightsail for Research, such as an import brings."""
    if state == "pending":
        bench.create("web")
    else:
        bench.instance(state=state)
    place = Place(identity.account_number("local"), bench.region)
    with bench.lightsail.store.begin(write=True) as transaction:
        row = transaction.get(place, "web")
        assert row is not None
        document = msgspec.json.decode(row.document) | {"bundleId": "app_standard_xl_1_0"}
        transaction.update(replace(row, document=msgspec.json.encode(document)))


def details(bench: Bench) -> dict[str, Any]:
    return dict(bench.client.create_gui_session_access_details(resourceName="web"))


def status(bench: Bench) -> str:
    return str(details(bench)["status"])


def start(bench: Bench) -> Any:
    return bench.client.start_gui_session(resourceName="web")["operations"]


def stop(bench: Bench) -> Any:
    return bench.client.stop_gui_session(resourceName="web")["operations"]


def test_a_session_is_opened_expires_is_resumed_and_is_closed(bench: Bench) -> None:
    for_research(bench, "pending")
    assert (status(bench), details(bench)["percentageComplete"]) == ("settingUpInstance", 0)
    bench.clock.advance(1)
    assert details(bench)["percentageComplete"] == 66
    bench.settle()
    assert status(bench) == "notStarted"
    assert entries(start(bench)) == [("Instance", "web", "StartGUISession", None, "Started")]
    assert status(bench) == "starting"
    bench.settle()
    assert status(bench) == "started"
    bench.clock.advance(3600)
    assert status(bench) == "startExpired"
    start(bench)
    bench.settle()
    assert status(bench) == "started"
    assert entries(stop(bench)) == [("Instance", "web", "StopGUISession", None, "Started")]
    assert status(bench) == "stopping"
    bench.settle()
    assert status(bench) == "stopped"
    bench.clock.advance(3600)
    assert status(bench) == "stopped", "nothing is left of the session that was resumed"
    assert {one["status"] for one in bench.operations("web")} == {"Succeeded"}


def test_an_open_session_has_two_urls_other_ones_each_time(bench: Bench) -> None:
    for_research(bench)
    assert "sessions" not in details(bench)
    start(bench)
    bench.settle()
    one, two = (details(bench)["sessions"] for _ in range(2))
    assert [(each["name"], each["isPrimary"]) for each in one] == [
        ("Amazon Linux 2023", True),
        ("Operating system", False),
    ]
    assert all(re.fullmatch(r"https://[\d.]+:8443/\?authToken=[0-9a-f]{32}#\w+", each["url"]) for each in one)
    assert one[0]["url"] != two[0]["url"]
    answered = bench.send({"resourceName": "web"}, "CreateGUISessionAccessDetails")
    assert misfits("CreateGUISessionAccessDetails", answered) == []


def test_a_session_ends_with_the_instances_run(bench: Bench) -> None:
    for_research(bench)
    start(bench)
    bench.settle()
    bench.client.stop_instance(instanceName="web")
    assert status(bench) == "stopped"
    bench.settle()
    bench.client.start_instance(instanceName="web")
    bench.settle()
    assert status(bench) == "stopped"
    start(bench)
    bench.client.stop_instance(instanceName="web")
    bench.settle()
    assert status(bench) == "failedStartingGUISession"
    assert details(bench)["failureReason"] == "The virtual computer is not running: web"
    assert bench.operations("web")[-2]["errorCode"] == "StartGUISessionFailed"


@pytest.mark.parametrize("call", ["start_gui_session", "stop_gui_session", "create_gui_session_access_details"])
def test_other_instances_have_none(bench: Bench, call: str) -> None:
    bench.instance()
    message = "GUI sessions are supported only for Lightsail for Research resources: web"
    assert refused(getattr(bench.client, call), resourceName="web").message == message
    assert refused(getattr(bench.client, call), resourceName="nil").kind == "NotFoundException"


def test_what_does_not_fit_the_status_is_refused(bench: Bench) -> None:
    for_research(bench, "stopped")
    assert refused(start, bench=bench).message == (
        "You can't start a GUI session because the virtual computer is stopped"
    )
    bench.client.start_instance(instanceName="web")
    bench.settle()
    assert refused(stop, bench=bench).message == (
        "You can't stop this GUI session right now. The status of the session is: notStarted"
    )
    start(bench)
    assert refused(start, bench=bench).message == (
        "You can't start a GUI session right now. The status of the session is: starting"
    )
