"""The last calls, for whoever wants to know what a program asked: in this process, and never with a secret.

What was sent is kept as it came, and an answer's beginning too, and read when somebody looks: then each member that the
model calls sensitive, that is a secret by its name, or that the model does not know, shows as ***. Signatures and keys
are not kept at all.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from threading import Lock
from typing import Any, NamedTuple

import msgspec

from skysail.protocol.message import Request, Response
from skysail.protocol.model import Shape, service_model
from skysail.service.cut_answers import begun

LARGEST_ARGUMENTS = 16_384
"""Bytes of a request that are kept; of a larger one, that it was so large."""
MOST_BYTES = 33_554_432
"""Of all requests and answers that are kept together: then the oldest calls go, however few they are."""
LONGEST_ANSWER = 2_048
"""Bytes of an answer that are kept, from its beginning."""
_LONGEST_AGENT, _LONGEST_MESSAGE = 200, 1_000
"""Characters of how a program calls itself, and of what was said against a call: a longer one is not kept, since of a
secret's half in it nobody could tell.
"""
HIDDEN = "***"
_SECRET = frozenset({"userData", "environment"})
"""Members that the model does not mark, and in which people put their secrets."""


class Kept(NamedTuple):
    """One call as it is kept: when it came (seconds since 1970), what the service noted of it, its status and body,
    how its program calls itself, and how the answer to it began, of so many bytes.
    """

    at: float
    notes: Mapping[str, str]
    status: int
    body: bytes
    agent: str
    answer: bytes
    answer_size: int


class Calls:
    """The last `most` of them."""

    def __init__(self, most: int = 10_000) -> None:
        self._calls: deque[Kept] = deque()
        self._most = most
        self._bytes = 0
        self._lock = Lock()

    def add(self, at: float, request: Request, response: Response) -> None:
        """Remember one. `at` is the machine's time, in seconds since 1970."""
        body = request.body if len(request.body) <= LARGEST_ARGUMENTS else b""
        agent = request.headers.get("user-agent", "")[:_LONGEST_AGENT]
        notes = response.notes
        if len(notes.get("message", "")) > _LONGEST_MESSAGE:
            notes = {name: note for name, note in notes.items() if name != "message"}
        first = response.body[:LONGEST_ANSWER]
        with self._lock:
            self._calls.append(Kept(at, notes, response.status, body, agent, first, len(response.body)))
            self._bytes += len(body) + len(first)
            while len(self._calls) > self._most or self._bytes > MOST_BYTES:
                gone = self._calls.popleft()
                self._bytes -= len(gone.body) + len(gone.answer)

    def clear(self) -> None:
        """Forget them all."""
        with self._lock:
            self._calls.clear()
            self._bytes = 0

    def kept(self) -> Callable[[], None]:
        """What brings back the calls that there are now."""
        with self._lock:
            calls, octets = tuple(self._calls), self._bytes

        def back() -> None:
            with self._lock:
                self._calls, self._bytes = deque(calls), octets

        return back

    def __call__(self, operation: str | None = None, **others: str) -> list[dict[str, Any]]:
        """The calls of an operation, or all, oldest first; `others`: account, region, error (a code)."""
        wanted = {"operation": operation, **others}
        return self.found(lambda call: all(value in (None, call.notes.get(name)) for name, value in wanted.items()))

    def found(
        self, fits: Callable[[Kept], bool], after: str | None = None, limit: int | None = None
    ) -> list[dict[str, Any]]:
        """Those that fit, behind the one with the id `after`, oldest first: the last `limit` of them."""
        calls = list(self._calls)
        if after is not None:
            place = next((number for number, call in enumerate(calls) if call.notes.get("id") == after), -1)
            calls = calls[place + 1 :]
        fitting = [call for call in calls if fits(call)]
        return [shown(call) for call in (fitting if limit is None else fitting[max(0, len(fitting) - limit) :])]

    def one(self, id: str) -> list[dict[str, Any]]:
        """The call with that id, if it is remembered, with its `answer`, as far as that is kept, and `answer_size`, the
        bytes that it had. Of a refusal the message tells.
        """
        return [shown(call) | _answer(call) for call in list(self._calls) if call.notes.get("id") == id]


def shown(call: Kept) -> dict[str, Any]:
    """A call for people and tests: id, at, operation, account, region, status, error, message, agent, arguments."""
    told = {"id": call.notes.get("id"), "at": round(call.at, 3)}
    told |= {name: call.notes[name] for name in ("operation", "account", "region") if name in call.notes}
    told |= {"status": call.status, **({"error": call.notes["error"]} if "error" in call.notes else {})}
    sent, arguments = _arguments(call)
    message = call.notes.get("message", "")
    if message and not any(secret in message for secret in _hidden(sent, arguments)):
        told["message"] = message
    return told | ({"agent": call.agent} if call.agent else {}) | {"arguments": arguments}


def _arguments(call: Kept) -> tuple[Any, Any]:
    """What was sent, and the same without its secrets; None twice where it is not known or cannot be read."""
    operation = call.notes.get("operation", "")
    model = service_model()
    if operation not in model or not call.body:
        return None, None
    try:
        sent = msgspec.json.decode(call.body)
        shape = model.operation(operation).input
        return (sent, without_secrets(shape, sent)) if shape is not None else (None, None)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None, None


def _answer(call: Kept) -> dict[str, Any]:
    """Nothing where it was a refusal, cannot be read, or repeats what is hidden in what was asked."""
    operation, model = call.notes.get("operation", ""), service_model()
    shape = model.operation(operation).output if operation in model and call.status < 400 else None
    value = None if shape is None else begun(call.answer, call.answer_size)
    if shape is None or not isinstance(value, dict):
        return {}
    told = without_secrets(shape, value)
    text = msgspec.json.encode(told).decode()
    if any(secret in text for secret in _hidden(*_arguments(call))):
        return {}
    return {"answer": told, "answer_size": call.answer_size}


def _hidden(sent: Any, told: Any) -> Iterator[str]:
    """The texts and numbers that are hidden in what is told: a refusal that repeats one is not told either."""
    if isinstance(sent, dict):
        for name, value in sent.items():
            yield from _hidden(value, told if told == HIDDEN else told[name])
    elif isinstance(sent, list):
        for number, value in enumerate(sent):
            yield from _hidden(value, told if told == HIDDEN else told[number])
    elif told == HIDDEN and sent not in (None, "", HIDDEN):
        yield str(sent)


def without_secrets(name: str, value: Any) -> Any:
    """A value of the shape of that name, with *** where a secret stood, or what the model does not know."""
    shape = service_model().shape(name)
    if value is None or shape.sensitive:
        return None if value is None else HIDDEN
    if shape.type == "structure" and isinstance(value, dict):
        return {member: _member(shape, member, element) for member, element in value.items()}
    if shape.type == "map" and shape.value_ is not None and isinstance(value, dict):
        return {key: without_secrets(shape.value_.shape, element) for key, element in value.items()}
    if shape.type == "list" and shape.member is not None and isinstance(value, list):
        return [without_secrets(shape.member.shape, element) for element in value]
    return HIDDEN if shape.type in _HOLDING or isinstance(value, dict | list) else value


_HOLDING = ("structure", "map", "list")


def _member(shape: Shape, member: str, value: Any) -> Any:
    known = shape.members.get(member)
    return HIDDEN if known is None or member in _SECRET else without_secrets(known.shape, value)
