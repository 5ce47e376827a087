"""Keys that need no search: given by argument, by the environment, or standing in a profile as they are.

The order is botocore's. Whatever botocore would ask before it reached such a key (a role, SSO, a process, …),
and a key in the environment that expires, is left to `chain.py`.
"""

from __future__ import annotations

from collections.abc import Callable

from skysail.caller.profile import Profile, Section
from skysail.errors import PartialCredentialsError
from skysail.protocol.sigv4 import Key

KeySource = Callable[[], Key]
"""Gives the key to sign with, at each try; one that expires is renewed behind it."""


class FixedKey:
    """Always the same key. Its repr does not show it."""

    def __init__(self, key: Key) -> None:
        self._key = key

    def __call__(self) -> Key:
        return self._key


def from_arguments(
    access_key_id: str | None, secret_access_key: str | None, session_token: str | None
) -> FixedKey | None:
    """The key given by arguments. A token alone counts for nothing, as in botocore.

    Raises PartialCredentialsError for one half without the other.
    """
    if access_key_id is None and secret_access_key is None:
        return None
    if access_key_id is None or secret_access_key is None:
        missing = "aws_access_key_id" if access_key_id is None else "aws_secret_access_key"
        raise PartialCredentialsError(provider="explicit", cred_var=missing)
    return FixedKey(Key(access_key_id, secret_access_key, session_token or None))


def from_surroundings(profile: Profile) -> FixedKey | None:
    """The key that stands in the environment or in the profile; None where botocore's chain has to decide.

    Raises PartialCredentialsError for an id without its secret.
    """
    environ = profile.environ
    # A profile named by argument outranks the environment's keys; one named by the environment does not.
    if not profile.is_chosen and environ.get("AWS_ACCESS_KEY_ID"):
        return _in_environment(profile)
    if _is_borrowed(profile):
        return None
    if _ID in profile.shared:
        return _in_section(profile.shared, "shared-credentials-file")
    if "login_session" in profile.values or "credential_process" in profile.values:
        return None
    if _ID in profile.config:
        return _in_section(profile.config, "config-file")
    return None


_ID, _SECRET = "aws_access_key_id", "aws_secret_access_key"
_TOKENS = ("aws_security_token", "aws_session_token")


def _in_environment(profile: Profile) -> FixedKey | None:
    environ = profile.environ
    secret = environ.get("AWS_SECRET_ACCESS_KEY")
    if not secret:
        raise PartialCredentialsError(provider="env", cred_var="AWS_SECRET_ACCESS_KEY")
    if environ.get("AWS_CREDENTIAL_EXPIRATION"):
        return None
    token = environ.get("AWS_SECURITY_TOKEN") or environ.get("AWS_SESSION_TOKEN") or None
    return FixedKey(Key(environ["AWS_ACCESS_KEY_ID"], secret, token))


def _is_borrowed(profile: Profile) -> bool:
    """Whether botocore would exchange something else for a key before it looks for one in the files."""
    if not profile.is_chosen and "AWS_WEB_IDENTITY_TOKEN_FILE" in profile.environ:
        return True
    names = profile.values
    return "role_arn" in names or "web_identity_token_file" in names or any(name.startswith("sso_") for name in names)


def _in_section(section: Section, provider: str) -> FixedKey:
    if _SECRET not in section:
        raise PartialCredentialsError(provider=provider, cred_var=_SECRET)
    token = next((section[name] for name in _TOKENS if name in section), None)
    return FixedKey(Key(section[_ID], section[_SECRET], token or None))
