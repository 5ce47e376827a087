"""Forms that were sent: done, and then to the page that shows it; or refused, and back on their page with why."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from skysail.console.acts import ACTS, MANY, Answers, Doing, order
from skysail.console.answers import Answer, Elsewhere
from skysail.console.asked import Fields
from skysail.console.code import codes
from skysail.console.pages import create, fleet, instance, several
from skysail.console.visit import Visit
from skysail.errors import SeedError, ServiceError, TransportError, UsageError

Refusals = (ServiceError, UsageError, TransportError)


def act(visit: Visit, region: str, name: str, what: str) -> Answer:
    """An act on one instance. Raises UsageError for one that there is not."""
    doing = ACTS.get(what)
    if doing is None:
        raise UsageError(f"an instance can be asked to {', '.join(ACTS)}, not to {what}")
    try:
        did = _done(visit, doing.do, region, name, visit.asked.form)
    except Refusals as error:
        return instance.instance(visit, region, name, doing.tab, refused={"error": told(error)})
    if what == "delete":
        return Elsewhere(visit.address("instances", region=region, did=did))
    return Elsewhere(visit.address("instances", region, name, doing.tab, did=did))


def many(visit: Visit) -> Answer:
    """The same act on each instance that is ticked; it ends at the first that is refused."""
    form = visit.asked.form
    what, chosen = form.one("act"), form.all("on")
    page = several.several if form.one("several") else fleet.fleet
    did: list[str] = []
    try:
        if what not in MANY:
            raise UsageError(f"several instances can be asked to {', '.join(MANY)}, not to {what}")
        if not chosen:
            raise UsageError("No instance is ticked; nothing was done.")
        if what == "delete" and form.one("confirm") != f"{len(chosen)}":
            raise UsageError(f"Type {len(chosen)} to delete so many instances; nothing was done.")
        for one in chosen:
            region, _, name = one.partition("/")
            did += _done(visit, MANY[what], region, name, form)
    except Refusals as error:
        before = f" {len(did)} of {len(chosen)} were done before." if did else ""
        return page(visit, refused={"error": {**told(error), "what": f"{told(error)['what']}{before}"}})
    return Elsewhere(_back(visit, did))


def make(visit: Visit) -> Answer:
    """New instances."""
    form = visit.asked.form
    region = form.one("region")
    try:
        asked = order(form, create.zones(visit, region)[0] if region else "")
        if form.one("preview"):
            shown = codes(fleet.called(visit, "CreateInstances", asked, region))
            return create.create(visit, kept={"codes": shown, "are_codes_open": True})
        answer: Mapping[str, Any] = visit.act(region).create_instances(**asked)
    except Refusals as error:
        return create.create(visit, kept={"error": told(error)})
    did = [_id(answer)]
    names = asked["instanceNames"]
    if len(names) == 1:
        return Elsewhere(visit.address("instances", region, names[0], did=did))
    return Elsewhere(visit.address("instances", region=region, did=did))


def fill_with_demo(visit: Visit) -> Answer:
    """The demo's fleet into an account that has none. Raises UsageError."""
    if visit.fill_with_demo is None:
        raise UsageError("This service is not filled from its console.")
    if not visit.is_vacant:
        raise UsageError("The account has instances already; nothing was added.")
    try:
        visit.fill_with_demo(visit.account)
    except SeedError as error:
        return fleet.fleet(visit, refused={"error": told(error)})
    return Elsewhere(visit.address("instances"))


def told(error: Exception) -> dict[str, str]:
    """What a page says of a refusal: the service's own words."""
    if isinstance(error, ServiceError):
        request_id = str(error.response.get("ResponseMetadata", {}).get("RequestId", ""))
        return {"what": error.message or error.kind, "kind": error.kind, "request_id": request_id}
    return {"what": str(error), "kind": "", "request_id": ""}


def _done(visit: Visit, do: Callable[[Doing], Answers], region: str, name: str, form: Fields) -> list[str]:
    return [_id(answer) for answer in do(Doing(visit.act(region), visit.look(region), name, form))]


def _id(answer: Mapping[str, Any]) -> str:
    return str(answer["ResponseMetadata"].get("RequestId", ""))


def _back(visit: Visit, did: list[str]) -> str:
    """The fleet's page that the form stood on."""
    kept = [(name, value) for name, value in visit.asked.query.pairs if name not in ("did", "account")]
    return visit.address("instances", **dict(kept), did=did[:5])
