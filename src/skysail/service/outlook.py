"""Whether a change is due, mostly without a look at the store: asked of each request before it is given to a thread.

Who applies what is due writes, so may wait for a flush, or for another process that holds the file: no work for an
event loop. What is known here may be half a second old where another process schedules something; then it is the
request's own transaction that finds out.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock

from skysail.store.base import Store

LOOK_AGAIN_S = 0.5


class Outlook:
    """The time of the store's next due change. `machine` is the machine's time."""

    def __init__(self, store: Store, machine: Callable[[], float]) -> None:
        self._store = store
        self._machine = machine
        self._lock = Lock()
        self._looked: float | None = None
        self._changes = 0
        self._next: float | None = None

    def changed(self) -> None:
        """Something may have been scheduled, or is no longer."""
        with self._lock:
            self._looked = None
            self._changes += 1

    def is_due(self, now: float) -> bool:
        """Raises StoreError."""
        machine = self._machine()
        looked = self._looked
        if looked is None or abs(machine - looked) >= LOOK_AGAIN_S:
            self._look(machine)
        following = self._next
        return following is not None and following <= now

    def _look(self, machine: float) -> None:
        before = self._changes
        with self._store.begin(write=False) as transaction:
            found = transaction.next_due()
        with self._lock:
            self._next = found
            if self._changes == before:
                self._looked = machine
