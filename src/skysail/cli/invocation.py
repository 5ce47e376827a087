"""One call of the command line: what it was given, and the outside it may touch.

Commands find it as click's context object. A test passes one with a clock and a service of its own.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from skysail.world import World, system_world

if TYPE_CHECKING:
    from skysail.caller.fleet.fleet import Fleet
    from skysail.caller.handle import ServerHandle
    from skysail.caller.sync import Client

Colour = Literal["auto", "always", "never"]


def connect(*, region_name: str | None, profile_name: str | None, endpoint_url: str | None) -> Client:
    """A client for what the options name, else for what environment and profile say. Raises ConfigurationError."""
    # Late: `--help`, `--version` and wrong usage need no client.
    from skysail.opening import client

    return client("lightsail", region_name, profile_name=profile_name, endpoint_url=endpoint_url)


def fleet(**options: Any) -> Fleet:
    """A walk over many places; the options are those of `skysail.fleet`. Raises UsageError, ConfigurationError."""
    # Late, as above.
    from skysail.fleets import fleet

    return fleet(**options)


def administer(*, profile_name: str | None, endpoint_url: str | None) -> ServerHandle:
    """A local server's clock, faults, calls and reset. Raises ConfigurationError, UnsupportedError."""
    # Late, as above.
    from skysail.opening import server_handle

    return server_handle(endpoint_url, profile_name=profile_name)


@dataclass(slots=True)
class Invocation:
    """`arguments` are as they were typed, without the program's name; `color`, `debug` and `is_json` (errors are to
    be JSON too) are set as the options are read.
    """

    arguments: Sequence[str] = ()
    world: World = field(default_factory=system_world)
    connect: Callable[..., Client] = connect
    fleet: Callable[..., Fleet] = fleet
    administer: Callable[..., ServerHandle] = administer
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ)
    color: Colour = "auto"
    debug: bool = False
    quiet: bool = False
    verbose: bool = False
    is_json: bool = False
