"""Add-ons: how they are switched on and off, what they do by the clock, and what is refused in which words."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from bench import Bench, Refusal, refused
from modelled import misfits
from skysail.service import identity
from skysail.service.nouns.add_ons import next_time
from skysail.store.base import Place, Row

HOUR, DAY = 3600.0, 86_400.0
INVALID, STATE, UNSUPPORTED = "InvalidParams", "InvalidState", "UnsupportedOperation"


@pytest.fixture
def bench() -> Bench:
    return Bench()


def asked(time: str | None = None) -> dict[str, Any]:
    settings = {} if time is None else {"autoSnapshotAddOnRequest": {"snapshotTimeOfDay": time}}
    return {"addOnType": "AutoSnapshot", **settings}


def idle(threshold: str = "5", duration: str = "15") -> dict[str, Any]:
    settings = {"threshold": threshold, "duration": duration}
    return {"addOnType": "StopInstanceOnIdle", "stopInstanceOnIdleRequest": settings}


def enable(bench: Bench, time: str | None = None, name: str = "web") -> list[dict[str, Any]]:
    operations: list[dict[str, Any]] = bench.client.enable_add_on(resourceName=name, addOnRequest=asked(time))[
        "operations"
    ]
    return operations


def disable(bench: Bench, kind: str = "AutoSnapshot") -> list[dict[str, Any]]:
    operations: list[dict[str, Any]] = bench.client.disable_add_on(resourceName="web", addOnType=kind)["operations"]
    return operations


def at(bench: Bench, hour: float) -> None:
    """Move the clock to that hour of the day after it began, 2023-11-15."""
    bench.clock.advance(datetime(2023, 11, 15, tzinfo=UTC).timestamp() + hour * HOUR - bench.clock.now())


def shown(bench: Bench) -> list[dict[str, Any]]:
    add_ons: list[dict[str, Any]] = bench.get()["addOns"]
    return add_ons


def snapshots(bench: Bench, name: str = "web") -> list[datetime]:
    found = bench.client.get_auto_snapshots(resourceName=name)["autoSnapshots"]
    return [entry["createdAt"] for entry in found]


def hours(bench: Bench) -> list[str]:
    return [f"{moment:%d %H:%M}" for moment in snapshots(bench)]


def stored(bench: Bench, name: str, kind: str, change: Callable[[dict[str, Any]], None], document: Any = None) -> None:
    """Change a resource's document behind the service's back, or put one there."""
    place = Place(identity.account_number("local"), bench.region)
    with bench.lightsail.service.store.begin(write=True) as transaction:
        row = transaction.get(place, name)
        found = msgspec.json.decode(row.document) if row else document
        change(found)
        new = Row(place, kind, name, row.id if row else name, row.number if row else 1, msgspec.json.encode(found))
        (transaction.update if row else lambda one: transaction.insert([one]))(new)


def with_disk(bench: Bench, state: str = "available") -> str:
    location = {"availabilityZone": f"{bench.region}a", "regionName": bench.region}
    disk = {"name": "data", "arn": "arn:d", "location": location, "resourceType": "Disk", "sizeInGb": 8, "state": state}
    stored(bench, "data", "Disk", lambda _: None, disk)
    return "data"


def for_research(bench: Bench, state: str = "running") -> None:
    """An instance on a bundle of Lightsail for Research, such as an import brings."""
    bench.instance(state=state)
    stored(bench, "web", "Instance", lambda document: document.update(bundleId="app_standard_xl_1_0"))


# --- on and off -------------------------------------------------------------------------------------------


def test_an_instance_without_add_ons_shows_none(bench: Bench) -> None:
    bench.instance()
    assert "addOns" not in bench.get()


def test_an_add_on_is_enabling_then_enabled_then_disabling_then_disabled(bench: Bench) -> None:
    bench.instance()
    (started,) = enable(bench, "04:00")
    assert started["operationType"] == "EnableAddOn"
    assert started["operationDetails"] == "EnableAddOn - AutoSnapshot"
    assert (started["resourceName"], started["resourceType"], started["status"]) == ("web", "Instance", "Started")
    entry = {"name": "AutoSnapshot", "snapshotTimeOfDay": "04:00"}
    assert shown(bench) == [entry | {"status": "Enabling"}]
    bench.settle()
    assert shown(bench) == [entry | {"status": "Enabled"}]
    (started,) = disable(bench)
    assert (started["operationType"], started["status"]) == ("DisableAddOn", "Started")
    assert started["operationDetails"] == "DisableAddOn - AutoSnapshot"
    assert shown(bench) == [entry | {"status": "Disabling"}]
    bench.settle()
    assert shown(bench) == [entry | {"status": "Disabled"}]
    assert [one["status"] for one in bench.operations("web")[1:]] == ["Succeeded", "Succeeded"]


@pytest.mark.parametrize(
    ("region", "time"),
    [("us-east-1", "06:00"), ("us-east-2", "03:00"), ("eu-west-1", "22:00"), ("eu-north-1", "08:00")],
)
def test_each_region_has_its_usual_time_of_day(region: str, time: str) -> None:
    bench = Bench(region=region)
    bench.instance()
    enable(bench)
    assert shown(bench)[0]["snapshotTimeOfDay"] == time


def test_add_ons_at_creation_are_on_once_the_instance_is_there(bench: Bench) -> None:
    (created,) = bench.create("web", addOns=[asked("09:00")])
    assert created["operationType"] == "CreateInstance"
    assert shown(bench) == [{"name": "AutoSnapshot", "status": "Enabling", "snapshotTimeOfDay": "09:00"}]
    bench.clock.advance(1.6)
    assert (bench.state(), shown(bench)[0]["status"]) == ("running", "Enabling")
    bench.settle()
    assert shown(bench)[0]["status"] == "Enabled"
    at(bench, 10)
    assert hours(bench) == ["15 09:00"]


def test_answers_are_as_the_model_says(bench: Bench) -> None:
    bench.instance()
    for operation, body in (
        ("EnableAddOn", {"resourceName": "web", "addOnRequest": asked()}),
        ("GetInstance", {"instanceName": "web"}),
        ("DisableAddOn", {"resourceName": "web", "addOnType": "AutoSnapshot"}),
    ):
        answer = bench.send(body, operation)
        assert (answer.status, misfits(operation, answer)) == (200, [])
        bench.settle()


def test_a_disk_has_them_too(bench: Bench) -> None:
    with_disk(bench)
    (started,) = enable(bench, name="data")
    assert (started["resourceType"], started["location"]["availabilityZone"]) == ("Disk", "us-east-1a")
    at(bench, 7)
    assert snapshots(bench, "data") == [datetime(2023, 11, 15, 6, tzinfo=UTC)]


# --- refused ----------------------------------------------------------------------------------------------

HOUR_TEXT = "The snapshot time of day must be in HH:00 format."
PERCENT_TEXT = "The threshold must be a percentage above 0 and up to 100: "
MINUTES_TEXT = "The duration must be a whole number of minutes: "
RESEARCH = "The StopInstanceOnIdle add-on is supported only for Lightsail for Research resources: web"
UNFIT: dict[str, tuple[dict[str, Any], str, str]] = {
    # name: the add-on, the refusal's code and text
    "no full hour": (asked("06:30"), INVALID, HOUR_TEXT),
    "no hour": (asked("24:00"), INVALID, HOUR_TEXT),
    "no time": (asked("noon"), INVALID, HOUR_TEXT),
    "an empty time": (asked(""), INVALID, HOUR_TEXT),
    "the other one's settings": (
        asked() | {"stopInstanceOnIdleRequest": {}},
        INVALID,
        "stopInstanceOnIdleRequest can't be used with the add-on type AutoSnapshot.",
    ),
    "no research": (idle(), UNSUPPORTED, RESEARCH),
}
UNFIT_FOR_RESEARCH = {
    "no threshold": ({"addOnType": "StopInstanceOnIdle"}, INVALID, PERCENT_TEXT),
    "zero": (idle("0"), INVALID, PERCENT_TEXT + "0"),
    "more than all": (idle("101"), INVALID, PERCENT_TEXT + "101"),
    "words": (idle("low"), INVALID, PERCENT_TEXT + "low"),
    "digits of another script": (idle("\u0663"), INVALID, PERCENT_TEXT + "\u0663"),
    "no duration": (idle("5", ""), INVALID, MINUTES_TEXT),
    "minutes in another script": (idle("5", "1\u0663"), INVALID, MINUTES_TEXT + "1\u0663"),
    "no time": (idle("5", "0"), INVALID, MINUTES_TEXT + "0"),
    "half a minute": (idle("5", "0.5"), INVALID, MINUTES_TEXT + "0.5"),
}


@pytest.mark.parametrize("case", UNFIT)
def test_what_does_not_fit_is_refused_at_creation_and_later(bench: Bench, case: str) -> None:
    add_on, code, text = UNFIT[case]
    said = Refusal("InvalidInputException", code, text)
    assert refused(lambda: bench.create("web", addOns=[add_on])) == said
    assert bench.names() == [], "nothing is made then"
    bench.instance()
    assert refused(bench.client.enable_add_on, resourceName="web", addOnRequest=add_on) == said
    assert "addOns" not in bench.get()


@pytest.mark.parametrize("case", UNFIT_FOR_RESEARCH)
def test_what_does_not_fit_for_stopping_when_idle_is_refused(bench: Bench, case: str) -> None:
    add_on, code, text = UNFIT_FOR_RESEARCH[case]
    for_research(bench)
    said = refused(bench.client.enable_add_on, resourceName="web", addOnRequest=add_on)
    assert said == Refusal("InvalidInputException", code, text)


def test_one_add_on_twice_at_creation_is_refused(bench: Bench) -> None:
    said = refused(lambda: bench.create("web", addOns=[asked("06:00"), asked("07:00")]))
    assert said == Refusal("InvalidInputException", INVALID, "An add-on can be requested only once.")


def test_windows_has_no_automatic_snapshots(bench: Bench) -> None:
    bench.instance(blueprintId="windows_server_2022", bundleId="medium_win_3_0")
    said = refused(enable, bench=bench)
    text = "The AutoSnapshot add-on is not supported for Windows instances: web"
    assert said == Refusal("InvalidInputException", UNSUPPORTED, text)


def test_a_resource_that_is_not_there_or_of_another_kind_is_refused(bench: Bench) -> None:
    bench.client.allocate_static_ip(staticIpName="ip")
    gone = Refusal("NotFoundException", "DoesNotExist", "The resource does not exist: web", 404)
    assert (refused(enable, bench=bench).message, refused(disable, bench=bench).message) == (gone.message, gone.message)
    said = refused(enable, bench=bench, name="ip")
    text = "Add-ons are not supported for the resource type: StaticIp"
    assert said == Refusal("InvalidInputException", UNSUPPORTED, text)


def test_what_is_on_so_already_or_not_on_is_refused(bench: Bench) -> None:
    off = Refusal("InvalidInputException", STATE, "AutoSnapshot not enabled for the resource")
    bench.instance()
    assert refused(disable, bench=bench) == off
    enable(bench, "06:00")
    text = "You can't change this add-on right now. The status of this add-on is: Enabling"
    passing = Refusal("InvalidInputException", STATE, text)
    assert refused(disable, bench=bench) == refused(enable, bench=bench) == passing
    bench.settle()
    already = Refusal("InvalidInputException", STATE, "The addOn is already in requested state")
    assert refused(enable, bench=bench, time="06:00") == refused(enable, bench=bench) == already
    disable(bench)
    bench.settle()
    assert refused(disable, bench=bench) == off
    enable(bench, "06:00")


# --- the daily snapshot -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("minute", "comes_in_minutes"),
    [(0, 360), (329, 31), (330, 30 + 24 * 60), (359, 1 + 24 * 60), (360, 24 * 60), (1439, 361)],
)
def test_a_time_of_day_counts_today_if_it_is_more_than_30_minutes_away(minute: int, comes_in_minutes: int) -> None:
    midnight = 19_000 * DAY
    now = midnight + minute * 60
    assert next_time(now, "06:00") - now == comes_in_minutes * 60


def test_a_jump_of_ten_days_takes_ten_snapshots_and_keeps_seven(bench: Bench) -> None:
    bench.instance()
    enable(bench, "06:00")
    bench.settle()
    private = []
    for _ in range(2):  # ten days at once are as ten days one by one
        bench.clock.advance(10 * DAY)
        private.append(snapshots(bench))
    assert [f"{moment:%Y-%m-%d %H:%M:%S}" for moment in private[0]] == [
        f"2023-11-{day} 06:00:00" for day in range(24, 17, -1)
    ]
    assert private[1][0] == datetime(2023, 12, 4, 6, tzinfo=UTC)


def test_each_of_ten_days_has_its_snapshot(bench: Bench) -> None:
    bench.instance()
    enable(bench, "06:00")
    taken: set[datetime] = set()
    at(bench, 7)
    for _ in range(10):
        taken |= set(snapshots(bench))
        bench.clock.advance(DAY)
    assert sorted(taken) == [datetime(2023, 11, day, 6, tzinfo=UTC) for day in range(15, 25)]


def test_midnight_belongs_to_the_day_that_begins(bench: Bench) -> None:
    bench.clock.advance(0.123)
    bench.instance()
    bench.clock.advance(0.456)
    enable(bench, "00:00")
    bench.clock.advance(3 * DAY)
    found = bench.client.get_auto_snapshots(resourceName="web")["autoSnapshots"]
    assert [entry["date"] for entry in found] == ["2023-11-17", "2023-11-16", "2023-11-15"]


def test_nothing_is_taken_once_it_is_off_and_what_is_there_stays(bench: Bench) -> None:
    bench.instance()
    enable(bench, "06:00")
    at(bench, 7)
    disable(bench)
    bench.clock.advance(10 * DAY)
    assert hours(bench) == ["15 06:00"]
    enable(bench, "08:00")  # as terraform changes the time
    bench.clock.advance(DAY)
    assert hours(bench) == ["25 08:00", "15 06:00"]


def test_nothing_is_taken_once_the_resource_is_gone(bench: Bench) -> None:
    bench.instance()
    enable(bench, "06:00")
    at(bench, 7)
    bench.client.delete_instance(instanceName="web", forceDeleteAddOns=True)
    bench.instance()
    bench.clock.advance(10 * DAY)
    assert "addOns" not in bench.get()
    enable(bench, "06:00")
    assert snapshots(bench) == [], "those of the former instance of that name went with it"


def test_a_stopped_instance_has_its_snapshot_and_one_on_its_way_has_none() -> None:
    bench = Bench(pace="real")
    bench.instance(state="stopped")
    enable(bench, "06:00")
    at(bench, 5.999)
    bench.client.start_instance(instanceName="web")
    at(bench, 7)
    assert hours(bench) == []
    bench.client.stop_instance(instanceName="web")
    bench.clock.advance(DAY)
    assert hours(bench) == ["16 06:00"]


def test_a_snapshot_is_in_progress_and_then_a_success() -> None:
    bench = Bench(pace="real")
    bench.instance()
    enable(bench, "06:00")
    at(bench, 6.01)
    (entry,) = bench.client.get_auto_snapshots(resourceName="web")["autoSnapshots"]
    assert entry["status"] == "InProgress"
    bench.settle()
    bench.settle()
    bench.settle()
    (entry,) = bench.client.get_auto_snapshots(resourceName="web")["autoSnapshots"]
    assert entry["status"] == "Success"


CHANGES: dict[str, tuple[float, str, str, str, str | None, list[str]]] = {
    # name: the hour of the change, the time before and after; what is then shown as time and next time, and what is
    # there two days later
    "to later today": (10, "12:00", "15:00", "15:00", None, ["16 15:00", "15 15:00"]),
    "to earlier, both to come": (10, "15:00", "12:00", "12:00", None, ["16 12:00", "15 12:00"]),
    "too late for today, after today's": (10, "06:00", "08:00", "06:00", "08:00", ["16 08:00", "15 06:00"]),
    "too late for today, before today's": (10, "12:00", "08:00", "12:00", "08:00", ["16 08:00", "15 12:00"]),
    "too short a notice": (10.75, "12:00", "11:00", "12:00", "11:00", ["16 11:00", "15 12:00"]),
    "a second one today": (10, "06:00", "12:00", "12:00", None, ["16 12:00", "15 12:00"]),
}


@pytest.mark.parametrize("case", CHANGES)
def test_a_changed_time_counts_today_where_it_can_and_else_tomorrow(bench: Bench, case: str) -> None:
    hour, before, after, time, waits, taken = CHANGES[case]
    bench.instance()
    enable(bench, before)
    at(bench, hour)
    enable(bench, after)
    waiting = {} if waits is None else {"nextSnapshotTimeOfDay": waits}
    assert shown(bench) == [{"name": "AutoSnapshot", "status": "Enabling", "snapshotTimeOfDay": time, **waiting}]
    at(bench, 24 + 23)
    assert shown(bench) == [{"name": "AutoSnapshot", "status": "Enabled", "snapshotTimeOfDay": after}]
    assert hours(bench) == taken


def test_a_change_that_waits_can_be_taken_back(bench: Bench) -> None:
    bench.instance()
    enable(bench, "06:00")
    at(bench, 10)
    enable(bench, "08:00")
    bench.settle()
    assert refused(enable, bench=bench, time="08:00").message == "The addOn is already in requested state"
    enable(bench, "06:00")
    bench.settle()
    assert shown(bench) == [{"name": "AutoSnapshot", "status": "Enabled", "snapshotTimeOfDay": "06:00"}]
    bench.clock.advance(DAY)
    assert hours(bench) == ["16 06:00", "15 06:00"]


def test_an_add_on_that_came_with_an_import_takes_snapshots_once_it_is_switched_off_and_on(bench: Bench) -> None:
    bench.instance()
    stored(
        bench,
        "web",
        "Instance",
        lambda document: document.update(addOns=[{"name": "AutoSnapshot", "status": "Enabled"}]),
    )
    disable(bench)
    bench.settle()
    enable(bench)
    at(bench, 7)
    assert hours(bench) == ["15 06:00"]


# --- deletion ---------------------------------------------------------------------------------------------


def test_an_instance_with_add_ons_is_deleted_only_with_force(bench: Bench) -> None:
    bench.instance()
    enable(bench)
    text = "The instance can't be deleted because it has enabled add-ons: AutoSnapshot. Set forceDeleteAddOns to true."
    said = Refusal("InvalidInputException", STATE, text)
    assert refused(bench.client.delete_instance, instanceName="web") == said
    bench.settle()
    assert refused(bench.client.delete_instance, instanceName="web", forceDeleteAddOns=False) == said
    operations = bench.client.delete_instance(instanceName="web", forceDeleteAddOns=True)["operations"]
    assert [(one["operationType"], one.get("operationDetails"), one["status"]) for one in operations] == [
        ("DisableAddOn", "DisableAddOn - AutoSnapshot", "Succeeded"),
        ("DeleteInstance", None, "Succeeded"),
    ]


def test_an_instance_whose_add_ons_are_off_is_deleted_without_force(bench: Bench) -> None:
    bench.instance()
    enable(bench)
    bench.settle()
    disable(bench)
    (operation,) = bench.client.delete_instance(instanceName="web")["operations"]
    assert operation["operationType"] == "DeleteInstance"
    ended = [one for one in bench.operations("web") if one["operationType"] == "DisableAddOn"]
    assert [one["status"] for one in ended] == ["Failed"], "it was not off yet"


# --- stopping when idle -----------------------------------------------------------------------------------


def test_an_idle_instance_stops_after_its_time(bench: Bench) -> None:
    for_research(bench)
    bench.client.enable_add_on(resourceName="web", addOnRequest=idle("5", "15"))
    bench.clock.advance(1)
    assert shown(bench) == [{"name": "StopInstanceOnIdle", "status": "Enabled", "threshold": "5", "duration": "15"}]
    bench.clock.advance(15 * 60 - 0.1)
    assert bench.state() == "running"
    bench.clock.advance(0.2)
    assert bench.state() == "stopping"
    assert bench.operations("web")[-1]["operationType"] == "StopInstance"
    bench.settle()
    assert bench.state() == "stopped"


def test_its_time_begins_anew_when_it_is_started(bench: Bench) -> None:
    for_research(bench)
    bench.client.enable_add_on(resourceName="web", addOnRequest=idle("5", "15"))
    bench.clock.advance(10 * 60)
    bench.client.stop_instance(instanceName="web")
    bench.clock.advance(60)
    bench.client.start_instance(instanceName="web")
    bench.clock.advance(14 * 60)
    assert bench.state() == "running"
    bench.clock.advance(2 * 60)
    assert bench.state() == "stopped"


@pytest.mark.parametrize("threshold", ["0.3", "0.1"])
def test_a_threshold_below_its_idle_cpu_never_stops_it(bench: Bench, threshold: str) -> None:
    for_research(bench)
    bench.client.enable_add_on(resourceName="web", addOnRequest=idle(threshold, "1"))
    bench.clock.advance(DAY)
    assert bench.state() == "running"


def test_it_stops_no_more_once_it_is_off(bench: Bench) -> None:
    for_research(bench)
    bench.client.enable_add_on(resourceName="web", addOnRequest=idle())
    bench.settle()
    disable(bench, "StopInstanceOnIdle")
    bench.clock.advance(DAY)
    assert bench.state() == "running"
    assert shown(bench)[0]["status"] == "Disabled"


def test_both_add_ons_live_side_by_side(bench: Bench) -> None:
    for_research(bench, state="stopped")
    bench.client.enable_add_on(resourceName="web", addOnRequest=idle())
    enable(bench)
    bench.settle()
    assert [(one["name"], one["status"]) for one in shown(bench)] == [
        ("StopInstanceOnIdle", "Enabled"),
        ("AutoSnapshot", "Enabled"),
    ]
    assert refused(bench.client.delete_instance, instanceName="web").message.startswith(
        "The instance can't be deleted because it has enabled add-ons: StopInstanceOnIdle, AutoSnapshot."
    )
    at(bench, 7)
    assert (bench.state(), hours(bench)) == ("stopped", ["15 06:00"])


def test_other_settings_take_the_former_ones_place(bench: Bench) -> None:
    for_research(bench)
    bench.client.enable_add_on(resourceName="web", addOnRequest=idle("5", "15"))
    bench.settle()
    said = refused(bench.client.enable_add_on, resourceName="web", addOnRequest=idle("5", "15"))
    assert said.message == "The addOn is already in requested state"
    bench.client.enable_add_on(resourceName="web", addOnRequest=idle("5", "60"))
    bench.clock.advance(30 * 60)
    assert bench.state() == "running"
    bench.client.enable_add_on(resourceName="web", addOnRequest=idle("0.1", "60"))
    bench.clock.advance(DAY)
    assert bench.state() == "running"
    bench.client.enable_add_on(resourceName="web", addOnRequest=idle("5", "60"))
    bench.clock.advance(62 * 60)
    assert bench.state() == "stopped"
