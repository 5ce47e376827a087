"""A server for anything that answers requests: sockets, signals, and the end of it."""

from __future__ import annotations

import asyncio
import errno
import os
import signal
import socket
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress

from skysail.errors import ListenError
from skysail.protocol.message import Request, Response
from skysail.serving.answering import Answerer, Answers
from skysail.serving.connection import Connection
from skysail.serving.limits import Limits
from skysail.serving.metrics import Operated
from skysail.serving.tally import Board, Place, Tally

Watch = Callable[[Request, Response, float], None]
"""Told of each request, its response and the seconds between them."""


def nobody(request: Request, response: Response, seconds: float) -> None:
    """Who watches where nobody does."""


BACKLOG = 2_048
"""Connections that the kernel keeps for a server that is busy."""
_AT_ONCE = 100
"""How many of them are taken before others have their turn."""
_UNREAD = Request("-", "-", {}, b"")
"""Stands for what was refused before it was a request."""
_SWITCH_S = 0.0005
"""How long one thread may run on while another one waits: a read should not wait long for a write's Python."""


class Server:
    """All connections of one process, what they share, and who looks after them."""

    def __init__(self, service: Answerer, limits: Limits, watch: Watch, place: Place) -> None:
        self.limits = limits
        self.is_draining = False
        self.connections: set[Connection] = set()
        self._watch = watch
        self._place = place
        self._tally = place.tally
        self._loop = asyncio.get_running_loop()
        operated = Operated(service, place.board.began_at, self._counted, lambda: self.is_draining)
        self._answers = Answers(operated, self._tally)
        self.now = self._loop.time
        self._all_closed = asyncio.Event()

    def begin(self, request: Request, done: Callable[[Response], None]) -> None:
        self._tally.in_flight += 1
        self._answers.begin(request, done)

    def answered(self, request: Request, response: Response, seconds: float) -> None:
        self._tally.in_flight -= 1
        self._tally.count(response, seconds)
        self._watch(request, response, seconds)

    def refused(self, response: Response) -> None:
        self._tally.count(response, None)
        self._watch(_UNREAD, response, 0.0)

    def _counted(self) -> Tally:
        """By all processes, this one included."""
        return self._place.of_all()

    def after(self, seconds: float, call: Callable[[], None]) -> None:
        self._loop.call_later(seconds, call)

    def opened(self, connection: Connection) -> int:
        self.connections.add(connection)
        self._tally.connections = len(self.connections)
        self._all_closed.clear()
        return len(self.connections) - self.limits.connections

    def closed(self, connection: Connection) -> None:
        self.connections.discard(connection)
        self._tally.connections = len(self.connections)
        if not self.connections:
            self._all_closed.set()

    async def look_after(self) -> None:
        """Let those go whose time is over, and show what was counted, for ever."""
        limits = self.limits
        shortest = min(limits.head_s, limits.request_s, limits.idle_s, limits.write_s, limits.linger_s)
        while True:
            await asyncio.sleep(min(1.0, shortest / 4))
            self._place.put()
            now = self._loop.time()
            for connection in [one for one in self.connections if one.deadline < now]:
                connection.expire()

    async def drain(self) -> None:
        """Answer what was accepted, and end: called when nobody new is let in."""
        self.is_draining = True
        await asyncio.sleep(self.limits.grace_s)
        for connection in list(self.connections):
            connection.finish()
        if self.connections:
            try:
                await asyncio.wait_for(self._all_closed.wait(), self.limits.parting_s)
            except TimeoutError:
                for connection in list(self.connections):
                    connection.part()
                await asyncio.sleep(0)
        self._answers.close()


@asynccontextmanager
async def serving(service: Answerer, limits: Limits, watch: Watch, place: Place) -> AsyncIterator[Server]:
    """What connections need that the block brings; with its end all of them are answered and closed."""
    server = Server(service, limits, watch, place)
    looking_after = asyncio.create_task(server.look_after())
    try:
        yield server
    finally:
        await server.drain()
        looking_after.cancel()


async def serve(
    service: Answerer,
    listener: socket.socket,
    limits: Limits,
    watch: Watch,
    stop: asyncio.Event,
    ready: Callable[[], None],
) -> None:
    """Answer whoever comes, until told to stop; then finish what was accepted."""
    loop = asyncio.get_running_loop()
    async with serving(service, limits, watch, Place(Board(1))) as server:
        accepting = await loop.create_server(lambda: Connection(server), sock=listener, backlog=_AT_ONCE)
        listener.listen(BACKLOG)
        try:
            ready()
            await stop.wait()
            last = await last_comers(listener)
        finally:
            accepting.close()
        for connection in last:
            with suppress(OSError):
                await loop.connect_accepted_socket(lambda: Connection(server), connection)


async def last_comers(listener: socket.socket) -> list[socket.socket]:
    """Those whom the kernel has let in: with the listener they would be thrown out, whatever they have sent."""
    with suppress(NotImplementedError):  # as on Windows, where this is left to asyncio
        asyncio.get_running_loop().remove_reader(listener)
    await asyncio.sleep(0)  # asyncio breaks connections that it has taken, but not yet begun with, when it is closed
    found: list[socket.socket] = []
    with suppress(OSError):  # most of all BlockingIOError: that was all of them
        while True:
            connection, _ = listener.accept()
            connection.setblocking(False)
            found.append(connection)
    return found


def run(
    service: Answerer,
    *,
    host: str,
    port: int,
    limits: Limits,
    on_ready: Callable[[str], None],
    watch: Watch = nobody,
) -> None:
    """Serve until SIGTERM or SIGINT, then finish what was accepted, but do not wait long for it, and return.

    `on_ready` is called with the address when the first request would be answered; port 0 takes a free one. Raises
    ListenError where the address cannot be had.
    """
    listener = listen(host, port)

    async def main() -> None:
        stop = asyncio.Event()
        with stopped_by_signals(stop):
            await serve(service, listener, limits, watch, stop, lambda: on_ready(address(listener, host)))

    with short_turns():
        asyncio.run(main())


@contextmanager
def short_turns() -> Iterator[None]:
    """A block in which threads take turns often."""
    switch_s = sys.getswitchinterval()
    sys.setswitchinterval(_SWITCH_S)
    try:
        yield
    finally:
        sys.setswitchinterval(switch_s)


@contextmanager
def stopped_by_signals(stop: asyncio.Event) -> Iterator[None]:
    """The first SIGTERM or SIGINT sets `stop`, a second one ends the process as if nobody had listened."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    loop = asyncio.get_running_loop()
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def asked(number: int, frame: object) -> None:
        for one in before:
            signal.signal(one, signal.SIG_DFL)
        loop.call_soon_threadsafe(stop.set)

    for number in before:
        signal.signal(number, asked)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def listen(host: str, port: int) -> socket.socket:
    """A listening socket. Raises ListenError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With its protocol named: asyncio sends small answers at once (TCP_NODELAY) only where it sees that it is TCP.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    if os.name == "posix":  # elsewhere it would let two servers have one port
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


def address(listener: socket.socket, host: str) -> str:
    port = listener.getsockname()[1]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
