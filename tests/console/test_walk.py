"""A screenful and the token behind it: whatever fits, and however pages are cut, nothing is shown twice or lost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from skysail.caller.tokens import encode, parse
from skysail.console.walk import TOKENS, screenful

LISTINGS = st.lists(st.lists(st.booleans(), max_size=5), min_size=1, max_size=6)


def pages_of(listing: list[list[dict[str, Any]]], token: str | None) -> Iterator[Mapping[str, Any]]:
    """As a paginator gives them, begun at a token."""
    start = None if token is None else parse(token, TOKENS)
    first = int((start.values["pageToken"] if start else None) or 0)
    for number in range(first, len(listing)):
        items = listing[number][start.amount :] if start and number == first else listing[number]
        following = {"nextPageToken": str(number + 1)} if number + 1 < len(listing) else {}
        next_token = {"NextToken": encode({"pageToken": str(number + 1)})} if following else {}
        yield {"instances": items, **following, **next_token}


@given(LISTINGS, st.integers(1, 4), st.integers(1, 8))
def test_screenfuls_follow_one_another(cut: list[list[bool]], wanted: int, most: int) -> None:
    names = iter(range(1_000))
    listing = [[{"name": next(names), "fits": fits} for fits in page] for page in cut]
    found, looked_at, token = [], 0, None
    for _ in range(1_000):
        part = screenful(
            pages_of(listing, token), "instances", lambda one: one["fits"], token, wanted=wanted, most=most
        )
        assert len(part.items) <= wanted
        assert part.looked_at <= most
        found += part.items
        looked_at += part.looked_at
        token = part.next_token
        if token is None:
            break
        assert len(part.items) == wanted or part.looked_at == most
    assert token is None
    everything = [item for page in listing for item in page]
    assert found == [item for item in everything if item["fits"]]
    assert looked_at == len(everything)
