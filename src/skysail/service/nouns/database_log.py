"""What a database says of itself: events, as the service tells them, and the lines of its log streams.

Both follow from what was done with it and from when it was up. Nobody works with a local database, so its log has what
an idle one says: that it is ready, and now and then a warning or a checkpoint. (Texts and times as seen or, inferred,
as the engines and RDS have them.)
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple

from skysail.service.metric_series import noise, seed_of
from skysail.service.nouns import database_backups, databases
from skysail.service.resources import Resource

STREAMS = {"mysql": ("audit", "error", "general", "slowquery"), "postgres": ("postgresql",)}
KEPT_S = {"error": 14 * databases.DAY_S, "postgresql": 3 * databases.DAY_S}
"""How long lines are kept (RDS's times; inferred). The other streams are empty: they tell of clients, or are off."""
_SLOT_S, _WARNINGS = 600, 0.05
"""Of so many seconds a share has a warning."""
_CHECKPOINT_S = 300


class Line(NamedTuple):
    """A line of a log stream. `number` puts them in order; the time is in whole seconds (seen)."""

    number: int
    time: int
    message: str


def events(database: Resource, since: float, until: float) -> list[dict[str, Any]]:
    """What happened to it in a time, with its automated backups; oldest first (seen)."""
    found = [(at, message, category) for at, message, category in database.private.get("events", [])]
    for began in database_backups.automated(database, since - database_backups.TAKES_S, until):
        found.append((began, "Backing up Relational Database", "backup"))
        found.append((round(began + database_backups.TAKES_S, 3), "Finished Relational Database backup", "backup"))
    return [
        {"resource": database.name, "createdAt": at, "message": message, "eventCategories": [category]}
        for at, message, category in sorted(found, key=lambda one: one[0])
        if since <= at <= until
    ]


def streams(database: Resource) -> tuple[str, ...]:
    return STREAMS.get(database.document["engine"], ())


def lines(database: Resource, stream: str, since: float, until: float) -> list[Line]:
    """The lines of a stream that are within a time, oldest first. `until` is not later than now."""
    if stream not in KEPT_S:
        return []
    said = _error(database, since, until) if stream == "error" else _postgresql(database, since, until)
    found: list[Line] = []
    for time, message in sorted(said, key=lambda one: one[0]):
        if since <= time and time + 1 <= until:
            number = max(time * 1000, found[-1].number + 1 if found else 0)
            found.append(Line(number, time, message))
    return found


def _error(database: Resource, since: float, until: float) -> Iterator[tuple[int, str]]:
    seed = seed_of(f"{database.row.id} log")
    for start, end in _runs(database, since, until):
        _, version = databases.version_at(database, start)
        text = f"[Note] /rdsdbbin/mysql/bin/mysqld: ready for connections. Version: '{version}'"
        yield int(start), f"{_clock(start)} 0 {text}"
        for slot in range(int(max(start, since) // _SLOT_S) - 1, int(end // _SLOT_S) + 1):
            time = slot * _SLOT_S + int(_SLOT_S * noise(seed, "moment", slot))
            if noise(seed, "warning", slot) < _WARNINGS and start < time < end:
                thread, host = 20_000 + slot % 1000, int(254 * noise(seed, "host", slot))
                text = f"[Warning] IP address '192.0.2.{host}' could not be resolved: Name or service not known"
                yield time, f"{_clock(time)} {thread} {text}"


def _postgresql(database: Resource, since: float, until: float) -> Iterator[tuple[int, str]]:
    for start, end in _runs(database, since, until):
        yield int(start), f"{_clock(start)} UTC::@:[1]:LOG:  database system is ready to accept connections"
        for slot in range(int(max(start, since) // _CHECKPOINT_S) - 1, int(end // _CHECKPOINT_S) + 1):
            time = slot * _CHECKPOINT_S
            if start < time < end:
                yield time, f"{_clock(time)} UTC::@:[374]:LOG:  checkpoint starting: time"
                yield time + 1, f"{_clock(time + 1)} UTC::@:[374]:LOG:  checkpoint complete: wrote 1 buffers (0.0%)"


def _runs(database: Resource, since: float, until: float) -> Iterator[tuple[float, float]]:
    for start, end in databases.runs(database):
        if (end is None or end >= since) and start < until:
            yield start, until if end is None else end


def _clock(time: float) -> str:
    return datetime.fromtimestamp(int(time), UTC).strftime("%Y-%m-%d %H:%M:%S")
