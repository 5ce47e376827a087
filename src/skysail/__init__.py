"""skysail: list, walk and rehearse Amazon Lightsail.

    import skysail
    client = skysail.client("lightsail", region_name="us-east-1", endpoint_url="local:")

The names below are loaded when they are first used, so that importing the package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from skysail.version import VERSION as __version__

if TYPE_CHECKING:
    from skysail import errors as errors
    from skysail.caller.aio import AsyncClient
    from skysail.caller.sync import Client
    from skysail.caller.truthful import truthful
    from skysail.errors import ServiceError, SkysailError
    from skysail.fleets import fleet
    from skysail.mocking.mock import mock
    from skysail.opening import async_client, client, server_handle
    from skysail.seeds.fleets import seed

__all__ = [
    "AsyncClient",
    "Client",
    "ServiceError",
    "SkysailError",
    "__version__",
    "async_client",
    "client",
    "fleet",
    "mock",
    "seed",
    "server_handle",
    "truthful",
]

_HOMES = {
    "AsyncClient": "skysail.caller.aio",
    "Client": "skysail.caller.sync",
    "ServiceError": "skysail.errors",
    "SkysailError": "skysail.errors",
    "async_client": "skysail.opening",
    "client": "skysail.opening",
    "fleet": "skysail.fleets",
    "mock": "skysail.mocking.mock",
    "seed": "skysail.seeds.fleets",
    "server_handle": "skysail.opening",
    "truthful": "skysail.caller.truthful",
}


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(home), name)


def __dir__() -> list[str]:
    return __all__
