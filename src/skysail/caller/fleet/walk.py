"""A walk over a fleet as a flow that does no input or output: which place is asked next, when, and what comes of it.

The flow asks — for a call to be begun, for what calls have brought, for a pause — and gives pages. A driver
(`threads.py`, `tasks.py`) obeys. Each place's listing is the flow of `paging.py`; here they are kept going
side by side: at most `concurrency` calls under way and pages not yet handed out, one call a place, the calls of each
account at the pace that the account allows. What fails in one place ends that place alone.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Callable, Generator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any, NamedTuple

from skysail.caller import paging
from skysail.caller.expressions import put
from skysail.caller.fleet.limit import Pace
from skysail.caller.fleet.page import FleetPage
from skysail.caller.fleet.places import FleetPlace, Login
from skysail.caller.fleet.token import FleetState, Position
from skysail.caller.retry import is_retryable, is_throttling, pause_before
from skysail.caller.tokens import AMOUNT, encode, parse
from skysail.errors import PagingError, ServiceError
from skysail.protocol.model import Operation


class Call(NamedTuple):
    """Asks for a call of the operation to be begun. Answered with None, at once."""

    place: FleetPlace
    arguments: dict[str, Any]


class Await(NamedTuple):
    """Asks what calls have brought: all that is there, waiting for the first for so many seconds at most, for ever
    where None. Answered with a list of Outcomes, which may be empty when time has run out."""

    seconds: float | None


class Rest(NamedTuple):
    """Asks for a pause, in seconds, while no call is under way. Answered with None."""

    seconds: float


class Give(NamedTuple):
    """Gives a page. Answered with None, when the next one is asked for."""

    page: FleetPage


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a call brought: an answer, or the error that ended it. `began` is by the flow's clock; `max_attempts` is how
    often the place's settings let a call be tried."""

    place: FleetPlace
    began: float
    answer: dict[str, Any] | None = None
    error: Exception | None = None
    max_attempts: int = 1


Flow = Generator[Call | Await | Rest | Give, Any, None]


@dataclass(frozen=True, slots=True)
class Rules:
    """How a fleet is walked.

    `patience_s` is how long one page is tried for, from its first "too fast" on, before its place is given up.
    `raises` ends the walk with the first failure; otherwise failures are collected.
    """

    concurrency: int = 16
    patience_s: float = 300.0
    max_items: int | None = None
    raises: bool = False


@dataclass(frozen=True, slots=True)
class FleetProgress:
    """How far a walk has come, in counts. `slowest` is the place whose call has been under way longest, `slowest_s` for
    how many seconds; `throttled` counts the answers that were "too fast"."""

    places: int
    done: int
    failed: int
    pages: int
    items: int
    throttled: int
    slowest: FleetPlace | None
    slowest_s: float


@dataclass(slots=True)
class _Place:
    """A place whose listing has begun and not ended."""

    place: FleetPlace
    listing: paging.Flow
    arguments: dict[str, Any]
    position: Position
    pages: int = 0
    tries: int = 0
    refusals: int = 0
    refused_since: float | None = None


@dataclass(slots=True)
class _Account:
    """The places of one login that wait for a call, those already begun in front; and the pace they share with every
    other login of the same account, once that is known."""

    pace: Pace
    number: str | None
    begun: deque[_Place] = field(default_factory=deque)
    fresh: deque[FleetPlace] = field(default_factory=deque)

    @property
    def waits(self) -> bool:
        return bool(self.begun or self.fresh)


class Walk:
    """A walk from `state` on, and what is known of it. `flow()` is to be driven once.

    `state` is not changed: what has been delivered is for others to say.
    """

    def __init__(
        self,
        operation: Operation,
        state: FleetState,
        rules: Rules,
        now: Callable[[], float],
        fraction: Callable[[], float],
    ) -> None:
        assert operation.paging is not None
        self.failures: dict[FleetPlace, Exception] = {}
        self._rule = operation.paging
        self._operation = operation
        self._state = state
        self._rules = rules
        self._now = now
        self._fraction = fraction
        self._left = rules.max_items
        self._logins: dict[Login, _Account] = {}
        self._paces: dict[str, Pace] = {}
        self._under_way: dict[FleetPlace, tuple[_Place, float]] = {}
        self._resting: list[tuple[float, int, _Place]] = []
        self._order = count()
        self._ready: deque[FleetPage] = deque()
        self._done = self._pages = self._items = self._throttled = 0
        for place, position in state.positions.items():
            if position == "done":
                self._done += 1
            else:
                self._account(place.login).fresh.append(place)

    @property
    def progress(self) -> FleetProgress:
        slowest, began = min(
            ((place, began) for place, (_, began) in list(self._under_way.items())),
            key=lambda pair: pair[1],
            default=(None, self._now()),
        )
        return FleetProgress(
            places=len(self._state.positions),
            done=self._done,
            failed=len(self.failures),
            pages=self._pages,
            items=self._items,
            throttled=self._throttled,
            slowest=slowest,
            slowest_s=self._now() - began,
        )

    def account(self, login: Login) -> str | None:
        """The number of a login's account, as far as names and answers have told it."""
        known = self._logins.get(login)
        return login.account if known is None else known.number

    def flow(self) -> Flow:
        """Raises what a place failed with, where the rules say so."""
        while self._left is None or self._left > 0:
            while (call := self._next_call()) is not None:
                yield call
            outcomes: list[Outcome] = []
            if self._ready:
                yield Give(self._handed_out(self._ready.popleft()))
                outcomes = yield Await(0)
            elif self._under_way:
                outcomes = yield Await(self._pause() if self._has_room else None)
            elif (pause := self._pause()) is not None:
                yield Rest(pause)
            else:
                return
            for outcome in outcomes:
                self._judge(outcome)

    # --- which call is next -----------------------------------------------------------------------------------

    @property
    def _has_room(self) -> bool:
        return len(self._under_way) + len(self._ready) < self._rules.concurrency

    def _next_call(self) -> Call | None:
        """The next call that may begin now; None where there is none."""
        if not self._has_room:
            return None
        now = self._now()
        while self._resting and self._resting[0][0] <= now:
            _, _, rested = heapq.heappop(self._resting)
            self._account(rested.place.login).begun.appendleft(rested)
        for login, account in self._logins.items():
            if account.waits and account.pace.wait(now) <= 0:
                # To the end of the row: all accounts get their turn.
                self._logins[login] = self._logins.pop(login)
                account.pace.begun(now)
                chosen = account.begun.popleft() if account.begun else self._begin(account.fresh.popleft())
                self._under_way[chosen.place] = (chosen, now)
                return Call(chosen.place, chosen.arguments)
        return None

    def _pause(self) -> float | None:
        """Seconds until a call may begin; None where none waits."""
        now = self._now()
        pauses = [account.pace.wait(now) for account in self._logins.values() if account.waits]
        if self._resting:
            pauses.append(max(0.0, self._resting[0][0] - now))
        return min(pauses, default=None)

    def _begin(self, place: FleetPlace) -> _Place:
        position = self._state.positions[place]
        token = None if position is None or position == "done" else encode(position)
        listing = paging.pages(self._rule, paging.Plan(starting_token=token), self._state.arguments)
        fetch = next(listing)
        assert isinstance(fetch, paging.Fetch)
        return _Place(place, listing, fetch.arguments, position)

    def _account(self, login: Login) -> _Account:
        known = self._logins.get(login)
        if known is None:
            known = self._logins[login] = _Account(Pace(self._now()), login.account)
            self._share_pace(known)
        return known

    def _share_pace(self, account: _Account) -> None:
        if account.number is not None:
            account.pace = self._paces.setdefault(account.number, account.pace)

    # --- what comes of a call ---------------------------------------------------------------------------------

    def _judge(self, outcome: Outcome) -> None:
        place = self._under_way.pop(outcome.place)[0]
        account, now, error = self._account(outcome.place.login), self._now(), outcome.error
        if error is not None and is_throttling(error):
            self._throttled += 1
            account.pace.refused(outcome.began, now)
            self._throttle(place, account, error, now)
            return
        account.pace.passed(now)
        if error is None:
            assert outcome.answer is not None
            self._take(place, account, outcome.answer)
        elif is_retryable(error) and place.tries + 1 < outcome.max_attempts:
            place.tries += 1
            pause = pause_before(place.tries, error, None, self._fraction())
            heapq.heappush(self._resting, (now + pause, next(self._order), place))
        else:
            self._fail(place, error)

    def _throttle(self, place: _Place, account: _Account, error: Exception, now: float) -> None:
        place.refusals += 1
        place.refused_since = now if place.refused_since is None else place.refused_since
        if now - place.refused_since > self._rules.patience_s:
            self._fail(place, error)
        else:
            account.begun.appendleft(place)

    def _take(self, place: _Place, account: _Account, answer: dict[str, Any]) -> None:
        """Make a page of an answer, and know how the place goes on."""
        place.tries, place.refusals, place.refused_since = 0, 0, None
        before = place.position
        step = place.listing.send(answer)
        assert isinstance(step, paging.Page)
        items = paging.items_of(self._rule, step.content)
        token = step.content.get("NextToken")
        place.position = "done" if token is None else parse(token, self._rule.input_tokens).values
        place.pages += 1
        if (number := _account_of(items)) not in (None, account.number):
            account.number = number
            self._share_pace(account)
        page = FleetPage(place.place, account.number, items, step.content, place.pages, before, place.position)
        self._ready.append(page)
        try:
            fetch = next(place.listing)
        except StopIteration:
            self._done += 1
        except PagingError as error:
            self._fail(place, error)
        else:
            assert isinstance(fetch, paging.Fetch)
            place.arguments = fetch.arguments
            account.begun.append(place)

    def _fail(self, place: _Place, error: Exception) -> None:
        if isinstance(error, ServiceError):
            with suppress(ServiceError):
                place.listing.throw(error)  # which has something to add where it is the token that was refused
            if repeated := place.tries + place.refusals:
                error = _exhausted(error, repeated)
        error.add_note(f"in {place.place}")
        if self._rules.raises:
            raise error
        self.failures[place.place] = error

    # --- what is handed out -----------------------------------------------------------------------------------

    def _handed_out(self, page: FleetPage) -> FleetPage:
        """The page, cut where the walk's items end."""
        if self._left is not None:
            if len(page.items) > self._left:
                page = self._cut(page, self._left)
            self._left -= len(page.items)
        self._pages += 1
        self._items += len(page.items)
        return page

    def _cut(self, page: FleetPage, amount: int) -> FleetPage:
        position = page.position_behind(amount)
        assert isinstance(position, dict)
        put(page.content, self._rule.result_keys[0], page.items[:amount])
        page.content["NextToken"] = encode(_complete(position, self._rule.input_tokens))
        return replace(page, items=page.items[:amount], after=position)


def _complete(position: Mapping[str, Any], input_tokens: tuple[str, ...]) -> dict[str, Any]:
    """A position in the order and with the members that a token has."""
    values = {name: position.get(name) for name in input_tokens}
    return values | {AMOUNT: position[AMOUNT]} if AMOUNT in position else values


def _account_of(items: list[Any]) -> str | None:
    """The account's number in the ARN of the first item that has one."""
    for item in items:
        parts = item.get("arn", "").split(":") if isinstance(item, dict) else []
        if len(parts) > 4 and len(parts[4]) == 12 and parts[4].isdigit():
            return str(parts[4])
    return None


def _exhausted(error: ServiceError, tries: int) -> ServiceError:
    """The error, saying in botocore's words how often it was tried again."""
    metadata = error.response.setdefault("ResponseMetadata", {})
    metadata["MaxAttemptsReached"], metadata["RetryAttempts"] = True, tries
    told = type(error)(error.response, error.operation_name)
    for note in getattr(error, "__notes__", ()):
        told.add_note(note)
    return told
