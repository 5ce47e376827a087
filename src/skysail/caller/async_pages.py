"""The paginators of the asynchronous client: `async for page in client.get_paginator(…).paginate(…)`.

The same flow, views and names as in `pages.py`; only what waits for an answer is written again, with `await`.
"""

from __future__ import annotations

from asyncio import Lock
from collections import deque
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable
from contextlib import closing
from typing import Any

from skysail.caller.expressions import Expression, compiled
from skysail.caller.pages import BasePaginator, Listing, completed, elements, found_in, join, named, paging_of
from skysail.caller.paging import Fetch, Flow, items_of
from skysail.protocol.model import Operation


async def aiterate(flow: Flow, call: Callable[..., Awaitable[dict[str, Any]]]) -> AsyncIterator[dict[str, Any]]:
    """The pages of a flow, each asked for with `await call(**arguments)` when the caller asks for it."""
    with closing(flow):
        for step in flow:
            while isinstance(step, Fetch):
                step = flow.send(await call(**step.arguments))
            yield step.content


class AsyncPageIterator(Listing):
    """The pages of one `paginate()`: an asynchronous iterable of dicts, otherwise as PageIterator."""

    def __aiter__(self) -> AsyncIterator[dict[str, Any]]:
        return aiterate(self._flow(), self._call)

    async def items(self) -> AsyncIterator[Any]:
        """The items of all pages, one by one: of the first result key, between StartingToken and MaxItems."""
        async for page in self:
            for item in items_of(self._rule, page):
                yield item

    async def search(self, expression: str) -> AsyncIterator[Any]:
        """A JMESPath expression's value in each page; of a list, its elements one by one."""
        find = compiled(expression).search
        async for page in self:
            for element in elements(find(page)):
                yield element

    def result_key_iters(self) -> list[AsyncResultKeyIterator]:
        """For each result key an iterable of its items, to be run through once; they share one walk."""
        shared = share(self, len(self._rule.result_keys))
        return [AsyncResultKeyIterator(walk, key) for walk, key in zip(shared, self.result_keys, strict=True)]

    async def build_full_result(self) -> dict[str, Any]:
        """All pages as one: the result keys joined, and NextToken when MaxItems left something behind."""
        self._progress.resume_token = None
        result: dict[str, Any] = {}
        async for page in self:
            join(result, page, self._rule.result_keys)
        return completed(result, self._progress)


class AsyncResultKeyIterator:
    """The items of one result key, from all pages."""

    def __init__(self, pages_iterator: AsyncIterable[dict[str, Any]], result_key: Expression) -> None:
        self._pages_iterator = pages_iterator
        self.result_key = result_key

    async def __aiter__(self) -> AsyncIterator[Any]:
        async for page in self._pages_iterator:
            for item in found_in(page, self.result_key):
                yield item


class AsyncPaginator(BasePaginator[AsyncPageIterator]):
    """Lists one operation: `async for page in paginator.paginate(PaginationConfig={"MaxItems": 100}): …`."""

    PAGE_ITERATOR_CLS = AsyncPageIterator


def make_async_paginator(operation: Operation, call: Callable[..., Awaitable[dict[str, Any]]]) -> AsyncPaginator:
    """A paginator for `await call(**arguments)`, its class named as botocore names it.

    Raises NotPageableError for an operation without a page token.
    """
    kind: type[AsyncPaginator] = named(AsyncPaginator, operation)
    return kind(call, paging_of(operation), operation.name)


def share(source: AsyncIterable[Any], readers: int) -> list[AsyncIterator[Any]]:
    """As many iterators over one pass of `source`, as `itertools.tee` gives; tasks may read them at once."""
    walk = aiter(source)
    waiting: list[deque[Any]] = [deque() for _ in range(readers)]
    turn = Lock()
    return [_read_shared(walk, waiting, mine, turn) for mine in waiting]


async def _read_shared(
    walk: AsyncIterator[Any], waiting: list[deque[Any]], mine: deque[Any], turn: Lock
) -> AsyncIterator[Any]:
    while True:
        async with turn:
            if not mine:
                try:
                    fetched = await anext(walk)
                except StopAsyncIteration:
                    return
                for queue in waiting:
                    queue.append(fetched)
        yield mine.popleft()
