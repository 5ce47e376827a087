"""What a program has around it where it talks to AWS: variables, files that they name, boto3's default session.

They belong to the whole process. The first mock that is opened puts them away, and the last one that is closed puts
them back exactly as they were.
"""

from __future__ import annotations

import os
import sys
from threading import Lock
from typing import Any

ACCESS_KEY_ID, SECRET_ACCESS_KEY = "AKIAMOCKEDBYSKYSAIL0", "a-secret-that-opens-nothing"

_SET = {
    "AWS_ACCESS_KEY_ID": ACCESS_KEY_ID,
    "AWS_SECRET_ACCESS_KEY": SECRET_ACCESS_KEY,
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "BOTO_CONFIG": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
}
_AWAY = (
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_SESSION_TOKEN",
    "AWS_SECURITY_TOKEN",
    "AWS_CREDENTIAL_EXPIRATION",
    "AWS_CREDENTIAL_FILE",
    "AWS_ROLE_ARN",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
    "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT_URL_LIGHTSAIL",
    "AWS_ENDPOINT_URL_STS",
    "SKYSAIL_ENDPOINT",
)
_REGIONS = ("AWS_DEFAULT_REGION", "AWS_REGION")
_KEPT = (*_SET, *_AWAY, *_REGIONS)

_lock = Lock()
_users = 0
_before: dict[str, str | None] = {}
_session_before: Any = None
_session: Any = None


def enter(region: str | None) -> None:
    """Have keys that open nothing, no profile, and a region: `region`, else what is set already, else us-east-1."""
    global _users, _session_before
    with _lock:
        if not _users:
            _before.update({name: os.environ.get(name) for name in _KEPT})
            os.environ.update(_SET)
            for name in _AWAY:
                os.environ.pop(name, None)
            _session_before = _replace_default_session(_session_inside())
        _users += 1
        if region is not None or not any(os.environ.get(name) for name in _REGIONS):
            os.environ.update(dict.fromkeys(_REGIONS, region or "us-east-1"))


def leave() -> None:
    """Put all back, where nobody else is left."""
    global _users, _session_before
    with _lock:
        _users -= 1
        if _users:
            return
        for name, value in _before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
        _before.clear()
        _replace_default_session(_session_before)
        _session_before = None


def _replace_default_session(session: Any) -> Any:
    """Give boto3 another default session; the one that it had. One that was made with other keys is not to be used
    inside, and one that was made inside not afterwards.
    """
    boto3 = sys.modules.get("boto3")
    if boto3 is None:
        return None
    had, boto3.DEFAULT_SESSION = boto3.DEFAULT_SESSION, session  # type: ignore[attr-defined]
    return had


def _session_inside() -> Any:
    """One for all mocks: a new one reads the service model anew, which takes it some 40 ms."""
    global _session
    boto3 = sys.modules.get("boto3")
    if boto3 is not None and _session is None:
        _session = boto3.session.Session()
    return _session
