"""`skysail.fleet(…)`: places from names, where to begin, and a walk on both."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

from skysail.caller.fleet.checkpoint import Checkpoint
from skysail.caller.fleet.clients import Connections, Reach
from skysail.caller.fleet.fleet import Fleet, FleetPlan
from skysail.caller.fleet.ledger import opened
from skysail.caller.fleet.places import FleetPlace, Login, chosen_logins, chosen_regions, places
from skysail.caller.fleet.roles import organization_roles
from skysail.caller.fleet.token import FleetState
from skysail.caller.fleet.walk import Rules
from skysail.errors import UsageError
from skysail.opening import open_async_transport, open_transport
from skysail.protocol.sigv4 import Key
from skysail.world import World

SOCKETS = Connections(open_transport, open_async_transport)


def fleet(
    operation: str = "get_instances",
    *,
    regions: str | Iterable[str] | None = None,
    profiles: Sequence[str] = (),
    role_arns: Sequence[str] = (),
    organization_role: str | None = None,
    source_profile: str | None = None,
    keys: Mapping[str, Sequence[str]] | None = None,
    arguments: Mapping[str, Any] | None = None,
    fields: Iterable[str] | None = None,
    max_items: int | None = None,
    starting_token: str | None = None,
    checkpoint: str | os.PathLike[str] | None = None,
    auto_acknowledge: bool = True,
    on_failure: Literal["collect", "raise"] = "collect",
    concurrency: int = 16,
    patience_s: float = 300,
    endpoint_url: str | None = None,
    verify: bool | str | None = None,
    config: Any = None,
    role_options: Mapping[str, Any] | None = None,
    world: World | None = None,
    connections: Connections = SOCKETS,
) -> Fleet:
    """A walk over many accounts and regions at once: `for page in skysail.fleet(profiles=["prod*"])`, or `async for`.

    Where: every login in each of `regions`, which are names and globs over those that botocore lists for Lightsail, or
    "all" of these, the default. Logins are `profiles` (globs too), `role_arns`, the role `organization_role` in each
    account of the organization, and `keys` (key id, secret and perhaps session token, under names of your own). Roles
    are assumed with `source_profile`'s credentials, and `role_options` go to AssumeRole. Without any of these there is
    one login: the surroundings' credentials, as `client` has them.

    What: `operation`, any that is listed in pages, with `arguments`; of its items the dotted `fields` alone, where
    given; at most `max_items` in one loop.

    On from where: `starting_token`, or the file `checkpoint`, which is made where there is none. The places are then
    either chosen as at first, or not at all: they stand in the token and in the file. Keys are always given again.

    How: `concurrency` calls at a time, slower for each account when it says "too fast"; a place is given up when one
    page has been refused so for `patience_s` seconds. Failures are collected by place, or the first of them is raised.

    Nothing is sent yet, unless an organization is asked for its accounts. Raises UsageError, ConfigurationError
    (CheckpointError, ProfileNotFoundError, InvalidRegionError), NotPageableError, ParameterError.
    """
    if concurrency < 1:
        raise UsageError(f"concurrency is {concurrency}: give 1 or more")
    named = {name: Key(*key) for name, key in (keys or {}).items()}
    reach = Reach(
        connections,
        endpoint_url=endpoint_url,
        source_profile=source_profile,
        keys=named,
        role_options=dict(role_options or {}),
        verify=verify,
        config=config,
    )
    rules = Rules(concurrency, patience_s, max_items, raises=on_failure == "raise")
    plan = FleetPlan(operation, reach, rules, None if fields is None else tuple(fields))
    chosen = chosen_places(regions, profiles, role_arns, organization_role, source_profile, named)
    starting = None if starting_token is None else FleetState.of_token(starting_token)
    ledger = opened(
        FleetState(plan.listed.name, dict(arguments or {}), dict.fromkeys(chosen)),
        None if checkpoint is None else Checkpoint(checkpoint),
        starting=starting,
        is_chosen=regions is not None or bool(profiles or role_arns or organization_role),
    )
    return Fleet(plan, ledger, auto_acknowledge=auto_acknowledge, world=world)


def chosen_places(
    regions: str | Iterable[str] | None = None,
    profiles: Sequence[str] = (),
    role_arns: Sequence[str] = (),
    organization_role: str | None = None,
    source_profile: str | None = None,
    keys: Iterable[str] = (),
) -> list[FleetPlace]:
    """Every login in every region, as `fleet` takes them. Raises what it does."""
    logins = chosen_logins(profiles, role_arns, keys, os.environ)
    if organization_role is not None:
        logins += _organization(organization_role, source_profile)
    return places(logins or [Login()], chosen_regions("all" if regions is None else regions))


def _organization(role_name: str, source_profile: str | None) -> list[Login]:
    """The role in each account, and the account that asks as it is: there is no role to assume in it."""
    is_member, roles = organization_roles(role_name, source_profile)
    return [*([Login(profile=source_profile)] if is_member else []), *(Login(role_arn=arn) for arn in roles)]
