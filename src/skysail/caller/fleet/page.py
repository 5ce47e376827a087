"""One page of one place of a fleet, as it is handed out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from skysail.caller.fleet.places import FleetPlace
from skysail.caller.fleet.token import FleetState, Position
from skysail.caller.tokens import AMOUNT


@dataclass(slots=True)
class FleetPage:
    """A page and where it is from.

    `items` are what the page lists; `content` is the whole answer, with the `NextToken` that goes on in this place
    alone. `account` is the account's number, None while nothing has told it: a page without items, of a login whose
    other places have said nothing either. `number` counts the place's pages of this walk from 1.
    """

    place: FleetPlace
    account: str | None
    items: list[Any]
    content: dict[str, Any]
    number: int
    before: Position = field(repr=False)
    after: Position = field(repr=False)
    state: FleetState | None = field(default=None, repr=False)

    @property
    def region(self) -> str:
        """The page's region."""
        return self.place.region

    @property
    def profile(self) -> str | None:
        """The profile that asked, where one did."""
        return self.place.login.profile

    @property
    def role_arn(self) -> str | None:
        """The role that asked, where one did."""
        return self.place.login.role_arn

    @property
    def token(self) -> str | None:
        """The resume token for all that is missing when this page and those handed out before it are dealt with; None
        where nothing is."""
        return None if self.state is None else self.state.token

    def position_behind(self, count: int) -> Position:
        """Where the place goes on when so many of the page's items have been delivered."""
        if count >= len(self.items):
            return self.after
        if not count:
            return self.before
        assert self.before != "done"
        values: Mapping[str, Any] = self.before or {}
        return {**values, AMOUNT: values.get(AMOUNT, 0) + count}

    def labelled(self) -> list[dict[str, Any]]:
        """The items, each with `_account`, `_region` and `_profile` behind its own members. Of an operation that lists
        plain values, such as names, each becomes a `value`."""
        labels = {"_account": self.account, "_region": self.region, "_profile": self.profile}
        return [{**(item if isinstance(item, dict) else {"value": item}), **labels} for item in self.items]
