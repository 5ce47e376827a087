"""The places of a fleet: whose credentials, and in which region. Naming them asks the network nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from skysail.caller.endpoint import checked_region
from skysail.caller.profile import profile_names
from skysail.errors import InvalidRegionError, ProfileNotFoundError, UsageError
from skysail.protocol.regions import known_regions

_ROLE = re.compile(r"arn:[\w-]+:iam::(?P<account>\d{12}):role/[\w+=,.@/-]+", re.ASCII)
_GLOB = re.compile(r"[*?\[]")


@dataclass(frozen=True, slots=True)
class Login:
    """Whose credentials: a profile's, a role's, those of a key that was given under a name; with none of the three,
    what the surroundings give. It holds names, never a secret.
    """

    profile: str | None = None
    role_arn: str | None = None
    key: str | None = None

    @property
    def account(self) -> str | None:
        """The account's number, where the name alone tells it."""
        role = None if self.role_arn is None else _ROLE.fullmatch(self.role_arn)
        return None if role is None else role["account"]

    def __str__(self) -> str:
        return self.profile or self.role_arn or self.key or "default"


@dataclass(frozen=True, slots=True)
class FleetPlace:
    """One listing of a fleet: a login in a region."""

    login: Login
    region: str

    def __str__(self) -> str:
        return f"{self.login}/{self.region}"


def places(logins: Sequence[Login], regions: Sequence[str]) -> list[FleetPlace]:
    """Every login in every region. Neighbours are of different logins, so that a walk burdens all of them evenly."""
    return [FleetPlace(login, region) for region in regions for login in logins]


def chosen_logins(
    profiles: Iterable[str], role_arns: Iterable[str], keys: Iterable[str], environ: Mapping[str, str]
) -> list[Login]:
    """The logins of these names, each once.

    A profile may be a glob ("prod*") over those in the configuration files. Raises ProfileNotFoundError for a glob that
    fits none, UsageError for a role that is no role's ARN, and botocore's ConfigParseError. A profile's plain name is
    not looked for here: one that is missing fails as a place.
    """
    named = [Login(profile=name) for wanted in _several(profiles, "profiles") for name in _profiles(wanted, environ)]
    named += [Login(role_arn=_checked_role(arn)) for arn in _several(role_arns, "role_arns")]
    named += [Login(key=name) for name in keys]
    return list(dict.fromkeys(named))


def chosen_regions(wanted: str | Iterable[str]) -> list[str]:
    """The regions of these names, each once: "all" and globs ("eu-*") stand for those that botocore lists for
    Lightsail; a plain name may be any. Raises InvalidRegionError, UsageError.
    """
    names = [wanted] if isinstance(wanted, str) else list(wanted)
    found = dict.fromkeys(region for name in names for region in _regions(name))
    if not found:
        raise UsageError('a fleet needs a region: regions="all", or a list such as ["us-east-1", "eu-*"]')
    return list(found)


def _several(names: Iterable[str], argument: str) -> Iterable[str]:
    if isinstance(names, str):
        raise UsageError(f"{argument} is a list of names: [{names!r}], not {names!r}")
    return names


def _profiles(wanted: str, environ: Mapping[str, str]) -> list[str]:
    if not _GLOB.search(wanted):
        return [wanted]
    found = [name for name in profile_names(environ) if fnmatchcase(name, wanted)]
    if not found:
        raise ProfileNotFoundError(profile=wanted)
    return found


def _checked_role(arn: str) -> str:
    if not _ROLE.fullmatch(arn):
        raise UsageError(f"{arn!r} is no role: give its ARN, arn:aws:iam::111122223333:role/NAME")
    return arn


def _regions(wanted: str) -> list[str]:
    if wanted == "all":
        return list(known_regions())
    if not _GLOB.search(wanted):
        return [checked_region(wanted)]
    found = [region for region in known_regions() if fnmatchcase(region, wanted)]
    if not found:
        raise InvalidRegionError(region_name=wanted)
    return found
