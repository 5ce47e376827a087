"""HTTP around anything that answers requests: an ASGI application, and a server for it.

uvicorn speaks HTTP; here a message is made of what it received, the answer is asked for in a worker thread (it may wait
for a disk), and what it gives is sent. A bug in the answering side becomes AWS's InternalFailure, its traceback goes to
the log, and the connection lives on.
"""

from __future__ import annotations

import asyncio
import errno
import logging
import signal
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import uvicorn

from skysail.errors import ListenError
from skysail.protocol.message import Request, Response

Answer = Callable[[Request], Response]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

_LOG = logging.getLogger("skysail.serving")
_THREADS = 16
_BACKLOG = 2048
_PARTING_S = 3
"""How long a stopping server waits for callers who have begun a request."""
_LARGEST_READ = 64 * 1_048_576
"""Bytes: a caller who sends more is answered while it sends."""

_INTERNAL_FAILURE = Response(
    500,
    {"content-type": "application/x-amz-json-1.1"},
    b'{"__type":"InternalFailure","message":"skysail failed to answer; its log has the traceback"}',
)
_UNFINISHED = Response(
    408,
    {"content-type": "application/x-amz-json-1.1"},
    b'{"__type":"RequestTimeoutException","message":"skysail stopped before the whole request had come"}',
)


class Application:
    """An ASGI application around `answer`.

    Of a body, little more than `largest_body` bytes are kept: enough for the answering side to see that it is too
    large.
    """

    def __init__(self, answer: Answer, largest_body: int) -> None:
        self._answer = answer
        self._largest_body = largest_body
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="skysail")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            raise ValueError(f"only HTTP is spoken here, not {scope['type']}")
        try:
            body = await self._body(receive)
        except asyncio.CancelledError:  # by the server, which stops and has waited long enough
            return await _respond(send, _UNFINISHED)
        if body is None:
            return
        loop = asyncio.get_running_loop()
        await _respond(send, await loop.run_in_executor(self._threads, self._safely, _request(scope, body)))

    async def _body(self, receive: Receive) -> bytes | None:
        """The request's body, or as much of it as shows that it is too large; None if the caller went away.

        What is not kept is read all the same: most callers look for an answer when they have sent everything, and
        closing the connection on them would take the answer away with it.
        """
        parts: list[bytes] = []
        size, is_more = 0, True
        while is_more and size <= _LARGEST_READ:
            message = await receive()
            if message["type"] == "http.disconnect":
                return None
            part = message.get("body", b"")
            if size <= self._largest_body:
                parts.append(part)
            size += len(part)
            is_more = message.get("more_body", False)
        return b"".join(parts)

    def _safely(self, request: Request) -> Response:
        """The boundary: whatever goes wrong behind it, the caller gets an answer and the log the reason."""
        try:
            return self._answer(request)
        except Exception:
            _LOG.exception("no answer to %s %s", request.method, request.url)
            return _INTERNAL_FAILURE


async def _respond(send: Send, response: Response) -> None:
    headers = [(b"content-length", b"%d" % len(response.body))]
    headers += [(name.encode("latin-1"), value.encode("latin-1")) for name, value in response.headers.items()]
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    await send({"type": "http.response.body", "body": response.body})


def _request(scope: Scope, body: bytes) -> Request:
    path: bytes = scope["raw_path"]
    query: bytes = scope["query_string"]
    headers: dict[str, str] = {}
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        headers[name] = f"{headers[name]},{value}" if name in headers else value
    target = (path + b"?" + query if query else path).decode("latin-1")
    return Request(scope["method"], target, headers, body)


def run(
    answer: Answer,
    *,
    host: str,
    port: int,
    largest_body: int,
    on_ready: Callable[[str], None],
) -> None:
    """Serve until SIGTERM or SIGINT, then finish what was accepted, but do not wait long for it, and return.

    `on_ready` is called with the address when the first request would be answered; port 0 takes a free one. Raises
    ListenError where the address cannot be had.
    """
    listener = _listen(host, port)
    config = uvicorn.Config(
        Application(answer, largest_body),
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=True,
        headers=[("server", "Server")],
        ws="none",
        backlog=_BACKLOG,
        timeout_graceful_shutdown=_PARTING_S,
    )
    server = _Server(config, lambda: on_ready(_address(listener, host)))
    server.run(sockets=[listener])


class _Server(uvicorn.Server):
    """uvicorn's server, saying when it is ready, and returning after a signal where uvicorn raises it again."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._ready()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, self.handle_exit) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With its protocol named: asyncio sends small answers at once (TCP_NODELAY) only where it sees that it is TCP.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise ListenError(
                f"port {port} is in use by another program; --port 0 takes a free one and prints it"
            ) from error
        raise ListenError(f"cannot listen on {host} port {port}: {error}") from error
    listener.set_inheritable(True)
    return listener


def _address(listener: socket.socket, host: str) -> str:
    port = listener.getsockname()[1]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
