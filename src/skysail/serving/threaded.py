"""A server in a thread of this process: for a test, whose other processes want an address."""

from __future__ import annotations

import asyncio
from threading import Event, Thread
from types import TracebackType
from typing import Self

from skysail.serving.answering import Answerer
from skysail.serving.limits import Limits
from skysail.serving.server import address, listen, nobody, serve


class ThreadedServer:
    """Answers from the first line of the block to its last. `url` is where. Raises ListenError."""

    def __init__(self, service: Answerer, limits: Limits, *, host: str = "127.0.0.1", port: int = 0) -> None:
        self._service = service
        self._limits = limits
        self._listener = listen(host, port)
        self.url = address(self._listener, host)
        self._ready = Event()
        self._thread = Thread(target=lambda: asyncio.run(self._serve()), name=f"skysail at {self.url}", daemon=True)

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stop = asyncio.Event()
        await serve(self._service, self._listener, self._limits, nobody, self._stop, self._ready.set)

    def __enter__(self) -> Self:
        self._thread.start()
        self._ready.wait()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()
