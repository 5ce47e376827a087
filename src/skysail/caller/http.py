"""The transport that opens sockets: urllib3's pools, told to leave retries and redirects to us."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

import urllib3
from urllib3 import exceptions as faults
from urllib3.connection import HTTPConnection

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
)
from skysail.protocol.message import Request, Response


class HttpTransport:
    """Keep-alive connections to one endpoint, directly or through a proxy.

    Timeouts are seconds. `verify` is True, False or the path of a CA bundle; `proxies` maps a scheme to a proxy's
    URL, with user and password if need be; `proxies_config` is botocore's (proxy_ca_bundle, proxy_client_cert,
    proxy_use_forwarding_for_https); `client_cert` is a path, or a path and its key's. `keep_alive` has idle connections
    probed.
    """

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
        self._endpoint = endpoint_url
        url = urlsplit(endpoint_url)
        self._proxy = (proxies or {}).get(url.scheme)
        options: dict[str, Any] = {
            "maxsize": max_connections,
            "block": False,
            "timeout": urllib3.Timeout(connect=connect_timeout_s, read=read_timeout_s),
            "retries": False,
        }
        if url.scheme == "https":
            cert, key = client_cert if isinstance(client_cert, tuple) else (client_cert, None)
            options |= {"cert_file": cert, "key_file": key, **_trust(verify)}
        if keep_alive:
            probes = (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            options["socket_options"] = [*HTTPConnection.default_socket_options, probes]
        self._through_proxy: dict[str, str] = {}
        if self._proxy is None:
            self._manager = urllib3.PoolManager(**options)
        else:
            options |= _to_proxy(self._proxy, proxies_config or {})
            self._manager = urllib3.ProxyManager(self._proxy, **options)
            if url.scheme == "http":  # no tunnel: the request itself goes to the proxy
                self._through_proxy = options["proxy_headers"]
        self._pool = self._manager.connection_from_url(endpoint_url)
        # Without a tunnel the proxy wants the whole URL on the request line.
        self._whole_url = self._proxy is not None and url.scheme == "http"

    def send(self, request: Request) -> Response:
        if (elsewhere := diverted(request)) is not None:
            return elsewhere.send(request)
        try:
            answer = self._pool.urlopen(
                request.method,
                request.url if self._whole_url else request.target,
                body=request.body,
                headers={**request.headers, **self._through_proxy},
                retries=False,
                redirect=False,
                assert_same_host=False,
                preload_content=True,
            )
        except (faults.HTTPError, OSError) as error:
            raise self._explained(error) from error
        headers = {name.lower(): answer.headers[name] for name in answer.headers}
        return Response(answer.status, headers, answer.data)

    def close(self) -> None:
        """Close the connections that are idle; sending afterwards opens new ones."""
        self._pool.close()
        self._manager.clear()
        self._pool = self._manager.connection_from_url(self._endpoint)

    def _explained(self, error: Exception) -> TransportError:
        """The error a boto3 user expects, for what urllib3 met."""
        url = self._endpoint
        if isinstance(error, faults.SSLError):
            return TLSError(endpoint_url=url, error=error)
        if isinstance(error, faults.ProxyError):
            return ProxyError(proxy_url=_without_password(self._proxy or ""), error=error)
        if isinstance(error, faults.ConnectTimeoutError) and not isinstance(error, faults.NewConnectionError):
            return ConnectTimeoutError(endpoint_url=url, error=error)
        if isinstance(error, faults.NewConnectionError):
            return ConnectError(endpoint_url=url, error=error)
        if isinstance(error, faults.ReadTimeoutError):
            return ReadTimeoutError(endpoint_url=url, error=error)
        if isinstance(error, faults.ProtocolError):
            return ConnectionLostError(endpoint_url=url, error=error)
        return TransferError(error=error)


def _trust(verify: bool | str) -> dict[str, object]:
    if verify is False:
        urllib3.disable_warnings(faults.InsecureRequestWarning)
        return {"cert_reqs": "CERT_NONE"}
    return {"cert_reqs": "CERT_REQUIRED", "ca_certs": ca_bundle() if verify is True else verify}


def _to_proxy(proxy: str, config: Mapping[str, Any]) -> dict[str, Any]:
    """How the proxy is spoken to: who we are, and whose certificates are believed."""
    url = urlsplit(proxy)
    options: dict[str, Any] = {
        "proxy_headers": {},
        "use_forwarding_for_https": bool(config.get("proxy_use_forwarding_for_https")),
    }
    if url.username:
        login = f"{unquote(url.username)}:{unquote(url.password or '')}"
        options["proxy_headers"] = urllib3.make_headers(proxy_basic_auth=login)
    bundle, cert = config.get("proxy_ca_bundle"), config.get("proxy_client_cert")
    if url.scheme == "https" and (bundle or cert):
        context = ssl.create_default_context(cafile=bundle)
        if cert:
            context.load_cert_chain(*(cert if isinstance(cert, tuple) else (cert,)))
        options["proxy_ssl_context"] = context
    return options


def _without_password(url: str) -> str:
    """A proxy's URL as an error may show it."""
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
