"""The service's time: what it is, how fast it runs, what is to come; and moving it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from skysail.console.answers import Answer, Elsewhere, Page
from skysail.console.pages.acting import Refusals, told
from skysail.console.visit import Visit
from skysail.errors import UsageError

STEPS = {"1 min": 60.0, "5 min": 300.0, "1 h": 3_600.0, "1 d": 86_400.0}
RATES = {"as the machine's": "real", "60 times as fast": "60", "only by hand": "0"}


def time(visit: Visit, *, refused: Mapping[str, Any] | None = None) -> Answer:
    coming = visit.server.coming()
    values = {"coming": coming, "steps": STEPS, "rates": RATES, "reading": visit.server.clock.reading()}
    return Page("time.html", "time", {**values, **(refused or {})}, 400 if refused else 200)


def move(visit: Visit) -> Answer:
    """Forward by some seconds, to the next change, or until nothing more is to come."""
    clock, form = visit.server.clock, visit.asked.form
    try:
        if form.one("to") == "next":
            due = next(iter(visit.server.coming()), None)
            if due is None:
                raise UsageError("Nothing is to come.")
            clock.set(max(due.at, clock.now()))
        elif form.one("to") == "settled":
            clock.settle()
        else:
            clock.advance(_seconds(form.one("by")))
    except Refusals as error:
        return time(visit, refused={"error": told(error)})
    return Elsewhere(visit.address("time"))


def run(visit: Visit) -> Answer:
    """As the machine's time, so many times as fast, or only by hand."""
    rate = visit.asked.form.one("rate")
    try:
        if rate == "real":
            visit.server.clock.as_machine()
        else:
            visit.server.clock.run(_seconds(rate))
    except Refusals as error:
        return time(visit, refused={"error": told(error)})
    return Elsewhere(visit.address("time"))


def reset(visit: Visit) -> Answer:
    """Forget all that the account has. Only with its number typed."""
    try:
        if visit.asked.form.one("confirm") != visit.account:
            raise UsageError(f"Type {visit.account} to forget all that it has; nothing was done.")
        visit.server.reset(visit.account)
    except Refusals as error:
        return time(visit, refused={"error": told(error)})
    return Elsewhere(visit.address("instances"))


def _seconds(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise UsageError(f"{text or 'nothing'} is no number of seconds") from None
