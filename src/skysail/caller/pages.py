"""Paginators and page iterators, as boto3 users know them: `paginate(…)` gives an iterable of pages.

All that decides stands in `paging.py`; here are the loop that drives it, the views on its pages (`search`,
`items`, `build_full_result`, `result_key_iters`), and what the synchronous and the asynchronous classes
have in common.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from functools import cache
from itertools import tee
from typing import Any, Generic, TypeVar

from skysail.caller.expressions import Expression, compiled, put, reader
from skysail.caller.paging import Fetch, Flow, Plan, Progress, items_of, pages, read_plan
from skysail.caller.tokens import encode_resume
from skysail.errors import NotPageableError
from skysail.protocol.model import Operation, Paging


def iterate(flow: Flow, call: Callable[..., dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The pages of a flow, each asked for with `call(**arguments)` when the caller asks for it."""
    with closing(flow):
        for step in flow:
            while isinstance(step, Fetch):
                step = flow.send(call(**step.arguments))
            yield step.content


class Listing:
    """One `paginate()`: what it lists and how far it has come. Making one sends nothing.

    Each pass over it begins at the beginning and keeps its own place; the resume token is the last pass's.
    """

    def __init__(self, call: Callable[..., Any], rule: Paging, plan: Plan, arguments: Mapping[str, Any]) -> None:
        self._call = call
        self._rule = rule
        self._plan = plan
        self._arguments = arguments
        self._progress = Progress()

    @property
    def result_keys(self) -> list[Expression]:
        """Where the listed members stand in a page, as compiled JMESPath expressions."""
        return [compiled(key) for key in self._rule.result_keys]

    @property
    def resume_token(self) -> str | None:
        """The StartingToken that goes on where MaxItems ended the listing; None while nothing was cut off.

        A page's `NextToken` is the same and there sooner. Set it with a dict of the input tokens, perhaps with a
        `boto_truncate_amount`; anything else raises ValueError.
        """
        return self._progress.resume_token

    @resume_token.setter
    def resume_token(self, value: Any) -> None:
        self._progress.resume_token = encode_resume(value, self._rule.input_tokens)

    @property
    def non_aggregate_part(self) -> dict[str, Any]:
        """What a full result takes from the first page alone; empty for most operations."""
        return self._progress.non_aggregate_part

    def _flow(self) -> Flow:
        return pages(self._rule, self._plan, self._arguments, self._progress)


class PageIterator(Listing):
    """The pages of one `paginate()`: an iterable of dicts. A page is asked for when the loop asks for it.

    Iterating raises what the operation raises; PagingError when the service gives the same token twice in a
    row; ValueError or TypeError for a StartingToken that is none.
    """

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return iterate(self._flow(), self._call)

    def items(self) -> Iterator[Any]:
        """The items of all pages, one by one: of the first result key, between StartingToken and MaxItems."""
        for page in self:
            yield from items_of(self._rule, page)

    def search(self, expression: str) -> Iterator[Any]:
        """A JMESPath expression's value in each page; of a list, its elements one by one."""
        find = compiled(expression).search
        for page in self:
            yield from elements(find(page))

    def result_key_iters(self) -> list[ResultKeyIterator]:
        """For each result key an iterable of its items, to be run through once; they share one walk."""
        shared = tee(self, len(self._rule.result_keys))
        return [ResultKeyIterator(walk, key) for walk, key in zip(shared, self.result_keys, strict=True)]

    def build_full_result(self) -> dict[str, Any]:
        """All pages as one: the result keys joined, and NextToken when MaxItems left something behind."""
        self._progress.resume_token = None  # an earlier pass's says nothing about this one
        result: dict[str, Any] = {}
        for page in self:
            join(result, page, self._rule.result_keys)
        return completed(result, self._progress)


class ResultKeyIterator:
    """The items of one result key, from all pages."""

    def __init__(self, pages_iterator: Iterable[dict[str, Any]], result_key: Expression) -> None:
        self._pages_iterator = pages_iterator
        self.result_key = result_key

    def __iter__(self) -> Iterator[Any]:
        for page in self._pages_iterator:
            yield from found_in(page, self.result_key)


def elements(found: Any) -> list[Any] | tuple[Any]:
    """What a search yields for a page: a list's elements, anything else as it is."""
    return found if isinstance(found, list) else (found,)


def found_in(page: dict[str, Any], result_key: Expression) -> Any:
    """What a result key lists in a page; nothing where the page has no such member."""
    found = result_key.search(page)
    return [] if found is None else found


def join(result: dict[str, Any], page: dict[str, Any], result_keys: Iterable[str]) -> None:
    """Add a page to a full result, in place: lists and texts are appended, numbers added; of anything else
    the first stays. Raises TypeError where one page has a list and another has none.
    """
    for key in result_keys:
        found = reader(key)(page)
        if found is None:
            continue
        so_far = reader(key)(result)
        if so_far is None:
            put(result, key, list(found) if isinstance(found, list) else found)
        elif isinstance(found, list) and isinstance(so_far, list):
            so_far.extend(found)
        elif isinstance(found, list | int | float | str):
            put(result, key, so_far + found)


def completed(result: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """The full result when its last page has been joined to it."""
    _merge(result, progress.non_aggregate_part)
    if progress.resume_token is not None:
        result["NextToken"] = progress.resume_token
    return result


def _merge(result: dict[str, Any], part: dict[str, Any]) -> None:
    for name, value in part.items():
        if isinstance(value, dict) and name in result:
            _merge(result[name], value)
        else:
            result[name] = value


Pages = TypeVar("Pages", bound=Listing)


class BasePaginator(Generic[Pages]):
    """Makes a `Pages` for each `paginate()`; holds no state of its own.

    `page_size_type` is what the operation wants a PageSize as, where it has one.
    """

    PAGE_ITERATOR_CLS: type[Pages]

    def __init__(
        self,
        call: Callable[..., Any],
        rule: Paging,
        operation_name: str,
        page_size_type: type[int] | type[str] = int,
    ) -> None:
        self._call = call
        self._rule = rule
        self._operation_name = operation_name
        self._page_size_type = page_size_type

    @property
    def result_keys(self) -> list[Expression]:
        """Where the listed members stand in a page, as compiled JMESPath expressions."""
        return [compiled(key) for key in self._rule.result_keys]

    def paginate(self, **kwargs: Any) -> Pages:
        """The pages of the operation, from its own keyword arguments and a PaginationConfig.

        PaginationConfig is a dict of MaxItems (how many items at most, over all pages) and StartingToken
        (the NextToken of a page, of a full result or of the AWS CLI, to go on from there); PageSize for
        operations that have one. Nothing is asked for yet, and the operation's arguments are looked at when
        something is.

        Raises TypeError, ValueError, PagingError for a PaginationConfig that cannot be.
        """
        plan = read_plan(self._rule, kwargs.pop("PaginationConfig", {}), self._page_size_type)
        return self.PAGE_ITERATOR_CLS(self._call, self._rule, plan, kwargs)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self._operation_name}>"


class Paginator(BasePaginator[PageIterator]):
    """Lists one operation: `for page in paginator.paginate(PaginationConfig={"MaxItems": 100}): …`."""

    PAGE_ITERATOR_CLS = PageIterator


AnyPaginator = TypeVar("AnyPaginator", bound=BasePaginator[Any])


def make_paginator(operation: Operation, call: Callable[..., dict[str, Any]]) -> Paginator:
    """A paginator whose class is named after the operation, as botocore's are:
    Lightsail.Paginator.GetInstances.

    `call(**arguments)` is one request. Raises NotPageableError for an operation without a page token.
    """
    kind: type[Paginator] = named(Paginator, operation)
    return kind(call, paging_of(operation), operation.name)


def paging_of(operation: Operation) -> Paging:
    """How the operation is listed. Raises NotPageableError."""
    if operation.paging is None:
        raise NotPageableError(operation_name=operation.method)
    return operation.paging


@cache
def named(base: type[AnyPaginator], operation: Operation) -> type[AnyPaginator]:
    """The base under the operation's name."""
    return type(f"Lightsail.Paginator.{operation.name}", (base,), {"__module__": base.__module__})
