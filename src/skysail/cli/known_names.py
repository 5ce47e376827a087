"""The instances' names that the last listings gave, by profile, region and endpoint: for completion in a shell alone.

They lie in the user's cache folder for ten minutes' use, and hold names, no key. Where nothing can be written, nothing
is completed.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from skysail.caller.endpoint import is_aws, named_endpoint
from skysail.caller.profile import Profile

FRESH_S = 600
_MOST = 5_000


class Shelf(NamedTuple):
    """Whose names: `profile` is None where the key comes from elsewhere, `endpoint` for the region's own."""

    profile: str | None
    region: str
    endpoint: str | None


def named_profile(asked: str | None, environ: Mapping[str, str], *, is_own: bool) -> str | None:
    """The profile that a call goes by: the one asked for, the environment's, or the default one where it is AWS's own
    endpoint and no key stands in the environment.
    """
    named = asked or environ.get("AWS_PROFILE") or environ.get("AWS_DEFAULT_PROFILE")
    if named is None and is_own and "AWS_ACCESS_KEY_ID" not in environ:
        return "default"
    return named


def shelf_of(profile: str | None, region: str, endpoint: str | None, environ: Mapping[str, str]) -> Shelf:
    """That of a call with these options. Raises ConfigurationError."""
    url = named_endpoint(endpoint, None, Profile.read(profile, environ))
    own = None if url is None or is_aws(url) else url
    return Shelf(named_profile(profile, environ, is_own=own is None), region, own)


class Gathered:
    """Names as pages come; they are kept when the listing has come to its end."""

    def __init__(self) -> None:
        self._names: dict[Shelf, list[str]] = {}

    def add(self, shelf: Shelf, instances: Iterable[Mapping[str, Any]]) -> None:
        """An instance of which the name was not asked for adds none."""
        names = self._names.setdefault(shelf, [])
        names += [instance["name"] for instance in instances if "name" in instance]

    def keep(self, environ: Mapping[str, str], now: float) -> None:
        for shelf, names in self._names.items():
            path = _path(shelf, environ)
            if path is None or not names:
                continue
            with suppress(OSError):
                path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                beside = path.with_suffix(f".{os.getpid()}")
                beside.write_text(json.dumps({"shelf": shelf, "at": now, "names": names[:_MOST]}))
                beside.replace(path)


def known_names(shelf: Shelf, environ: Mapping[str, str], now: float) -> list[str]:
    """In the listing's order; none where the last listing was longer ago."""
    path = _path(shelf, environ)
    try:
        found = json.loads(path.read_text()) if path else {}
        is_fresh = found["shelf"] == list(shelf) and 0 <= now - found["at"] <= FRESH_S
        return [str(name) for name in found["names"]] if is_fresh else []
    except (OSError, ValueError, KeyError, TypeError):
        return []


def _path(shelf: Shelf, environ: Mapping[str, str]) -> Path | None:
    """A file for each; its name tells nothing, and fits every file system."""
    home = environ.get("HOME")
    folder = environ.get("XDG_CACHE_HOME") or (f"{home}/.cache" if home else None)
    name = sha256(json.dumps(shelf).encode()).hexdigest()[:16]
    return Path(folder, "skysail", "names", f"{name}.json") if folder else None
