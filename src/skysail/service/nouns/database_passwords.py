"""A database's master user password: what a good one is, and its versions. Kept apart from all that answers show."""

from __future__ import annotations

from skysail.service.context import Context
from skysail.service.nouns import key_material
from skysail.service.refusals import invalid
from skysail.service.resources import Resource

MASKED = "****"
"""What is shown of one that waits (inferred; as in RDS)."""
CURRENT, PREVIOUS, PENDING = "CURRENT", "PREVIOUS", "PENDING"
LONGEST = {"mysql": 41, "postgres": 128}
_SHORTEST, _GENERATED = 8, 32
_FORBIDDEN = '/@" '
_ALLOWED = "".join(chr(code) for code in range(33, 127) if chr(code) not in _FORBIDDEN)


def check(password: str, engine: str) -> str:
    """Raises InvalidInputException: it does not fit the engine (rules: model; texts: RDS's, inferred)."""
    said = "The parameter MasterUserPassword is not a valid password"
    if any(letter not in _ALLOWED for letter in password):
        raise invalid(f"{said}. Only printable ASCII characters besides '/', '@', '\"', ' ' may be used.")
    if len(password) < _SHORTEST:
        raise invalid(f"{said} because it is shorter than {_SHORTEST} characters.")
    longest = LONGEST.get(engine, min(LONGEST.values()))
    if len(password) > longest:
        raise invalid(f"{said} because it is longer than {longest} characters.")
    return password


def generated(context: Context) -> str:
    """A strong one, of as many characters as the published example has."""
    secret = key_material.secret_bytes(f"{context.world.new_id()} {context.world.new_id()}", _GENERATED)
    return "".join(_ALLOWED[byte % len(_ALLOWED)] for byte in secret)


def first(context: Context, password: str) -> dict[str, tuple[str, float]]:
    """The versions of a new database's."""
    return {CURRENT: (password, round(context.now, 3))}


def wait(context: Context, database: Resource, password: str) -> None:
    """It is to be the current one later. The database is for the caller to save."""
    database.private.setdefault("passwords", {})[PENDING] = (password, round(context.now, 3))


def rotate(database: Resource) -> None:
    """The one that waits becomes the current one. The database is for the caller to save."""
    versions = database.private["passwords"]
    if CURRENT in versions:
        versions[PREVIOUS] = versions[CURRENT]
    versions[CURRENT] = versions.pop(PENDING)


def version(database: Resource, which: str) -> tuple[str, float] | None:
    """A password and when it was made; None where there is none, or it is known to its real service alone."""
    found = database.private.get("passwords", {}).get(which)
    return None if found is None else (str(found[0]), float(found[1]))
