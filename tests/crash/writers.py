"""A client that changes its own part of the fleet until the server is gone, and then knows what must be there."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import skysail
from crash.changes import Change, Part, next_change, seen
from crash.looks import Documents
from skysail.errors import ServiceError, TransportError

_PASSING = ("status", "isTerminal", "statusChangedAt")


@dataclass
class Writer:
    """`part` is what was answered; `unknown` was asked without an answer, and may have been done or not."""

    name: str
    dice: random.Random
    part: Part = field(default_factory=dict)
    unknown: Change | None = None
    answered: Documents = field(default_factory=dict)
    touched: set[str] = field(default_factory=set)
    _numbers: Any = field(default_factory=count)

    def write(
        self, client: Callable[[], skysail.Client], tell: Callable[[], None], is_over: Callable[[], bool]
    ) -> None:
        """Ask for one change after another until one stays without an answer, or it is over."""
        while not is_over():
            change = next_change(self.part, self.dice, self._fresh)
            self.unknown = change
            self.touched |= change.names
            try:
                answer = getattr(client(), change.method)(**change.arguments)
            except TransportError as error:
                if not error.sent:
                    self.unknown = None
                return
            except ServiceError as error:
                if error.status == 503:  # the store failed, before the commit or after it
                    return
                raise AssertionError(f"{change}: {error}") from error
            self.part, self.unknown = change.after, None
            entries = answer.get("operations") or [answer["operation"]]
            assert _sorted(map(_about, entries)) == _sorted(change.entries), change
            self.answered |= {entry["id"]: entry for entry in entries}
            tell()

    def check(self, documents: Documents, before: Documents, fresh: Documents) -> bool | None:
        """Compare with what is there now, what was there before, and the journal's new entries.

        Goes on from what is there. Gives whether the change without an answer was done; None where there was none.
        """
        mine = {name: document for name, document in documents.items() if self._is_mine(name)}
        entries = {id: entry for id, entry in fresh.items() if self._is_mine(entry["resourceName"])}
        self._check_answered(entries)
        found: Part = {name: seen(document) for name, document in mine.items()}
        unanswered = _sorted(_about(entry) for id, entry in entries.items() if id not in self.answered)
        is_done = self.unknown and (found, unanswered) == (self.unknown.after, _sorted(self.unknown.entries))
        assert is_done or (found, unanswered) == (self.part, []), (
            f"{self.name}: answered {self.part}; without an answer {self.unknown}; found {found}, {unanswered}"
        )
        for name in mine.keys() & before.keys() - self.touched:
            assert mine[name] == before[name], f"{name} is another one, and nobody asked for it"
        self.part, self.unknown, self.answered, self.touched = found, None, {}, set()
        return is_done

    def _check_answered(self, entries: Documents) -> None:
        for id, answered in self.answered.items():
            assert id in entries, f"the entry of an answered change is lost: {answered}"
            assert _lasting(entries[id]) == _lasting(answered)
        assert all(entry["isTerminal"] and entry["status"] == "Succeeded" for entry in entries.values())

    def _is_mine(self, name: str) -> bool:
        return name.startswith(f"{self.name}-")

    def _fresh(self, sort: str) -> str:
        return f"{self.name}-{sort}-{next(self._numbers)}"


def _sorted(entries: Iterable[tuple[str | None, str]]) -> list[tuple[str | None, str]]:
    return sorted(entries, key=str)


def _about(entry: dict[str, Any]) -> tuple[str | None, str]:
    return entry.get("operationType"), entry["resourceName"]


def _lasting(entry: dict[str, Any]) -> dict[str, Any]:
    """What of an entry never changes."""
    return {member: value for member, value in entry.items() if member not in _PASSING}
