"""The synchronous client: the loop that runs a call's flow, on a transport."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from skysail.caller.core import Credentials, Flow, Send
from skysail.caller.pages import Paginator, make_paginator
from skysail.caller.settings import Settings
from skysail.caller.surface import BaseClient
from skysail.caller.transport import Transport
from skysail.errors import TransportError
from skysail.protocol.members import Members
from skysail.protocol.message import Response
from skysail.protocol.model import Operation
from skysail.protocol.sigv4 import Key
from skysail.world import World

if TYPE_CHECKING:
    from types_boto3_lightsail.client import LightsailClient as Operations

    from skysail.caller.typed import Paginators
else:
    Operations = object


def run(flow: Flow, key: Callable[[], Key], transport: Transport, sleep: Callable[[float], None]) -> dict[str, Any]:
    """Drive one call to its end: do what the flow asks, and give back what it returns or raises."""
    try:
        ask = next(flow)
        while True:
            if isinstance(ask, Send):
                ask = flow.send(_send(transport, ask))
            elif isinstance(ask, Credentials):
                ask = flow.send(key())
            else:
                sleep(ask.seconds)
                ask = flow.send(None)
    except StopIteration as end:
        answer: dict[str, Any] = end.value
        return answer


def _send(transport: Transport, ask: Send) -> Response | TransportError:
    try:
        return transport.send(ask.request)
    except TransportError as error:
        return error


class Client(BaseClient[Paginator], Operations):  # type: ignore[misc]  # of two `meta`s and the like, ours is first
    """Lightsail, synchronously. Threads may share one; `close()` or `with` lets go of its connections.

    Every operation of the service model is a method with boto3's keyword arguments and answers. Raises the errors of
    `skysail.errors`, which are botocore's too.
    """

    get_paginator: Paginators  # type: ignore[assignment]  # for a checker: the same method, operation by operation

    def __init__(self, settings: Settings, transport: Transport, world: World) -> None:
        super().__init__(settings, world)
        self._transport = transport

    def _call(self, operation: Operation, arguments: Mapping[str, Any], members: Members) -> dict[str, Any]:
        flow = self._flow(operation, arguments, members)
        return run(flow, self._settings.credentials, self._transport, self._world.sleep)

    def _paginator(self, operation: Operation, method: Any) -> Paginator:
        return make_paginator(operation, method)

    def close(self) -> None:
        """Let its connections go; `with` does it at its end."""
        self._transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
