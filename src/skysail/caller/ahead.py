"""One page asked for while the caller works on the page before it: a flow around a listing's flow.

The next page's Fetch is known as soon as a page is made. Here it is begun before that page is given, and collected
when the caller asks for more; so nothing is asked for that the plain flow would not ask for, and when the caller stops
early, at most one page too many.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing
from typing import Any, NamedTuple

from skysail.caller.paging import Fetch, Flow, Page
from skysail.errors import ServiceError


class Begin(NamedTuple):
    """Asks for a call of the operation to be begun beside the caller's work. Answered with None, at once."""

    arguments: dict[str, Any]


class Collect(NamedTuple):
    """Asks for the outcome of the call that was begun. Answered with what it returns."""


AnyFlow = Generator[Fetch | Begin | Collect | Page, Any, None]
"""A listing's flow, with pages fetched ahead or without."""


def ahead(flow: Flow) -> AnyFlow:
    """The flow's pages; all but the first are begun while the page before them is with the caller.

    Whatever ends the listing after a page, be it an error, is told when the next page is asked for.
    """
    with closing(flow):
        ask: Fetch | Begin | Collect | Page = next(flow)
        while True:
            try:
                answer = yield ask
            except ServiceError as error:
                page = flow.throw(error)
            else:
                page = flow.send(answer)
            try:
                following = next(flow)
            except StopIteration:
                yield page
                return
            except Exception:  # any: it is not for this page to fail
                yield page
                raise
            assert isinstance(following, Fetch)
            yield Begin(following.arguments)
            yield page
            ask = Collect()
