"""Where a call goes and as whom: region, endpoint, credentials, timeouts, retries, TLS and proxies.

Sources and their order are botocore's: an argument, a Config, the environment, the profile. What can be had
from these alone is read here, in less than a millisecond; the rest is asked of botocore (`chain.py`), which
costs 170 ms to import. A test holds both ways equal.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, cast, get_args

import botocore

from skysail.caller.chain import ChainCredentials, client_meta
from skysail.caller.credentials import FixedKey, KeySource, from_arguments, from_surroundings
from skysail.caller.endpoint import checked_region, is_local, named_endpoint, quick_endpoint, without_fips
from skysail.caller.profile import Profile
from skysail.caller.proxies import complete_urls, environment_proxies
from skysail.errors import MaxAttemptsError, NoRegionError, RetryModeError, SettingError, UnsupportedError
from skysail.protocol.sigv4 import Key

if TYPE_CHECKING:
    from botocore.config import Config

RetryMode = Literal["legacy", "standard", "adaptive"]


@dataclass(frozen=True, slots=True)
class Settings:
    """All that a client needs to know about its surroundings.

    `endpoint_url` is an http(s) URL, "local:" or "local:PATH". `credentials` is called for each try that is
    signed, and may raise ConfigurationError. Timeouts are seconds. `max_attempts` counts the first try too.
    `verify` is True, False or the path of a CA bundle; `proxies` are URLs by the endpoint's scheme.
    """

    region: str
    endpoint_url: str
    signing_region: str
    credentials: KeySource = field(repr=False)
    connect_timeout_s: float = 60
    read_timeout_s: float = 60
    max_attempts: int = 3
    retry_mode: RetryMode = "standard"
    verify: bool | str = True
    proxies: Mapping[str, str] = field(default_factory=dict, repr=False)  # their URLs may hold passwords
    proxies_config: Mapping[str, Any] = field(default_factory=dict, repr=False)
    client_cert: str | tuple[str, str] | None = None
    max_pool_connections: int = 10
    tcp_keepalive: bool = False
    parameter_validation: bool = True
    user_agent: str | None = None
    user_agent_extra: str | None = None
    user_agent_appid: str | None = None


def resolve(
    *,
    region_name: str | None = None,
    endpoint_url: str | None = None,
    profile_name: str | None = None,
    aws_access_key_id: str | None = None,
    aws_secret_access_key: str | None = None,
    aws_session_token: str | None = None,
    use_ssl: bool = True,
    verify: bool | str | None = None,
    config: Config | None = None,
    environ: Mapping[str, str] = os.environ,
) -> Settings:
    """The settings that boto3.client("lightsail", …) would have with the same arguments and surroundings.

    Beyond boto3: "demo", "local:" and "local:PATH" are endpoints, SKYSAIL_ENDPOINT names one, and an endpoint
    on this machine needs neither region nor credentials. Credentials that must be fetched are fetched when
    first asked for. botocore's chain reads the process's environment, whatever `environ` is.

    Raises ConfigurationError of the kind that fits, UnsupportedError for a signature other than version 4,
    and botocore's own errors where there is none (a file that cannot be parsed, an unknown defaults_mode).
    """
    if getattr(config, "signature_version", None) not in (None, "v4"):
        raise UnsupportedError(
            "Lightsail takes calls signed with version 4 only: leave signature_version out of the Config"
        )
    profile = Profile.read(profile_name, environ)
    region = _region(region_name, config, profile)
    key = from_arguments(aws_access_key_id, aws_secret_access_key, aws_session_token)
    key = key or from_surroundings(profile)
    named = named_endpoint(endpoint_url, config, profile)
    near = named is not None and is_local(named)
    if region is None and near:
        region = _NEAR_REGION
    if region is None:
        raise NoRegionError()
    retry_mode, max_attempts = _retries(config, profile)
    region, url, advised = _place(region, named, use_ssl, config, profile)
    if advised is not None:
        retry_mode, max_attempts = _retries(advised, profile)
    timeouts = config if advised is None else advised
    return Settings(
        region=region,
        endpoint_url=url,
        signing_region=region,
        credentials=key or (_NEAR_KEY if near else ChainCredentials(profile, region)),
        connect_timeout_s=_seconds(timeouts, "connect_timeout"),
        read_timeout_s=_seconds(timeouts, "read_timeout"),
        max_attempts=max_attempts,
        retry_mode=retry_mode,
        verify=_verify(verify, profile),
        proxies=_proxies(url, config, environ),
        proxies_config=getattr(config, "proxies_config", None) or {},
        client_cert=getattr(config, "client_cert", None),
        max_pool_connections=getattr(config, "max_pool_connections", 10),
        tcp_keepalive=_wish(config, "tcp_keepalive", profile, "BOTOCORE_TCP_KEEPALIVE"),
        parameter_validation=_validates_parameters(config, profile),
        user_agent=getattr(config, "user_agent", None),
        user_agent_extra=getattr(config, "user_agent_extra", None),
        user_agent_appid=getattr(config, "user_agent_appid", None)
        or profile.setting("AWS_SDK_UA_APP_ID", "sdk_ua_app_id"),
    )


_NEAR_REGION = "us-east-1"
_NEAR_KEY = FixedKey(Key("local", "local"))
_ATTEMPTS: Mapping[RetryMode, int] = {"legacy": 5, "standard": 3, "adaptive": 3}
# botocore lets no timeout mean "wait for ever", which a number cannot; poll() takes no more than 24 days.
_FOR_EVER_S = 2_000_000.0


def default_retry_mode(botocore_version: str) -> RetryMode:
    """That botocore's. It says so in a module that is slow to import; a test holds the two equal."""
    major, minor, *_ = botocore_version.split(".")
    return "standard" if (int(major), int(minor)) >= (1, 44) else "legacy"


def _region(argument: str | None, config: Config | None, profile: Profile) -> str | None:
    region = argument
    if region is None:
        region = getattr(config, "region_name", None)
    if region is None:
        region = profile.setting("AWS_DEFAULT_REGION", "region")  # AWS_REGION means nothing to botocore
    return None if region is None else checked_region(region)


def _place(
    region: str, named: str | None, use_ssl: bool, config: Config | None, profile: Profile
) -> tuple[str, str, Config | None]:
    """Region and endpoint, and the Config that botocore would work by where a defaults mode shapes it."""
    dual_stack = _wish(config, "use_dualstack_endpoint", profile, "AWS_USE_DUALSTACK_ENDPOINT")
    fips = _wish(config, "use_fips_endpoint", profile, "AWS_USE_FIPS_ENDPOINT")
    smart = _has_smart_defaults(config, profile) and not (named or "").startswith("local:")
    url = named if named or dual_stack or fips else quick_endpoint(region, use_ssl)
    if url is not None and not smart:
        return without_fips(region), url, None
    meta = client_meta(profile, region, url, config, use_ssl=use_ssl, dual_stack=dual_stack, fips=fips)
    return meta.region_name, meta.endpoint_url, meta.config if smart else None


def _wish(config: Config | None, name: str, profile: Profile, variable: str) -> bool:
    """A yes or no that stands under the same name in the Config and in the profile."""
    wish = getattr(config, name, None)
    return profile.flag(variable, name) if wish is None else bool(wish)


def _has_smart_defaults(config: Config | None, profile: Profile) -> bool:
    """Whether a defaults_mode was chosen that has rules of its own; botocore knows them."""
    mode = getattr(config, "defaults_mode", None) or profile.setting("AWS_DEFAULTS_MODE", "defaults_mode")
    return mode is not None and mode.lower() != "legacy"


def _retries(config: Config | None, profile: Profile) -> tuple[RetryMode, int]:
    given = getattr(config, "retries", None) or {}
    mode = given.get("mode")
    if mode is None:
        mode = profile.setting("AWS_RETRY_MODE", "retry_mode")
    if mode is None:
        mode = default_retry_mode(botocore.__version__)
    # In a Config max_attempts counts the tries after the first; everywhere else it counts them all.
    total = given.get("total_max_attempts")
    if total is None and "max_attempts" in given:
        total = given["max_attempts"] + 1
    if total is None:
        total = _number(profile.setting("AWS_MAX_ATTEMPTS", "max_attempts"))
    if total is not None and total < 1:
        raise MaxAttemptsError(provided_max_attempts=total, min_value=1)
    if mode not in get_args(RetryMode):
        raise RetryModeError(provided_retry_mode=mode, valid_modes=get_args(RetryMode))
    checked = cast(RetryMode, mode)  # it is one of the Literal's own values
    return checked, _ATTEMPTS[checked] if total is None else total


def _number(text: str | None) -> int | None:
    try:
        return None if text is None else int(text)
    except ValueError:
        raise SettingError(error_msg=f"AWS_MAX_ATTEMPTS or max_attempts is {text!r}: not a number") from None


def _seconds(config: Config | None, name: str) -> float:
    seconds = getattr(config, name, 60)
    return _FOR_EVER_S if seconds is None else seconds


def _verify(argument: bool | str | None, profile: Profile) -> bool | str:
    verify = argument
    if verify is None:
        verify = profile.setting("AWS_CA_BUNDLE", "ca_bundle")
    if verify is None:
        verify = profile.environ.get("REQUESTS_CA_BUNDLE", True)
    if isinstance(verify, str) and not verify.strip():
        raise SettingError(
            error_msg="the CA bundle (verify, AWS_CA_BUNDLE, ca_bundle or REQUESTS_CA_BUNDLE) is an empty "
            "text: give the path of a file, or unset it"
        )
    return verify


def _proxies(url: str, config: Config | None, environ: Mapping[str, str]) -> dict[str, str]:
    if url.startswith("local:"):
        return {}
    proxies = getattr(config, "proxies", None)
    return environment_proxies(url, environ) if proxies is None else complete_urls(proxies)


def _validates_parameters(config: Config | None, profile: Profile) -> bool:
    if not getattr(config, "parameter_validation", True):
        return False
    return str(profile.values.get("parameter_validation", "true")).lower() == "true"
