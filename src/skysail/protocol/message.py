"""The only two things that are ever on a wire, as values: a request and a response.

Header names are lower case. A header that came several times is one value, joined by "," in the order of
arrival, which is how a signature reads it too. Bodies are bytes; nothing here knows what is in them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Manner = Literal["at once", "together", "apart"]
"""How a request is best answered: in no time, so that no thread is worth its while; one after the other with others
that change something, for one flush; or in a thread of its own, because it may take long."""


@dataclass(frozen=True, slots=True)
class Request:
    """An HTTP request. `url` is absolute on the client's side, path?query as received on the server's."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def target(self) -> str:
        """Path and query as they stand on the request line; "/" where the URL has no path."""
        if self.url.startswith("/"):  # "://" may stand in a query
            return self.url
        _, scheme, rest = self.url.partition("://")
        if not scheme:
            return self.url or "/"
        place, mark, query = rest.partition("?")  # the query may hold a slash where the path is empty
        _, _, path = place.partition("/")
        return f"/{path}{mark}{query}"


@dataclass(frozen=True, slots=True)
class Response:
    """An HTTP response, whole; and what is to go wrong on its way, where a service is asked for faults."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    delay_s: float = 0.0
    """Seconds for which whoever carries it holds it back."""
    is_cut: bool = False
    """It is not to arrive: the connection breaks in its place."""
    notes: Mapping[str, str] = field(default_factory=dict, compare=False)
    """What a log may know of it: id, and as far as they are known operation, account, region and error (its code)."""
