"""Every other kind of thing: its list in a region, and one of it with all its members. Made from the service model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from skysail.console import nouns
from skysail.console.answers import Answer, Page
from skysail.console.code import codes
from skysail.console.nouns import Noun
from skysail.console.pages.fleet import called
from skysail.console.visit import USUAL_REGION, Visit
from skysail.errors import ServiceError, UsageError

_WANTED = 50


def kinds(visit: Visit) -> Answer:
    """All kinds, each with how many there are of it in a region, as far as one page says."""
    region = _region(visit)
    groups: dict[str, list[tuple[Noun, str, str]]] = {"What there is": [], "What can be ordered": []}
    for noun in nouns.nouns().values():
        group = groups["What can be ordered" if noun.is_catalogue else "What there is"]
        group.append((noun, *_counted(visit, region, noun)))
    return Page("resources.html", "resources", {"groups": groups, **_regions(visit, region)})


def listing(visit: Visit, part: str) -> Answer:
    noun, region = _noun(part), _region(visit)
    token = visit.asked.query.one("after") or None
    client = visit.look(region)
    paging = {"MaxItems": _WANTED, **({"StartingToken": token} if token else {})}
    if client.can_paginate(noun.operation.method):
        pages = list(client.get_paginator(noun.operation.method).paginate(PaginationConfig=paging))
        items = [item for page in pages for item in page[noun.member]]
        following = pages[-1].get("NextToken")
    else:
        items, following = getattr(client, noun.operation.method)()[noun.member], None
    made = called(visit, noun.operation.name, {}, region, paging if noun.operation.paging else None)
    values = {
        "noun": noun,
        "items": [nouns.shown(noun.item, item) for item in items],
        "next": following,
        "codes": codes(made),
        **_regions(visit, region),
    }
    return Page("resource_list.html", noun.title.lower(), values)


def one(visit: Visit, part: str, region: str, name: str) -> Answer:
    """One thing: what the operation for it says, or what its listing does; and what else is told of it."""
    noun = _noun(part)
    operation = nouns.one(noun)
    client = visit.look(region)
    if operation is not None:
        answer = getattr(client, operation.method)(**{nouns.needs(operation): name})
        found = next(value for key, value in answer.items() if key != "ResponseMetadata" and isinstance(value, dict))
        made = called(visit, operation.name, {nouns.needs(operation): name}, region)
    else:
        chooser = nouns.chooser(noun)
        asked: dict[str, Any] = {chooser: name} if chooser else {}
        every = visit.every(region, noun.operation.method, noun.member, **asked)
        match = next((item for item in every if str(item.get(noun.key)) == name), None)
        if match is None:
            raise UsageError(f"There is no {name} among the {noun.title.lower()} of {region}.")
        found, made = match, called(visit, noun.operation.name, asked, region)
    values = {
        "noun": noun,
        "name": name,
        "region": region,
        "found": nouns.shown(noun.item, found),
        "more": _more(visit, region, noun, name),
        "codes": codes(made),
    }
    return Page("resource.html", f"{name} · {noun.title.lower()}", values)


def _more(visit: Visit, region: str, noun: Noun, name: str) -> list[tuple[str, Any]]:
    """What other operations tell of it: a title and the answer's members, without those that refuse."""
    found = []
    itself = nouns.one(noun)
    for operation in nouns.about(noun.item):
        if operation != itself:
            asked = {nouns.needs(operation): name}
            answer = visit.permitted(lambda o=operation, a=asked: getattr(visit.look(region), o.method)(**a))  # type: ignore[misc]
            if answer is not None:
                answer.pop("ResponseMetadata", None)
                found.append((operation.name.removeprefix("Get"), nouns.shown(operation.output or "", answer)))
    return found


def _counted(visit: Visit, region: str, noun: Noun) -> tuple[str, str]:
    """How many, and what was said where there is no answer."""
    try:
        answer: Mapping[str, Any] = getattr(visit.look(region), noun.operation.method)()
    except ServiceError as error:
        return "", error.message
    count = len(answer[noun.member])
    return f"{count:,}+" if answer.get("nextPageToken") else f"{count:,}", ""


def _noun(part: str) -> Noun:
    found = nouns.nouns().get(part)
    if found is None:
        raise UsageError(f"There is no kind {part}.")
    return found


def _region(visit: Visit) -> str:
    in_use = visit.regions_in_use if visit.inhabited is not None else []
    return visit.asked.query.one("region") or (USUAL_REGION if USUAL_REGION in in_use or not in_use else in_use[0])


def _regions(visit: Visit, region: str) -> Mapping[str, Any]:
    return {"region": region, "regions": sorted({*visit.regions_in_use, region, USUAL_REGION})}
