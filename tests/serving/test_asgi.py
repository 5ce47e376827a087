"""The ASGI application, called as a server calls it."""

from __future__ import annotations

import asyncio
from collections.abc import MutableMapping, Sequence
from typing import Any

import pytest

from skysail.protocol.message import Manner, Request, Response
from skysail.serving.asgi import Application
from skysail.serving.limits import Limits

LIMITS = Limits(body=10, read=40)


class Echo:
    def answer(self, request: Request) -> Response:
        told = f"{request.method} {request.url} {request.headers} {request.body.decode()}"
        return Response(200, {"a": "b"}, told.encode(), is_cut="cut" in request.url)

    def answer_together(self, requests: Sequence[Request]) -> list[Response]:
        return [self.answer(request) for request in requests]

    def manner(self, request: Request) -> Manner:
        return "at once"


def sent(scope: dict[str, Any], *parts: bytes | None) -> list[MutableMapping[str, Any]]:
    """What the application sends for a request whose body comes in these parts; None is a caller who goes away."""
    coming = iter(parts)
    left = len(parts)
    found: list[MutableMapping[str, Any]] = []

    async def receive() -> MutableMapping[str, Any]:
        nonlocal left
        left -= 1
        part = next(coming)
        return (
            {"type": "http.disconnect"} if part is None else {"type": "http.request", "body": part, "more_body": left}
        )

    async def send(message: MutableMapping[str, Any]) -> None:
        found.append(message)

    asyncio.run(Application(Echo(), LIMITS)(scope, receive, send))
    return found


def scope(**more: Any) -> dict[str, Any]:
    headers = [(b"Host", b"h"), (b"x-two", b"1"), (b"X-Two", b"2")]
    return {"type": "http", "method": "POST", "path": "/a b", "query_string": b"c=d", "headers": headers, **more}


@pytest.mark.parametrize("more", [{"raw_path": b"/a%20b"}, {"raw_path": None}, {}], ids=["raw", "none", "absent"])
def test_a_request_is_answered_as_it_came_whatever_the_server_tells_of_its_path(more: dict[str, Any]) -> None:
    start, body = sent(scope(**more), b"xy", b"z")
    assert start["status"] == 200
    assert start["headers"] == [(b"content-length", b"%d" % len(body["body"])), (b"a", b"b")]
    assert body["body"].decode() == "POST /a%20b?c=d {'host': 'h', 'x-two': '1,2'} xyz"


def test_of_a_large_body_only_so_much_is_kept_as_shows_that_it_is_too_large() -> None:
    _, body = sent(scope(), *[b"x" * 8] * 100)
    assert body["body"].endswith(b" " + b"x" * 16)


def test_a_caller_who_goes_away_gets_nothing_and_so_does_one_whose_answer_is_cut() -> None:
    assert sent(scope(), b"x", None) == []
    with pytest.raises(ConnectionAbortedError):
        sent(scope(path="/cut"), b"")


def test_other_protocols_are_refused() -> None:
    with pytest.raises(ValueError, match="websocket"):
        sent({"type": "websocket"})
