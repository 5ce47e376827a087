"""Distributions as all their calls see them: found by name, changed only while nothing is going on, deployed again.

States and their ways: InProgress → Deployed, and again with each change (the second is seen; how long it takes is by
the times of the tests of Terraform's provider).
"""

from __future__ import annotations

from skysail.errors import InvalidInputException
from skysail.service.context import Context
from skysail.service.home_region import check_home
from skysail.service.journal import about
from skysail.service.refusals import wrong_state
from skysail.service.resources import Resource
from skysail.store.base import Record

DISTRIBUTION = "Distribution"
IN_PROGRESS, DEPLOYED = "InProgress", "Deployed"
DEPLOYED_STEP = "distribution.deployed"
_REMEMBERED_SPELLS = 200


def check_region(context: Context) -> None:
    """Raises InvalidInputException in every region but one (text inferred)."""
    check_home(context, "Distribution", "these resources")


def distribution(context: Context, name: str | None) -> Resource:
    """The distribution of that name. Raises InvalidInputException: another region, or there is none (seen in part)."""
    check_region(context)
    found = context.resources.find(DISTRIBUTION, name) if name else None
    if found is None:
        text = f"Requested resource not found: {name}" if name else "You must specify the name of the distribution."
        raise InvalidInputException.because(text, "DoesNotExist" if name else "InvalidParams")
    return found


def idle(context: Context, name: str | None) -> Resource:
    """The same, to change it. Raises InvalidInputException: it is not deployed yet, or going (text inferred)."""
    found = distribution(context, name)
    if found.document.get("status") != DEPLOYED:
        raise wrong_state(f"The distribution is not in a state that allows this operation: {found.name}")
    return found


def change(context: Context, changed: Resource, operation: str, details: str | None = None) -> list[Record]:
    """A distribution has changed, and is deployed in its new form in a while; gives the journal's entries. Saves it."""
    changed.document["status"] = IN_PROGRESS
    context.resources.save(changed)
    records = context.journal.started(operation, about(changed, details))
    context.resources.later(changed, DEPLOYED_STEP, context.timing.distribution_s, records)
    return records


def switch(context: Context, changed: Resource, what: str, is_on: bool) -> None:
    """Remember since when a distribution is on ("enabled"), or looks at requests ("waf"): its metrics tell."""
    spells: list[list[float | None]] = changed.private.setdefault("spells", {}).setdefault(what, [])
    is_open = bool(spells) and spells[-1][1] is None
    if is_on and not is_open:
        spells.append([context.now, None])
    elif is_open and not is_on:
        spells[-1][1] = context.now
    del spells[:-_REMEMBERED_SPELLS]


def was_on(found: Resource, what: str, time: float) -> bool:
    """Of one that was imported nothing is remembered: then it is as it always was."""
    if "spells" not in found.private:
        shown = found.document.get("waf", {}).get("isWafEnabled") if what == "waf" else found.document.get("isEnabled")
        return bool(shown) and time >= found.document.get("createdAt", 0.0)
    spells = found.private["spells"].get(what, ())
    return any(since <= time and (until is None or time < until) for since, until in spells)
