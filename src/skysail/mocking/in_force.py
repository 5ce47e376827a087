"""Which mock a call belongs to.

The innermost that was opened in the call's own context: a thread, or a task and those that it began. A thread that
begins with an empty context, as all do before Python 3.14, belongs to the only mock that is open in the process (the
innermost, where they are one in the other). Where several are open side by side nobody can tell, and the call says so.
"""

from __future__ import annotations

from contextvars import ContextVar
from threading import Lock
from typing import Protocol

from skysail.caller.transport import InProcess
from skysail.errors import UsageError
from skysail.server import LocalLightsail


class Opened(Protocol):
    """An open mock, and the one that was in force when it was opened."""

    outer: Opened | None
    is_open: bool

    def takes(self, service: str, operation: str) -> bool:
        """Whether it answers that operation itself; a service is named as its endpoint is: lightsail, sts, s3."""

    def lets_out(self, service: str, url: str) -> bool:
        """Whether such a call may go where it would without a mock."""

    @property
    def way(self) -> InProcess:
        """The way to its service for skysail's own clients."""

    @property
    def local(self) -> LocalLightsail:
        """Its service, and the world that holds delayed answers back."""


_here: ContextVar[Opened | None] = ContextVar("skysail_mock", default=None)
_open: list[Opened] = []
_lock = Lock()


def enter(mock: Opened) -> None:
    mock.outer = _here.get()
    mock.is_open = True
    with _lock:
        _open.append(mock)
    _here.set(mock)


def leave(mock: Opened) -> None:
    mock.is_open = False
    with _lock:
        _open.remove(mock)
    if _here.get() is mock:  # else it is closed from another context, as async fixtures are
        _here.set(mock.outer)


def current() -> Opened | None:
    """The mock that a call made here belongs to. Raises UsageError where that cannot be told."""
    if not _open:
        return None
    mock = _here.get()
    while mock is not None and not mock.is_open:  # a task that has outlived the mock that it was begun in
        mock = mock.outer
    return mock or _only_one()


def _only_one() -> Opened | None:
    with _lock:
        if not _open:
            return None
        innermost = _open[-1]
        chain: Opened | None = innermost
        around: list[Opened] = []
        while chain is not None:
            around.append(chain)
            chain = chain.outer
        if all(any(mock is one for one in around) for mock in _open):
            return innermost
    raise UsageError(
        "this thread has no mock of its own, and several are open in others: start it in the context of one, with "
        "contextvars.copy_context().run, or open a mock in the thread itself"
    )
