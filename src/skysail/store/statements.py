"""The statements, each once, for every engine: plain SQL of the kind that distributed databases take too.

Names are compared by equality with the leading columns of a key, and listed in the order of the rest of it; a change
that comes due is found by its slot, then its time. The greatest of some is asked for as the first in an order: an
engine that knows nothing yet of a table may look at all of them for a max(). docs/scale.md says what is avoided and
why; a test reads each statement.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from typing import Any

from skysail.store.base import EVERY, Due, Place, Position, Record, Row

_BEYOND = Position(2**63 - 1, "\U0010ffff")

_ROW = "account, region, kind, name, id, number, document, private, name_space"
_DUE = "at, account, region, name, resource_id, step, operation_id, name_space"
_RECORD = "account, region, id, number, resource_name, document"
_INSERT = f"INSERT INTO resources ({_ROW}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"


class SqlTransaction(ABC):
    """See `store.base.Transaction`. An engine brings two functions, which take `?` for a value."""

    @abstractmethod
    def _fetch(self, statement: str, values: Sequence[Any] = ()) -> Sequence[Sequence[Any]]:
        """The rows that a statement finds."""

    @abstractmethod
    def _change(self, statement: str, many: Iterable[Sequence[Any]]) -> int:
        """Have a statement done for each of the values; gives how many rows it changed in all."""

    def _one(self, statement: str, values: Sequence[Any] = ()) -> Sequence[Any] | None:
        found = self._fetch(statement, values)
        return found[0] if found else None

    def _number(self, statement: str, values: Sequence[Any]) -> int:
        """One number; 0 for none."""
        found = self._one(statement, values)
        return int(found[0] or 0) if found else 0

    def get(self, place: Place, name: str, name_space: str = "") -> Row | None:
        found = self._one(
            f"SELECT {_ROW} FROM resources WHERE account = ? AND region = ? AND name_space = ? AND name = ?",
            (*place, name_space, name),
        )
        return _row(found) if found else None

    def page(self, place: Place, kind: str, after: Position | None, limit: int) -> list[Row]:
        found = self._fetch(
            f"SELECT {_ROW} FROM resources WHERE account = ? AND region = ? AND kind = ?"
            " AND (number, name) < (?, ?) ORDER BY number DESC, name DESC LIMIT ?",
            (*place, kind, *(after or _BEYOND), limit),
        )
        return [_row(values) for values in found]

    def names(self, place: Place, after: str, limit: int) -> list[str]:
        found = self._fetch(
            "SELECT name FROM resources WHERE account = ? AND region = ? AND name_space = '' AND name > ?"
            " ORDER BY name LIMIT ?",
            (*place, after, limit),
        )
        return [name for (name,) in found]

    def last_number(self, place: Place, kind: str) -> int:
        return self._number(
            "SELECT number FROM resources WHERE account = ? AND region = ? AND kind = ? ORDER BY number DESC LIMIT 1",
            (*place, kind),
        )

    def count(self, place: Place, kind: str, at_most: int) -> int:
        return self._number(
            "SELECT count(*) FROM"
            " (SELECT number FROM resources WHERE account = ? AND region = ? AND kind = ?"
            " ORDER BY number LIMIT ?) AS found",
            (*place, kind, at_most),
        )

    def places(self, kind: str, at_most: int = EVERY) -> dict[Place, int]:
        found = self._fetch(
            "SELECT account, region, count(*) FROM"
            " (SELECT account, region FROM resources WHERE kind = ?"
            " ORDER BY account, region, kind LIMIT ?) AS found"
            " GROUP BY account, region ORDER BY account, region",
            (kind, at_most),
        )
        return {Place(account, region): number for account, region, number in found}

    def guard(self, place: Place, kind: str) -> None:
        self._keep(f"guard:{place.account}:{place.region}:{kind}", b"")

    def insert(self, rows: Iterable[Row]) -> None:
        self._change(_INSERT, map(_values, rows))

    def insert_free(self, rows: Sequence[Row]) -> list[Row]:
        if self._change(
            f"{_INSERT} ON CONFLICT (account, region, name_space, name) DO NOTHING", map(_values, rows)
        ) == len(rows):
            return []
        holders = ((row, self.get(row.place, row.name, row.name_space)) for row in rows)
        return [row for row, holder in holders if holder is None or holder.number != row.number]

    def update(self, row: Row) -> None:
        self._change(
            "UPDATE resources SET document = ?, private = ?"
            " WHERE account = ? AND region = ? AND name_space = ? AND name = ?",
            [(row.document, row.private, *row.place, row.name_space, row.name)],
        )

    def delete(self, row: Row) -> None:
        self._change(
            "DELETE FROM resources WHERE account = ? AND region = ? AND name_space = ? AND name = ?",
            [(*row.place, row.name_space, row.name)],
        )

    def next_due(self) -> float | None:
        found = self._one("SELECT at FROM scheduled WHERE slot = 0 ORDER BY at LIMIT 1")
        return found[0] if found else None

    def take_due(self, until: float, limit: int) -> list[Due]:
        found = self._fetch(
            f"SELECT {_DUE} FROM scheduled WHERE slot = 0 AND at <= ? ORDER BY at, resource_id, step LIMIT ?",
            (until, limit),
        )
        changes = [_due(values) for values in found]
        self._change(
            "DELETE FROM scheduled WHERE slot = 0 AND at = ? AND resource_id = ? AND step = ?",
            ((change.at, change.resource_id, change.step) for change in changes),
        )
        return changes

    def schedule(self, changes: Iterable[Due]) -> None:
        self._change(
            f"INSERT INTO scheduled (slot, {_DUE}) VALUES (0, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                (due.at, *due.place, due.name, due.resource_id, due.step, " ".join(due.operation_ids), due.name_space)
                for due in changes
            ),
        )

    def unschedule(self, resource_id: str, step: str | None = None) -> list[Due]:
        where, values = ("", ()) if step is None else (" AND step = ?", (step,))
        found = self._fetch(f"SELECT {_DUE} FROM scheduled WHERE resource_id = ?{where}", (resource_id, *values))
        if found:
            self._change(f"DELETE FROM scheduled WHERE resource_id = ?{where}", [(resource_id, *values)])
        return sorted(map(_due, found), key=lambda due: (due.at, due.step))

    def add_records(self, records: Iterable[Record]) -> None:
        self._change(
            f"INSERT INTO operations ({_RECORD}) VALUES (?, ?, ?, ?, ?, ?)",
            ((*entry.place, entry.id, entry.number, entry.resource_name, entry.document) for entry in records),
        )

    def update_record(self, record: Record) -> None:
        self._change(
            "UPDATE operations SET document = ? WHERE account = ? AND region = ? AND id = ?",
            [(record.document, *record.place, record.id)],
        )

    def record(self, place: Place, id: str) -> Record | None:
        found = self._one(f"SELECT {_RECORD} FROM operations WHERE account = ? AND region = ? AND id = ?", (*place, id))
        return _record(found) if found else None

    def records(self, place: Place, resource_name: str | None, after: Position | None, limit: int) -> list[Record]:
        where, values = ("AND resource_name = ?", (resource_name,)) if resource_name is not None else ("", ())
        found = self._fetch(
            f"SELECT {_RECORD} FROM operations WHERE account = ? AND region = ? {where}"
            " AND (number, id) < (?, ?) ORDER BY number DESC, id DESC LIMIT ?",
            (*place, *values, *(after or _BEYOND), limit),
        )
        return [_record(values) for values in found]

    def last_record_number(self, place: Place) -> int:
        return self._number(
            "SELECT number FROM operations WHERE account = ? AND region = ? ORDER BY number DESC LIMIT 1", place
        )

    def every_row(self, after: Row | None, limit: int) -> list[Row]:
        where, values = (
            ("", ())
            if after is None
            else (
                " WHERE (account, region, name_space, name) > (?, ?, ?, ?)",
                (*after.place, after.name_space, after.name),
            )
        )
        found = self._fetch(
            f"SELECT {_ROW} FROM resources{where} ORDER BY account, region, name_space, name LIMIT ?", (*values, limit)
        )
        return [_row(values) for values in found]

    def every_change(self, after: Due | None, limit: int) -> list[Due]:
        where, values = (
            ("", ())
            if after is None
            else (" AND (at, resource_id, step) > (?, ?, ?)", (after.at, after.resource_id, after.step))
        )
        found = self._fetch(
            f"SELECT {_DUE} FROM scheduled WHERE slot = 0{where} ORDER BY at, resource_id, step LIMIT ?",
            (*values, limit),
        )
        return [_due(values) for values in found]

    def every_record(self, after: Record | None, limit: int) -> list[Record]:
        where, values = (
            ("", ()) if after is None else (" WHERE (account, region, id) > (?, ?, ?)", (*after.place, after.id))
        )
        found = self._fetch(
            f"SELECT {_RECORD} FROM operations{where} ORDER BY account, region, id LIMIT ?", (*values, limit)
        )
        return [_record(values) for values in found]

    def clear(self, account: str | None) -> None:
        where, values = ("", ()) if account is None else (" WHERE account = ?", (account,))
        for table in ("resources", "operations", "scheduled"):
            self._change(f"DELETE FROM {table}{where}", [values])

    def setting(self, name: str) -> bytes | None:
        found = self._one("SELECT value FROM meta WHERE name = ?", (f"setting:{name}",))
        return bytes(found[0]) if found else None

    def set_setting(self, name: str, value: bytes | None) -> None:
        if value is None:
            self._change("DELETE FROM meta WHERE name = ?", [(f"setting:{name}",)])
        else:
            self._keep(f"setting:{name}", value)

    def _keep(self, name: str, value: bytes) -> None:
        self._change(
            "INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            [(name, value)],
        )


def _values(row: Row) -> tuple[Any, ...]:
    return (*row.place, row.kind, row.name, row.id, row.number, row.document, row.private, row.name_space)


def _row(values: Sequence[Any]) -> Row:
    account, region, kind, name, id, number, document, private, name_space = values
    return Row(Place(account, region), kind, name, id, number, document, private, name_space)


def _due(values: Sequence[Any]) -> Due:
    at, account, region, name, resource_id, step, operation_ids, name_space = values
    return Due(at, Place(account, region), name, resource_id, step, tuple(operation_ids.split()), name_space)


def _record(values: Sequence[Any]) -> Record:
    account, region, id, number, resource_name, document = values
    return Record(Place(account, region), id, number, resource_name, document)
