"""The paginators of the asynchronous client: `async for page in client.get_paginator(…).paginate(…)`.

The same flow, views and names as in `pages.py`; only what waits for an answer is written again, with `await`.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Awaitable, Callable, Iterable
from contextlib import aclosing, closing
from types import TracebackType
from typing import Any, Self

from skysail.caller.ahead import AnyFlow, Begin, Collect
from skysail.caller.expressions import Expression
from skysail.caller.pages import BasePaginator, Listing, completed, elements, found_in, join, named, paging_of
from skysail.caller.paging import Fetch, Page, items_of
from skysail.caller.searching import searcher
from skysail.errors import ServiceError
from skysail.protocol.members import Members, project
from skysail.protocol.model import Operation

AsyncCall = Callable[..., Awaitable[dict[str, Any]]]


async def aiterate(flow: AnyFlow, call: AsyncCall) -> AsyncGenerator[dict[str, Any], None]:
    """The pages of a flow, each asked for with `await call(**arguments)`: when the caller asks for it, or one page
    ahead."""
    with closing(flow):
        async with _Beside(call) as beside:
            for step in flow:
                while not isinstance(step, Page):
                    step = await _obeyed(flow, step, call, beside)
                yield step.content


async def _obeyed(
    flow: AnyFlow, step: Fetch | Begin | Collect, call: AsyncCall, beside: _Beside
) -> Fetch | Begin | Collect | Page:
    """Do what a flow asks for; gives what it asks for or gives next."""
    if isinstance(step, Begin):
        beside.begin(step.arguments)
        return next(flow)
    try:
        answer = await (beside.collect() if isinstance(step, Collect) else call(**step.arguments))
    except ServiceError as error:
        return flow.throw(error)
    return flow.send(answer)


class _Beside:
    """Makes calls, each in turn to be begun and collected, in a task beside its owner's; cancelled with the block."""

    def __init__(self, call: AsyncCall) -> None:
        self._call = call
        self._begun: asyncio.Future[dict[str, Any]] | None = None

    def begin(self, arguments: dict[str, Any]) -> None:
        self._begun = asyncio.ensure_future(self._call(**arguments))

    async def collect(self) -> dict[str, Any]:
        begun, self._begun = self._begun, None
        assert begun is not None
        return await begun

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._begun is not None:
            self._begun.cancel()
            await asyncio.gather(self._begun, return_exceptions=True)


class AsyncPageIterator(Listing):
    """The pages of one `paginate()`: an asynchronous iterable of dicts, otherwise as PageIterator."""

    def __aiter__(self) -> AsyncIterator[dict[str, Any]]:
        return aiterate(self._flow(), self._call)

    def items(self, fields: Iterable[str] | None = None) -> AsyncIterator[Any]:
        """The items of all pages, one by one, or these fields of each: as PageIterator's."""
        return self._items(*self._to_choose(fields))

    async def _items(self, call: AsyncCall, members: Members) -> AsyncIterator[Any]:
        async with aclosing(aiterate(self._flow(), call)) as walk:
            async for page in walk:
                for item in project(items_of(self._rule, page), members):
                    yield item

    async def search(self, expression: str) -> AsyncIterator[Any]:
        """A JMESPath expression's value in each page; of a list, its elements one by one: as PageIterator's."""
        find = searcher(expression)
        async with aclosing(aiterate(self._flow(), self._to_search(expression))) as walk:
            async for page in walk:
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
    return kind(call, paging_of(operation), operation.name, output=operation.output)


def share(source: AsyncIterable[Any], readers: int) -> list[AsyncIterator[Any]]:
    """As many iterators over one pass of `source`, as `itertools.tee` gives; tasks may read them at once."""
    walk = aiter(source)
    waiting: list[deque[Any]] = [deque() for _ in range(readers)]
    turn = asyncio.Lock()
    return [_read_shared(walk, waiting, mine, turn) for mine in waiting]


async def _read_shared(
    walk: AsyncIterator[Any], waiting: list[deque[Any]], mine: deque[Any], turn: asyncio.Lock
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
