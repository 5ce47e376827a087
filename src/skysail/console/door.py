"""The way to the console: a service with `/console/` before it, of which nothing is loaded before it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Lock
from typing import Protocol

from skysail.protocol.message import Manner, Request, Response

PATH = "/console/"


class Answerer(Protocol):
    """A service, as its carriers see it."""

    def answer(self, request: Request) -> Response: ...

    def answer_together(self, requests: Sequence[Request]) -> list[Response]: ...

    def manner(self, request: Request) -> Manner: ...


class Door:
    """`open_console` makes what answers requests for the console; it is called at the first of them."""

    def __init__(self, service: Answerer, open_console: Callable[[], Callable[[Request], Response]]) -> None:
        self._service = service
        self._open_console = open_console
        self._console: Callable[[Request], Response] | None = None
        self._opening = Lock()

    def answer(self, request: Request) -> Response:
        if not is_for_console(request):
            return self._service.answer(request)
        with self._opening:
            if self._console is None:
                self._console = self._open_console()
        return self._console(request)

    def answer_together(self, requests: Sequence[Request]) -> list[Response]:
        return self._service.answer_together(requests)  # none of them is for the console, by its manner

    def manner(self, request: Request) -> Manner:
        return "apart" if is_for_console(request) else self._service.manner(request)


def is_for_console(request: Request) -> bool:
    """Whether it asks for a page of the console, or is a browser's that has come to the service's own address."""
    target = request.target
    if target.startswith("/console") and target[8:9] in ("", "/", "?"):
        return True
    return target == "/" and request.method == "GET" and "text/html" in request.headers.get("accept", "")
