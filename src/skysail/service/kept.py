"""One value that all services on a store share: the clock, the faults. Read often, changed seldom.

A service changes it in a transaction, and knows at once; one that shares the store looks again twice a second.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

import msgspec

from skysail.errors import StoreError
from skysail.store.base import Conflict, Store, Transaction

LOOK_AGAIN_S = 0.5
_ATTEMPTS = 20

Value = TypeVar("Value")


class Kept(Generic[Value]):
    """A value of a type that msgspec can write, under a name in the store's settings; None where there is none."""

    def __init__(self, store: Store, name: str, type: type[Value], machine: Callable[[], float]) -> None:
        self._store = store
        self._name = name
        self._decoder = msgspec.json.Decoder(type)
        self._machine = machine
        self._lock = Lock()
        self._looked: float | None = None
        self._value: Value | None = None

    def value(self) -> Value | None:
        """As it was half a second ago at the latest. Raises StoreError."""
        if self._looked is None or abs(self._machine() - self._looked) >= LOOK_AGAIN_S:
            self._know(self._despite_conflicts(self._seen))
        return self._value

    def change(self, change: Callable[[Value | None], Value | None]) -> Value | None:
        """Replace it by what `change` makes of it; gives that. `change` may be called again. Raises StoreError."""
        changed = self._despite_conflicts(lambda: self._changed(change))
        self._know(changed)
        return changed

    def forget(self) -> None:
        """Look again before the next answer: the store has another state."""
        with self._lock:
            self._looked = None

    def _despite_conflicts(self, work: Callable[[], Value | None]) -> Value | None:
        for _ in range(_ATTEMPTS):
            try:
                return work()
            except Conflict as error:
                last = error
        raise StoreError(f"the {self._name} were begun {_ATTEMPTS} times, and something came in between: {last}")

    def _seen(self) -> Value | None:
        with self._store.begin(write=False) as transaction:
            return self._read(transaction)

    def _changed(self, change: Callable[[Value | None], Value | None]) -> Value | None:
        with self._store.begin(write=True) as transaction:
            changed = change(self._read(transaction))
            transaction.set_setting(self._name, None if changed is None else msgspec.json.encode(changed))
        return changed

    def _read(self, transaction: Transaction) -> Value | None:
        text = transaction.setting(self._name)
        return None if text is None else self._decoder.decode(text)

    def _know(self, value: Value | None) -> None:
        with self._lock:
            self._value, self._looked = value, self._machine()
