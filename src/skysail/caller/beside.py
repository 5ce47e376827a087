"""A thread that makes one call while its owner does something else."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from queue import Empty, SimpleQueue
from threading import Thread
from types import TracebackType
from typing import Any, Self

Outcome = tuple[Any, BaseException | None]


class Beside:
    """Makes calls of one function, each in turn to be begun and collected, in a thread of its own.

    The thread starts with the first call and ends with the block. A call that runs then is not waited for, and its
    outcome is dropped; nor does the interpreter wait for it at its end.
    """

    def __init__(self, call: Callable[..., Any]) -> None:
        self._call = call
        self._asked: SimpleQueue[dict[str, Any] | None] = SimpleQueue()
        self._outcomes: SimpleQueue[Outcome] = SimpleQueue()
        self._thread: Thread | None = None

    def begin(self, arguments: dict[str, Any]) -> None:
        if self._thread is None:
            work = (self._call, self._asked, self._outcomes)
            self._thread = Thread(target=_work, args=work, name="skysail-fetch-ahead", daemon=True)
            self._thread.start()
        self._asked.put(arguments)

    def collect(self) -> Any:
        """What the begun call returns, once it does; or raises what it raises."""
        answer, error = self._outcomes.get()
        if error is not None:
            raise error
        return answer

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(Empty):
            self._asked.get_nowait()  # asked for but not begun: it never is
        self._asked.put(None)


def _work(call: Callable[..., Any], asked: SimpleQueue[dict[str, Any] | None], outcomes: SimpleQueue[Outcome]) -> None:
    while (arguments := asked.get()) is not None:
        try:
            outcomes.put((call(**arguments), None))
        except BaseException as error:  # raised anew where it is collected
            outcomes.put((None, error))
