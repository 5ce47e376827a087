"""The record of operations: what was asked for, and how far it has come.

Every call that changes something leaves one entry or more. An entry is Started until a due change ends it, or
Succeeded at once (source: published answers, call by call).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import msgspec

from skysail.service import stored
from skysail.service.resources import Resource
from skysail.store.base import Due, Place, Position, Record, Transaction
from skysail.world import World


@dataclass(frozen=True, slots=True)
class Subject:
    """What an entry is about: a resource by name and type, where it stands, and the entry's operationDetails.

    `region` is the one that the resource says it is in, "global" for some; "" for that of the journal.
    """

    name: str
    type: str
    zone: str
    details: str | None = None
    region: str = ""


def about(subject: Resource, details: str | None = None) -> Subject:
    """An entry about a resource."""
    region = str(subject.document.get("location", {}).get("regionName", ""))
    return Subject(subject.name, subject.row.kind, subject.zone, details, region)


@dataclass(frozen=True, slots=True)
class Journal:
    """The journal of one account in one region, within one transaction."""

    transaction: Transaction
    place: Place
    world: World
    now: float

    def started(self, operation_type: str, *subjects: Subject) -> list[Record]:
        """Entries for work that goes on: one a subject, in that order."""
        return self._add(operation_type, subjects, "Started")

    def succeeded(self, operation_type: str | None, *subjects: Subject) -> list[Record]:
        """Entries for work that is done."""
        return self._add(operation_type, subjects, "Succeeded")

    def finish(self, due: Due) -> None:
        """The work of the entries that end with a change is done, at the change's time."""
        for operation_id in due.operation_ids:
            self._end(operation_id, due.at, {"status": "Succeeded"})

    def fail(self, due: Due, code: str, details: str) -> None:
        """The work of the entries that would end with a change cannot be done any more."""
        for operation_id in due.operation_ids:
            self._end(operation_id, self.now, {"status": "Failed", "errorCode": code, "errorDetails": details})

    def ended_by(self, due: Due) -> list[Record]:
        """The entries that were to end with a change, for another one to end them."""
        return [record for id in due.operation_ids if (record := self.find(id)) is not None]

    def find(self, operation_id: str) -> Record | None:
        return self.transaction.record(self.place, operation_id)

    def page(self, resource_name: str | None, after: Position | None, limit: int) -> list[Record]:
        """Newest first, of one resource name or of all."""
        return self.transaction.records(self.place, resource_name, after, limit)

    def _add(self, operation_type: str | None, subjects: Sequence[Subject], status: str) -> list[Record]:
        first = max(int(self.now * 1e6), self.transaction.last_record_number(self.place) + 1)
        records = [
            self._record(first + count, subject, operation_type, status) for count, subject in enumerate(subjects)
        ]
        self.transaction.add_records(records)
        return records

    def _record(self, number: int, subject: Subject, operation_type: str | None, status: str) -> Record:
        operation_id = self.world.new_id()
        document = {
            "id": operation_id,
            "resourceName": subject.name,
            "resourceType": subject.type,
            "createdAt": round(self.now, 3),
            "location": {"availabilityZone": subject.zone, "regionName": subject.region or self.place.region},
            "isTerminal": status != "Started",
            **({} if subject.details is None else {"operationDetails": subject.details}),
            **({} if operation_type is None else {"operationType": operation_type}),
            "status": status,
            "statusChangedAt": round(self.now, 3),
        }
        return Record(self.place, operation_id, number, subject.name, msgspec.json.encode(document))

    def _end(self, operation_id: str, at: float, outcome: dict[str, str]) -> None:
        record = self.find(operation_id)
        if record is None:
            return
        document = stored.document(record) | {"isTerminal": True, "statusChangedAt": round(at, 3), **outcome}
        self.transaction.update_record(replace(record, document=msgspec.json.encode(document)))


def shown(records: Sequence[Record]) -> list[msgspec.Raw]:
    """Entries as an answer carries them."""
    return [stored.as_stored(record) for record in records]
