"""What differs between two accounts, or two stores: resource by resource, member by member."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal, NamedTuple

from skysail.caller.sync import Client
from skysail.errors import ServiceError
from skysail.mirroring.copying import SKIPPED
from skysail.mirroring.reads import Document, asked_in, is_asked_of, pages

Key = tuple[str, str]
"""Kind and name."""


class Member(NamedTuple):
    """One that differs; None where a side has none."""

    path: str
    left: Any
    right: Any


class Difference(NamedTuple):
    """`members` are those that differ, where both have the resource."""

    region: str
    kind: str
    name: str
    what: Literal["added", "removed", "changed"]
    members: tuple[Member, ...] = ()


class Side(NamedTuple):
    """All that one side has in a region, and which listings it does not let one see."""

    resources: dict[Key, Document]
    skipped: dict[str, str]


def side(client: Client) -> Side:
    """Raises what the client does."""
    found: dict[Key, Document] = {}
    skipped: dict[str, str] = {}
    for listing in asked_in(client.meta.region_name):
        names: list[str | None] = [None]
        if listing.of:
            names = [name for (kind, name), document in found.items() if is_asked_of(listing, kind, document)]
        try:
            for of in names:
                for page in pages(client, listing, of):
                    for item in page.items:
                        document = {**item.document, **item.aside}
                        document = {name: it for name, it in document.items() if name not in listing.measured}
                        found[listing.kind, item.name if of is None else f"{of} {item.name}"] = document
        except ServiceError as error:
            if error.kind not in SKIPPED:
                raise
            skipped[listing.kind] = error.kind
    return Side(found, skipped)


def differences(region: str, left: Side, right: Side) -> Iterator[Difference]:
    """What there is to say, by kind and name. What one side does not show is not compared."""
    hidden = left.skipped.keys() | right.skipped.keys()
    for key in sorted(left.resources.keys() | right.resources.keys()):
        kind, name = key
        if kind in hidden:
            continue
        before, after = left.resources.get(key), right.resources.get(key)
        if before is None:
            yield Difference(region, kind, name, "added")
        elif after is None:
            yield Difference(region, kind, name, "removed")
        elif before != after:
            yield Difference(region, kind, name, "changed", tuple(members(before, after)))


def members(left: Any, right: Any, path: str = "") -> Iterator[Member]:
    """The innermost members that differ: dicts by name, lists by place."""
    if isinstance(left, Mapping) and isinstance(right, Mapping):
        for name in dict.fromkeys([*left, *right]):
            if left.get(name) != right.get(name):
                yield from members(left.get(name), right.get(name), f"{path}.{name}" if path else name)
    elif isinstance(left, list) and isinstance(right, list) and len(left) == len(right):
        for place, (one, other) in enumerate(zip(left, right, strict=True)):
            if one != other:
                yield from members(one, other, f"{path}[{place}]")
    else:
        yield Member(path, left, right)
