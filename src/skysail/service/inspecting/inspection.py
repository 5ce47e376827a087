"""What is wrong in a store, resource by resource: documents, both sides of what hangs together, changes, journal.

Everything is read once, in pages, and nothing is changed. What the store itself cannot read is a fault too, and the
rest is looked at all the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar

from skysail.errors import DamagedStoreError
from skysail.protocol.faults import faults
from skysail.protocol.types import stored_decoder
from skysail.service import stored
from skysail.service.inspecting.both_sides import FROM_A_COPY, wrong_sides
from skysail.service.nouns.distributions import DISTRIBUTION
from skysail.store.base import Due, Place, Record, Row, Transaction

Item = TypeVar("Item", Row, Due, Record)

JOURNAL, CHANGES = "journal", "changes to come"
"""What is counted beside the kinds of resources."""
_AT_ONCE = 500
_SHAPES = {DISTRIBUTION: "LightsailDistribution"}
"""The model's names for the shapes of kinds, where they are others."""

UPGRADE = "upgrade: pip install -U skysail"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong: with what, and what can be done about it."""

    about: str
    what: str
    remedy: str = FROM_A_COPY
    place: Place | None = None


@dataclass
class Inspection:
    """`steps` are the changes that are known. `counts` is how many of what were looked at."""

    transaction: Transaction
    steps: Collection[str]
    counts: Counter[str] = field(default_factory=Counter)
    _to_be_ended: set[str] = field(default_factory=set)
    """The journal's entries that a change to come will end."""

    def faults(self) -> Iterator[Fault]:
        for name, look in (
            ("resources", self._resources),
            (CHANGES, self._changes),
            (JOURNAL, self._journal),
        ):
            try:
                yield from look()
            except DamagedStoreError as error:
                yield Fault(name, f"cannot be read to the end: {error}")

    # --- resources ----------------------------------------------------------------------------------------

    def _resources(self) -> Iterator[Fault]:
        for row in _each(self.transaction.every_row):
            self.counts[str(row.kind)] += 1
            for fault in self._of_row(row):
                yield Fault(f"{row.kind} {row.name}", *fault, place=row.place)

    def _of_row(self, row: Row) -> Iterator[tuple[str, str]]:
        if not _is_whole(row):
            yield "its row is no whole one", FROM_A_COPY
            return
        try:
            document, private = stored.document(row), stored.private(row)
        except (DamagedStoreError, TypeError) as error:
            yield f"cannot be read: {error.__cause__ or error}", FROM_A_COPY
            return
        # What the service keeps for itself has nothing to show, and a kind that is not the model's.
        shape = _SHAPES.get(row.kind, row.kind)
        wrong = list(_misfits(shape, row.document, document)) if document else []
        yield from ((text, FROM_A_COPY) for text in wrong)
        for member, value in (("name", row.name), ("resourceType", row.kind)):
            if document.get(member, value) != value:
                yield f"its document says {member} {document[member]}", FROM_A_COPY
        if not wrong:
            yield from wrong_sides(self.transaction, row, document, private)

    # --- what is to come, and what was done ---------------------------------------------------------------

    def _changes(self) -> Iterator[Fault]:
        for due in _each(self.transaction.every_change):
            self.counts[CHANGES] += 1
            self._to_be_ended |= set(due.operation_ids)
            for fault in self._of_change(due):
                yield Fault(f"the change {due.step} of {due.name}", *fault, place=due.place)

    def _of_change(self, due: Due) -> Iterator[tuple[str, str]]:
        if due.step not in self.steps:
            yield "is none that this version knows", UPGRADE
        row = self.transaction.get(due.place, due.name, due.name_space)
        if row is None or row.id != due.resource_id:
            yield "is to be made to a resource that is not there", FROM_A_COPY
        for id in due.operation_ids:
            if self.transaction.record(due.place, id) is None:
                yield f"ends the journal's entry {id}, which is not there", FROM_A_COPY

    def _journal(self) -> Iterator[Fault]:
        for record in _each(self.transaction.every_record):
            self.counts[JOURNAL] += 1
            for what in self._of_record(record):
                yield Fault(f"the journal's entry {record.id}", what, place=record.place)

    def _of_record(self, record: Record) -> Iterator[str]:
        try:
            document = stored.document(record)
        except (DamagedStoreError, TypeError) as error:
            yield f"cannot be read: {error.__cause__ or error}"
            return
        yield from _misfits("Operation", record.document, document)
        for member, value in (("id", record.id), ("resourceName", record.resource_name)):
            if document.get(member) != value:
                yield f"its document says {member} {document.get(member)}"
        if document.get("isTerminal") is not (document.get("status") in ("Succeeded", "Failed")):
            yield f"isTerminal is {document.get('isTerminal')} at status {document.get('status')}"
        if document.get("status") == "Started" and record.id not in self._to_be_ended:
            yield "is Started, and no change to come ends it"


def _each(read: Callable[[Item | None, int], list[Item]]) -> Iterator[Item]:
    """All there are, page by page."""
    after: Item | None = None
    while page := read(after, _AT_ONCE):
        yield from page
        after = page[-1]


def _is_whole(row: Any) -> bool:
    """Whether a row has what every row has: in a damaged file, columns can hold anything."""
    texts = (*row.place, row.kind, row.name, row.id, row.name_space)
    return all(isinstance(text, str) for text in texts) and isinstance(row.number, int) and row.number > 0


def _misfits(shape: str, text: bytes, document: dict[str, Any]) -> Iterator[str]:
    """Where a document is not as the model has it: members of other types. Enumerations are not looked at, because real
    answers have values that the model lacks.
    """
    try:
        stored_decoder(shape).decode(text)
    except KeyError:
        yield f"there is no {shape} in Lightsail's model"
    except ValueError:  # msgspec's is one
        yield from (fault.text for fault in faults(shape, document, "") if fault.wrong_type)
