"""Which account an access key belongs to, and what its secret is, where that is known.

An open service lets every well-formed key in: it cannot know the secret, so the signature's form, time and scope are
checked, and the key picks the account. A service with a list of keys checks all of it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from skysail.errors import ConfigurationError
from skysail.protocol.sigv4 import Key
from skysail.protocol.sigv4_check import KnownKey
from skysail.service.identity import EXAMPLE_ACCOUNT, account_number

_WELL_FORMED = re.compile(r"[A-Za-z0-9_.-]{1,128}")


@dataclass(frozen=True, slots=True)
class AccessKey:
    """`only_reads`: what changes anything is denied. `administers`: it may use what only a local service has.

    A temporary key has a session token, without which it is not let in.
    """

    account: str
    secret: str = field(repr=False)
    only_reads: bool = False
    administers: bool = False
    session_token: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Accounts:
    """The keys that are let in. `keys` is None for an open service."""

    keys: Mapping[str, AccessKey] | None = None

    @property
    def is_open(self) -> bool:
        return self.keys is None

    @property
    def usual(self) -> str:
        """The account of whoever names none. Raises ConfigurationError where there are several."""
        if self.keys is None:
            return EXAMPLE_ACCOUNT
        accounts = {key.account for key in self.keys.values()}
        if len(accounts) > 1:
            raise ConfigurationError(f"name one of the accounts: {', '.join(sorted(accounts))}")
        return accounts.pop()

    @property
    def first(self) -> str:
        """The account of whoever names none, or the first of several."""
        return self.usual if self.keys is None else min(key.account for key in self.keys.values())

    def secret_of(self, access_key_id: str, session_token: str | None) -> KnownKey | None:
        """What is known of a key; None for a key that is not let in."""
        if self.keys is None:
            return KnownKey(None, session_token) if _WELL_FORMED.fullmatch(access_key_id) else None
        found = self.keys.get(access_key_id)
        return None if found is None else KnownKey(found.secret, found.session_token)

    def key(self, access_key_id: str) -> Key | None:
        """A listed key, to sign with; None for one that is not."""
        found = None if self.keys is None else self.keys.get(access_key_id)
        return None if found is None else Key(access_key_id, found.secret, found.session_token)

    def may_change(self, access_key_id: str) -> bool:
        """Whether a key that has been let in may use operations that change anything or give secrets away."""
        return self.keys is None or not self.keys[access_key_id].only_reads

    def may_administer(self, access_key_id: str) -> bool:
        return self.keys is None or self.keys[access_key_id].administers

    def account_of(self, access_key_id: str) -> str:
        """Twelve digits. Only for a key that has been let in."""
        return account_number(access_key_id) if self.keys is None else self.keys[access_key_id].account


@dataclass(frozen=True)
class OneAccount(Accounts):
    """Every well-formed key is let in, and all belong to one account: `account`, twelve digits."""

    account: str = EXAMPLE_ACCOUNT

    @property
    def usual(self) -> str:
        return self.account

    def account_of(self, access_key_id: str) -> str:
        return self.account


def read_accounts(path: Path) -> Accounts:
    """The keys in a TOML file: tables `[[keys]]` with access_key_id, secret_access_key and account (12 digits).

    And, where it is wanted, access = "read" (else "full"), admin = true and, for a temporary key, its session_token.

    Raises ConfigurationError, which never shows a secret.
    """
    import tomllib  # late: most services list no keys

    try:
        text = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or error
        raise ConfigurationError(f"cannot read the keys in {path}: {why}") from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ConfigurationError(f"{path} is not TOML: {error}") from error
    entries = text.get("keys")
    if not isinstance(entries, list) or not entries:
        raise ConfigurationError(f"{path} has no [[keys]]; each needs {', '.join(_MEMBERS)}")
    keys: dict[str, AccessKey] = {}
    for number, entry in enumerate(entries, 1):
        access_key_id, key = _entry(path, number, entry)
        if access_key_id in keys:
            raise ConfigurationError(f"{path}: key {number} has the access_key_id of another one")
        keys[access_key_id] = key
    return Accounts(keys)


_MEMBERS = ("access_key_id", "secret_access_key", "account")
_ACCESS = ("full", "read")


def _entry(path: Path, number: int, entry: Any) -> tuple[str, AccessKey]:
    if not isinstance(entry, dict) or not all(isinstance(entry.get(name), str) for name in _MEMBERS):
        raise ConfigurationError(f"{path}: key {number} needs {', '.join(_MEMBERS)}, all of them text")
    if not _WELL_FORMED.fullmatch(entry["access_key_id"]):
        raise ConfigurationError(f"{path}: the access_key_id of key {number} is not 1 to 128 letters, digits, _ . or -")
    if not entry["secret_access_key"]:
        raise ConfigurationError(f"{path}: the secret_access_key of key {number} is empty")
    token = entry.get("session_token")
    if token is not None and (not isinstance(token, str) or not token):
        raise ConfigurationError(f"{path}: the session_token of key {number} is text, or is left out")
    if not re.fullmatch("[0-9]{12}", entry["account"]):
        raise ConfigurationError(f"{path}: the account of key {number} is not 12 digits")
    if entry.get("access", "full") not in _ACCESS:
        raise ConfigurationError(f"{path}: the access of key {number} is none of {', '.join(_ACCESS)}")
    if not isinstance(entry.get("admin", False), bool):
        raise ConfigurationError(f"{path}: admin of key {number} is true or false")
    if unknown := entry.keys() - set(_MEMBERS) - {"access", "admin", "session_token"}:
        raise ConfigurationError(f"{path}: key {number} has members unknown here: {', '.join(sorted(unknown))}")
    only_reads = entry.get("access") == "read"
    key = AccessKey(entry["account"], entry["secret_access_key"], only_reads, entry.get("admin", False), token)
    return entry["access_key_id"], key
