"""A resource's life: found by name, listed, created, changed, moved from state to state by the clock, deleted.

What all kinds have in common. Names are unique across kinds within an account and region (source: user guide).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec

from skysail.errors import InvalidInputException, NotFoundException
from skysail.service import stored
from skysail.service.refusals import invalid
from skysail.store.base import Due, NameTaken, Place, Position, Record, Row, Transaction

# Source: the text of a really seen refusal; 255 from the user guide.
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,253}[A-Za-z0-9])")
_EVERYWHERE = Place("every account", "us-east-1")


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
        """The availability zone it stands in, or "all": also for what was imported without one (inferred)."""
        return str(self.document.get("location", {}).get("availabilityZone", "all"))

    @property
    def state(self) -> str:
        """The name of its state: instances carry a code too, other kinds the name alone.

        "unknown" for what was imported without one (inferred).
        """
        state = self.document.get("state", {})
        return str(state.get("name", "unknown") if isinstance(state, dict) else state)


def resource(row: Row) -> Resource:
    return Resource(row, stored.document(row), stored.private(row))


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

    def get(self, kind: str, name: str, name_space: str = "") -> Resource:
        """Raises NotFoundException: no resource of that kind has that name here."""
        return resource(self.row(kind, name, name_space))

    def find(self, kind: str, name: str, name_space: str = "") -> Resource | None:
        """The same, or None."""
        row = self.transaction.get(self.place, name, name_space)
        return None if row is None or row.kind != kind else resource(row)

    def row(self, kind: str, name: str, name_space: str = "") -> Row:
        """The same as it is stored, for an answer that only shows it."""
        row = self.transaction.get(self.place, name, name_space)
        if row is None or row.kind != kind:
            raise not_found(kind, name)
        return row

    def of_any_kind(self, name: str) -> Resource | None:
        """What has that name among the names that all kinds share."""
        row = self.transaction.get(self.place, name)
        return None if row is None else resource(row)

    def all_of(self, kind: str) -> list[Resource]:
        """All of a kind, newest first: for the rare rule that is about all of them."""
        return [resource(row) for row in self.page(kind, None, 2**31)]

    def are_more(self, kind: str, than: int) -> bool:
        """Whether there are more than so many of a kind."""
        return self.transaction.count(self.place, kind, than + 1) > than

    def number_in_all_regions(self, kind: str) -> int:
        """How many of a kind the account has. Nobody else who asks the same makes one at the same time."""
        self.transaction.guard(_EVERYWHERE, kind)
        return sum(
            number for place, number in self.transaction.places(kind).items() if place.account == self.place.account
        )

    def guard(self, kind: str) -> None:
        """Have nobody else make or count resources of a kind here at the same time."""
        self.transaction.guard(self.place, kind)

    def everywhere(self, kind: str) -> list[Place]:
        """Where there are any of a kind, in all accounts and regions: for names that only one of all can have.

        Nobody else who asks the same makes one at the same time.
        """
        self.transaction.guard(_EVERYWHERE, kind)
        return list(self.transaction.places(kind))

    def page(self, kind: str, after: Position | None, limit: int) -> list[Row]:
        """Newest first (seen in every published answer)."""
        return self.transaction.page(self.place, kind, after, limit)

    def names(self, after: str, limit: int) -> list[str]:
        """The names that all kinds share, behind one, in their order."""
        return self.transaction.names(self.place, after, limit)

    def create(self, kind: str, drafts: Sequence[Draft], name_space: str = "") -> list[Resource]:
        """All of them or none. Raises InvalidInputException: a name breaks the rule or is in use."""
        names = [draft.name for draft in drafts]
        self.check_free(names, name_space)
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
                name_space,
            )
            for count, draft in enumerate(drafts)
        ]
        try:
            self.transaction.insert(rows)
        except NameTaken:  # by another writer, on a store with several
            raise in_use(names) from None
        return [Resource(row, draft.document, draft.private) for row, draft in zip(rows, drafts, strict=True)]

    def check_free(self, names: Sequence[str], name_space: str = "") -> None:
        """Raises InvalidInputException: a name breaks the rule, is in use or comes twice."""
        for name in names:
            check_name(name)
        times = Counter(names)
        taken = [name for name, count in times.items() if count > 1 or self._is_taken(name, name_space)]
        if taken:
            raise in_use(taken)

    def save(self, changed: Resource) -> None:
        """Keep what was changed in a resource."""
        self.transaction.update(
            replace(
                changed.row,
                document=msgspec.json.encode(changed.document),
                private=msgspec.json.encode(changed.private),
            )
        )

    def hold(self, seen: Resource) -> None:
        """Have nobody else change or delete a resource at the same time, for what is only looked at: a transaction
        that refers to it is else no bar to one that deletes it.
        """
        self.transaction.update(seen.row)

    def later(self, subject: Resource, step: str, after_s: float, records: Sequence[Record] = ()) -> None:
        """Have `step` done to the resource in `after_s` seconds; these entries of the journal end with it.

        What was to come of the same step is superseded: its entries end with the new one.
        """
        at = self.now + after_s
        former = self.transaction.unschedule(subject.row.id, step)
        entries = (*(id for due in former for id in due.operation_ids), *(record.id for record in records))
        row = subject.row
        self.transaction.schedule([Due(at, self.place, row.name, row.id, step, entries, row.name_space)])

    def not_any_more(self, subject: Resource, step: str | None = None) -> list[Due]:
        """Take back the changes that are to come to a resource, or those of one step; gives them."""
        return self.transaction.unschedule(subject.row.id, step)

    def delete(self, subject: Resource) -> list[Due]:
        """Remove a resource; gives the changes that were still to come."""
        pending = self.transaction.unschedule(subject.row.id)
        self.transaction.delete(subject.row)
        return pending

    def _is_taken(self, name: str, name_space: str) -> bool:
        return self.transaction.get(self.place, name, name_space) is not None


def not_found(kind: str, name: str) -> NotFoundException:
    return NotFoundException.because(f"The {kind} does not exist: {name}", "DoesNotExist")


def check_name(name: str) -> None:
    """Raises InvalidInputException where a name breaks the rule for resource names."""
    if not _NAME.fullmatch(name):
        raise invalid(
            f"{name} is not a valid resource name. Resource names must be at least 2 characters long and contain "
            "only alphanumerics, -, _, and ."
        )


def in_use(names: Sequence[str]) -> InvalidInputException:
    return InvalidInputException.because(f"Some names are already in use: {', '.join(names)}", "NameExists")
