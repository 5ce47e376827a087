"""How botocore's clients come to a mock: by the events that botocore has for those who stand in for its parts.

`choose-signer` lets a client without any keys call; `before-sign` signs in its place; `before-send` answers in the
network's. Handlers are put in once a process, for all sessions to come (in botocore's list of built-in handlers) and
for the sessions and clients that are there; without an open mock they do nothing. aiobotocore has the same events.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from importlib import import_module
from io import BytesIO
from threading import Lock
from time import time
from typing import Any
from urllib.parse import urlsplit

import botocore
from botocore import handlers
from botocore.awsrequest import AWSResponse
from botocore.client import BaseClient
from botocore.compat import HTTPHeaders
from botocore.session import Session

from skysail.errors import ConnectionLostError
from skysail.mocking import in_force
from skysail.mocking.outside import is_moto_active, refused
from skysail.mocking.surroundings import ACCESS_KEY_ID, SECRET_ACCESS_KEY
from skysail.protocol.message import Request
from skysail.protocol.sigv4 import Key, sign

_KEY = Key(ACCESS_KEY_ID, SECRET_ACCESS_KEY)
_OF_A_SIGNATURE = ("authorization", "x-amz-date", "x-amz-security-token", "x-amz-content-sha256")
_IN_ADVANCE = ("-query", "-presign-post")
"""Of a signature for a URL or a form that somebody else sends."""
_lock = Lock()
_is_installed = False


def install() -> None:
    """Put the handlers in, where they are not yet."""
    global _is_installed
    with _lock:
        if _is_installed:
            return
        events = {"choose-signer": _choose_signer, "before-sign": _before_sign, "before-send": _before_send}
        for event, handler in events.items():
            handlers.BUILTIN_HANDLERS.append((event, handler, handlers.REGISTER_FIRST))
        for emitter in _emitters():
            for event, handler in events.items():
                emitter.register_first(event, handler)
        _is_installed = True


def _emitters() -> list[Any]:
    """Those of all sessions and clients that are there. A client's is a copy of its session's, made with the client."""
    kinds: dict[type, bool] = {}
    found = []
    for thing in gc.get_objects():
        kind = type(thing)
        if kind not in kinds:
            kinds[kind] = issubclass(kind, BaseClient | Session)
        if kinds[kind]:
            found.append(thing.meta.events if isinstance(thing, BaseClient) else thing.get_component("event_emitter"))
    return found


def _choose_signer(event_name: str, signature_version: Any, **rest: Any) -> Any:
    if _taking(event_name) is None or (isinstance(signature_version, str) and signature_version.endswith("-query")):
        return None  # a URL that is signed in advance is not sent
    return botocore.UNSIGNED


def _before_sign(event_name: str, request: Any, region_name: str | None, signature_version: Any, **rest: Any) -> None:
    """Sign with keys that open nothing: what the client has may be old, or cost a request to be made.

    What is nobody's here is refused by its name before it can fail for want of keys.
    """
    if signature_version is not botocore.UNSIGNED or _taking(event_name) is None:
        if not str(signature_version).endswith(_IN_ADVANCE):
            _check(event_name, request.url)
        return
    region = request.context.get("signing", {}).get("region") or region_name or "us-east-1"
    signed = sign(_request(request), _KEY, region, event_name.split(".")[1], time())
    for name in _OF_A_SIGNATURE:
        del request.headers[name]
        if name in signed.headers:
            request.headers[name] = signed.headers[name]


def _before_send(event_name: str, request: Any, **rest: Any) -> Any:
    mock = in_force.current()
    if mock is None:
        return None
    _, service, operation = event_name.split(".")
    if mock.lets_out(service, request.url) or not _is_taken(mock, service, operation):
        _check(event_name, request.url)
        return None
    local = mock.local
    response = local.service.answer(_request(request))
    if sys._getframe(1).f_globals["__name__"].startswith("aiobotocore."):
        return import_module("skysail.mocking.aiobotocore_answer").answered(response, request.url, local.world.asleep)
    if response.delay_s:
        local.world.sleep(response.delay_s)
    if response.is_cut:
        raise ConnectionLostError(endpoint_url=request.url, error="a fault that was asked for")
    return AWSResponse(request.url, response.status, HTTPHeaders.from_dict(response.headers), _Octets(response.body))


def _check(event_name: str, url: str) -> None:
    """Raises OutsideMockError for a call that neither the mock answers, nor moto, nor anybody let out."""
    mock = in_force.current()
    if mock is None:
        return
    _, service, operation = event_name.split(".")
    if not (mock.lets_out(service, url) or _is_taken(mock, service, operation) or is_moto_active()):
        raise refused(service, operation)


def _taking(event_name: str) -> in_force.Opened | None:
    """The mock that answers the operation of an event; None where nobody does."""
    mock = in_force.current()
    if mock is None:
        return None
    _, service, operation = event_name.split(".")
    return mock if _is_taken(mock, service, operation) else None


def _is_taken(mock: in_force.Opened, service: str, operation: str) -> bool:
    """Beside moto, which has all of STS, Lightsail alone is ours: who calls is then for moto to say."""
    return mock.takes(service, operation) and (service == "lightsail" or not is_moto_active())


def _request(request: Any) -> Request:
    body = request.body or b""
    headers = {
        name.lower(): value.decode("latin-1") if isinstance(value, bytes) else str(value)
        for name, value in request.headers.items()
    }
    # What a socket would have added, and a signature covers.
    headers.setdefault("host", urlsplit(request.url).netloc)
    return Request(request.method, request.url, headers, body.encode() if isinstance(body, str) else bytes(body))


class _Octets(BytesIO):
    """A body as urllib3's responses give it."""

    def stream(self, **rest: Any) -> Iterator[bytes]:
        yield self.read()
