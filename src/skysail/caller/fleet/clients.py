"""How the places of a fleet are reached: settings, keys and connections, each as few as can be.

A login's key is looked for once, whatever the number of its regions; connections to one endpoint are shared by all
logins. Everything here may be asked by many threads at once.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from threading import Lock
from typing import Any, Generic, NamedTuple, TypeVar

from botocore import exceptions as botocore

from skysail.caller.credentials import FixedKey, KeySource
from skysail.caller.fleet.identity import account_of
from skysail.caller.fleet.places import FleetPlace, Login
from skysail.caller.fleet.roles import RoleCredentials
from skysail.caller.fleet.walk import Outcome
from skysail.caller.settings import Settings, resolve
from skysail.caller.sync import Client
from skysail.caller.transport import AsyncTransport, Transport
from skysail.errors import NoRegionError, SkysailError, UsageError
from skysail.protocol.members import Members
from skysail.protocol.sigv4 import Key
from skysail.world import World

FAILURES = (SkysailError, botocore.BotoCoreError, botocore.ClientError, OSError)
"""What a place may fail with: the service, the way there, the configuration, a source of credentials."""

_CONNECT_TIMEOUT_S = 10.0


class Connections(NamedTuple):
    """What opens a transport for settings, for threads and for tasks. To go to another process they must be functions
    that can be found by name."""

    open: Callable[[Settings], Transport]
    open_async: Callable[[Settings], AsyncTransport]


@dataclass(frozen=True, slots=True)
class Reach:
    """What is needed to reach a fleet's places besides their names.

    `keys` are the keys of logins that go by a name of their own. `role_options` go to AssumeRole. `config` is a
    botocore Config. Without one, connecting takes 10 seconds at most, so that a dead region is told from the rest soon.
    """

    connections: Connections
    endpoint_url: str | None = None
    source_profile: str | None = None
    keys: Mapping[str, Key] = field(default_factory=dict, repr=False)
    role_options: Mapping[str, Any] = field(default_factory=dict)
    verify: bool | str | None = None
    config: Any = None


AnyTransport = TypeVar("AnyTransport")


class Places(Generic[AnyTransport]):
    """Settings, keys and transports of places, made when first needed."""

    def __init__(self, reach: Reach, open_transport: Callable[[Settings], AnyTransport], connections: int) -> None:
        self._reach = reach
        self._open = open_transport
        self._connections = connections
        self._keys: dict[Login, KeySource] = {}
        self._transports: dict[tuple[Any, ...], AnyTransport] = {}
        self._lock = Lock()

    def settings(self, place: FleetPlace) -> Settings:
        """Those of a client for this place. Raises ConfigurationError, and botocore's errors."""
        settings = self._resolved(place.login, place.region)
        if self._reach.config is None:
            settings = replace(settings, connect_timeout_s=_CONNECT_TIMEOUT_S)
        return replace(
            settings,
            credentials=self._key(place.login, settings.credentials),
            max_pool_connections=self._connections,
            retry_mode="standard",
        )

    def transport(self, settings: Settings) -> AnyTransport:
        """Connections to the settings' endpoint."""
        kind = (settings.endpoint_url, settings.verify, settings.client_cert, tuple(sorted(settings.proxies.items())))
        with self._lock:
            if kind not in self._transports:
                self._transports[kind] = self._open(settings)
            return self._transports[kind]

    def transports(self) -> list[AnyTransport]:
        """All that were opened; they are this object's no longer."""
        with self._lock:
            opened = list(self._transports.values())
            self._transports.clear()
        return opened

    def _resolved(self, login: Login, region: str | None) -> Settings:
        reach = self._reach
        key = self._named_key(login)
        return resolve(
            region_name=region,
            endpoint_url=reach.endpoint_url,
            profile_name=login.profile or (reach.source_profile if login.role_arn else None),
            aws_access_key_id=None if key is None else key.access_key_id,
            aws_secret_access_key=None if key is None else key.secret_access_key,
            aws_session_token=None if key is None else key.session_token,
            verify=reach.verify,
            config=reach.config,
            environ=os.environ,
        )

    def _named_key(self, login: Login) -> Key | None:
        if login.key is None:
            return None
        try:
            return self._reach.keys[login.key]
        except KeyError:
            raise UsageError(f"there is no key {login.key!r}: give it again, keys={{{login.key!r}: …}}") from None

    def _key(self, login: Login, resolved: KeySource) -> KeySource:
        if isinstance(resolved, FixedKey) and login.role_arn is None:
            return resolved
        with self._lock:
            if login not in self._keys:
                self._keys[login] = _Shared(self._source(login))
            return self._keys[login]

    def _source(self, login: Login) -> KeySource:
        """A key that is fetched, in the region that the profile names: any other may not be enabled."""
        if login.role_arn is not None:
            return RoleCredentials(login.role_arn, self._reach.source_profile, self._reach.role_options)
        try:
            return self._resolved(login, None).credentials
        except NoRegionError:
            return self._resolved(login, "us-east-1").credentials


class _Shared:
    """A key source whose first failure is final: a login that cannot be had is asked for once, not in every region."""

    def __init__(self, source: KeySource) -> None:
        self._source = source
        self._failure: Exception | None = None
        self._is_proven = False
        self._lock = Lock()

    def __call__(self) -> Key:
        if not self._is_proven:
            with self._lock:
                return self._first()
        return self._source()

    def _first(self) -> Key:
        if self._failure is not None:
            raise self._failure.with_traceback(None)
        try:
            key = self._source()
        except FAILURES as error:
            self._failure = error
            raise
        self._is_proven = True
        return key


class Clients:
    """Calls places of a fleet, from threads."""

    def __init__(self, reach: Reach, operation: str, members: Members, concurrency: int, world: World) -> None:
        self._open = reach.connections.open
        self._places = Places(reach, self._open, concurrency)
        self._method = operation
        self._members = members
        self._world = world
        self._known: dict[FleetPlace, tuple[Callable[..., dict[str, Any]], int]] = {}

    def call(self, place: FleetPlace, arguments: dict[str, Any]) -> Outcome:
        """One call of the operation, tried once."""
        began, attempts = self._world.now(), 1
        try:
            method, attempts = self._known.get(place) or self._opened(place)
            return Outcome(place, began, answer=method(**arguments))
        except FAILURES as error:
            return Outcome(place, began, error=error, max_attempts=attempts)

    def account(self, place: FleetPlace) -> str | None:
        """The number of the place's account, as STS tells it; None where it does not."""
        try:
            return account_of(self._places.settings(place), self._open, self._world.now())
        except FAILURES:
            return None

    def close(self) -> None:
        self._known.clear()
        for transport in self._places.transports():
            transport.close()

    def _opened(self, place: FleetPlace) -> tuple[Callable[..., dict[str, Any]], int]:
        settings = self._places.settings(place)
        # Each call is tried once: what is tried again, and when, is for the walk to say.
        client = Client(replace(settings, max_attempts=1), self._places.transport(settings), self._world)
        method = getattr(client, self._method).narrowed(self._members)
        self._known[place] = method, settings.max_attempts
        return self._known[place]
