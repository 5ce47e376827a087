"""HTTP/1.1 requests out of bytes, with limits: no socket, no clock.

The grammar is llhttp's (Node's parser, by way of httptools) in its strict form: no folded headers, no two lengths, no
chunks beside a length; so that what stands before this server cannot read a message in another way than it does.
"""

from __future__ import annotations

from dataclasses import dataclass

import httptools

from skysail.protocol.message import Request
from skysail.serving.limits import Limits


@dataclass(frozen=True, slots=True)
class Incoming:
    """A request, and what becomes of its connection afterwards. `is_whole` unless its body is beyond all bounds."""

    request: Request
    keeps_alive: bool
    is_whole: bool = True


@dataclass(frozen=True, slots=True)
class Refusal:
    """What is wrong with the bytes; nothing behind it is read."""

    status: int
    kind: str
    text: str


class RequestParser:
    """One connection's requests.

    `has_begun` says that one is under way, `is_in_body` that its headers are complete, `asks_to_go_on` that its caller
    waits for a 100 before it sends the body, `is_over` that there will be no further one.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._found: list[Incoming | Refusal] = []
        self.has_begun = self.is_in_body = self.asks_to_go_on = self.is_over = False
        self._unfinished = 0
        self._parser = httptools.HttpRequestParser(self)

    def feed(self, data: bytes) -> list[Incoming | Refusal]:
        """What is complete with these bytes, in their order; a refusal is the last that there is."""
        self._found = []
        size = len(data)
        while data and not self.is_over:
            data = self._feed(data)
        if self.has_begun and not self.is_in_body and not self.is_over:
            # A header without an end is known to nobody but the parser: so what has come counts, but for bytes that
            # came along with the end of another request.
            self._unfinished += 0 if self._found else size
            if self._unfinished > self._limits.head:
                self._refuse_head()
        return self._found

    def _feed(self, data: bytes) -> bytes:
        """Gives what is left behind a request that asked for another protocol, which it does not get."""
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            self._parser = httptools.HttpRequestParser(self)
            return data[upgrade.args[0] :]
        except httptools.HttpParserError as error:
            if not self.is_over:
                self._refuse(400, "BadRequestException", f"The request is not well-formed HTTP/1.1: {error}")
        return b""

    def _refuse_head(self) -> None:
        limits = self._limits
        text = f"A request line and headers have at most {limits.head} bytes, and there are at most {limits.headers}."
        self._refuse(431, "RequestHeaderSectionTooLargeException", text)

    def _refuse(self, status: int, kind: str, text: str) -> None:
        self._found.append(Refusal(status, kind, text))
        self.is_over = True

    # --- called by the parser -----------------------------------------------------------------------------

    def on_message_begin(self) -> None:
        self.has_begun = True
        self.is_in_body = self.asks_to_go_on = False
        self._url = b""
        self._headers: dict[str, str] = {}
        self._count = self._head = self._unfinished = self._size = 0
        self._body: list[bytes] = []

    def on_url(self, part: bytes) -> None:
        self._url += part
        self._grow_head(len(part))

    def on_header(self, raw_name: bytes, raw_value: bytes) -> None:
        self._count += 1
        self._grow_head(len(raw_name) + len(raw_value) + 4)
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        headers = self._headers
        headers[name] = f"{headers[name]},{value}" if name in headers else value

    def _grow_head(self, size: int) -> None:
        self._head += size
        if (self._head > self._limits.head or self._count > self._limits.headers) and not self.is_over:
            self._refuse_head()
        if self.is_over:
            raise ValueError("no further")  # the one way to make the parser stop

    def on_headers_complete(self) -> None:
        self.is_in_body = True
        host = self._headers.get("host")
        if "," in (host or "") or (host is None and self._parser.get_http_version() != "1.0"):
            self._refuse(400, "BadRequestException", "A request needs one Host header.")
            raise ValueError("no further")
        if "expect" in self._headers:
            self.asks_to_go_on = self._headers["expect"].lower() == "100-continue"

    def on_body(self, part: bytes) -> None:
        self.asks_to_go_on = False
        if self._size <= self._limits.body:
            self._body.append(part)
        self._size += len(part)
        if self._size > self._limits.read:
            self._complete(keeps_alive=False, is_whole=False)
            self.is_over = True
            raise ValueError("no further")

    def on_message_complete(self) -> None:
        keeps_alive = self._parser.should_keep_alive() and self._parser.get_http_version() == "1.1"
        self._complete(keeps_alive)
        self.is_over = not keeps_alive

    def _complete(self, keeps_alive: bool, is_whole: bool = True) -> None:
        self.has_begun = self.is_in_body = self.asks_to_go_on = False
        method = self._parser.get_method().decode("latin-1")
        request = Request(method, self._url.decode("latin-1"), self._headers, b"".join(self._body))
        self._found.append(Incoming(request, keeps_alive, is_whole))
