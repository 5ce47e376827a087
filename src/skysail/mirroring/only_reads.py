"""A way to an account that lets nothing out but what a mirror asks for."""

from __future__ import annotations

from skysail.caller.transport import Transport
from skysail.errors import UsageError
from skysail.mirroring.reads import ALLOWED
from skysail.protocol.message import Request, Response


class OnlyReads:
    """A transport in front of another. Raises UsageError for a request of any other operation, before it is sent."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def send(self, request: Request) -> Response:
        operation = request.headers.get("x-amz-target", "").partition(".")[2]
        if operation not in ALLOWED:
            raise UsageError(f"a mirror only reads: it never sends {operation or request.url}")
        return self._transport.send(request)

    def close(self) -> None:
        self._transport.close()
