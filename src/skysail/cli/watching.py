"""`skysail instances --watch`: one line a change, not a screen drawn anew, so that it can be piped and read aloud.

A service that cannot be reached for a while, or is busy, ends no watch: it is told once, and looked at again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Literal, NamedTuple

from skysail.cli.acting import Acting
from skysail.cli.explanations import BUSY
from skysail.cli.failures import CommandError, Status, as_line
from skysail.cli.invocation import Invocation
from skysail.cli.options import Connection
from skysail.cli.rendering import json_line
from skysail.cli.screen import Screen
from skysail.cli.sifting import Condition, state_of
from skysail.cli.summary import instances as counted

_EVERY_S = 2.0


class Look(NamedTuple):
    """One instance as it was seen; the ARN tells it from another one that got its name."""

    arn: str
    state: str
    address: str


Seen = dict[str, Look]


class Change(NamedTuple):
    """What became of an instance; an empty text where there was, or is, none."""

    name: str
    what: Literal["new", "gone", "state", "address"]
    was: str
    now: str

    def __str__(self) -> str:
        """web-3 pending → running; web-3 address - → 203.0.113.7; web-4 + pending; web-5 gone"""
        if self.what == "gone":
            return f"{self.name} gone"
        if self.what == "new":
            return f"{self.name} + {self.now}"
        before = "" if self.what == "state" else "address "
        return f"{self.name} {before}{self.was or '-'} → {self.now or '-'}"


def watch(
    invocation: Invocation, connection: Connection, conditions: Sequence[Condition], screen: Screen, *, as_json: bool
) -> int:
    """Until Ctrl-C. Raises CommandError for what does not pass by itself."""
    acting = Acting(invocation, connection)
    before = _seen_now(acting, conditions)
    screen.tell(f"watching {counted(len(before))}   {acting.place.in_summary}   Ctrl-C ends it")
    away_since: float | None = None
    while True:
        invocation.world.sleep(_EVERY_S)
        try:
            after = _seen_now(acting, conditions)
        except CommandError as error:
            trouble = error.trouble
            if trouble.status is not Status.NO_CONNECTION and trouble.code not in BUSY:
                raise
            if away_since is None:
                away_since = acting.now()
                waiting = replace(trouble, remedy=f"looking again every {_EVERY_S:.0f} s")
                screen.insist(as_line(waiting, colour=screen.error_has_colour))
            continue
        if away_since is not None:
            screen.insist(f"there again after {acting.now() - away_since:.0f} s")
            away_since = None
        at = datetime.fromtimestamp(acting.now(), UTC)
        for change in changes(before, after):
            line = json_line({"at": at, **change._asdict()}) if as_json else f"{at:%H:%M:%S} {change}\n"
            screen.write(line)
        before = after


def _seen_now(acting: Acting, conditions: Sequence[Condition]) -> Seen:
    return seen(acting.every("get_instances", "instances"), conditions)


def seen(instances: Sequence[Mapping[str, Any]], conditions: Sequence[Condition]) -> Seen:
    return {
        instance["name"]: Look(instance.get("arn", ""), state_of(instance), instance.get("publicIpAddress", ""))
        for instance in instances
        if all(fits(instance) for fits in conditions)
    }


def changes(before: Seen, after: Seen) -> Iterator[Change]:
    """By name; of one that was made anew under the same name, that the old one is gone and the new one there."""
    for name in sorted({*before, *after}):
        old, new = before.get(name), after.get(name)
        if old is not None and (new is None or new.arn != old.arn):
            yield Change(name, "gone", old.state, "")
            old = None
        if new is None:
            continue
        if old is None:
            yield Change(name, "new", "", new.state)
            continue
        if old.state != new.state:
            yield Change(name, "state", old.state, new.state)
        if old.address != new.address:
            yield Change(name, "address", old.address, new.address)
