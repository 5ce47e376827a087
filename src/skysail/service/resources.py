"""A resource's life: found by name, listed, created, changed, moved from state to state by the clock, deleted.

What all kinds have in common. Names are unique across kinds within an account and region (source: user guide).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec

from skysail.errors import InvalidInputException, NotFoundException
from skysail.store.base import Due, NameTaken, Place, Position, Row, Transaction

# Source: the text of a really seen refusal; 255 from the user guide.
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,253}[A-Za-z0-9])")


@dataclass(slots=True)
class Resource:
    """A resource in a handler's hands. What is changed in `document` and `private` counts when it is saved."""

    row: Row
    document: dict[str, Any]
    private: dict[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.row.name

    @property
    def zone(self) -> str:
        """The availability zone it stands in, or "all"."""
        return str(self.document["location"]["availabilityZone"])

    @property
    def state(self) -> str:
        return str(self.document["state"]["name"])


def resource(row: Row) -> Resource:
    return Resource(row, msgspec.json.decode(row.document), msgspec.json.decode(row.private))


@dataclass(frozen=True, slots=True)
class Draft:
    """A resource that is to be."""

    id: str
    name: str
    document: dict[str, Any]
    private: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Resources:
    """The resources of one account in one region, within one transaction."""

    transaction: Transaction
    place: Place
    now: float

    def get(self, kind: str, name: str) -> Resource:
        """Raises NotFoundException: no resource of that kind has that name here."""
        row = self.row(kind, name)
        return resource(row)

    def row(self, kind: str, name: str) -> Row:
        """The same as it is stored, for an answer that only shows it."""
        row = self.transaction.get(self.place, name)
        if row is None or row.kind != kind:
            raise NotFoundException.because(f"The {kind} does not exist: {name}", "DoesNotExist")
        return row

    def page(self, kind: str, after: Position | None, limit: int) -> list[Row]:
        """Newest first (seen in every published answer)."""
        return self.transaction.page(self.place, kind, after, limit)

    def create(self, kind: str, drafts: Sequence[Draft]) -> None:
        """All of them or none. Raises InvalidInputException: a name breaks the rule or is in use."""
        for draft in drafts:
            check_name(draft.name)
        names = [draft.name for draft in drafts]
        taken = [name for name in dict.fromkeys(names) if names.count(name) > 1 or self._is_taken(name)]
        if taken:
            raise _in_use(taken)
        first = max(int(self.now * 1e6), self.transaction.last_number(self.place, kind) + 1)
        rows = [
            Row(
                self.place,
                kind,
                draft.name,
                draft.id,
                first + count,
                msgspec.json.encode(draft.document),
                msgspec.json.encode(draft.private),
            )
            for count, draft in enumerate(drafts)
        ]
        try:
            self.transaction.insert(rows)
        except NameTaken:  # by another writer, on a store with several
            raise _in_use(names) from None

    def save(self, changed: Resource) -> None:
        """Keep what was changed in a resource."""
        self.transaction.update(
            replace(
                changed.row,
                document=msgspec.json.encode(changed.document),
                private=msgspec.json.encode(changed.private),
            )
        )

    def later(self, subject: Resource, step: str, after_s: float, operation_id: str) -> None:
        """Have `step` done to the resource in `after_s` seconds; the journal's entry ends with it."""
        self.later_by_name(subject.name, subject.row.id, step, after_s, operation_id)

    def later_by_name(self, name: str, resource_id: str, step: str, after_s: float, operation_id: str) -> None:
        self.transaction.schedule([Due(self.now + after_s, self.place, name, resource_id, step, operation_id)])

    def delete(self, subject: Resource) -> list[Due]:
        """Remove a resource; gives the changes that were still to come."""
        pending = self.transaction.unschedule(subject.row.id)
        self.transaction.delete(subject.row)
        return pending

    def _is_taken(self, name: str) -> bool:
        return self.transaction.get(self.place, name) is not None


def check_name(name: str) -> None:
    """Raises InvalidInputException where a name breaks the rule for resource names."""
    if not _NAME.fullmatch(name):
        raise InvalidInputException.because(
            f"{name} is not a valid resource name. Resource names must be at least 2 characters long and contain "
            "only alphanumerics, -, _, and .",
            "InvalidParams",
        )


def _in_use(names: Sequence[str]) -> InvalidInputException:
    return InvalidInputException.because(f"Some names are already in use: {', '.join(names)}", "NameExists")
