"""Targets that are bytes on a connection: to the parser alone, and over a socket to a server in this process."""

from __future__ import annotations

import asyncio
import json
import re
import socket
import threading
from time import perf_counter
from typing import Any

from bench import Bench
from fuzz.choices import Choices
from fuzz.oracles import LONGEST_S, Found
from skysail.protocol.message import Request, Response
from skysail.service.app import LARGEST_BODY
from skysail.serving.limits import Limits
from skysail.serving.parsing import Incoming, Refusal, RequestParser
from skysail.serving.server import listen, serve

_LIMITS = Limits(body=LARGEST_BODY, head=2_000, headers=20, linger_s=0.05, grace_s=0.0)
_PARTS = (
    b"POST / HTTP/1.1\r\n", b"GET /_skysail/health HTTP/1.1\r\n", b"POST /ls/api/2016-11-28/GetInstances HTTP/1.1\r\n",
    b"HEAD / HTTP/1.0\r\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"CONNECT a:1 HTTP/1.1\r\n", b"OPTIONS * HTTP/1.1\r\n",
    b"GET http://b/ HTTP/1.1\r\n", b"Host: a\r\n", b"Host: localhost:4570\r\n", b"Host:\r\n", b"Content-Length: 5\r\n",
    b"Content-Length: 5, 5\r\n", b"Content-Length: +5\r\n", b"Content-Length: 99999999999999999999\r\n",
    b"Content-Length: 0\r\n", b"Transfer-Encoding: chunked\r\n", b"Transfer-Encoding: chunked, identity\r\n",
    b"Transfer-Encoding: xchunked\r\n", b"Transfer-Encoding : chunked\r\n", b"Transfer-Encoding:\x0bchunked\r\n",
    b"Expect: 100-continue\r\n", b"Connection: close\r\n", b"Connection: keep-alive\r\n", b"Upgrade: h2c\r\n",
    b"Connection: Upgrade\r\n", b"X: y\r\n", b" folded\r\n", b"X" * 300 + b": y\r\n", b"X: " + b"y" * 900 + b"\r\n",
    b"Authorization: AWS4-HMAC-SHA256 Credential=a\r\n", b"X-Amz-Target: Lightsail_20161128.GetInstances\r\n",
    b"\r\n", b"\r\n", b"\n", b"hello", b"5\r\nhello\r\n", b"0\r\n\r\n", b"0\r\nX: y\r\n\r\n", b"5;a=b\r\nhello\r\n",
    b"ffffffffffffffff1\r\n", b"-1\r\n", b"\x16\x03\x01\x02\x00\x01", b"\0",
)  # fmt: skip
_WHOLE = (
    b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello",
    b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    b"GET /_skysail/health HTTP/1.1\r\nHost: localhost\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\nhello",
)


def _message(choices: Choices) -> bytes:
    """What is nearly a request, or several."""
    several = [_request(choices) for _ in range(1 + choices.below(3))]
    octets = b"".join(several)
    return choices.mutated(octets) if choices.chance(50) else octets


def _request(choices: Choices) -> bytes:
    if choices.chance(30):
        return choices.one_of(_WHOLE)
    return b"".join(choices.one_of(_PARTS) for _ in range(choices.below(9)))


def _pieces(choices: Choices, octets: bytes) -> list[bytes]:
    pieces = []
    while octets:
        size = 1 + choices.below(choices.one_of((1, 4, 40)))
        pieces.append(octets[:size])
        octets = octets[size:]
    return pieces


def parser(choices: Choices) -> None:
    """Bytes on a connection: in pieces of any size they are the same requests as at once."""
    octets = _message(choices)
    at_once = _fed([octets])
    in_pieces = _fed(_pieces(choices, octets))
    if at_once != in_pieces:
        raise Found(f"{octets!r}: {at_once} at once, {in_pieces} in pieces")


def _fed(pieces: list[bytes]) -> list[Any]:
    fed = RequestParser(_LIMITS)
    found: list[Incoming | Refusal] = []
    for piece in pieces:
        found += fed.feed(piece)
        if fed.is_over:
            break
    # Of something that is both too long and wrong, one of the two is told.
    return [_REFUSED.get(one.status, one.status) if isinstance(one, Refusal) else one for one in found]


_REFUSED = {431: 400}


def connection(choices: Choices) -> None:
    """Bytes over a socket: only whole answers come back, none of them 500, and then the connection ends."""
    octets = _message(choices)
    began = perf_counter()
    with socket.create_connection(_SERVER.address(), timeout=5) as caller:
        caller.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            for piece in _pieces(choices, octets) if choices.chance(20) else [octets]:
                caller.sendall(piece)
            caller.shutdown(socket.SHUT_WR)
            received = b"".join(iter(lambda: caller.recv(65_536), b""))
        except ConnectionError:  # it was refused while it still sent
            return
    if perf_counter() - began > LONGEST_S:
        raise Found(f"{perf_counter() - began:.1f} s for {octets!r}")
    _check_answers(octets, received)
    if _SERVER.troubles:
        raise Found(f"{octets!r}: {_SERVER.troubles.pop()}")


_HEAD = re.compile(rb"HTTP/1\.1 (\d{3}) [^\r\n]*\r\n(?:[a-z-]+: [^\r\n]*\r\n)*\r\n")


def _check_answers(octets: bytes, received: bytes) -> None:
    at = 0
    while at < len(received):
        head = _HEAD.match(received, at)
        if head is None:
            raise Found(f"{octets!r}: {received[at : at + 200]!r}")
        at = head.end()
        if head[1] == b"100":
            continue
        length = re.search(rb"content-length: (\d+)", head[0])
        if head[1] in (b"500", b"503") or length is None:
            raise Found(f"{octets!r}: {head[0]!r}")
        body = received[at : at + int(length[1])]
        if body[:1] == b"{":  # or it was a HEAD
            json.loads(body)
            at += int(length[1])


class _Server:
    """Started when it is first needed; it ends with the process. `troubles` are what its loop was not told of."""

    def __init__(self) -> None:
        self.troubles: list[str] = []
        self._listener: socket.socket | None = None

    def address(self) -> tuple[str, int]:
        if self._listener is None:
            self._listener = listen("127.0.0.1", 0)
            ready = threading.Event()
            threading.Thread(target=lambda: asyncio.run(self._main(ready)), daemon=True).start()
            ready.wait()
        return "127.0.0.1", self._listener.getsockname()[1]

    async def _main(self, ready: threading.Event) -> None:
        assert self._listener is not None
        asyncio.get_running_loop().set_exception_handler(lambda _, context: self.troubles.append(str(context)))

        def watch(request: Request, response: Response, seconds: float) -> None:
            pass

        await serve(Bench().lightsail.service, self._listener, _LIMITS, watch, asyncio.Event(), ready.set)


_SERVER = _Server()
