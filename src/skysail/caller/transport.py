"""What a client needs of the outside: something that takes a request and gives the response, or raises
`TransportError`. A socket is one such thing (`http.py`, `aio_http.py`), a service in the same process another.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from skysail import call_site
from skysail.errors import ConnectionLostError
from skysail.protocol.message import Request, Response


class Transport(Protocol):
    """Sends one request at a time from each thread; any number of threads may use it at once."""

    def send(self, request: Request) -> Response:
        """The service's response, whatever its status. Raises TransportError when none came, or not all."""

    def close(self) -> None:
        """Let go of what is held; sending afterwards opens it anew."""


class AsyncTransport(Protocol):
    """The same, awaited; any number of tasks may use it at once."""

    async def send(self, request: Request) -> Response:
        """The service's response, whatever its status. Raises TransportError when none came, or not all."""

    async def close(self) -> None:
        """Let go of what is held; sending afterwards opens it anew."""


class InProcess:
    """Hands requests straight to a service, in the caller's thread. `sleep` is for answers that are to be late."""

    def __init__(self, answer: Callable[[Request], Response], sleep: Callable[[float], None] | None = None) -> None:
        self._answer = answer
        self._sleep = sleep

    def send(self, request: Request) -> Response:
        response = self._answer(request)
        if response.delay_s and self._sleep is not None:
            self._sleep(response.delay_s)
        if response.is_cut:
            raise ConnectionLostError(endpoint_url=request.url, error="a fault that was asked for")
        return response

    def close(self) -> None:
        """Nothing is held: the service belongs to whoever made it."""


class AsyncInProcess:
    """The same from an event loop; in a worker thread, because a service may wait for its disk."""

    def __init__(self, answer: Callable[[Request], Response], sleep: Callable[[float], None] | None = None) -> None:
        self._beside = InProcess(answer, sleep)

    async def send(self, request: Request) -> Response:
        from asyncio import to_thread  # late: a synchronous program, which imports this too, does without asyncio

        return await to_thread(call_site.told, call_site.here(), self._beside.send, request)

    async def close(self) -> None:
        """Nothing is held: the service belongs to whoever made it."""


Diversion = Callable[[Request], InProcess | None]
"""What a request that is to go over a network goes to instead; None: over the network."""

_diversions: list[Diversion] = []


def divert(diversion: Diversion) -> None:
    """Ask it about each such request from now on."""
    if diversion not in _diversions:
        _diversions.append(diversion)


def diverted(request: Request) -> InProcess | None:
    """Where else it goes, by the first that says so."""
    for diversion in _diversions:
        if (elsewhere := diversion(request)) is not None:
            return elsewhere
    return None
