"""Faults on demand: what is to go wrong, how often, and how often it did.

Rules are kept in the store, so that "the first 3" are three over all services on it. Which requests a rule meets is
decided when somebody has been recognised as the caller, before anything is done.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Literal

import msgspec

from skysail.errors import ServiceError, UsageError
from skysail.protocol.model import service_model
from skysail.protocol.ready import ready
from skysail.service.kept import Kept
from skysail.store.base import Place, Store
from skysail.world import World

Kind = Literal["throttle", "error", "delay", "cut"]
When = Literal["before", "after"]

_MOST_RULES = 100
_LONGEST_DELAY_S = 3_600.0


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """`operation` is a name or a pattern such as Get*. `first`, `every` and `share` say how many of the requests that
    fit: the first N, each Nth, a share between 0 and 1 by chance; all without.

    `status`, `code` and `message` are an error's. `seconds` are a delay's: the work is done at once, the answer late. A
    `cut` connection breaks before the work is done, or after it.
    """

    kind: Kind
    operation: str = "*"
    account: str | None = None
    region: str | None = None
    first: int | None = None
    every: int | None = None
    share: float | None = None
    status: int = 500
    code: str = "ServiceException"
    message: str = "A fault that was asked for."
    seconds: float = 0.0
    when: When = "before"
    id: str = ""
    met: int = 0
    """Requests that fitted so far."""
    injected: int = 0
    """How many of them met the fault."""

    def fits(self, operation: str, place: Place) -> bool:
        return (
            fnmatchcase(operation, self.operation)
            and self.account in (None, place.account)
            and self.region in (None, place.region)
            and (self.first is None or self.injected < self.first)
        )

    def fires(self, fraction: Callable[[], float]) -> bool:
        """Whether the next request that fits meets it."""
        if self.every is not None:
            return (self.met + 1) % self.every == 0
        return self.share is None or fraction() < self.share


@dataclass(frozen=True, slots=True)
class Meeting:
    """What one request meets."""

    error: ServiceError | None = None
    delay_s: float = 0.0
    cut: When | None = None


NOTHING = Meeting()


class Faults:
    """The rules of one store."""

    def __init__(self, store: Store, world: World) -> None:
        self._world = world
        self._kept = Kept(store, "faults", tuple[Rule, ...], world.now)

    # --- for whoever tests --------------------------------------------------------------------------------

    def throttle(self, operation: str = "*", **how: Any) -> Rule:
        """Refuse with the service's ThrottlingException. `how`: account, region, first, every, share.

        Raises UsageError.
        """
        return self.add("throttle", operation=operation, **how)

    def error(self, operation: str = "*", code: str = "ServiceException", status: int = 500, **how: Any) -> Rule:
        """Refuse with an error of this code and HTTP status; `message` among `how`. Raises UsageError."""
        return self.add("error", operation=operation, code=code, status=status, **how)

    def delay(self, operation: str = "*", seconds: float = 1.0, **how: Any) -> Rule:
        """Do the work, and answer so many seconds late. Raises UsageError."""
        return self.add("delay", operation=operation, seconds=seconds, **how)

    def cut(self, operation: str = "*", when: When = "before", **how: Any) -> Rule:
        """Break the connection instead of an answer, `before` or `after` the work is done. Raises UsageError."""
        return self.add("cut", operation=operation, when=when, **how)

    def add(self, kind: Kind, /, **how: Any) -> Rule:
        """Any of them, by Rule's members. Raises UsageError."""
        rule = checked({"kind": kind, **how}, self._world.new_id())

        def more(rules: tuple[Rule, ...] | None) -> tuple[Rule, ...]:
            if len(rules or ()) >= _MOST_RULES:
                raise UsageError(f"there are {_MOST_RULES} faults already; clear some")
            return (*(rules or ()), rule)

        self._kept.change(more)
        return rule

    def changed(self) -> None:
        """The store has been put into another state."""
        self._kept.forget()

    def rules(self) -> Sequence[Rule]:
        """All of them, with how often each was met."""
        return self._kept.value() or ()

    def clear(self, id: str | None = None) -> int:
        """Forget one or all; gives how many there were. Raises UsageError: there is none with that id."""
        gone = 0

        def fewer(rules: tuple[Rule, ...] | None) -> tuple[Rule, ...] | None:
            nonlocal gone
            left = tuple(rule for rule in rules or () if id is not None and rule.id != id)
            gone = len(rules or ()) - len(left)
            return left or None

        self._kept.change(fewer)
        if id is not None and not gone:
            raise UsageError(f"there is no fault {id}")
        return gone

    # --- for the service ----------------------------------------------------------------------------------

    def meet(self, operation: str, place: Place) -> Meeting:
        """What a request meets: delays together, and the first of the other faults. Raises StoreError."""
        if not any(rule.fits(operation, place) for rule in self._kept.value() or ()):
            return NOTHING
        fired: list[Rule] = []

        def count(rules: tuple[Rule, ...] | None) -> tuple[Rule, ...] | None:
            fired.clear()  # a transaction may be done again
            counted = []
            for rule in rules or ():
                fits = rule.fits(operation, place) and not any(other.kind != "delay" for other in fired)
                fires = fits and rule.fires(self._world.fraction)
                if fires:
                    fired.append(rule)
                counted.append(
                    msgspec.structs.replace(rule, met=rule.met + fits, injected=rule.injected + fires) if fits else rule
                )
            return tuple(counted) or None

        self._kept.change(count)
        return _meeting(fired)


def _meeting(fired: Sequence[Rule]) -> Meeting:
    last = fired[-1] if fired else None
    return Meeting(
        error=None if last is None else _error(last),
        delay_s=sum(rule.seconds for rule in fired if rule.kind == "delay"),
        cut=last.when if last is not None and last.kind == "cut" else None,
    )


def _error(rule: Rule) -> ServiceError | None:
    if rule.kind == "throttle":  # status: the API reference's common errors; text general
        return ServiceError.because("Rate exceeded", kind="ThrottlingException", status=400)
    if rule.kind == "error":
        return ServiceError.because(rule.message, kind=rule.code, status=rule.status)
    return None


def checked(members: dict[str, Any], id: str) -> Rule:
    """A new rule. Raises UsageError: what is wrong with it, by member."""
    try:
        rule = msgspec.convert({**members, "id": id, "met": 0, "injected": 0}, Rule)
    except msgspec.ValidationError as error:
        raise UsageError(f"no fault: {error}") from None
    wrong = {
        "first is at least 1": rule.first is not None and rule.first < 1,
        "every is at least 1": rule.every is not None and rule.every < 1,
        "share is between 0 and 1": rule.share is not None and not 0 < rule.share <= 1,
        "every and share do not go together": rule.every is not None and rule.share is not None,
        f"seconds are between 0 and {_LONGEST_DELAY_S:.0f}": not 0 <= rule.seconds <= _LONGEST_DELAY_S,
        "a delay needs seconds": rule.kind == "delay" and not rule.seconds,
        "status is an error's: 400 to 599": not 400 <= rule.status <= 599,
        f"{rule.operation} is no operation, nor a pattern of any: GetInstances, Get*": not any(
            fnmatchcase(name, rule.operation) for name in service_model()
        ),
        "code is letters": not rule.code.isalnum() or not rule.code.isascii(),
    }
    for text, is_wrong in wrong.items():
        if is_wrong:
            raise UsageError(f"no fault: {text}")
    return rule


ready(Rule)
