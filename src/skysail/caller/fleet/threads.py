"""The loop that drives a walk with threads: calls in the background, pages to whoever iterates."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import closing
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any

from skysail.caller.fleet.page import FleetPage
from skysail.caller.fleet.places import FleetPlace
from skysail.caller.fleet.walk import Await, Call, Flow, Give, Outcome

CallPlace = Callable[[FleetPlace, dict[str, Any]], Outcome]


def walk_in_threads(
    flow: Flow, call: CallPlace, most_threads: int, sleep: Callable[[float], None]
) -> Generator[FleetPage, None, None]:
    """The pages of a walk. Raises what the flow raises, and whatever else a call fails with: that is a bug.

    A call that is under way when the walk ends is not waited for, and the interpreter does not wait for it either.
    """
    threads = _Threads(call, most_threads)
    with closing(flow), closing(threads):
        try:
            ask = next(flow)
            while True:
                if isinstance(ask, Call):
                    threads.begin(ask)
                    ask = next(flow)
                elif isinstance(ask, Await):
                    ask = flow.send(threads.brought(ask.seconds))
                elif isinstance(ask, Give):
                    yield ask.page
                    ask = next(flow)
                else:
                    sleep(ask.seconds)
                    ask = next(flow)
        except StopIteration:
            return


class _Threads:
    """Threads that make calls; each is started when there is a call and none of them is free."""

    def __init__(self, call: CallPlace, most: int) -> None:
        self._call = call
        self._most = most
        self._asked: SimpleQueue[Call | None] = SimpleQueue()
        self._came: SimpleQueue[Outcome | BaseException] = SimpleQueue()
        self._started = 0
        self._under_way = 0

    def begin(self, ask: Call) -> None:
        self._under_way += 1
        if self._under_way > self._started and self._started < self._most:
            self._started += 1
            work = (self._call, self._asked, self._came)
            Thread(target=_work, args=work, name=f"skysail-fleet-{self._started}", daemon=True).start()
        self._asked.put(ask)

    def brought(self, seconds: float | None) -> list[Outcome]:
        """What has come; if nothing has, the first to come within so many seconds."""
        outcomes: list[Outcome] = []
        try:
            while True:
                came = self._came.get(block=not outcomes and seconds != 0, timeout=seconds or None)
                self._under_way -= 1
                if isinstance(came, BaseException):
                    raise came
                outcomes.append(came)
        except Empty:
            return outcomes

    def close(self) -> None:
        for _ in range(self._started):
            self._asked.put(None)


def _work(call: CallPlace, asked: SimpleQueue[Call | None], came: SimpleQueue[Outcome | BaseException]) -> None:
    while (ask := asked.get()) is not None:
        try:
            came.put(call(ask.place, ask.arguments))
        except BaseException as error:  # raised anew where it is waited for
            came.put(error)
