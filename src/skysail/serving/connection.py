"""One caller's connection: requests in, each answered in its turn, within limits of time and size."""

from __future__ import annotations

import asyncio
import json
import logging
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from email.utils import formatdate
from http import HTTPStatus
from math import inf
from time import time
from typing import Protocol

from skysail.protocol.message import Request, Response
from skysail.serving.answering import INTERNAL_FAILURE
from skysail.serving.limits import Limits
from skysail.serving.parsing import Incoming, Refusal, RequestParser

_LOG = logging.getLogger("skysail.serving")
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
JSON_HEADERS = {"content-type": "application/x-amz-json-1.1"}


class Hub(Protocol):
    """What all connections of a server share."""

    limits: Limits
    is_draining: bool

    def now(self) -> float:
        """Seconds that only go forward."""

    def begin(self, request: Request, done: Callable[[Response], None]) -> None:
        """Have a request answered."""

    def after(self, seconds: float, call: Callable[[], None]) -> None:
        """Have something done later."""

    def opened(self, connection: Connection) -> int:
        """Take a connection in; gives by how many there are too many, if that is above 0."""

    def closed(self, connection: Connection) -> None: ...

    def answered(self, request: Request, response: Response, seconds: float) -> None:
        """A request has its answer: for log and metrics."""

    def refused(self, response: Response) -> None:
        """What came was no request, or none that is taken: for the same."""


class Connection(asyncio.Protocol):
    """`deadline` is when whoever looks after it calls `expire`."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._parser = RequestParser(hub.limits)
        self._waiting: deque[Incoming | Refusal] = deque()
        self._running: Incoming | None = None
        self._is_at_it = False
        self._is_closing = False
        self._is_finishing = False
        self._is_full = False
        self._is_paused = False
        self._began = inf
        self.deadline = inf

    # --- called by the event loop -------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self.deadline = self._hub.now() + self._hub.limits.idle_s
        limits = self._hub.limits
        excess = self._hub.opened(self)
        if excess > limits.refused:
            self._is_closing = True
            transport.abort()
        elif excess > 0:
            text = f"This server takes {limits.connections} connections; try again later."
            self._refuse(Refusal(503, "ServiceUnavailableException", text))

    def data_received(self, data: bytes) -> None:
        if self._is_closing:
            return
        had_begun = self._parser.has_begun
        found = self._parser.feed(data)
        if self._is_finishing and found:
            del found[1:]
            self._parser.is_over = True
        if self._parser.has_begun and (found or not had_begun):
            self._began = self._hub.now()
        self._waiting.extend(found)
        self._go_on()
        if len(self._waiting) > self._hub.limits.waiting and not self._is_paused:
            self._is_paused = True
            self._transport.pause_reading()

    def eof_received(self) -> bool:
        """A caller may close its side and still wait for its answers."""
        if self._is_closing or self.is_idle:
            return False
        if self._running is None and not self._waiting:
            self._refuse(Refusal(400, "BadRequestException", "The connection ended in the middle of the request."))
            return False
        self._parser.is_over = True
        return True

    def pause_writing(self) -> None:
        self._is_full = True
        self.deadline = self._hub.now() + self._hub.limits.write_s

    def resume_writing(self) -> None:
        self._is_full = False
        self._go_on()

    def connection_lost(self, error: Exception | None) -> None:
        self._is_closing = True
        self.deadline = inf
        self._hub.closed(self)

    # --- called by whoever looks after the connections ----------------------------------------------------

    @property
    def is_idle(self) -> bool:
        """Nothing is asked, nothing is under way, and something may come."""
        return not (self._is_closing or self._running or self._waiting or self._parser.has_begun)

    def expire(self) -> None:
        """The deadline has passed."""
        if self._is_full or self._is_closing:
            self._transport.abort()
        elif self.is_idle:
            self.close()
        else:
            self._refuse(Refusal(408, "RequestTimeoutException", "The whole request did not come in time."))

    def finish(self) -> None:
        """The server stops: what has begun to come is still answered, but nothing behind it."""
        if self.is_idle:
            self.close()
        else:
            self._is_finishing = True
            self._parser.is_over |= not self._parser.has_begun

    def part(self) -> None:
        """The server stops, and has waited long enough."""
        if self._running is not None:
            self._transport.abort()
        elif self._parser.has_begun and not self._is_closing:
            text = "skysail stopped before the whole request had come"
            self._refuse(Refusal(408, "RequestTimeoutException", text))
        else:
            self.close()

    def close(self) -> None:
        self._is_closing = True
        self._transport.close()

    # --- a request after the other ------------------------------------------------------------------------

    def _go_on(self) -> None:
        """Answer what waits, unless that is being done already; after some of it, others have their turn."""
        if self._is_at_it:
            return
        self._is_at_it = True
        left = self._hub.limits.waiting
        while self._waiting and self._running is None and not self._is_closing and not self._is_full:
            if not left:
                self._hub.after(0, self._go_on)
                break
            left -= 1
            following = self._waiting.popleft()
            if isinstance(following, Refusal):
                self._refuse(following)
            else:
                self._answer(following)
        self._is_at_it = False
        if self._parser.asks_to_go_on and self._running is None and not self._waiting and not self._is_closing:
            self._parser.asks_to_go_on = False
            self._transport.write(CONTINUE)
        if self._is_paused and len(self._waiting) <= self._hub.limits.waiting and not self._is_closing:
            self._is_paused = False
            self._transport.resume_reading()
        self._look()

    def _answer(self, incoming: Incoming) -> None:
        self._running = incoming
        since = self._hub.now()

        def done(response: Response) -> None:
            self._hub.answered(incoming.request, response, self._hub.now() - since)
            if response.delay_s:
                self._hub.after(response.delay_s, lambda: self._send(incoming, response))
            else:
                self._send(incoming, response)

        self._hub.begin(incoming.request, done)

    def _send(self, incoming: Incoming, response: Response) -> None:
        self._running = None
        if self._is_closing:
            return
        if response.is_cut:
            self._is_closing = True
            self._transport.abort()
            return
        is_parting = self._hub.is_draining or self._parser.is_over
        is_last = not incoming.keeps_alive or (is_parting and not self._waiting)
        is_bodiless = incoming.request.method == "HEAD"
        try:
            octets = as_bytes(response, is_last, is_bodiless)
        except UnicodeEncodeError:  # a bug, and its caller would wait for ever
            _LOG.exception("a header that no header can be, to %s", incoming.request.method)
            octets = as_bytes(INTERNAL_FAILURE, is_last, is_bodiless)
        self._transport.write(octets)
        if is_last:
            # Who was not asked whether this is the last one may have sent more, and closing would break what it reads.
            self._end(is_read_on=incoming.keeps_alive or not incoming.is_whole)
        else:
            self._go_on()

    def _refuse(self, refusal: Refusal) -> None:
        body = json.dumps({"__type": refusal.kind, "message": refusal.text}).encode()
        response = Response(refusal.status, JSON_HEADERS, body, notes={"error": refusal.kind})
        self._hub.refused(response)
        self._transport.write(as_bytes(response, is_last=True))
        self._end(is_read_on=True)

    def _end(self, is_read_on: bool) -> None:
        """No more answers. A caller who is still sending is read on for a while, or it would never see the answer."""
        self._is_closing = True
        self._waiting.clear()
        limits = self._hub.limits
        is_written = not self._transport.get_write_buffer_size()
        self.deadline = self._hub.now() + (limits.linger_s if is_read_on and is_written else limits.write_s)
        if is_read_on and self._transport.can_write_eof():
            with suppress(OSError):  # it has gone meanwhile
                self._transport.write_eof()
            if self._is_paused:
                self._transport.resume_reading()
        else:
            self._transport.close()

    def _look(self) -> None:
        """Set the deadline that holds now."""
        limits = self._hub.limits
        if self._is_closing or self._is_full:
            return
        if self._running is not None:
            self.deadline = inf
        elif self._parser.has_begun:
            self.deadline = self._began + (limits.request_s if self._parser.is_in_body else limits.head_s)
        else:
            self.deadline = self._hub.now() + limits.idle_s


_REASONS = {status.value: status.phrase for status in HTTPStatus}
_date = (0, "")


def as_bytes(response: Response, is_last: bool, is_bodiless: bool = False) -> bytes:
    """A response as it goes over the wire."""
    global _date
    now = int(time())
    if _date[0] != now:
        _date = (now, formatdate(now, usegmt=True))
    status = response.status
    head = [f"HTTP/1.1 {status} {_REASONS.get(status, '')}\r\nserver: Server\r\ndate: {_date[1]}\r\n"]
    head += [f"{name}: {value}\r\n" for name, value in response.headers.items()]
    head.append(f"content-length: {len(response.body)}\r\n")
    head.append("connection: close\r\n\r\n" if is_last else "\r\n")
    return "".join(head).encode("latin-1") + (b"" if is_bodiless else response.body)
