"""GUI sessions of virtual computers, which are instances of Lightsail for Research.

Status and its ways: settingUpInstance → notStarted → starting → started → startExpired after an hour → starting again;
stopping → stopped. A session ends with its instance's run. (The hour and the resumption are the model's, the rest is
inferred.) No desktop is behind the URLs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from skysail.service.context import Context
from skysail.service.dispatch import Answer, Family
from skysail.service.journal import about, shown
from skysail.service.nouns.add_ons import is_for_research
from skysail.service.nouns.attaching import INSTANCE
from skysail.service.refusals import not_now, unsupported, wrong_state
from skysail.service.resources import Resource
from skysail.store.base import Due

if TYPE_CHECKING:
    from types_boto3_lightsail.type_defs import (
        CreateGUISessionAccessDetailsRequestTypeDef,
        StartGUISessionRequestTypeDef,
        StopGUISessionRequestTypeDef,
    )

LASTS_S = 3600
"""Source: the model."""
_STARTED, _EXPIRED, _STOPPED = "gui_session.started", "gui_session.expired", "gui_session.stopped"

family = Family("gui_sessions")


@family.writes("StartGUISession")
def start_gui_session(context: Context, request: StartGUISessionRequestTypeDef) -> Answer:
    """Open a session, or resume one that has expired; it lasts an hour.

    Raises NotFoundException. Raises InvalidInputException: no virtual computer, not running, or a session is on its
    way (texts inferred).
    """
    computer = _computer(context, request["resourceName"])
    if computer.state != "running":
        raise wrong_state(f"You can't start a GUI session because the virtual computer is {computer.state}")
    status = _status(computer)
    if status in ("starting", "started", "stopping"):
        raise not_now("start a GUI session", "the session", status, "status")
    _set(context, computer, "starting")
    records = context.journal.started("StartGUISession", about(computer))
    context.resources.later(computer, _STARTED, context.timing.gui_session_s, records)
    return {"operations": shown(records)}


@family.writes("StopGUISession")
def stop_gui_session(context: Context, request: StopGUISessionRequestTypeDef) -> Answer:
    """Close a session.

    Raises NotFoundException. Raises InvalidInputException: no virtual computer, or no session is open (inferred).
    """
    computer = _computer(context, request["resourceName"])
    status = _status(computer)
    if status not in ("started", "startExpired"):
        raise not_now("stop this GUI session", "the session", status, "status")
    _set(context, computer, "stopping")
    records = context.journal.started("StopGUISession", about(computer))
    context.resources.later(computer, _STOPPED, context.timing.gui_session_s, records)
    return {"operations": shown(records)}


@family.writes("CreateGUISessionAccessDetails")
def create_access_details(context: Context, request: CreateGUISessionAccessDetailsRequestTypeDef) -> Answer:
    """How a session is, and two URLs where it is open; other ones each time.

    Raises NotFoundException. Raises InvalidInputException: no virtual computer.
    """
    computer = _computer(context, request["resourceName"])
    status = _status(computer)
    answer: dict[str, Any] = {"resourceName": computer.name, "status": status}
    if status == "settingUpInstance":
        age = context.now - computer.document.get("createdAt", context.now)
        answer["percentageComplete"] = min(99, int(100 * age / max(context.timing.create_s, 1)))
    if status == "failedStartingGUISession":
        answer["failureReason"] = f"The virtual computer is not running: {computer.name}"
    if status == "started":
        application = str(computer.document.get("blueprintName", "Application"))
        answer["sessions"] = [
            _session(context, computer, name, is_primary)
            for name, is_primary in ((application, True), ("Operating system", False))
        ]
    return answer


@family.step(_STARTED)
def started(context: Context, due: Due) -> None:
    """It is open, where the computer still runs; and will expire."""
    computer = context.resources.get(INSTANCE, due.name)
    if _status(computer) != "starting":
        computer.private["guiSession"] = {"status": "failedStartingGUISession", "since": context.now}
        context.resources.save(computer)
        context.journal.fail(due, "StartGUISessionFailed", f"The virtual computer is not running: {computer.name}")
        return
    _set(context, computer, "started")
    context.journal.finish(due)
    context.resources.later(computer, _EXPIRED, LASTS_S)


@family.step(_EXPIRED)
def expired(context: Context, due: Due) -> None:
    """Its hour is over."""
    computer = context.resources.get(INSTANCE, due.name)
    if _status(computer) == "started":
        _set(context, computer, "startExpired")


@family.step(_STOPPED)
def stopped(context: Context, due: Due) -> None:
    """It is closed."""
    _set(context, context.resources.get(INSTANCE, due.name), "stopped")
    context.journal.finish(due)


def _computer(context: Context, name: str) -> Resource:
    computer = context.resources.get(INSTANCE, name)
    if not is_for_research(context, computer):
        raise unsupported(f"GUI sessions are supported only for Lightsail for Research resources: {name}")
    return computer


def _status(computer: Resource) -> str:
    """The status of its session, which ended where the computer has not run all the time."""
    session = computer.private.get("guiSession")
    if computer.state == "pending" and session is None:
        return "settingUpInstance"
    if session is None:
        return "notStarted"
    has_run = computer.state == "running" and computer.private.get("runningSince", 0.0) <= session["since"]
    status = str(session["status"])
    return status if has_run or status == "failedStartingGUISession" else "stopped"


def _set(context: Context, computer: Resource, status: str) -> None:
    computer.private["guiSession"] = {"status": status, "since": context.now}
    context.resources.save(computer)


def _session(context: Context, computer: Resource, name: str, is_primary: bool) -> dict[str, Any]:
    """A URL of Amazon DCV's form at the computer's own address."""
    address = computer.document.get("publicIpAddress") or computer.document.get("privateIpAddress", "")
    token = context.world.new_id().replace("-", "")
    session = "application" if is_primary else "console"
    return {"name": name, "url": f"https://{address}:8443/?authToken={token}#{session}", "isPrimary": is_primary}
