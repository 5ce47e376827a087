"""`skysail.client(…)`: settings from arguments and surroundings, a transport for the endpoint, a client on both.

And `skysail.server_handle(…)`, by the same sources.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any

from skysail.caller.endpoint import SERVE_ENDPOINT, is_aws, named_endpoint
from skysail.caller.profile import Profile
from skysail.caller.settings import Settings, resolve
from skysail.caller.sync import Client
from skysail.caller.transport import AsyncInProcess, AsyncTransport, InProcess, Transport
from skysail.errors import UnknownServiceError, UnsupportedError
from skysail.protocol.message import Request, Response
from skysail.world import World, system_world

if TYPE_CHECKING:
    from skysail.caller.aio import AsyncClient
    from skysail.caller.handle import ServerHandle

_API_VERSION = "2016-11-28"


def client(
    service_name: str = "lightsail",
    region_name: str | None = None,
    *,
    endpoint_url: str | None = None,
    profile_name: str | None = None,
    aws_access_key_id: str | None = None,
    aws_secret_access_key: str | None = None,
    aws_session_token: str | None = None,
    config: Any = None,
    use_ssl: bool = True,
    verify: bool | str | None = None,
    api_version: str | None = None,
    world: World | None = None,
) -> Client:
    """A client for Lightsail, with boto3's arguments and boto3's sources for what is not given.

        client = skysail.client("lightsail", region_name="us-east-1")

    `endpoint_url` may also be "local:" (a Lightsail in this process, in memory), "local:./fleet.db" (in a file) or
    "demo" (what `skysail demo` serves). `profile_name` is what boto3 has on its Session. `config` is a botocore Config;
    its timeouts are in seconds. `verify` is False, or the path of a CA bundle; `use_ssl=False` calls AWS without TLS.
    `world` brings another clock, sleep and chance: for tests.

    Nothing is sent yet. Raises ConfigurationError (NoRegionError, ProfileNotFoundError, PartialCredentialsError,
    BadEndpointError, InvalidRegionError, SettingError, RetryModeError, MaxAttemptsError), UnknownServiceError,
    UnsupportedError for another `api_version` and for what of `config` is not here, and StoreError for a "local:" file.

    Its methods raise ParameterError (before anything is sent), NoCredentialsError, ServiceError, TransportError and
    AnswerError.
    """
    settings = _settings(
        service_name,
        api_version,
        region_name=region_name,
        endpoint_url=endpoint_url,
        profile_name=profile_name,
        aws_access_key_id=aws_access_key_id,
        aws_secret_access_key=aws_secret_access_key,
        aws_session_token=aws_session_token,
        use_ssl=use_ssl,
        verify=verify,
        config=config,
    )
    return Client(settings, open_transport(settings), world or system_world())


def async_client(
    service_name: str = "lightsail",
    region_name: str | None = None,
    *,
    endpoint_url: str | None = None,
    profile_name: str | None = None,
    aws_access_key_id: str | None = None,
    aws_secret_access_key: str | None = None,
    aws_session_token: str | None = None,
    config: Any = None,
    use_ssl: bool = True,
    verify: bool | str | None = None,
    api_version: str | None = None,
    world: World | None = None,
) -> AsyncClient:
    """The same, awaited: `async with skysail.async_client("lightsail", …) as client`, with the arguments of `client`.

    Over a network it needs the extra `skysail[async]`. Raises what `client` does, and UnsupportedError without it.
    """
    settings = _settings(
        service_name,
        api_version,
        region_name=region_name,
        endpoint_url=endpoint_url,
        profile_name=profile_name,
        aws_access_key_id=aws_access_key_id,
        aws_secret_access_key=aws_secret_access_key,
        aws_session_token=aws_session_token,
        use_ssl=use_ssl,
        verify=verify,
        config=config,
    )
    asynchronous = import_module("skysail.caller.aio").AsyncClient  # late: asyncio costs 20 ms
    made: AsyncClient = asynchronous(settings, open_async_transport(settings), world or system_world())
    return made


def server_handle(
    endpoint_url: str | None = None,
    *,
    profile_name: str | None = None,
    aws_access_key_id: str | None = None,
    aws_secret_access_key: str | None = None,
    world: World | None = None,
) -> ServerHandle:
    """Clock, faults, calls and reset of a `skysail serve`, by the names that a `LocalLightsail` has them.

    Without `endpoint_url` it is the server that a client's calls would go to, else the one on `skysail serve`'s own
    port. A server that lists keys wants one with `admin = true`. Times are in seconds since 1970, UTC.

        skysail.server_handle().clock.advance(minutes=5)

    Nothing is sent yet. Raises ConfigurationError; UnsupportedError where the endpoint is AWS's.
    """
    named = named_endpoint(endpoint_url, None, Profile.read(profile_name, os.environ))
    settings = resolve(
        region_name="us-east-1",  # the key alone matters
        endpoint_url=named or SERVE_ENDPOINT,
        profile_name=profile_name,
        aws_access_key_id=aws_access_key_id,
        aws_secret_access_key=aws_secret_access_key,
        environ=os.environ,
    )
    url = settings.endpoint_url
    if is_aws(url):
        raise UnsupportedError(f"clock, faults, calls and reset are a local service's, and {url} is AWS's; --endpoint")
    handle = import_module("skysail.caller.handle").ServerHandle  # late: most programs have none
    made: ServerHandle = handle(url, open_transport(settings), settings.credentials, (world or system_world()).now)
    return made


def _settings(service_name: str, api_version: str | None, **given: Any) -> Settings:
    if service_name != "lightsail":
        raise UnknownServiceError(service_name=service_name, known_service_names=["lightsail"])
    if api_version not in (None, _API_VERSION):
        raise UnsupportedError(f"Lightsail's API has one version, {_API_VERSION}: leave api_version out")
    return resolve(environ=os.environ, **given)


def open_transport(settings: Settings) -> Transport:
    """What carries requests to the settings' endpoint. Each way in is loaded when it is needed, and only then."""
    if settings.endpoint_url.startswith("local:"):
        transport: Transport = InProcess(*_shared(settings))
    else:
        transport = import_module("skysail.caller.http").HttpTransport(**_to_endpoint(settings))
    return transport


def open_async_transport(settings: Settings) -> AsyncTransport:
    """The same for an asynchronous client."""
    if settings.endpoint_url.startswith("local:"):
        return AsyncInProcess(*_shared(settings))
    try:
        transport: AsyncTransport = import_module("skysail.caller.aio_http").AioHttpTransport(**_to_endpoint(settings))
    except ModuleNotFoundError as error:
        if error.name not in ("aiohttp", "yarl"):
            raise
        raise UnsupportedError("the asynchronous client needs aiohttp: pip install 'skysail[async]'") from error
    return transport


def _shared(settings: Settings) -> tuple[Callable[[Request], Response], Callable[[float], None]]:
    """What answers in this process, and how it has an answer be late."""
    local = import_module("skysail.server").shared(settings.endpoint_url)
    return local.service.answer, local.world.sleep


def _to_endpoint(settings: Settings) -> dict[str, Any]:
    return {
        "endpoint_url": settings.endpoint_url,
        "connect_timeout_s": settings.connect_timeout_s,
        "read_timeout_s": settings.read_timeout_s,
        "max_connections": settings.max_pool_connections,
        "verify": settings.verify,
        "proxies": settings.proxies,
        "proxies_config": settings.proxies_config,
        "client_cert": settings.client_cert,
        "keep_alive": settings.tcp_keepalive,
    }
