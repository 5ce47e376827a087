"""Subdomains of amazonlightsail.com: look for one, reserve, create, tie to a distribution, delete.

States and their ways: CREATING → UNATTACHED → ATTACHING → ATTACHED → DETACHING → UNATTACHED; TRANSFERRING from one
distribution to another. IMPLICIT is the state of a top-level one that only its nested ones make known.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from skysail.errors import NotFoundException
from skysail.service.context import Context
from skysail.service.dispatch import Answer, Family
from skysail.service.home_region import HOME
from skysail.service.journal import about, shown
from skysail.service.nouns import subdomains
from skysail.service.nouns.distributions import DISTRIBUTION
from skysail.service.refusals import invalid, not_now, over_quota, wrong_state
from skysail.service.resources import Resource
from skysail.service.stored import document
from skysail.service.tags import tags
from skysail.store.base import Due, Position

Request = Mapping[str, Any]
"""The types of boto3's do not have these operations yet."""

KIND, NAME_SPACE = subdomains.KIND, subdomains.NAME_SPACE
PAGE_SIZE = 20
"""Inferred from that of instances."""
RESERVED_S, HELD_S, TRANSFERRED_S = 15 * 60, 30 * 86_400, 86_400
MOST_RESERVED = 5
"""This and the three times: source, the model."""

_CREATED = "subdomain.created"

family = Family("subdomains")


@family.writes("CheckSubdomainAvailability")
def check_availability(context: Context, request: Request) -> Answer:
    """Whether the account could create a subdomain; reserves its top-level name for a quarter of an hour if asked to.

    Raises InvalidInputException: the name does not fit, or too many are reserved (text inferred).
    """
    context = context.in_region(HOME)
    name = request["subdomainName"]
    subdomains.check_name(name)
    is_free = subdomains.is_free(context, name)
    held = {one.name: one for one in subdomains.reserved(context)}
    top = subdomains.top(name)
    if is_free and request.get("reserve") and top not in held:
        if len(held) >= MOST_RESERVED:
            raise over_quota(f"You've reached the maximum number of active reservations: {MOST_RESERVED}")
        held[top] = subdomains.hold(context, top, RESERVED_S, is_reservation=True)
    until = {"reservationExpiresAt": held[top].private["until"]} if top in held else {}
    return {"available": is_free, "subdomainName": name, **until}


@family.writes("CreateSubdomain")
def create_subdomain(context: Context, request: Request) -> Answer:
    """Make a subdomain; it is unattached a little later.

    Raises InvalidInputException: the name does not fit or is somebody's, a tag does not fit, or the quota is reached.
    """
    context = context.in_region(HOME)
    name = request["subdomainName"]
    subdomains.check_name(name)
    wanted = tags(request.get("tags", ()))
    subdomain = subdomains.create(context, name, wanted)
    records = context.journal.started("CreateSubdomain", about(subdomain))
    context.resources.later(subdomain, _CREATED, context.timing.subdomain_s, records)
    return {"subdomain": _plain(subdomain.document), "operation": shown(records)[0]}


@family.reads("GetSubdomains")
def get_subdomains(context: Context, request: Request) -> Answer:
    """One with its tags, or a page of the top-level ones with those nested in them, by name (order inferred).

    Raises NotFoundException. Raises InvalidInputException: a name and a token at once.
    """
    context = context.in_region(HOME)
    documents = [document(row) for row in context.resources.page(KIND, None, 2**31)]
    own = {one["subdomainName"]: one for one in sorted(documents, key=lambda one: str(one["subdomainName"]))}
    tops = {top: own.get(top) or _implicit(context, top) for top in sorted({subdomains.top(name) for name in own})}
    name = request.get("subdomainName")
    if name is not None:
        if "pageToken" in request:
            raise invalid("You can't specify a subdomain name together with a page token.")
        if name not in own and name not in tops:
            raise _not_found(name)
        return {"subdomains": [own.get(name) or tops[name]]}

    def fetch(after: Position | None, limit: int) -> list[str]:
        return [top for top in tops if after is None or top > after.key][:limit]

    def show(top: str) -> dict[str, Any]:
        nested = [_plain(one) for each, one in own.items() if subdomains.parent(each) == top]
        return {**_plain(tops[top]), "children": nested}

    return context.paged("subdomains", request, fetch, PAGE_SIZE, lambda top: Position(0, top), show)


@family.writes("UpdateSubdomainAssociation")
def update_association(context: Context, request: Request) -> Answer:
    """Tie a subdomain to a distribution, untie it, or tie it to another one; done a little later.

    Raises NotFoundException: no such subdomain or distribution. Raises InvalidInputException: its state is another,
    the distribution has a subdomain or a certificate, or it was transferred within a day (texts inferred).
    """
    context = context.in_region(HOME)
    subdomain = _subdomain(context, request["subdomainName"])
    action = request["action"]
    before, passing = {
        "ASSOCIATE": ("UNATTACHED", "ATTACHING"),
        "DISASSOCIATE": ("ATTACHED", "DETACHING"),
        "TRANSFER": ("ATTACHED", "TRANSFERRING"),
    }[action]
    if subdomain.state != before:
        raise not_now(f"{action.lower()} this subdomain", "this subdomain", subdomain.state)
    if action != "DISASSOCIATE":
        target = _target(context, request.get("targetResourceArn"))
        context.resources.hold(target)  # that it has no other subdomain is kept with that one
        if action == "TRANSFER":
            _check_transfer(context, subdomain)
        subdomain.document["attachingResource"] = {
            "arn": target.document["arn"],
            "name": target.name,
            "attachedAt": round(context.now, 3),
        }
    subdomain.document["state"] = passing
    context.resources.save(subdomain)
    records = context.journal.started("UpdateSubdomainAssociation", about(subdomain, action))
    context.resources.later(subdomain, subdomains.CHANGED, context.timing.subdomain_s, records)
    return {"subdomain": _plain(subdomain.document), "operation": shown(records)[0]}


@family.writes("DeleteSubdomain")
def delete_subdomain(context: Context, request: Request) -> Answer:
    """Delete a subdomain; gone at once (inferred). One that was attached once stays out of others' reach for a month.

    Raises NotFoundException. Raises InvalidInputException: it is attached or not there yet.
    """
    context = context.in_region(HOME)
    subdomain = _subdomain(context, request["subdomainName"])
    if subdomain.state not in ("UNATTACHED", "CREATE_FAILED"):
        raise not_now("delete this subdomain", "this subdomain", subdomain.state)
    records = context.journal.succeeded("DeleteSubdomain", about(subdomain))
    context.resources.delete(subdomain)
    if subdomain.private.get("wasAttached"):
        subdomains.hold(context, subdomain.name, HELD_S, is_reservation=False)
    answer: dict[str, Any] = {"operation": shown(records)[0]}
    left = context.resources.page(KIND, None, 2**31)
    if any(subdomains.parent(row.name) == subdomain.name for row in left):
        answer["subdomain"] = _implicit(context, subdomain.name)
    return answer


@family.step(_CREATED)
def created(context: Context, due: Due) -> None:
    """It can be tied to something."""
    subdomain = context.resources.get(KIND, due.name, NAME_SPACE)
    subdomain.document["state"] = "UNATTACHED"
    context.resources.save(subdomain)
    context.journal.finish(due)


@family.step(subdomains.CHANGED)
def changed(context: Context, due: Due) -> None:
    """It is tied, untied, or tied to the other one; to one that is gone meanwhile it is not, and stays as it was."""
    subdomain = context.resources.get(KIND, due.name, NAME_SPACE)
    shown_now = subdomain.document
    target = shown_now.pop("attachingResource", None)
    if target is not None and _distribution(context, target["arn"]) is None:
        shown_now["state"] = "ATTACHED" if "attachedResource" in shown_now else "UNATTACHED"
        context.resources.save(subdomain)
        context.journal.fail(due, "TargetDeleted", f"The distribution was deleted: {target['name']}")
        return
    if target is None:
        del shown_now["attachedResource"]
        shown_now["state"] = "UNATTACHED"
        context.resources.save(subdomain)
    else:
        if shown_now["state"] == "TRANSFERRING":
            subdomain.private["transferredAt"] = context.now
        subdomains.set_attached(context, subdomain, target)
    context.journal.finish(due)


@family.step(subdomains.HOLD_ENDS)
def hold_ends(context: Context, due: Due) -> None:
    """A name is held no longer."""
    subdomains.release(context, due.name)


def _subdomain(context: Context, name: str) -> Resource:
    found = context.resources.find(KIND, name, NAME_SPACE)
    if found is None:
        raise _not_found(name)
    return found


def _not_found(name: str) -> NotFoundException:
    return NotFoundException.because(f"The Subdomain does not exist: {name}", "DoesNotExist")


def _target(context: Context, arn: str | None) -> Resource:
    if not arn:
        raise invalid("You must specify the ARN of the resource to associate the subdomain with.")
    target = _distribution(context, arn)
    if target is None:
        raise NotFoundException.because(f"The resource does not exist: {arn}", "DoesNotExist")
    if target.document.get("certificateName"):
        raise invalid(f"The distribution uses a custom domain: {target.name}")
    if (other := subdomains.of(context, target)) is not None:
        raise invalid(f"The distribution is already associated with a subdomain: {other['name']}")
    return target


def _distribution(context: Context, arn: str) -> Resource | None:
    return next((one for one in context.resources.all_of(DISTRIBUTION) if one.document.get("arn") == arn), None)


def _check_transfer(context: Context, subdomain: Resource) -> None:
    if context.now < subdomain.private.get("transferredAt", 0.0) + TRANSFERRED_S:
        raise wrong_state(f"You can transfer a subdomain only once in a 24-hour period: {subdomain.name}")


def _implicit(context: Context, name: str) -> dict[str, Any]:
    """A top-level one that is only known by those nested in it; it has no ARN."""
    return {"subdomainName": name, **subdomains.of_name(context, name), "state": "IMPLICIT"}


def _plain(whole: dict[str, Any]) -> dict[str, Any]:
    """Without the tags, which are shown where one is asked for by name."""
    return {member: value for member, value in whole.items() if member != "tags"}
