"""What is to go wrong: which faults are armed, how often they came about, and arming others."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from typing import Any

from skysail.console.answers import Answer, Elsewhere, Page
from skysail.console.pages.acting import Refusals, told
from skysail.console.visit import Visit
from skysail.errors import UsageError
from skysail.protocol.model import service_model

KINDS = {
    "throttle": "ThrottlingException: Rate exceeded",
    "error": "an error of your choice",
    "delay": "the answer comes late",
    "cut": "the connection breaks in place of an answer",
}
_NUMBERS = {"first": int, "every": int, "share": float, "seconds": float, "status": int}
_TEXTS = ("operation", "region", "code", "message", "when")
_OF_ERRORS = ("code", "message", "status")


def faults(visit: Visit, *, refused: Mapping[str, Any] | None = None) -> Answer:
    values = {
        "rules": visit.server.faults.rules(),
        "kinds": KINDS,
        "operations": list(service_model()),
        "asked": visit.asked.form if refused else visit.asked.query,
    }
    return Page("faults.html", "faults", {**values, **(refused or {})}, 400 if refused else 200)


def arm(visit: Visit) -> Answer:
    try:
        visit.server.faults.add(visit.asked.form.one("kind"), **_how(visit))
    except Refusals as error:
        return faults(visit, refused={"error": told(error)})
    return Elsewhere(visit.address("faults"))


def disarm(visit: Visit) -> Answer:
    """One, or all."""
    try:
        visit.server.faults.clear(visit.asked.form.one("id") or None)
    except Refusals as error:
        return faults(visit, refused={"error": told(error)})
    return Elsewhere(visit.address("faults"))


def _how(visit: Visit) -> dict[str, Any]:
    """What was filled in, and fits the kind. Raises UsageError."""
    form = visit.asked.form
    kind = form.one("kind")
    how: dict[str, Any] = {name: form.one(name) for name in _TEXTS if form.one(name)}
    for name, number in _NUMBERS.items():
        if text := form.one(name):
            try:
                how[name] = number(text)
                if not isfinite(how[name]):
                    raise ValueError(text)
            except (ValueError, OverflowError):
                raise UsageError(f"{name} is a number, not {text}") from None
    others = [] if kind == "error" else list(_OF_ERRORS)
    others += [] if kind == "delay" else ["seconds"]
    others += [] if kind == "cut" else ["when"]
    return {name: value for name, value in how.items() if name not in others}
