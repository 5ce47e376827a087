"""Who has signed in, where a service lists its keys: in a cookie that names the key and is sealed with its secret.

Nothing is kept on this side, so any worker knows it, and a restart does; it ends with the key, or after some hours.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable

from skysail.protocol.sigv4 import Key

COOKIE = "skysail_session"
LASTS_S = 12 * 3_600

KeyOf = Callable[[str], Key | None]
"""The listed key with an id."""


def begun(key: Key, now: float, *, is_secure: bool) -> str:
    """The cookie's header for whoever has shown that they know the key."""
    until = int(now) + LASTS_S
    value = f"{key.access_key_id}|{until}|{_seal(key, until)}"
    return _header(value, LASTS_S, is_secure)


def ended(*, is_secure: bool) -> str:
    return _header("", 0, is_secure)


def key_in(cookie: str, key_of: KeyOf, now: float) -> Key | None:
    """The key that a cookie was made for; None for a cookie that is not ours, or too old."""
    access_key_id, _, rest = cookie.partition("|")
    until, _, seal = rest.partition("|")
    key = key_of(access_key_id)
    if key is None or not (until.isascii() and until.isdecimal() and len(until) < 13) or int(until) < now:
        return None
    return key if hmac.compare_digest(_seal(key, int(until)).encode(), seal.encode()) else None


def _seal(key: Key, until: int) -> str:
    text = f"skysail console session|{key.access_key_id}|{until}"
    return hmac.new(key.secret_access_key.encode(), text.encode(), hashlib.sha256).hexdigest()


def _header(value: str, seconds: int, is_secure: bool) -> str:
    secure = "; Secure" if is_secure else ""
    return f"{COOKIE}={value}; Path=/console/; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}"
