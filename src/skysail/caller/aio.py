"""The asynchronous client: the same flows as the synchronous one, and a loop that awaits."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from skysail.caller.async_pages import AsyncPaginator, make_async_paginator
from skysail.caller.core import Credentials, Flow, Send
from skysail.caller.credentials import FixedKey, KeySource
from skysail.caller.settings import Settings
from skysail.caller.surface import BaseClient
from skysail.caller.transport import AsyncTransport
from skysail.errors import TransportError
from skysail.protocol.members import Members
from skysail.protocol.message import Response
from skysail.protocol.model import Operation
from skysail.protocol.sigv4 import Key
from skysail.world import World

if TYPE_CHECKING:
    from types_aiobotocore_lightsail.client import LightsailClient as Operations

    from skysail.caller.typed import AsyncPaginators
else:
    Operations = object


async def arun(
    flow: Flow, key: KeySource, transport: AsyncTransport, asleep: Callable[[float], Awaitable[None]]
) -> dict[str, Any]:
    """Drive one call to its end: do what the flow asks, and give back what it returns or raises."""
    try:
        ask = next(flow)
        while True:
            if isinstance(ask, Send):
                ask = flow.send(await _send(transport, ask))
            elif isinstance(ask, Credentials):
                ask = flow.send(await _key(key))
            else:
                await asleep(ask.seconds)
                ask = flow.send(None)
    except StopIteration as end:
        answer: dict[str, Any] = end.value
        return answer


async def _send(transport: AsyncTransport, ask: Send) -> Response | TransportError:
    try:
        return await transport.send(ask.request)
    except TransportError as error:
        return error


async def _key(source: KeySource) -> Key:
    """The key to sign with; a source that may have to fetch it does so beside the event loop."""
    return source() if isinstance(source, FixedKey) else await asyncio.to_thread(source)


class AsyncClient(BaseClient[AsyncPaginator], Operations):  # type: ignore[misc]  # as in sync.py
    """Lightsail, asynchronously: `async with skysail.async_client("lightsail", …) as client`.

    Every operation of the service model is a method to be awaited; paginators are made without awaiting and run
    through with `async for`. Any number of tasks may share one client and its connections. Raises what `Client` does.
    """

    get_paginator: AsyncPaginators  # type: ignore[assignment]  # for a checker: the same method, operation by operation

    def __init__(self, settings: Settings, transport: AsyncTransport, world: World) -> None:
        super().__init__(settings, world)
        self._transport = transport

    async def _call(self, operation: Operation, arguments: Mapping[str, Any], members: Members) -> dict[str, Any]:
        flow = self._flow(operation, arguments, members)
        return await arun(flow, self._settings.credentials, self._transport, self._world.asleep)

    def _paginator(self, operation: Operation, method: Any) -> AsyncPaginator:
        return make_async_paginator(operation, method)

    async def close(self) -> None:  # type: ignore[override]  # as aiobotocore's is, of which a checker makes it one
        """Let its connections go; `async with` does it at its end."""
        await self._transport.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()
