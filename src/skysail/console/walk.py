"""A screenful of a listing, and where it goes on: through as many pages as it takes, but not without end. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from skysail.caller.tokens import AMOUNT, encode, parse

TOKENS = ("pageToken",)


class Screenful(NamedTuple):
    """`next_token` is a NextToken: any paginator of boto3's, or of ours, goes on with it. None behind the last item."""

    items: list[dict[str, Any]]
    next_token: str | None
    looked_at: int


def screenful(
    pages: Iterable[Mapping[str, Any]],
    member: str,
    fits: Callable[[Mapping[str, Any]], bool],
    starting_token: str | None,
    *,
    wanted: int,
    most: int,
) -> Screenful:
    """Up to `wanted` fitting items of pages that begin at the token, or fewer where `most` have been looked at."""
    start = None if starting_token is None else parse(starting_token, TOKENS)
    values = {"pageToken": None} if start is None else start.values
    passed = 0 if start is None else start.amount
    found: list[dict[str, Any]] = []
    looked_at = 0
    for page in pages:
        items = page[member]
        for number, item in enumerate(items, 1):
            looked_at += 1
            if fits(item):
                found.append(item)
            if len(found) == wanted or looked_at == most:
                is_last = number == len(items)
                inside = encode({**values, AMOUNT: passed + number})
                return Screenful(found, page.get("NextToken") if is_last else inside, looked_at)
        values, passed = {"pageToken": page.get("nextPageToken")}, 0
    return Screenful(found, None, looked_at)
