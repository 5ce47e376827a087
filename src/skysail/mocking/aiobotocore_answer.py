"""An answer in the form in which aiobotocore reads one: its body is awaited."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from aiobotocore.awsrequest import AioAWSResponse
from botocore.compat import HTTPHeaders

from skysail.errors import ConnectionLostError
from skysail.protocol.message import Response


async def answered(response: Response, url: str, asleep: Callable[[float], Awaitable[None]]) -> Any:
    if response.delay_s:
        await asleep(response.delay_s)
    if response.is_cut:
        raise ConnectionLostError(endpoint_url=url, error="a fault that was asked for")
    return AioAWSResponse(url, response.status, HTTPHeaders.from_dict(response.headers), _Octets(response.body))


class _Octets:
    """A body as aiohttp's responses give it."""

    def __init__(self, octets: bytes) -> None:
        self._octets = octets

    async def read(self) -> bytes:
        return self._octets
