"""What only a local Lightsail has, of one that runs in another process: its clock, faults, calls, reset and health.

The same names, arguments and refusals as on a `LocalLightsail` in this process; requests for `/_skysail/…` carry them.
Nothing is tried twice: a clock that was advanced twice is another clock.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, Protocol, TypeVar
from urllib.parse import urlencode, urlsplit

import msgspec

from skysail.caller.credentials import KeySource
from skysail.caller.endpoint import before_path
from skysail.caller.transport import Transport
from skysail.errors import AnswerError, ServiceError, UsageError
from skysail.protocol.message import Request, Response
from skysail.protocol.ready import ready
from skysail.protocol.sigv4 import sign

_MOST_CALLS = 1_000
"""As many as a service tells at once."""
_REGION = "us-east-1"
"""A server is in no region, and a signature names one."""

Told = TypeVar("Told")


class Ask(Protocol):
    """One request, whose answer is of the type `told`; `members` are its body."""

    def __call__(
        self,
        told: type[Told],
        method: Literal["GET", "POST", "DELETE"],
        what: str,
        members: Mapping[str, Any] | None = None,
        /,
        **query: str | int | None,
    ) -> Told: ...


class ServerHandle:
    """The server at `endpoint_url`. Requests are signed, for a server that lists keys, by the machine's time `now`.

    All methods raise TransportError; UsageError for what the server finds wrong with the call, ServiceError where it
    refuses the key, and AnswerError where no skysail answers.
    """

    def __init__(
        self,
        endpoint_url: str,
        transport: Transport,
        credentials: KeySource,
        now: Callable[[], float],
        account: str | None = None,
    ) -> None:
        self.endpoint_url = endpoint_url
        self.account = account
        self._base = before_path(endpoint_url)
        self._transport = transport
        self._credentials = credentials
        self._now = now
        self.clock = ServerClock(self._ask)
        self.faults = ServerFaults(self._ask, account)
        self.calls = ServerCalls(self._ask, account)
        self.unread_pages = ServerUnreadPages(self._ask, account)

    def of(self, account: str) -> ServerHandle:
        """The same for one account: its faults, calls and unread pages alone. The clock is everybody's."""
        return ServerHandle(self.endpoint_url, self._transport, self._credentials, self._now, account)

    def reset(self, account: str | None = None) -> None:
        """Forget all resources, the journal and what was to come, of one account or all; then faults and calls too."""
        account = account or self.account
        self._ask(dict, "POST", "reset", {} if account is None else {"account": account})

    def health(self) -> dict[str, Any]:
        """status and version; and, for those who may administer, store, instances and now."""
        return self._ask(dict[str, Any], "GET", "health")

    def inhabited(self, account: str | None = None) -> Inhabited:
        """Where there is anything, and how many instances are where, of one account: `account`, else the usual."""
        return self._ask(Inhabited, "GET", "inhabited", account=account or self.account)

    def coming(self) -> list[Coming]:
        """The changes that are due first, some fifty."""
        return self._ask(_Comings, "GET", "coming").coming

    def close(self) -> None:
        """Let its connections go."""
        self._transport.close()

    def _ask(
        self,
        told: type[Told],
        method: Literal["GET", "POST", "DELETE"],
        what: str,
        members: Mapping[str, Any] | None = None,
        /,
        **query: str | int | None,
    ) -> Told:
        given = {name: value for name, value in query.items() if value is not None}
        url = f"{self._base}/_skysail/{what}{'?' if given else ''}{urlencode(given)}"
        body = b"" if members is None else msgspec.json.encode(members)
        request = Request(method, url, {"content-type": "application/json"}, body)
        signed = sign(request, self._credentials(), _REGION, "lightsail", self._now())
        return _answered(self._transport.send(signed), told, self.endpoint_url)


class Inhabited(msgspec.Struct, frozen=True):
    """Accounts that have anything; and how many instances `account` has in each region where it has anything: more than
    `counted_to` are not counted.
    """

    accounts: list[str]
    account: str
    instances: dict[str, int]
    counted_to: int


class Coming(msgspec.Struct, frozen=True):
    """A change that is due `at` a time, seconds since 1970: which step, of which resource."""

    at: float
    account: str
    region: str
    name: str
    step: str


class _Comings(msgspec.Struct):
    coming: list[Coming]


class _Time(msgspec.Struct):
    now: float
    rate: float


class ServerClock:
    """The service's time, in seconds since 1970, UTC."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask

    def now(self) -> float:
        """The service's time, in seconds since 1970, UTC."""
        return self.reading()[0]

    def reading(self) -> tuple[float, float]:
        """The time, and how much faster than the machine's it runs."""
        time = self._ask(_Time, "GET", "clock")
        return time.now, time.rate

    @property
    def rate(self) -> float:
        """How much faster than the machine's it runs: 1 as fast, 0 not at all."""
        return self.reading()[1]

    def advance(self, seconds: float = 0.0, *, minutes: float = 0.0, hours: float = 0.0, days: float = 0.0) -> float:
        """Move it forward; gives the new time. Raises UsageError: a clock only goes forward."""
        by = seconds + 60 * minutes + 3_600 * hours + 86_400 * days
        if not by >= 0:
            raise UsageError(f"a clock only goes forward, not by {by:g} s")
        return self._changed(advance=f"{by:.6f}")

    def set(self, to: float | datetime) -> float:
        """Move it to a time that is not before its own; gives it. Raises UsageError."""
        return self._changed(set=f"{to.timestamp() if isinstance(to, datetime) else to:.6f}")

    def settle(self, within: float = 3_600.0) -> float:
        """Move it to when nothing more is to come `within` so many seconds, having made what was; gives the time."""
        return self._changed(settle=f"{within:.6f}")

    def run(self, rate: float) -> None:
        """Go on from the time that it is, so many times as fast as the machine's. Raises UsageError."""
        self._changed(rate=rate)

    def as_machine(self) -> None:
        """Be the machine's time again, from now on."""
        self._changed(machine=True)

    def _changed(self, **change: Any) -> float:
        return self._ask(_Time, "POST", "clock", change).now


class Fault(msgspec.Struct, frozen=True):
    """A fault that is asked for, as `skysail.service.faults.Rule` explains it; `injected` times it came about."""

    id: str
    kind: Literal["throttle", "error", "delay", "cut"]
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
    when: Literal["before", "after"] = "before"
    met: int = 0
    injected: int = 0


class _Faults(msgspec.Struct):
    faults: tuple[Fault, ...]


class _Cleared(msgspec.Struct):
    cleared: int


class ServerFaults:
    """What is to go wrong, how often, and how often it did: for all, or for `account`."""

    def __init__(self, ask: Ask, account: str | None = None) -> None:
        self._ask = ask
        self._account = account

    def throttle(self, operation: str = "*", **how: Any) -> Fault:
        """Refuse with the service's ThrottlingException. `how`: account, region, first, every, share.

        Raises UsageError.
        """
        return self.add("throttle", operation=operation, **how)

    def error(self, operation: str = "*", code: str = "ServiceException", status: int = 500, **how: Any) -> Fault:
        """Refuse with an error of this code and HTTP status; `message` among `how`. Raises UsageError."""
        return self.add("error", operation=operation, code=code, status=status, **how)

    def delay(self, operation: str = "*", seconds: float = 1.0, **how: Any) -> Fault:
        """Do the work, and answer so many seconds late. Raises UsageError."""
        return self.add("delay", operation=operation, seconds=seconds, **how)

    def cut(self, operation: str = "*", when: str = "before", **how: Any) -> Fault:
        """Break the connection instead of an answer, `before` or `after` the work is done. Raises UsageError."""
        return self.add("cut", operation=operation, when=when, **how)

    def add(self, kind: str, **how: Any) -> Fault:
        """Any of them. Raises UsageError."""
        whose = {} if self._account is None else {"account": self._account}
        return self._ask(Fault, "POST", "faults", {"kind": kind, **whose, **how})

    def rules(self) -> Sequence[Fault]:
        """All of them, with how often each was met."""
        rules = self._ask(_Faults, "GET", "faults").faults
        return [rule for rule in rules if self._account in (None, rule.account)]

    def clear(self, id: str | None = None) -> int:
        """Forget one or all; gives how many there were. Raises UsageError: there is none with that id."""
        if id is None and self._account is not None:
            return sum(self.clear(rule.id) for rule in self.rules())
        return self._ask(_Cleared, "DELETE", "faults", id=id).cleared


class _Calls(msgspec.Struct):
    calls: list[dict[str, Any]]


class ServerCalls:
    """The last calls that the server answered, without secrets: all, or those of `account`."""

    def __init__(self, ask: Ask, account: str | None = None) -> None:
        self._ask = ask
        self._account = account

    def __call__(
        self, operation: str | None = None, *, limit: int = _MOST_CALLS, after: str | None = None, **others: str | None
    ) -> list[dict[str, Any]]:
        """The last `limit` calls of an operation, or of all, oldest first.

        `after` is the id of a call to begin behind; `others`: account, region, error (a code). Raises UsageError.
        """
        wanted = {"account": self._account, **others}
        return self._ask(_Calls, "GET", "calls", operation=operation, limit=limit, after=after, **wanted).calls

    def clear(self) -> None:
        self._ask(dict, "DELETE", "calls")


class _Pages(msgspec.Struct):
    unread: list[dict[str, Any]]
    dropped: int


class ServerUnreadPages:
    """Answers of the server, or those to `account`, that had a nextPageToken which nobody used."""

    def __init__(self, ask: Ask, account: str | None = None) -> None:
        self._ask = ask
        self._account = account

    def __call__(self, operation: str | None = None) -> list[dict[str, Any]]:
        """Those of an operation, or all, oldest first: operation, account, region, at, items, arguments, id."""
        return self.reading(operation)[0]

    def reading(self, operation: str | None = None) -> tuple[list[dict[str, Any]], int]:
        """The same, and how many there were before those that the server remembers."""
        pages = self._ask(_Pages, "GET", "pages", operation=operation)
        return [page for page in pages.unread if self._account in (None, page["account"])], pages.dropped

    def clear(self) -> None:
        self._ask(dict, "DELETE", "pages")


class _Refusal(msgspec.Struct):
    message: str
    kind: str = msgspec.field(name="__type")


def _answered(response: Response, told: type[Told], endpoint_url: str) -> Told:
    """What was answered. Raises UsageError or ServiceError for a refusal, AnswerError for what is neither."""
    try:
        if response.status == 200:
            return msgspec.json.decode(response.body, type=told)
        refusal = msgspec.json.decode(response.body, type=_Refusal)
    except msgspec.DecodeError:
        place = urlsplit(endpoint_url).netloc or endpoint_url
        raise AnswerError(error=f"what answers at {place} is no skysail serve (status {response.status})") from None
    if response.status == 400:
        raise UsageError(refusal.message)
    raise ServiceError.because(refusal.message, kind=refusal.kind, status=response.status)


ready(Inhabited, _Comings, _Time, Fault, _Faults, _Cleared, _Calls, _Pages, _Refusal)
