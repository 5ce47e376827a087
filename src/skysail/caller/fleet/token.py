"""How far a walk over a fleet has come, and its one resume token: the base64 of a JSON object that people can read.

For each login it names the regions that are done and, of the others, where to go on. Neither endpoint nor secret
stands in it: a token that comes from somebody else must not decide where credentials are sent.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, Self

from skysail.caller.fleet.places import FleetPlace, Login
from skysail.caller.tokens import AMOUNT
from skysail.errors import UsageError

VERSION = 1
MARK = "skysail_fleet"
"""The member that tells a fleet's token from one listing's."""

Position = dict[str, Any] | Literal["done"] | None
"""Where a place's listing goes on: the values of its StartingToken (the operation's page token, perhaps an amount of
items to leave out), None for the beginning, "done" for nowhere."""


@dataclass(frozen=True, slots=True)
class FleetState:
    """What of a fleet has been delivered: `operation` (its name on the wire) with `arguments`, place by place."""

    operation: str
    arguments: Mapping[str, Any]
    positions: Mapping[FleetPlace, Position]

    @property
    def is_done(self) -> bool:
        return all(position == "done" for position in self.positions.values())

    def document(self) -> dict[str, Any]:
        """The state as JSON has it."""
        logins: dict[Login, dict[str, Any]] = {}
        for place, position in self.positions.items():
            login = place.login
            entry = logins.get(login)
            if entry is None:
                names = {"profile": login.profile, "role_arn": login.role_arn, "key": login.key}
                entry = logins[login] = {name: value for name, value in names.items() if value is not None}
                entry |= {"done": [], "left": {}}
            if position == "done":
                entry["done"].append(place.region)
            else:
                entry["left"][place.region] = position
        return {
            MARK: VERSION,
            "operation": self.operation,
            "arguments": dict(self.arguments),
            "logins": list(logins.values()),
        }

    @property
    def token(self) -> str | None:
        """The resume token for all that is missing; None where nothing is."""
        return None if self.is_done else b64encode(json.dumps(self.document()).encode()).decode()

    def covering(self, wanted: FleetState) -> FleetState:
        """This state, with the wanted places that it does not know, from their beginning. Raises UsageError where it is
        another operation's, or something is missing in a place that is not wanted."""
        if (self.operation, dict(self.arguments)) != (wanted.operation, dict(wanted.arguments)):
            raise UsageError(
                f"this walk was of {self.operation} with {dict(self.arguments)}, not of {wanted.operation} with "
                f"{dict(wanted.arguments)}: go on with the same, or begin a walk of its own"
            )
        missing = [place for place, at in self.positions.items() if at != "done" and place not in wanted.positions]
        if missing:
            raise UsageError(
                f"this walk has something left in {', '.join(map(str, missing[:3]))}"
                f"{f' and {len(missing) - 3} more' if len(missing) > 3 else ''}, which was not asked for now: name the "
                "same profiles, roles, keys and regions as at first, or none of them"
            )
        return replace(self, positions={**wanted.positions, **self.positions})

    @classmethod
    def of_token(cls, text: str) -> Self:
        """Raises UsageError for what is no resume token of a fleet."""
        return cls.of_document(readable(text), "the starting token")

    @classmethod
    def of_document(cls, document: Any, what: str) -> Self:
        """Raises UsageError; `what` says what is being read."""
        try:
            version = document[MARK]
        except (TypeError, KeyError):
            raise UsageError(
                f"{what} is not a fleet's: give the token of a walk over a fleet; the NextToken of a page belongs to "
                "its paginator"
            ) from None
        if version != VERSION:
            raise UsageError(
                f"{what} was written by a newer skysail: its version is {version}, known here is {VERSION}"
            )
        try:
            state = cls(str(document["operation"]), dict(document["arguments"]), dict(_positions(document["logins"])))
        except (TypeError, KeyError, ValueError, AttributeError) as error:
            raise UsageError(f"{what} is damaged: {error!r}") from error
        return state


def readable(text: str) -> Any:
    """The JSON value in a token, of a fleet's or a single listing's. Raises UsageError for text that is neither."""
    try:
        return json.loads(b64decode(text.encode()).decode())
    except (ValueError, AttributeError, RecursionError):
        raise UsageError("this is no token: the base64 of a JSON object is expected, whole") from None


def _positions(logins: Any) -> list[tuple[FleetPlace, Position]]:
    """Raises TypeError, KeyError, ValueError, AttributeError for what is none."""
    found: list[tuple[FleetPlace, Position]] = []
    for entry in logins:
        names = {name: entry[name] for name in ("profile", "role_arn", "key") if entry.get(name) is not None}
        if not all(isinstance(value, str) for value in names.values()) or len(names) > 1:
            raise ValueError(f"a login is a profile, a role_arn or a key, not {names}")
        login = Login(**names)
        found += [(FleetPlace(login, _text(region)), "done") for region in entry["done"]]
        found += [(FleetPlace(login, _text(region)), _position(value)) for region, value in entry["left"].items()]
    if len(dict(found)) != len(found):
        raise ValueError("a place stands in it twice")
    return found


def _text(region: Any) -> str:
    if not isinstance(region, str):
        raise TypeError(f"a region is a text, not {region!r}")
    return region


def _position(value: Any) -> Position:
    if value is None:
        return None
    amount = value.get(AMOUNT, 0)
    if not isinstance(amount, int) or amount < 0 or len(value) == 0:
        raise ValueError(f"no place to go on from: {value}")
    return dict(value)
