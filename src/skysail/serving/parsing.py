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
        self._is_further = False
        self._unfinished = 0
        self._parser = httptools.HttpRequestParser(self)

    def feed(self, data: bytes) -> list[Incoming | Refusal]:
        """What is complete with these bytes, in their order; a refusal is the last that there is."""
        self._found = []
        self._is_further = False
        size = len(data)
        while data and not self.is_over:
            data = self._feed(data)
        # A header without an end, or a chunk's size, is known to nobody but the parser: so what has come counts, but
        # for bytes that came along with something that had its end.
        self._unfinished = 0 if self._found or self._is_further else self._unfinished + size
        if self._unfinished > self._limits.head and not self.is_over:
            self._refuse_head()
        return self._found

    def _feed(self, data: bytes) -> bytes:
        """Gives what is still to be fed: a request that asks for another protocol is read as if it did not.

        The parser would leave such a request's body to the other protocol, so that it were read as a next request.
        """
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            head = self._head_without_upgrade()
            self._parser = httptools.HttpRequestParser(self)
            return head + data[upgrade.args[0] :]
        except httptools.HttpParserError as error:
            if not self.is_over:
                self._refuse(400, "BadRequestException", f"The request is not well-formed HTTP/1.1: {error}")
        return b""

    def _head_without_upgrade(self) -> bytes:
        start = b"%s %s HTTP/%s" % (self._parser.get_method(), self._url, self._parser.get_http_version().encode())
        kept = [f"{name}: {value}".encode("latin-1") for name, value in self._headers.items() if name != "upgrade"]
        return b"\r\n".join([start, *kept, b"", b""])

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
        self._body = bytearray()

    def on_url(self, part: bytes) -> None:
        self._url += part
        self._grow_head(len(part))

    def on_header(self, raw_name: bytes, raw_value: bytes) -> None:
        self._count += 1
        self._grow_head(len(raw_name) + len(raw_value) + 4)
        if self.is_in_body:
            return  # behind the body it is too late to say anything: whoever looked at the headers did not see it
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
        self.is_in_body = self._is_further = True
        version = self._parser.get_http_version()
        headers = self._headers
        host = headers.get("host")
        if version not in ("1.0", "1.1"):
            self._refuse(505, "BadRequestException", f"HTTP/1.1 is spoken here, not HTTP/{version}.")
        elif "," in (host or "") or (host is None and version != "1.0"):
            self._refuse(400, "BadRequestException", "A request needs one Host header.")
        elif headers.get("transfer-encoding", "chunked").strip().lower() != "chunked":
            self._refuse(501, "BadRequestException", "Of all transfer encodings only chunked is known here.")
        elif self._parser.get_method() == b"CONNECT":
            self._refuse(405, "BadRequestException", "There is no way through here to anywhere.")
        if self.is_over:
            raise ValueError("no further")
        if "expect" in headers:
            self.asks_to_go_on = headers["expect"].lower() == "100-continue" and version == "1.1"

    def on_chunk_header(self) -> None:
        self._is_further = True

    def on_body(self, part: bytes) -> None:
        self.asks_to_go_on = False
        self._is_further = True
        if self._size <= self._limits.body:
            self._body += part
        self._size += len(part)
        if self._size > self._limits.read:
            self._complete(keeps_alive=False, is_whole=False)
            self.is_over = True
            raise ValueError("no further")

    def on_message_complete(self) -> None:
        if self._parser.should_upgrade():
            return  # it is fed anew
        keeps_alive = self._parser.should_keep_alive() and self._parser.get_http_version() == "1.1"
        self._complete(keeps_alive)
        self.is_over = not keeps_alive

    def _complete(self, keeps_alive: bool, is_whole: bool = True) -> None:
        self.has_begun = self.is_in_body = self.asks_to_go_on = False
        method = self._parser.get_method().decode("latin-1")
        request = Request(method, self._url.decode("latin-1"), self._headers, bytes(self._body))
        self._found.append(Incoming(request, keeps_alive, is_whole))
