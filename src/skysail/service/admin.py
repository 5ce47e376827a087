"""`/_skysail/…`: what only a local Lightsail has. Its clock, faults, calls and health; JSON in, JSON out.

Whoever may come in at all may use it on an open service, which listens on this machine only; where keys are listed, it
needs a signature by one with `admin = true`. A page in somebody's browser cannot: what changes anything has to be sent
as application/json and from no other origin.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit

import msgspec

from skysail.errors import ServiceError, UsageError
from skysail.protocol.browsers import is_for_a_strangers_page
from skysail.protocol.codec import encode_any_text
from skysail.protocol.message import Request, Response
from skysail.service import clock, unread_pages
from skysail.service.calls import Calls
from skysail.service.clock import Clock
from skysail.service.faults import Faults, Rule
from skysail.service.unread_pages import UnreadPages
from skysail.store.base import Due

PREFIX = "/_skysail/"
HEALTH = f"{PREFIX}health"
_HEADERS = {
    "content-type": "application/json",
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "cross-origin-resource-policy": "same-origin",  # a page of somebody else's cannot have it among its own bytes
}
AT_ONCE = (HEALTH, f"{PREFIX}clock")
"""What is told in no time; a thousand calls may take seconds."""
_MOST_CALLS = 1_000
_MOST_COMING = 50

Query = Mapping[str, str]
Answer = Mapping[str, Any]


class Admin(NamedTuple):
    """What can be looked at and changed. `reset` forgets all resources, of one account or all."""

    clock: Clock
    faults: Faults
    calls: Calls
    unread_pages: UnreadPages
    reset: Callable[[str | None], None]
    health: Callable[[bool], Answer]
    """Whether it lives, with what there is for those who may know it."""
    inhabited: Callable[[str | None], Answer]
    """Where there is anything, and how many instances an account has in each region."""
    coming: Callable[[int], Sequence[Due]]
    """So many of the changes that are due first."""

    def answer(self, request: Request, is_allowed: Callable[[], bool]) -> Response:
        """The response to a request for a path of ours.

        `is_allowed` judges its sender, and may raise ServiceError.
        """
        url = urlsplit(request.target)
        try:
            if is_for_a_strangers_page(request.headers):
                return _refused(403, "a page of another site may not ask for that")
            if url.path == HEALTH and request.method in ("GET", "HEAD"):
                return _response(200, self.health(_is_known(is_allowed)))
            if not is_allowed():
                return _refused(403, "this key may not administer; give it `admin = true` in the --auth file")
            routes = _ROUTES.get(url.path)
            if routes is None:
                return _refused(404, f"{url.path} is none of {', '.join(_ROUTES)}")
            route = routes.get(request.method)
            if route is None:
                return _refused(405, f"{request.method} is none of {', '.join(routes)}")
            if request.method != "GET":
                _check_sender(request)
            return _response(200, route(self, _query(url.query), _members(request)))
        except UsageError as error:
            return _refused(400, str(error))
        except ServiceError as error:
            return _refused(403, error.message, error.kind)

    # --- routes -------------------------------------------------------------------------------------------

    def _clock(self, query: Query, members: Answer) -> Answer:
        now = self.clock.now()
        return {"now": now, "time": clock.written(now), "rate": self.clock.rate}

    def _change_clock(self, query: Query, members: Answer) -> Answer:
        changes: dict[str, Callable[[Any], object]] = {
            "rate": lambda rate: self.clock.run(_number("rate", rate)),
            "set": lambda to: self.clock.set(clock.moment(str(to))),
            "advance": lambda by: self.clock.advance(clock.seconds(str(by))),
            "settle": lambda within: self.clock.settle(*(() if within is True else (clock.seconds(str(within)),))),
            "machine": lambda _: self.clock.as_machine(),
        }
        _check_known(members, changes)
        if not members:
            raise UsageError('say {"advance": "5m"}, {"set": "2027-01-01T00:00Z"}, {"rate": 60}, {"settle": true}')
        for name, change in changes.items():
            if name in members:
                change(members[name])
        return self._clock(query, members)

    def _faults(self, query: Query, members: Answer) -> Answer:
        return {"faults": [_shown(rule) for rule in self.faults.rules()]}

    def _add_fault(self, query: Query, members: Answer) -> Answer:
        others = {name: value for name, value in members.items() if name != "kind"}
        return _shown(self.faults.add(members["kind"], **others)) if "kind" in members else _no_kind()

    def _clear_faults(self, query: Query, members: Answer) -> Answer:
        _check_known(query, ("id",))
        return {"cleared": self.faults.clear(query.get("id"))}

    def _calls(self, query: Query, members: Answer) -> Answer:
        _check_known(query, ("operation", "account", "region", "error", "after", "limit", "id"))
        limit = query.get("limit", "100")
        if not re.fullmatch("[0-9]{1,4}", limit) or not 1 <= int(limit) <= _MOST_CALLS:
            raise UsageError(f"limit is a number between 1 and {_MOST_CALLS}, not {limit}")
        wanted = {name: value for name, value in query.items() if name not in ("after", "limit")}
        if "id" in wanted:
            found = self.calls.one(wanted["id"])
            return {"calls": [one for one in found if all(one.get(name) == value for name, value in wanted.items())]}
        calls = self.calls.found(
            lambda call: all(call.notes.get(name) == value for name, value in wanted.items()),
            query.get("after"),
            int(limit),
        )
        return {"calls": calls}

    def _clear_calls(self, query: Query, members: Answer) -> Answer:
        self.calls.clear()
        return {}

    def _pages(self, query: Query, members: Answer) -> Answer:
        _check_known(query, ("operation",))
        found = self.unread_pages(query.get("operation"))
        return {"unread": [unread_pages.shown(page) for page in found], "dropped": self.unread_pages.dropped}

    def _clear_pages(self, query: Query, members: Answer) -> Answer:
        self.unread_pages.clear()
        return {}

    def _inhabited(self, query: Query, members: Answer) -> Answer:
        _check_known(query, ("account",))
        return self.inhabited(_account(query.get("account")))

    def _coming(self, query: Query, members: Answer) -> Answer:
        return {
            "coming": [
                {
                    "at": due.at,
                    "account": due.place.account,
                    "region": due.place.region,
                    "name": due.name,
                    "step": due.step,
                }
                for due in self.coming(_MOST_COMING)
            ]
        }

    def _reset(self, query: Query, members: Answer) -> Answer:
        _check_known(members, ("account",))
        self.reset(_account(members.get("account")))
        return {}


_ROUTES: dict[str, dict[str, Callable[[Admin, Query, Answer], Answer]]] = {
    HEALTH: {"GET": lambda admin, query, members: admin.health(True)},
    f"{PREFIX}clock": {"GET": Admin._clock, "POST": Admin._change_clock},
    f"{PREFIX}faults": {"GET": Admin._faults, "POST": Admin._add_fault, "DELETE": Admin._clear_faults},
    f"{PREFIX}calls": {"GET": Admin._calls, "DELETE": Admin._clear_calls},
    f"{PREFIX}pages": {"GET": Admin._pages, "DELETE": Admin._clear_pages},
    f"{PREFIX}inhabited": {"GET": Admin._inhabited},
    f"{PREFIX}coming": {"GET": Admin._coming},
    f"{PREFIX}reset": {"POST": Admin._reset},
}


def _is_known(is_allowed: Callable[[], bool]) -> bool:
    """Everybody may ask whether a service lives; the rest is for those who may administer."""
    try:
        return is_allowed()
    except ServiceError:
        return False


def _check_sender(request: Request) -> None:
    """A form in a page of somebody else's can send neither this type nor hide where it is from. Raises UsageError."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise UsageError("send it as content-type: application/json")
    origin = request.headers.get("origin")
    host = request.headers.get("host")
    if origin not in (None, f"http://{host}", f"https://{host}"):
        raise UsageError(f"a page of {origin} may not do that")


def _query(text: str) -> Query:
    return dict(parse_qsl(text, keep_blank_values=True))


def _members(request: Request) -> Answer:
    """The JSON object of a body; none is an empty one. Raises UsageError."""
    if not request.body:
        return {}
    try:
        members = msgspec.json.decode(request.body)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise UsageError(f"the body is not JSON: {error}") from None
    if not isinstance(members, dict):
        raise UsageError("the body is not a JSON object")
    return members


def _check_known(given: Mapping[str, Any], known: Mapping[str, Any] | tuple[str, ...]) -> None:
    unknown = [name for name in given if name not in known]
    if unknown:
        raise UsageError(f"{unknown[0]} is none of {', '.join(known)}")


def _number(name: str, value: Any) -> float:
    try:
        if not isinstance(value, bool) and isinstance(value, int | float):
            return float(value)
    except OverflowError:  # more digits than a float can be
        pass
    raise UsageError(f"{name} is a number, not {value!r}")


def _account(given: Any) -> str | None:
    if given is not None and not (isinstance(given, str) and re.fullmatch("[0-9]{12}", given)):
        raise UsageError(f"an account is 12 digits, not {given}")
    return given


def _no_kind() -> Answer:
    raise UsageError('say which: {"kind": "throttle"}, or error, delay, cut')


def _shown(rule: Rule) -> dict[str, Any]:
    shown: dict[str, Any] = msgspec.to_builtins(rule)
    return {**shown, "operation": rule.operation, "met": rule.met, "injected": rule.injected}


def _response(status: int, body: Answer) -> Response:
    return Response(status, _HEADERS, msgspec.json.encode(body))


_KINDS = {
    400: "InvalidInputException",
    403: "AccessDeniedException",
    404: "NotFoundException",
    405: "MethodNotAllowedException",
}


def _refused(status: int, message: str, kind: str | None = None) -> Response:
    """An error in the form of the service's own."""
    told = {"__type": kind or _KINDS[status], "message": message}
    return Response(status, _HEADERS, encode_any_text(told), notes={"error": told["__type"]})
