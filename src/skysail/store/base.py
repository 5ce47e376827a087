"""What the service needs of a store: rows in, rows out, all within transactions. No SQL leaves this room.

A resource is found by its name within a name space, or listed by kind from the newest to the oldest. A `Position` is
where a row stands in such a listing: times in microseconds, made unique within one listing by counting up, and by
the row's key where two machines counted alike.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import NamedTuple, Protocol

EVERY = 2**63 - 1
"""A limit that is none."""


class Position(NamedTuple):
    """A place in a listing: the row's number, then its key."""

    number: int
    key: str


class Place(NamedTuple):
    """Whose resources, and where."""

    account: str
    region: str


@dataclass(slots=True, unsafe_hash=True)
class Row:
    """One resource. `document` is its JSON, ready to send; `private` is JSON that no answer shows.

    `name_space` is "" for the names that all kinds share. A row is never changed: that it is not frozen makes it in a
    third of the time, and a page has a hundred of them.
    """

    place: Place
    kind: str
    name: str
    id: str
    number: int
    document: bytes
    private: bytes = b"{}"
    name_space: str = ""

    @property
    def position(self) -> Position:
        return Position(self.number, self.name)


@dataclass(frozen=True, slots=True)
class Due:
    """A change that is to be made at a time (seconds since 1970): which step, on which resource.

    `operation_ids` name the journal's entries that end with it.
    """

    at: float
    place: Place
    name: str
    resource_id: str
    step: str
    operation_ids: tuple[str, ...] = ()
    name_space: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """One entry of the journal of operations. `document` is its JSON, ready to send."""

    place: Place
    id: str
    number: int
    resource_name: str
    document: bytes

    @property
    def position(self) -> Position:
        return Position(self.number, self.id)


class NameTaken(Exception):
    """The name is in use in that place and name space."""


class Conflict(Exception):
    """Another transaction got in between: nothing was done, and the whole of it is to be done again."""


class Transaction(Protocol):
    """What can be done within one transaction; it sees a state of the store that nobody else changes."""

    def get(self, place: Place, name: str, name_space: str = "") -> Row | None: ...

    def page(self, place: Place, kind: str, after: Position | None, limit: int) -> list[Row]:
        """Up to `limit` rows behind `after`, newest first."""

    def names(self, place: Place, after: str, limit: int) -> list[str]:
        """Up to `limit` of the names that all kinds share, behind `after`, in the order of the names; "" begins."""

    def last_number(self, place: Place, kind: str) -> int:
        """The highest number in a listing; 0 in an empty one."""

    def count(self, place: Place, kind: str, at_most: int) -> int:
        """How many there are in a place, as far as `at_most`: no more are looked at."""

    def places(self, kind: str, at_most: int = EVERY) -> dict[Place, int]:
        """How many there are in each place that has any; `at_most` in all are looked at."""

    def guard(self, place: Place, kind: str) -> None:
        """Of two transactions that guard the same kind in a place at once, one is to be done again.

        For rules about rows that a transaction only counts.
        """

    def insert(self, rows: Iterable[Row]) -> None:
        """Add resources. Raises NameTaken or Conflict, for one who came first; nothing is then to be committed."""

    def insert_free(self, rows: Sequence[Row]) -> list[Row]:
        """Add those resources whose names are free, and give the others. All have numbers of their own."""

    def update(self, row: Row) -> None:
        """Replace document and private part of a row, found by its name."""

    def delete(self, row: Row) -> None: ...

    def next_due(self) -> float | None:
        """When the earliest change is due; None where none is."""

    def take_due(self, until: float, limit: int) -> list[Due]:
        """Up to `limit` changes due by then, in order of time, then id; they are no longer scheduled."""

    def schedule(self, changes: Iterable[Due]) -> None: ...

    def unschedule(self, resource_id: str, step: str | None = None) -> list[Due]:
        """Take back a resource's changes, or those of one step, and give them."""

    def add_records(self, records: Iterable[Record]) -> None: ...

    def update_record(self, record: Record) -> None: ...

    def record(self, place: Place, id: str) -> Record | None: ...

    def records(self, place: Place, resource_name: str | None, after: Position | None, limit: int) -> list[Record]:
        """The journal behind `after`, newest first; of one resource name, or of all."""

    def last_record_number(self, place: Place) -> int: ...

    def every_row(self, after: Row | None, limit: int) -> list[Row]:
        """Up to `limit` of all resources behind `after`, in the order of place, name space and name."""

    def every_change(self, after: Due | None, limit: int) -> list[Due]:
        """Up to `limit` of all changes that are scheduled, behind `after`, in the order in which they are due."""

    def every_record(self, after: Record | None, limit: int) -> list[Record]:
        """Up to `limit` of all entries of the journal behind `after`, in the order of place and id."""

    def clear(self, account: str | None) -> None:
        """Forget all resources, entries of the journal and changes to come: of one account, or all."""

    def setting(self, name: str) -> bytes | None:
        """What is kept under a name, for the whole store; None for nothing."""

    def set_setting(self, name: str, value: bytes | None) -> None:
        """Keep it, or with None forget it."""


class Store(Protocol):
    """A place where a fleet lives."""

    @property
    def token_key(self) -> bytes:
        """The secret that page tokens are authenticated with; it stays the same as long as the store."""

    @property
    def description(self) -> str:
        """What and where it is, for people."""

    @property
    def is_embedded(self) -> bool:
        """It is in this process: reads take microseconds, and those who write wait for one another."""

    @property
    def flushes(self) -> bool:
        """A transaction that changes something waits for a disk, which `together` makes several do as one."""

    def begin(self, write: bool) -> AbstractContextManager[Transaction]:
        """A transaction: committed when the block ends, durable then; rolled back when it raises.

        Raises Conflict from within the block or at its end, on a store with several writers. Within `together` it is
        durable when the outer block ends.
        """

    def together(self) -> AbstractContextManager[None]:
        """A block of one thread whose transactions, still each of its own, are made durable with one flush.

        Raises StoreError at its end: then none of them has happened. On some stores the block does nothing.
        """

    def kept(self) -> Callable[[], None]:
        """What brings the store back to what it holds now, and may be called any number of times.

        Raises UnsupportedError where others may use it at the same time.
        """

    def close(self) -> None: ...
