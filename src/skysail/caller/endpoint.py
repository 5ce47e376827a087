"""Where calls go: to an endpoint that somebody named, else to that of a region."""

from __future__ import annotations

import re
from collections.abc import Mapping
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from skysail.caller.profile import Profile
from skysail.errors import BadEndpointError, InvalidRegionError, SettingError

if TYPE_CHECKING:
    from botocore.config import Config

DEMO_ENDPOINT = "http://127.0.0.1:4571"
SERVE_ENDPOINT = "http://127.0.0.1:4570"
"""Where `skysail serve` is, unless it is told otherwise."""


def named_endpoint(argument: str | None, config: Config | None, profile: Profile) -> str | None:
    """The endpoint that somebody named, the nearest one first, checked; None leaves it to the region.

    Gives an http(s) URL, "local:" or "local:PATH"; "demo" has become the address where a demo is served.
    Raises BadEndpointError, and SettingError for a profile that points at a missing section.
    """
    named = _named(argument, config, profile)
    return None if named is None else _checked(named[0])


def endpoint_source(argument: str | None, profile: Profile) -> str | None:
    """Who named the endpoint: an option, a variable, a profile; None where nobody did. Raises SettingError."""
    named = _named(argument, None, profile)
    return None if named is None else named[1]


def is_local(endpoint_url: str) -> bool:
    """Whether calls stay on this machine: in process, or on a loopback address."""
    if endpoint_url.startswith("local:"):
        return True
    host = urlsplit(endpoint_url).hostname or ""
    return host == "localhost" or (_is_address(host) and ip_address(host).is_loopback)


def before_path(endpoint_url: str) -> str:
    """What stands before the path of a request's URL. A service in this process gets a name for the signature to cover;
    it is one that every local service answers to.
    """
    return "http://localhost" if endpoint_url.startswith("local:") else endpoint_url.rstrip("/")


def is_aws(endpoint_url: str) -> bool:
    """Whether it is one of AWS's own."""
    return re.search(r"(^|\.)amazonaws\.com(\.|$)", urlsplit(endpoint_url).hostname or "") is not None


def checked_region(region: str) -> str:
    """The region, if its name could be part of a host name. Raises InvalidRegionError."""
    if not _REGION.fullmatch(region):
        raise InvalidRegionError(region_name=region)
    return region


def without_fips(region: str) -> str:
    """Old pseudo-regions such as "fips-us-east-1" name a region and a wish; this is the region."""
    return region.replace("fips-", "").replace("-fips", "")


def quick_endpoint(region: str, use_ssl: bool) -> str | None:
    """The plain endpoint of a region of the commercial partition, a known one or not; None for others."""
    if not _COMMERCIAL.fullmatch(region) or without_fips(region) != region:
        return None
    return f"{'https' if use_ssl else 'http'}://lightsail.{region}.amazonaws.com"


# As botocore's, but for the empty name and a trailing line break: with those it makes URLs it then refuses.
_REGION = re.compile(r"(?![0-9]+$)(?!-)[a-zA-Z0-9-]{1,63}(?<!-)")
# Source: botocore's partitions.json; a test holds them equal.
_COMMERCIAL = re.compile(r"(us|eu|ap|sa|ca|me|af|il|mx)-\w+-\d+", re.ASCII)
_HOST = re.compile(r"((?!-)[a-z\d-]{1,63}(?<!-)\.)*(?!-)[a-z\d-]{1,63}(?<!-)\.?", re.ASCII | re.IGNORECASE)


def _named(argument: str | None, config: Config | None, profile: Profile) -> tuple[str, str] | None:
    """The endpoint as it was named, and where."""
    if argument is not None:
        return argument, "the command line"
    is_ignored = getattr(config, "ignore_configured_endpoint_urls", None)
    if is_ignored is None:
        is_ignored = profile.flag("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "ignore_configured_endpoint_urls")
    for variable in _VARIABLES[:1] if is_ignored else _VARIABLES:
        if value := profile.environ.get(variable):
            return value, variable
    if is_ignored:
        return None
    if of_service := _in_services(profile):
        return of_service, f"services of profile {profile.name}"
    if of_profile := profile.values.get("endpoint_url"):
        return of_profile, f"endpoint_url of profile {profile.name}"
    return None


# The first is ours, and is not what AWS's switch to ignore configured endpoints is about.
_VARIABLES = ("SKYSAIL_ENDPOINT", "AWS_ENDPOINT_URL_LIGHTSAIL", "AWS_ENDPOINT_URL")


def _in_services(profile: Profile) -> str | None:
    """The endpoint in the config file's section [services NAME], where the profile says `services = NAME`."""
    if "services" not in profile.values:
        return None
    name = profile.values["services"]
    section = profile.services.get(name)
    if not section:
        raise SettingError(
            error_msg=f'The profile is configured to use the services section but the "{name}" services '
            f"configuration does not exist."
        )
    lightsail = section.get("lightsail")
    return lightsail.get("endpoint_url") if isinstance(lightsail, Mapping) else None


def _checked(endpoint: str) -> str:
    if endpoint == "demo":
        return DEMO_ENDPOINT
    if endpoint.startswith("local:") or _is_http(endpoint):
        return endpoint
    raise BadEndpointError(
        f"endpoint {endpoint!r} cannot be called: give a URL such as https://HOST or http://HOST:PORT, "
        f'"local:" for a service in this process, "local:PATH" for one that keeps its state there, or "demo"'
    )


def _is_http(endpoint: str) -> bool:
    if not endpoint.isprintable() or " " in endpoint:
        return False
    try:
        url = urlsplit(endpoint)
        host = url.hostname or ""
        _ = url.port
    except ValueError:
        return False
    if url.scheme not in ("http", "https") or len(host) > 255:
        return False
    return _HOST.fullmatch(host) is not None or _is_address(host)


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
