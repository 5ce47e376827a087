"""The client that a test is given, and the Lightsail behind it: a mock's, a running server's, or AWS's."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from inspect import signature
from typing import Any

from skysail.caller.endpoint import is_aws
from skysail.caller.handle import ServerCalls, ServerClock, ServerFaults, ServerHandle, ServerUnreadPages
from skysail.caller.settings import Settings, resolve
from skysail.caller.sync import Client
from skysail.caller.transport import InProcess, Transport
from skysail.errors import NotLocalError, ServiceError, UsageError
from skysail.mocking import surroundings
from skysail.mocking.all_pages import smallest
from skysail.mocking.mock import mock
from skysail.opening import open_transport, server_handle
from skysail.protocol.sigv4 import Key
from skysail.server import LocalLightsail
from skysail.service.calls import Calls
from skysail.service.clock import Clock
from skysail.service.faults import Faults
from skysail.service.identity import account_number
from skysail.service.unread_pages import UnreadPages
from skysail.world import World, system_world

REAL = "real"
"""The endpoint that is AWS's own."""
Handle = LocalLightsail | ServerHandle


class ClientUnderTest(Client):
    """A client of Lightsail, with what only a local one has: `clock`, `faults`, `calls`, `unread_pages`.

    They are those of `service`, and raise NotLocalError where the tests run on AWS.
    """

    def __init__(self, settings: Settings, transport: Transport, world: World, service: Handle | None) -> None:
        super().__init__(settings, transport, world)
        self._service = service

    @property
    def is_local(self) -> bool:
        """Whether it is a mock or a `skysail serve`, and not AWS."""
        return self._service is not None

    @property
    def service(self) -> Handle:
        """All that a local Lightsail has beside its operations. Raises NotLocalError on AWS."""
        if self._service is None:
            raise NotLocalError("clock, faults, calls and unread pages are a local Lightsail's, and this is AWS's")
        return self._service

    @property
    def clock(self) -> Clock | ServerClock:
        """The service's time. Raises NotLocalError on AWS, as the following do."""
        return self.service.clock

    @property
    def faults(self) -> Faults | ServerFaults:
        """What is to go wrong."""
        return self.service.faults

    @property
    def calls(self) -> Calls | ServerCalls:
        """What was asked."""
        return self.service.calls

    @property
    def unread_pages(self) -> UnreadPages | ServerUnreadPages:
        """Answers whose next page nobody asked for."""
        return self.service.unread_pages


@contextmanager
def under_test(endpoint: str | None, options: Mapping[str, Any]) -> Iterator[ClientUnderTest]:
    """A client on a new mock with these options of `mock()`, or at an endpoint: a server's URL, or "real".

    A server is asked with keys of an account that nobody has used, by all clients of the block; what else options wish
    for is not a server's to give. Raises UsageError for options that there are not.
    """
    known = signature(mock).parameters
    if unknown := sorted(options.keys() - known.keys()):
        raise UsageError(f"there is no option {', '.join(unknown)}; there are {', '.join(known)}")
    if endpoint is None:
        opened = _in_mock(options)
    elif endpoint == REAL or is_aws(endpoint):
        opened = _at_aws(None if endpoint == REAL else endpoint, options.get("region"))
    else:
        opened = _at_server(endpoint, options.get("region"))
    with opened as client:
        yield client


@contextmanager
def _in_mock(options: Mapping[str, Any]) -> Iterator[ClientUnderTest]:
    # Whoever runs the test asks for unread pages while the test is still the one to fail.
    page_size = smallest(options.get("page_size"), bool(options.get("all_pages")))
    with mock(**{**options, "page_size": page_size, "all_pages": False}) as local:
        region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or "us-east-1"
        key = Key(surroundings.ACCESS_KEY_ID, surroundings.SECRET_ACCESS_KEY)
        way = InProcess(local.service.answer, local.world.sleep)
        yield ClientUnderTest(Settings(region, "local:", region, lambda: key), way, local.world, local)


@contextmanager
def _at_server(endpoint: str, region: str | None) -> Iterator[ClientUnderTest]:
    account = account_number(system_world().new_id())  # such a key is its own account's number
    with _as_account(account, endpoint, region):
        handle = server_handle(endpoint)
        try:
            handle.clock.now()
        except ServiceError as refused:
            raise UsageError(
                f"{endpoint} lists its keys, and each test has an account of its own: serve without keys"
            ) from refused
        yield _client(endpoint, region, handle.of(account))


@contextmanager
def _at_aws(endpoint: str | None, region: str | None) -> Iterator[ClientUnderTest]:
    with _client(endpoint, region, None) as client:
        yield client


def _client(endpoint: str | None, region: str | None, handle: ServerHandle | None) -> ClientUnderTest:
    settings = resolve(environ=os.environ, region_name=region, endpoint_url=endpoint)
    return ClientUnderTest(settings, open_transport(settings), system_world(), handle)


@contextmanager
def _as_account(account: str, endpoint: str, region: str | None) -> Iterator[None]:
    """Have clients that are made in the block, in processes that it starts too, call the server as that account."""
    surroundings.enter(region)
    try:
        os.environ |= {"AWS_ACCESS_KEY_ID": account, "AWS_SECRET_ACCESS_KEY": "local", **endpoint_variables(endpoint)}
        if "boto3" in sys.modules:
            sys.modules["boto3"].DEFAULT_SESSION = None  # type: ignore[attr-defined]  # it has other keys
        yield
    finally:
        surroundings.leave()


def endpoint_variables(url: str) -> dict[str, str]:
    """What sends SDKs and the AWS CLI to a server."""
    return {"AWS_ENDPOINT_URL_LIGHTSAIL": url, "AWS_ENDPOINT_URL_STS": url}
