"""Names under amazonlightsail.com: what a valid one is, whose it is, and who holds it for a while.

A name belongs to one account of all; the subdomains of an account are kept in us-east-1, whatever the caller's region
says (inferred). Nobody has published an answer: what is not in the model's documentation is inferred.
"""

from __future__ import annotations

import re
from typing import Any

from skysail.service.context import Context
from skysail.service.refusals import invalid
from skysail.service.resources import Draft, Resource
from skysail.store.base import Place

KIND = NAME_SPACE = "Subdomain"
HOLD = "SubdomainHold"
"""A name that an account has reserved, or has given up not long ago; kept in a name space of its own."""
HOLD_ENDS = "subdomain.hold_ends"
SUFFIX = ".amazonlightsail.com"
LONGEST = 39

_LABEL = r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?"
_NAME = re.compile(rf"{_LABEL}(?:\.{_LABEL})?")
_RESERVED = frozenset({"admin", "amazon", "api", "aws", "console", "lightsail", "mail", "support", "www"})
"""Some names are (model); which is not known."""


def check_name(name: str) -> None:
    """Raises InvalidInputException (rules from the model, text inferred)."""
    if len(name) > LONGEST or not _NAME.fullmatch(name) or any(one.startswith("xn--") for one in name.split(".")):
        raise invalid(
            f"{name} is not a valid subdomain. A subdomain has one or two labels of lowercase letters, numbers and "
            f"hyphens, and up to {LONGEST} characters."
        )


def parent(name: str) -> str | None:
    """The top-level subdomain of a nested one."""
    top = name.rpartition(".")[2]
    return top if top != name else None


def top(name: str) -> str:
    return name.rpartition(".")[2]


def is_free(context: Context, name: str) -> bool:
    """Whether the account could create it now. Nobody else decides the same at the same time."""
    others = _others(context)
    if top(name) in _RESERVED or context.resources.find(KIND, name, NAME_SPACE) is not None:
        return False
    return not any(_has(context, place, name) for place in others)


def reserved(context: Context) -> list[Resource]:
    """What the account has reserved, newest first."""
    return [hold for hold in context.resources.all_of(HOLD) if hold.private["isReservation"]]


def hold(context: Context, name: str, seconds: float, is_reservation: bool) -> Resource:
    """Keep a name for the account for so long; one that it holds already stays as it is."""
    found = context.resources.find(HOLD, name, HOLD)
    if found is not None and not is_reservation:
        release(context, name)
        found = None
    if found is None:
        private: dict[str, Any] = {"until": round(context.now + seconds, 3), "isReservation": is_reservation}
        (found,) = context.resources.create(HOLD, [Draft(context.world.new_id(), name, {}, private)], HOLD)
        context.resources.later(found, HOLD_ENDS, seconds)
    return found


def release(context: Context, name: str) -> None:
    """Hold a name no longer."""
    found = context.resources.find(HOLD, name, HOLD)
    if found is not None:
        context.resources.delete(found)


def _others(context: Context) -> list[Place]:
    """Where other accounts have subdomains, or hold some."""
    places = {*context.resources.everywhere(KIND), *context.resources.everywhere(HOLD)}
    return [place for place in places if place.account != context.account]


def _has(context: Context, place: Place, name: str) -> bool:
    """Whether another account has a name, its top-level one, or what stands below it."""
    transaction = context.resources.transaction
    names = {name, top(name)}
    if any(transaction.get(place, one, space) for one in names for space in (NAME_SPACE, HOLD)):
        return True
    rows = transaction.page(place, KIND, None, 2**31)
    return any(top(row.name) == top(name) for row in rows)
