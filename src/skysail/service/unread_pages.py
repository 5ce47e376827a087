"""Answers whose nextPageToken nobody used: what a program that reads the first page alone has lost.

Counted by answer: a token that two answers carried is read when it has come back twice. What a paginator was told to
leave (MaxItems) is not counted where that can be seen, which is in this process. In memory, of this process alone.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Any

from skysail import call_site
from skysail.call_site import CallSite
from skysail.protocol.model import service_model
from skysail.service.calls import without_secrets
from skysail.store.base import Place


@dataclass(frozen=True, slots=True)
class UnreadPage:
    """An answer that said that there is more: `items` it had, `at` in seconds since 1970 by the service's clock."""

    operation: str
    account: str
    region: str
    at: float
    items: int
    arguments: Mapping[str, Any]
    request_id: str
    site: CallSite | None
    """Where in this process it was asked for."""

    def __str__(self) -> str:
        place = f"{self.site} in {self.site.function}: " if self.site else ""
        return f"{place}{self.operation} gave {self.items} items and a nextPageToken that nobody used ({self.region})"


class UnreadPages:
    """The last `most` of them; `dropped` says how many there were before those."""

    def __init__(self, most: int = 1_000) -> None:
        self._most = most
        self._lock = Lock()
        self._pages: dict[int, tuple[tuple[str, str], UnreadPage]] = {}
        self._waiting: dict[tuple[str, str], deque[int]] = {}
        self._next = 0
        self.dropped = 0

    def __call__(self, operation: str | None = None) -> list[UnreadPage]:
        """Those of an operation, or all, oldest first."""
        with self._lock:
            pages = [page for _, page in self._pages.values()]
        return [page for page in pages if operation in (None, page.operation)]

    def clear(self) -> None:
        with self._lock:
            self._pages.clear()
            self._waiting.clear()
            self.dropped = 0

    def note(
        self, operation: str, arguments: Mapping[str, Any], answer: Any, place: Place, at: float, request_id: str
    ) -> None:
        """What was asked reads the page before it; an answer with a token waits for the next."""
        used = arguments.get("pageToken")
        if used is not None:
            self._read((operation, used))
        token = answer.get("nextPageToken") if isinstance(answer, dict) else None
        if token is None:
            return
        site = call_site.here()
        if site is None or not site.is_limited:
            others = {name: value for name, value in arguments.items() if name != "pageToken"}
            items = next((len(value) for value in answer.values() if isinstance(value, list)), 0)
            shown = _without_secrets(operation, others)
            self._wait((operation, token), UnreadPage(operation, *place, at, items, shown, request_id, site))

    def _read(self, key: tuple[str, str]) -> None:
        with self._lock:
            waiting = self._waiting.get(key)
            if waiting:
                del self._pages[waiting.popleft()]
                if not waiting:
                    del self._waiting[key]

    def _wait(self, key: tuple[str, str], page: UnreadPage) -> None:
        with self._lock:
            self._pages[self._next] = (key, page)
            self._waiting.setdefault(key, deque()).append(self._next)
            self._next += 1
            if len(self._pages) > self._most:
                oldest = next(iter(self._pages))
                before, _ = self._pages.pop(oldest)
                self._waiting[before].popleft()
                if not self._waiting[before]:
                    del self._waiting[before]
                self.dropped += 1

    def kept(self) -> Callable[[], None]:
        """What brings back the pages that wait now."""
        with self._lock:
            pages, waiting = dict(self._pages), {key: deque(numbers) for key, numbers in self._waiting.items()}
            dropped = self.dropped

        def back() -> None:
            with self._lock:
                self._pages = dict(pages)
                self._waiting = {key: deque(numbers) for key, numbers in waiting.items()}
                self.dropped = dropped

        return back


def shown(page: UnreadPage) -> dict[str, Any]:
    """A page for people and JSON."""
    told = {
        "operation": page.operation,
        "account": page.account,
        "region": page.region,
        "at": round(page.at, 3),
        "items": page.items,
        "arguments": dict(page.arguments),
        "id": page.request_id,
    }
    return told | ({} if page.site is None else {"file": page.site.file, "line": page.site.line})


def _without_secrets(operation: str, arguments: Mapping[str, Any]) -> Any:
    shape = service_model().operation(operation).input
    return without_secrets(shape, arguments) if arguments and shape is not None else arguments
