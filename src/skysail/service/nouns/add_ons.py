"""What an add-on of an instance or disk is set to, and how it is switched on and off.

The resource's document shows its add-ons; one that was ever on stays there. What an add-on is still to do is a change
that comes due: `auto_snapshot.take` each day, `stop_on_idle.stop` once. Texts are inferred but for those marked.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from skysail.service.context import Context
from skysail.service.journal import about
from skysail.service.nouns import attaching, automatic
from skysail.service.refusals import invalid, not_now, unsupported, wrong_state
from skysail.service.resources import Resource
from skysail.store.base import Record

AUTO_SNAPSHOT, STOP_ON_IDLE = "AutoSnapshot", "StopInstanceOnIdle"
STEPS = {AUTO_SNAPSHOT: "auto_snapshot", STOP_ON_IDLE: "stop_on_idle"}
"""What the names of an add-on's due changes begin with."""
WORK = {AUTO_SNAPSHOT: "auto_snapshot.take", STOP_ON_IDLE: "stop_on_idle.stop"}
"""The due change in which an add-on that is on does its work."""
_SETTINGS = {AUTO_SNAPSHOT: "autoSnapshotAddOnRequest", STOP_ON_IDLE: "stopInstanceOnIdleRequest"}

DAY_S = 86_400
SHORTEST_NOTICE_S = 30 * 60
"""A time of day counts today if it is further away (source: user guide)."""

# Source: user guide; those that it does not name have us-east-1's (inferred).
_USUAL_TIMES = {
    "us-east-2": "03:00",
    "us-east-1": "06:00",
    "us-west-2": "06:00",
    "ap-south-1": "17:00",
    "ap-northeast-2": "13:00",
    "ap-southeast-1": "14:00",
    "ap-southeast-2": "12:00",
    "ap-northeast-1": "13:00",
    "ca-central-1": "06:00",
    "eu-central-1": "20:00",
    "eu-west-1": "22:00",
    "eu-west-2": "06:00",
    "eu-west-3": "07:00",
    "eu-north-1": "08:00",
}
_HOUR = re.compile(r"(?:[01][0-9]|2[0-3]):00")
_PERCENT = re.compile(r"\d{1,3}(?:\.\d{1,3})?", re.ASCII)
_MINUTES = re.compile(r"[1-9]\d{0,4}", re.ASCII)

IDLE_CPU_PERCENT = 0.3
"""A local instance does nothing (inferred: an idle Linux machine's share in published metrics, 0.2 to 0.4)."""

# Source: names in a public tool; the catalogue has no such bundle, an imported instance may.
_RESEARCH_BUNDLES = ("app_standard_", "gpu_nvidia_")


def entry(resource: Resource, kind: str) -> dict[str, Any] | None:
    """What the resource's document says of an add-on; None where it was never on."""
    return next((one for one in resource.document.get("addOns", ()) if one.get("name") == kind), None)


def enable_at_creation(context: Context, resource: Resource, requested: Sequence[Mapping[str, Any]]) -> None:
    """Switch on what a new resource was ordered with; it is on some time after the resource is there. Saves it.

    The journal has entries for that, which the answer to the order does not show (inferred).
    Raises InvalidInputException.
    """
    kinds = [asked["addOnType"] for asked in requested]
    if len(set(kinds)) < len(kinds):
        raise invalid("An add-on can be requested only once.")
    ready_s = context.timing.create_s if resource.row.kind == "Instance" else context.timing.disk_s
    for asked in requested:
        enable(context, resource, asked, ready_s)


def enable(context: Context, resource: Resource, asked: Mapping[str, Any], ready_s: float = 0) -> list[Record]:
    """Begin to switch an add-on on, or to change one that is on. Saves the resource; gives the journal's entries.

    Raises InvalidInputException: not for this resource, settings that do not fit, or nothing to change.
    """
    kind = asked["addOnType"]
    former = entry(resource, kind)
    _check_fits(context, resource, kind)
    settings = _settings(context, asked, former)
    _check_settled(former)
    if former and former.get("status") == "Enabled" and settings.items() <= _latest(former).items():
        raise wrong_state("The addOn is already in requested state")  # seen in part
    shown = former if former is not None else {"name": kind}
    if former is None:
        resource.document["addOns"] = [*resource.document.get("addOns", ()), shown]
    if kind == AUTO_SNAPSHOT:
        _set_time(context, resource, shown, settings["snapshotTimeOfDay"])
    else:
        context.resources.not_any_more(resource, WORK[kind])
        shown |= settings
    shown["status"] = "Enabling"
    return _begin(context, resource, "EnableAddOn", kind, ready_s)


def disable(context: Context, resource: Resource, kind: str) -> list[Record]:
    """Begin to switch an add-on off: it does nothing from now on. Saves the resource; gives the journal's entries.

    Automatic snapshots stay (source: user guide). Raises InvalidInputException: it is not on.
    """
    shown = entry(resource, kind)
    if shown is None or shown.get("status") == "Disabled":
        raise wrong_state(f"{kind} not enabled for the resource")  # seen in part
    _check_settled(shown)
    context.resources.not_any_more(resource, WORK[kind])
    shown.pop("nextSnapshotTimeOfDay", None)
    shown["status"] = "Disabling"
    return _begin(context, resource, "DisableAddOn", kind)


def check_deletable(resource: Resource, force: bool | None) -> None:
    """Raises InvalidInputException: add-ons are on, and the caller has not said that they may go too."""
    if not force and (kinds := _on(resource)):
        kind = resource.row.kind.lower()
        raise wrong_state(
            f"The {kind} can't be deleted because it has enabled add-ons: {', '.join(kinds)}. "
            "Set forceDeleteAddOns to true."
        )


def disabled_with(context: Context, resource: Resource) -> list[Record]:
    """The journal's entries for the add-ons that go with a resource which is being deleted."""
    subjects = [about(resource, f"DisableAddOn - {kind}") for kind in _on(resource)]
    return context.journal.succeeded("DisableAddOn", *subjects) if subjects else []


def next_time(now: float, time_of_day: str) -> float:
    """When a time of day (06:00, UTC) comes next with enough notice."""
    today = now // DAY_S * DAY_S + int(time_of_day[:2]) * 3600
    return today if today - now > SHORTEST_NOTICE_S else today + DAY_S


def watch_idle(context: Context, instance: Resource) -> None:
    """Where an instance that runs is to stop when idle: have that done, its CPU being as idle as it is.

    Its time counts from now: it has just come up, or the add-on is just on.
    """
    shown = entry(instance, STOP_ON_IDLE)
    if shown is None or shown["status"] != "Enabled" or instance.state != "running":
        return
    if float(shown["threshold"]) > IDLE_CPU_PERCENT:
        context.resources.later(instance, WORK[STOP_ON_IDLE], int(shown["duration"]) * 60)


def _begin(context: Context, resource: Resource, operation: str, kind: str, ready_s: float = 0) -> list[Record]:
    attaching.save(context, resource)
    records = context.journal.started(operation, about(resource, f"{operation} - {kind}"))
    step = f"{STEPS[kind]}.{'enabled' if operation == 'EnableAddOn' else 'disabled'}"
    context.resources.later(resource, step, ready_s + context.timing.add_on_s, records)
    return records


def _set_time(context: Context, resource: Resource, shown: dict[str, Any], time_of_day: str) -> None:
    """The daily time, from today on where that can be; else the former time is today's, and the new one is next."""
    at = next_time(context.now, time_of_day)
    today = automatic.date_of(context.now)
    former = context.resources.not_any_more(resource, WORK[AUTO_SNAPSHOT])
    shown.pop("nextSnapshotTimeOfDay", None)
    if former and automatic.date_of(at) != today:
        if automatic.date_of(round(former[0].at)) == today:
            at = former[0].at
        if shown["snapshotTimeOfDay"] != time_of_day:
            shown["nextSnapshotTimeOfDay"] = time_of_day
    else:
        shown["snapshotTimeOfDay"] = time_of_day
    context.resources.later(resource, WORK[AUTO_SNAPSHOT], at - context.now)


def _settings(context: Context, asked: Mapping[str, Any], former: Mapping[str, Any] | None) -> dict[str, str]:
    """What an add-on is to be set to; without a word about it, as it is or as is usual."""
    kind = asked["addOnType"]
    for other, member in _SETTINGS.items():
        if other != kind and member in asked:
            raise invalid(f"{member} can't be used with the add-on type {kind}.")
    given = asked.get(_SETTINGS[kind], {})
    if kind == AUTO_SNAPSHOT:
        is_on = former is not None and former.get("status") == "Enabled"
        present = _latest(former)["snapshotTimeOfDay"] if former and is_on else None
        usual = present or _USUAL_TIMES.get(context.region, "06:00")
        time_of_day = given.get("snapshotTimeOfDay", usual)
        if not _HOUR.fullmatch(time_of_day):
            raise invalid("The snapshot time of day must be in HH:00 format.")
        return {"snapshotTimeOfDay": time_of_day}
    threshold, duration = given.get("threshold", ""), given.get("duration", "")
    if not _PERCENT.fullmatch(threshold) or not 0 < float(threshold) <= 100:
        raise invalid(f"The threshold must be a percentage above 0 and up to 100: {threshold}")
    if not _MINUTES.fullmatch(duration):
        raise invalid(f"The duration must be a whole number of minutes: {duration}")
    return {"threshold": threshold, "duration": duration}


def _check_fits(context: Context, resource: Resource, kind: str) -> None:
    """Raises InvalidInputException: a resource of that sort cannot have the add-on."""
    if kind == AUTO_SNAPSHOT and _is_windows(context, resource):
        raise unsupported(f"The AutoSnapshot add-on is not supported for Windows instances: {resource.name}")
    if kind == STOP_ON_IDLE and not is_for_research(context, resource):
        raise unsupported(
            f"The StopInstanceOnIdle add-on is supported only for Lightsail for Research resources: {resource.name}"
        )


def _check_settled(shown: Mapping[str, Any] | None) -> None:
    status = shown.get("status") if shown else None
    if status in ("Enabling", "Disabling"):
        raise not_now("change this add-on", "this add-on", status, "status")


def _is_windows(context: Context, resource: Resource) -> bool:
    blueprint_id = str(resource.document.get("blueprintId", ""))
    blueprint = context.catalogue.blueprint(blueprint_id)
    return blueprint["platform"] == "WINDOWS" if blueprint else blueprint_id.startswith("windows_")


def is_for_research(context: Context, resource: Resource) -> bool:
    """Whether it is one of Lightsail for Research, by its bundle."""
    bundle_id = str(resource.document.get("bundleId", ""))
    bundle = context.catalogue.bundle(context.region, bundle_id) or {}
    return "LfR" in bundle.get("supportedAppCategories", ()) or bundle_id.startswith(_RESEARCH_BUNDLES)


def _latest(shown: Mapping[str, Any]) -> dict[str, Any]:
    """An add-on's settings with those that wait for tomorrow."""
    return {**shown, "snapshotTimeOfDay": shown.get("nextSnapshotTimeOfDay", shown.get("snapshotTimeOfDay"))}


def _on(resource: Resource) -> list[str]:
    return [one["name"] for one in resource.document.get("addOns", ()) if one.get("status") in ("Enabled", "Enabling")]
