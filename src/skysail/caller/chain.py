"""botocore's own search, for what the quick sources do not know: roles, SSO, processes, instance metadata;
partitions other than the commercial one, FIPS and dual stack; smart defaults.

It is slow to import, so it is imported where it is first needed. It reads the process's environment, except
for what the profile and the region were already found to be.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING

from botocore import exceptions as botocore

from skysail.caller.profile import Profile
from skysail.errors import (
    ConfigurationError,
    InvalidRegionError,
    MaxAttemptsError,
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
    ProfileNotFoundError,
    RetryModeError,
    SettingError,
)
from skysail.protocol.sigv4 import Key

if TYPE_CHECKING:
    from botocore.client import ClientMeta
    from botocore.config import Config
    from botocore.credentials import Credentials
    from botocore.session import Session


class ChainCredentials:
    """The key that botocore's chain finds: searched for at the first call, renewed by botocore as it expires.

    Any number of threads may call it. Raises NoCredentialsError if there is none, and the next call searches
    again; other faults are those of the source that was found.
    """

    def __init__(self, profile: Profile, region: str) -> None:
        self._profile = profile
        self._region = region
        self._found: Credentials | None = None
        self._lock = Lock()

    def __call__(self) -> Key:
        with our_errors():
            frozen = self._credentials().get_frozen_credentials()
        if frozen.access_key is None or frozen.secret_key is None:
            raise NoCredentialsError()
        return Key(frozen.access_key, frozen.secret_key, frozen.token or None)

    def _credentials(self) -> Credentials:
        with self._lock:
            if self._found is None:
                self._found = session_of(self._profile, self._region).get_credentials()
            if self._found is None:
                raise NoCredentialsError()
            return self._found


def client_meta(
    profile: Profile,
    region: str,
    endpoint_url: str | None,
    config: Config | None,
    *,
    use_ssl: bool,
    dual_stack: bool,
    fips: bool,
) -> ClientMeta:
    """What a Lightsail client of botocore's settles on. It is made with a key of no meaning, never used."""
    with our_errors():
        session = session_of(profile, region)
        # All three were already decided, from an environment that need not be the process's.
        session.set_config_variable("use_dualstack_endpoint", dual_stack)
        session.set_config_variable("use_fips_endpoint", fips)
        session.set_config_variable("ignore_configured_endpoint_urls", True)
        client = session.create_client(
            "lightsail",
            region_name=region,
            endpoint_url=endpoint_url,
            use_ssl=use_ssl,
            config=config,
            aws_access_key_id="unused",
            aws_secret_access_key="unused",
        )
        return client.meta


@contextmanager
def our_errors() -> Iterator[None]:
    """Raise botocore's configuration errors as their subclasses in `errors.py`, where there is one."""
    try:
        yield
    except ConfigurationError:
        raise
    except botocore.BotoCoreError as error:
        ours = _COUNTERPARTS.get(type(error))
        if ours is None:
            raise
        raise ours(**error.kwargs) from error


_COUNTERPARTS: dict[type[botocore.BotoCoreError], type[botocore.BotoCoreError]] = {
    botocore.NoRegionError: NoRegionError,
    botocore.InvalidRegionError: InvalidRegionError,
    botocore.NoCredentialsError: NoCredentialsError,
    botocore.PartialCredentialsError: PartialCredentialsError,
    botocore.ProfileNotFound: ProfileNotFoundError,
    botocore.InvalidConfigError: SettingError,
    botocore.InvalidRetryModeError: RetryModeError,
    botocore.InvalidMaxRetryAttemptsError: MaxAttemptsError,
}


def session_of(profile: Profile, region: str) -> Session:
    """botocore's session for what the profile and the region were found to be."""
    # Not at the top: it takes 170 ms, and with keys and a region at hand nobody needs it.
    from botocore.session import Session

    named = None if profile.is_chosen or profile.name == "default" else profile.name
    session = Session(
        profile=profile.name if profile.is_chosen else None,
        # A tuple is (name in the files, variable, default, conversion): here all come as defaults.
        session_vars={
            "profile": (None, None, named, None),
            "config_file": (None, None, profile.config_file, None),
            "credentials_file": (None, None, profile.credentials_file, None),
        },
    )
    session.set_config_variable("region", region)
    return session
