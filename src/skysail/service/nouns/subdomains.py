"""Names under amazonlightsail.com: what a valid one is, whose it is, and who holds it for a while.

A name belongs to one account of all; the subdomains of an account are kept in us-east-1, whatever the caller's region
says (inferred). Nobody has published an answer: what is not in the model's documentation is inferred.
"""

from __future__ import annotations

import re
from typing import Any

from skysail.errors import InvalidInputException
from skysail.service import identity
from skysail.service.context import Context
from skysail.service.refusals import invalid
from skysail.service.resources import Draft, Resource
from skysail.store.base import Place

KIND = NAME_SPACE = "Subdomain"
HOLD = "SubdomainHold"
"""A name that an account has reserved, or has given up not long ago; kept in a name space of its own."""
HOLD_ENDS = "subdomain.hold_ends"
CHANGED = "subdomain.changed"
"""The step in which one is tied to something, or untied."""
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


def of_name(context: Context, name: str) -> dict[str, Any]:
    """What follows from a name alone."""
    above = parent(name)
    return {
        "fqdn": f"{name}{SUFFIX}",
        "depth": name.count(".") + 1,
        "location": identity.everywhere(context.place),
        **({"parentFqdn": f"{above}{SUFFIX}"} if above else {}),
    }


def create(context: Context, name: str, tags: list[dict[str, str]]) -> Resource:
    """A subdomain, which is being created; no step of its own ends that.

    Raises InvalidInputException: the name is somebody's, or the quota is reached.
    """
    if not is_free(context, name):
        raise invalid(f"The subdomain is not available: {name}")  # inferred
    context.check_quota(KIND)
    resource_id = context.world.new_id()
    made = {
        "subdomainName": name,
        "arn": identity.arn(context.place, KIND, resource_id),
        **of_name(context, name),
        "state": "CREATING",
        "createdAt": round(context.now, 3),
        "tags": tags,
    }
    (subdomain,) = context.resources.create(KIND, [Draft(resource_id, name, made)], NAME_SPACE)
    release(context, top(name))
    return subdomain


# --- distributions, in whose region they are kept too ------------------------------------------------------


def tied(context: Context) -> dict[str, dict[str, str]]:
    """By a distribution's arn the subdomain that it has or gets, as the distribution shows it."""
    found: dict[str, dict[str, str]] = {}
    for one in context.resources.all_of(KIND):
        for member, state in (("attachedResource", "Attached"), ("attachingResource", "Attaching")):
            if member in one.document:
                found.setdefault(one.document[member]["arn"], {"name": one.name, "state": state})
    return found


def of(context: Context, distribution: Resource) -> dict[str, Any] | None:
    """The same of one, or the one that is only to be made for it."""
    planned: dict[str, Any] | None = distribution.document.get("subdomain")
    if planned is not None and planned["state"] == "Error":
        planned = None
    return tied(context).get(distribution.document.get("arn", "")) or planned


def begin(context: Context, name: str) -> InvalidInputException | None:
    """Create one for a distribution; gives what stands in the way."""
    try:
        create(context, name, [])
    except InvalidInputException as error:
        return error
    return None


def set_attaching(context: Context, name: str, distribution: Resource) -> None:
    """One that was created for a distribution is being tied to it."""
    subdomain = context.resources.get(KIND, name, NAME_SPACE)
    target = {"arn": distribution.document["arn"], "name": distribution.name, "attachedAt": round(context.now, 3)}
    subdomain.document |= {"state": "ATTACHING", "attachingResource": target}
    context.resources.save(subdomain)


def set_attached(context: Context, subdomain: Resource, target: dict[str, Any]) -> None:
    """It is tied now."""
    subdomain.document.pop("attachingResource", None)
    subdomain.document |= {"state": "ATTACHED", "attachedResource": {**target, "attachedAt": round(context.now, 3)}}
    subdomain.private["wasAttached"] = True
    context.resources.save(subdomain)


def made_for(context: Context, distribution: Resource) -> Resource | None:
    """The one that is being tied to a distribution."""
    arn = distribution.document["arn"]
    found = context.resources.all_of(KIND)
    return next((one for one in found if one.document.get("attachingResource", {}).get("arn") == arn), None)


def let_go(context: Context, distribution: Resource) -> None:
    """A distribution is about to be gone: its subdomain is untied, and none is tied to it any more."""
    planned = distribution.document.get("subdomain", {})
    arn = distribution.document.get("arn")
    for one in context.resources.all_of(KIND):
        shown = one.document
        if shown.get("attachingResource", {}).get("arn") == arn:
            del shown["attachingResource"]
            for due in context.resources.not_any_more(one, CHANGED):
                context.journal.fail(due, "TargetDeleted", f"The distribution was deleted: {distribution.name}")
            shown["state"] = "ATTACHED" if "attachedResource" in shown else "UNATTACHED"
        elif shown.get("attachedResource", {}).get("arn") == arn:
            del shown["attachedResource"]
            if shown["state"] != "TRANSFERRING":
                for due in context.resources.not_any_more(one, CHANGED):  # it was to be untied
                    context.journal.finish(due)
                shown["state"] = "UNATTACHED"
        elif planned.get("state") == "Creating" and one.name == planned["name"]:
            shown["state"] = "UNATTACHED"
        else:
            continue
        context.resources.save(one)


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
