"""An ASGI application around anything that answers requests, for those who have a server of their own."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from skysail.protocol.message import Request, Response
from skysail.serving.answering import Answerer, safely
from skysail.serving.limits import Limits

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class Application:
    """Of a body, little more than the limit is kept: enough for the answering side to see that it is too large."""

    def __init__(self, service: Answerer, limits: Limits) -> None:
        self._service = service
        self._limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            raise ValueError(f"only HTTP is spoken here, not {scope['type']}")
        body = await self._body(receive)
        if body is None:
            return
        response = await asyncio.to_thread(safely, self._service, _request(scope, body))
        if response.delay_s:
            await asyncio.sleep(response.delay_s)
        if response.is_cut:
            raise ConnectionAbortedError("a fault that was asked for: this connection is to break")
        await _respond(send, response)

    async def _body(self, receive: Receive) -> bytes | None:
        """The request's body, or as much of it as shows that it is too large; None if the caller went away."""
        parts: list[bytes] = []
        size, is_more = 0, True
        while is_more and size <= self._limits.read:
            message = await receive()
            if message["type"] == "http.disconnect":
                return None
            part = message.get("body", b"")
            if size <= self._limits.body:
                parts.append(part)
            size += len(part)
            is_more = message.get("more_body", False)
        return b"".join(parts)


async def _respond(send: Send, response: Response) -> None:
    headers = [(b"content-length", b"%d" % len(response.body))]
    headers += [(name.encode("latin-1"), value.encode("latin-1")) for name, value in response.headers.items()]
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    await send({"type": "http.response.body", "body": response.body})


def _request(scope: Scope, body: bytes) -> Request:
    path: bytes = scope["raw_path"]
    query: bytes = scope["query_string"]
    headers: dict[str, str] = {}
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        headers[name] = f"{headers[name]},{value}" if name in headers else value
    target = (path + b"?" + query if query else path).decode("latin-1")
    return Request(scope["method"], target, headers, body)
