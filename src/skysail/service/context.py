"""What a handler may touch: the request's account, region and time, and the doors to everything else."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from skysail.service.catalogue import Catalogue
from skysail.service.journal import Journal
from skysail.service.page_token import PageTokens
from skysail.service.quotas import Quotas, check_number
from skysail.service.resources import Resources
from skysail.service.stored import as_stored
from skysail.service.timing import Timing
from skysail.store.base import Place, Position, Record, Row
from skysail.world import World

Listed = TypeVar("Listed", Row, Record)
Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Context:
    """One request's, or one due change's, view of the service. `now` is fixed: seconds since 1970."""

    place: Place
    now: float
    world: World
    resources: Resources
    journal: Journal
    catalogue: Catalogue
    timing: Timing
    tokens: PageTokens
    page_size: int | None
    """How many items a page of a listing has; None for each listing's own size."""
    quotas: Quotas = "none"

    @property
    def account(self) -> str:
        return self.place.account

    @property
    def region(self) -> str:
        return self.place.region

    def in_region(self, region: str) -> Context:
        """The same request's view of another region of the account."""
        place = self.place._replace(region=region)
        return replace(
            self,
            place=place,
            resources=replace(self.resources, place=place),
            journal=replace(self.journal, place=place),
        )

    def check_quota(self, kind: str, more: int = 1) -> None:
        """Raises InvalidInputException where the account would have too many of a kind."""
        check_number(self.quotas, self.resources, kind, more)

    def listing(
        self,
        member: str,
        request: Mapping[str, Any],
        fetch: Callable[[Position | None, int], Sequence[Listed]],
        page_size: int,
        show: Callable[[Listed], Any] = as_stored,
    ) -> dict[str, Any]:
        """One page of a listing as an answer: what is to be shown of each row, and the token for the next page.

        The token is absent on the last page. `page_size` is the listing's own.
        """
        return self.paged(member, request, fetch, page_size, lambda row: row.position, show)

    def paged(
        self,
        member: str,
        request: Mapping[str, Any],
        fetch: Callable[[Position | None, int], Sequence[Item]],
        page_size: int,
        position: Callable[[Item], Position],
        show: Callable[[Item], Any],
    ) -> dict[str, Any]:
        """The same of what is no row: `position` says where an item stands."""
        size = self.page_size or page_size
        found = fetch(self.tokens.read(request.get("pageToken")), size + 1)
        answer: dict[str, Any] = {member: [show(item) for item in found[:size]]}
        if len(found) > size:
            answer["nextPageToken"] = self.tokens.write(position(found[size - 1]))
        return answer

    def kind_listing(self, member: str, request: Mapping[str, Any], kind: str, page_size: int) -> dict[str, Any]:
        """One page of all resources of a kind, newest first, as they are stored."""
        return self.listing(member, request, lambda after, limit: self.resources.page(kind, after, limit), page_size)

    def whole(self, member: str, request: Mapping[str, Any], entries: Sequence[Any]) -> dict[str, Any]:
        """A listing that is always on one page, such as a catalogue's: no token is ever given, so none is good."""
        self.tokens.read(request.get("pageToken"))
        return {member: entries}
