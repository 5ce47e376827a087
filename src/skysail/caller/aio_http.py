"""The asynchronous transport that opens sockets: aiohttp's session and connector.

aiohttp is an extra (`pip install 'skysail[async]'`). The session is opened by the first request, in the event loop
that makes it.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from yarl import URL

from skysail import call_site
from skysail.caller.transport import diverted
from skysail.caller.trust import ca_bundle
from skysail.errors import (
    ConnectError,
    ConnectionLostError,
    ConnectTimeoutError,
    ProxyError,
    ReadTimeoutError,
    TLSError,
    TransferError,
    TransportError,
    UnsupportedError,
)
from skysail.protocol.message import Request, Response

_NOTHING_OF_ITS_OWN = ("Accept", "Accept-Encoding", "User-Agent", "Content-Type")


class AioHttpTransport:
    """Keep-alive connections to one endpoint; the arguments are `HttpTransport`'s."""

    def __init__(
        self,
        endpoint_url: str,
        *,
        connect_timeout_s: float = 60,
        read_timeout_s: float = 60,
        max_connections: int = 10,
        verify: bool | str = True,
        proxies: Mapping[str, str] | None = None,
        proxies_config: Mapping[str, Any] | None = None,
        client_cert: str | tuple[str, str] | None = None,
        keep_alive: bool = False,
    ) -> None:
        if proxies_config:
            raise UnsupportedError(
                "the asynchronous client has no proxies_config: leave it out, or use skysail.client in a thread"
            )
        self._endpoint = endpoint_url
        self._proxy = (proxies or {}).get(urlsplit(endpoint_url).scheme)
        self._keep_alive = keep_alive
        self._max_connections = max_connections
        self._timeout = aiohttp.ClientTimeout(total=None, sock_connect=connect_timeout_s, sock_read=read_timeout_s)
        self._tls = _tls(verify, client_cert) if endpoint_url.startswith("https:") else True
        self._session: aiohttp.ClientSession | None = None

    async def send(self, request: Request) -> Response:
        if (elsewhere := diverted(request)) is not None:
            return await asyncio.to_thread(call_site.told, call_site.here(), elsewhere.send, request)
        session = self._opened()
        try:
            # A task that is cancelled here leaves the block, which closes a connection that is not at its end.
            async with session.request(
                request.method,
                URL(request.url, encoded=True),
                data=request.body,
                headers=request.headers,
                skip_auto_headers=_NOTHING_OF_ITS_OWN,
                allow_redirects=False,
                proxy=self._proxy,
                ssl=self._tls,
            ) as answer:
                body = await answer.read()
                headers = {name.lower(): ", ".join(answer.headers.getall(name)) for name in answer.headers}
                return Response(answer.status, headers, body)
        except (aiohttp.ClientError, OSError) as error:  # OSError: a timeout, or what the socket met
            raise self._explained(error) from error

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=self._max_connections, socket_factory=self._socket),
                timeout=self._timeout,
                cookie_jar=aiohttp.DummyCookieJar(),
            )
        return self._session

    def _socket(self, address: aiohttp.AddrInfoType) -> socket.socket:
        made = socket.socket(*address[:3])
        made.setblocking(False)
        if self._keep_alive:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        return made

    def _explained(self, error: Exception) -> TransportError:
        """The error a boto3 user expects, for what aiohttp met."""
        url = self._endpoint
        if isinstance(error, aiohttp.ClientSSLError | ssl.SSLError):
            return TLSError(endpoint_url=url, error=error)
        if isinstance(error, aiohttp.ClientProxyConnectionError | aiohttp.ClientHttpProxyError):
            return ProxyError(proxy_url=str(URL(self._proxy or "").with_user(None)), error=error)
        if isinstance(error, aiohttp.ConnectionTimeoutError):
            return ConnectTimeoutError(endpoint_url=url, error=error)
        if isinstance(error, TimeoutError):
            return ReadTimeoutError(endpoint_url=url, error=error)
        if isinstance(error, aiohttp.ClientConnectorError):
            return ConnectError(endpoint_url=url, error=error)
        # ClientResponseError: what came is no HTTP.
        lost = aiohttp.ServerDisconnectedError | aiohttp.ClientPayloadError | aiohttp.ClientResponseError | OSError
        if isinstance(error, lost):
            return ConnectionLostError(endpoint_url=url, error=error)
        return TransferError(error=error)


def _tls(verify: bool | str, client_cert: str | tuple[str, str] | None) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=verify if isinstance(verify, str) else ca_bundle())
    if verify is False:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if client_cert is not None:
        cert, key = client_cert if isinstance(client_cert, tuple) else (client_cert, None)
        context.load_cert_chain(cert, key)
    return context
