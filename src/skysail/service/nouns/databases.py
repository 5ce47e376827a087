"""Databases as all of their calls see them: in which state, since when, and what has happened to them.

States and their ways: creating → available; backing-up, modifying, upgrading and rebooting in between; stopping →
stopped → starting; deleting → gone. Since when a database is up and backed up is kept, for what follows from it: its
backups, the time to which it can be restored, its metrics and its log.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from skysail.service.context import Context
from skysail.service.refusals import wrong_state
from skysail.service.resources import Resource
from skysail.store.base import Record

DATABASE = "RelationalDatabase"
AVAILABLE = "available"
_UP = frozenset({AVAILABLE, "backing-up", "modifying"})

DAY_S = 86_400
EVENTS_KEPT_S = 14 * DAY_S
"""How far back one can ask (source: model)."""
_MOST_SPELLS = 100


class Spell(NamedTuple):
    """A time in which nothing changed of this: whether it was up, and its backup window if it was backed up.

    Seconds since 1970; `until` is None while it lasts.
    """

    since: float
    until: float | None
    is_up: bool
    window: str | None


def database(context: Context, name: str) -> Resource:
    """Raises NotFoundException."""
    return context.resources.get(DATABASE, name)


def check_available(found: Resource) -> None:
    """Raises InvalidInputException (text inferred)."""
    if found.state != AVAILABLE:
        raise wrong_state(f"The relational database must be in the available state: {found.name}")


def save(context: Context, changed: Resource) -> None:
    """Keep what was changed in a database, and since when it is so."""
    now = [round(context.now, 3), *_kind_of_spell(changed)]
    kept = _kept(changed)
    if not kept or kept[-1][1:] != now[1:]:
        changed.private["spells"] = [*kept, now][-_MOST_SPELLS:]
    context.resources.save(changed)


def begin(
    context: Context, changed: Resource, state: str, step: str, after_s: float, records: Iterable[Record] = ()
) -> None:
    """Put a database into a passing state, with a change to come."""
    changed.document["state"] = state
    save(context, changed)
    context.resources.later(changed, step, after_s, list(records))


def happened(context: Context, subject: Resource, message: str, category: str) -> None:
    """Tell it among the database's events. The caller saves it."""
    events = [one for one in subject.private.get("events", []) if one[0] > context.now - EVENTS_KEPT_S]
    subject.private["events"] = [*events, [round(context.now, 3), message, category]]


def spells(found: Resource) -> list[Spell]:
    """Oldest first. An imported database is as it is since it was created (inferred)."""
    kept = _kept(found) or [[found.document.get("createdAt", 0.0), *_kind_of_spell(found)]]
    ends = [*(one[0] for one in kept[1:]), None]
    return [Spell(since, until, is_up, window) for (since, is_up, window), until in zip(kept, ends, strict=True)]


def runs(found: Resource) -> list[tuple[float, float | None]]:
    """From when to when it was up, oldest first; the last one may last."""
    joined: list[tuple[float, float | None]] = []
    for spell in spells(found):
        if not spell.is_up:
            continue
        if joined and joined[-1][1] == spell.since:
            joined[-1] = (joined[-1][0], spell.until)
        else:
            joined.append((spell.since, spell.until))
    return joined


def version_at(found: Resource, moment: float) -> tuple[str, str]:
    """The blueprint and the engine's version that it had at a time."""
    then = (found.document["relationalDatabaseBlueprintId"], found.document["engineVersion"])
    for since, blueprint_id, version in found.private.get("versions", ()):
        if since <= moment:
            then = (blueprint_id, version)
    return then


def is_up(found: Resource) -> bool:
    return found.state in _UP


def _kind_of_spell(found: Resource) -> tuple[bool, str | None]:
    document = found.document
    is_backed_up = is_up(found) and document.get("backupRetentionEnabled", False)
    return is_up(found), document.get("preferredBackupWindow") if is_backed_up else None


def _kept(found: Resource) -> list[list[Any]]:
    kept: list[list[Any]] = found.private.get("spells", [])
    return kept
