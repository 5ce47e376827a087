"""One of several processes that answer for one address: its connections come through a pipe from the one that accepts.

It ends when its pipe does, whoever closed it: told to stop, or left alone, it first answers all that it has been given.
Signals are for the one that accepts, because a terminal and a service manager send them to all processes at once.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable

from skysail.serving.answering import Answerer
from skysail.serving.connection import Connection
from skysail.serving.limits import Limits
from skysail.serving.server import Watch, nobody, serving, short_turns
from skysail.serving.tally import Place

READY = b"r"


def work(service: Answerer, pipe: socket.socket, limits: Limits, place: Place, watch: Watch = nobody) -> None:
    """Answer whoever comes through the pipe, until it ends; then finish what came."""
    with short_turns():
        asyncio.run(_work(service, pipe, limits, place, watch))


async def _work(service: Answerer, pipe: socket.socket, limits: Limits, place: Place, watch: Watch) -> None:
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    arriving: set[asyncio.Task[object]] = set()
    pipe.setblocking(False)
    async with serving(service, limits, watch, place) as server:

        def take() -> None:
            for connection in _come(pipe, at_end=stop.set):
                task: asyncio.Task[object] = loop.create_task(
                    loop.connect_accepted_socket(lambda: Connection(server), connection)
                )
                arriving.add(task)
                task.add_done_callback(arriving.discard)
            if stop.is_set():
                loop.remove_reader(pipe)

        loop.add_reader(pipe, take)
        pipe.send(READY)
        await stop.wait()
        await asyncio.gather(*arriving, return_exceptions=True)


def _come(pipe: socket.socket, at_end: Callable[[], None]) -> list[socket.socket]:
    """The connections that have come by now."""
    found: list[socket.socket] = []
    while True:
        try:
            said, handles, _, _ = socket.recv_fds(pipe, 1, 1)
        except BlockingIOError:
            return found
        except ConnectionError:
            said, handles = b"", []
        found += [socket.socket(fileno=handle) for handle in handles]
        if not said:
            at_end()
            return found
