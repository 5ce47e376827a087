"""Where requests are answered: at once in the event loop, together in one thread, or apart in threads of their own.

A read of a store in this process takes less time than it takes to wake a thread. Those who change something there wait
for one another anyway: one thread takes all that have come meanwhile, and one flush makes all of them durable. What
takes long, or waits for another machine, has a thread of a pool.
"""

from __future__ import annotations

import asyncio
import logging
import queue
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

from skysail.protocol.message import Manner, Request, Response
from skysail.serving.tally import Tally

Done = Callable[[Response], None]

_LOG = logging.getLogger("skysail.serving")
_THREADS = 32
_MOST_TOGETHER = 256

INTERNAL_FAILURE = Response(
    500,
    {"content-type": "application/x-amz-json-1.1"},
    b'{"__type":"InternalFailure","message":"skysail failed to answer; its log has the traceback"}',
    notes={"error": "InternalFailure"},
)


class Answerer(Protocol):
    """A service, as its carriers see it."""

    def answer(self, request: Request) -> Response: ...

    def answer_together(self, requests: Sequence[Request]) -> list[Response]: ...

    def manner(self, request: Request) -> Manner: ...


class Answers:
    """Has requests answered by a service; gives each response in the event loop that it was made in."""

    def __init__(self, service: Answerer, tally: Tally) -> None:
        self._service = service
        self._tally = tally
        self._loop = asyncio.get_running_loop()
        self._waiting: queue.SimpleQueue[tuple[Request, Done] | None] = queue.SimpleQueue()
        self._writer: threading.Thread | None = None
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="skysail")

    def begin(self, request: Request, done: Done) -> None:
        """Have it answered; `done` is called with the response, maybe before this returns."""
        manner = self._service.manner(request)
        if manner == "at once":
            done(safely(self._service, request))
        elif manner == "together":
            if self._writer is None:
                self._writer = threading.Thread(target=self._write, name="skysail-writer", daemon=True)
                self._writer.start()
            self._waiting.put((request, done))
        else:
            self._threads.submit(self._apart, request, done)

    def close(self) -> None:
        """Finish what has begun, and let go of the threads; nobody waits for the rest any more."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        if self._writer is not None:
            self._waiting.put(None)
            self._writer.join()
        self._threads.shutdown()

    def _apart(self, request: Request, done: Done) -> None:
        response = safely(self._service, request)
        self._loop.call_soon_threadsafe(done, response)

    def _write(self) -> None:
        while (first := self._waiting.get()) is not None:
            batch = [first]
            is_last = False
            while len(batch) < _MOST_TOGETHER and not is_last:
                try:
                    following = self._waiting.get_nowait()
                except queue.Empty:
                    break
                if following is None:
                    is_last = True
                else:
                    batch.append(following)
            responses = together(self._service, [request for request, _ in batch])
            self._tally.flushes += 1
            self._tally.answered_together += len(batch)
            dones = [done for _, done in batch]
            self._loop.call_soon_threadsafe(_give, dones, responses)
            if is_last:
                return


def _give(dones: Sequence[Done], responses: Sequence[Response]) -> None:
    for done, response in zip(dones, responses, strict=True):
        done(response)


def together(service: Answerer, requests: Sequence[Request]) -> list[Response]:
    """Answered with one flush; by and by where one of them meets a bug, so that it takes none along."""
    try:
        return service.answer_together(requests)
    except Exception:
        if len(requests) == 1:
            _log_bug(requests[0])
            return [INTERNAL_FAILURE]
        return [safely(service, request) for request in requests]


def safely(service: Answerer, request: Request) -> Response:
    """The boundary: whatever goes wrong behind it, the caller gets an answer and the log the reason."""
    try:
        return service.answer(request)
    except Exception:
        _log_bug(request)
        return INTERNAL_FAILURE


def _log_bug(request: Request) -> None:
    """With the path, but for what a terminal obeys; a query may be a signature's."""
    _LOG.exception("no answer to %s %s", request.method, ascii(request.target.partition("?")[0][:200])[1:-1])
