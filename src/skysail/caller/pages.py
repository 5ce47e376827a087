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

from skysail.caller.ahead import AnyFlow, Begin, Collect, ahead
from skysail.caller.beside import Beside
from skysail.caller.expressions import Expression, compiled, put, reader
from skysail.caller.methods import Method
from skysail.caller.narrowing import chosen, wanted_by_search
from skysail.caller.paging import Fetch, Page, Plan, Progress, items_of, pages, read_plan
from skysail.caller.searching import searcher
from skysail.caller.tokens import encode_resume
from skysail.errors import NotPageableError, ServiceError, UsageError
from skysail.protocol.members import ALL, Members, project
from skysail.protocol.model import Operation, Paging


def iterate(flow: AnyFlow, call: Callable[..., dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The pages of a flow, each asked for with `call(**arguments)`: when the caller asks for it, or one page ahead."""
    with closing(flow), Beside(call) as beside:
        for step in flow:
            while not isinstance(step, Page):
                step = _obeyed(flow, step, call, beside)
            yield step.content


def _obeyed(
    flow: AnyFlow, step: Fetch | Begin | Collect, call: Callable[..., dict[str, Any]], beside: Beside
) -> Fetch | Begin | Collect | Page:
    """Do what a flow asks for; gives what it asks for or gives next."""
    if isinstance(step, Begin):
        beside.begin(step.arguments)
        return next(flow)
    try:
        answer = beside.collect() if isinstance(step, Collect) else call(**step.arguments)
    except ServiceError as error:
        return flow.throw(error)
    return flow.send(answer)


class Listing:
    """One `paginate()`: what it lists and how far it has come. Making one sends nothing.

    Each pass over it begins at the beginning and keeps its own place; the resume token is the last pass's. `output`
    names the shape of the answers, where the model has it.
    """

    def __init__(
        self,
        call: Callable[..., Any],
        rule: Paging,
        plan: Plan,
        arguments: Mapping[str, Any],
        output: str | None = None,
        fetch_ahead: int = 0,
    ) -> None:
        self._call = call
        self._rule = rule
        self._plan = plan
        self._arguments = arguments
        self._output = output
        self._fetch_ahead = fetch_ahead
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

    def _flow(self) -> AnyFlow:
        flow = pages(self._rule, self._plan, self._arguments, self._progress)
        return ahead(flow) if self._fetch_ahead else flow

    def _own_method(self, output: str) -> Method | None:
        """The call, if it is the operation's own and can decode less; not what somebody has put in its place."""
        return self._call if isinstance(self._call, Method) and self._call.output == output else None

    def _to_search(self, expression: str) -> Callable[..., Any]:
        """What to call for pages that are only searched."""
        own = None if self._output is None else self._own_method(self._output)
        if own is None or self._output is None:
            return self._call
        return own.narrowed(wanted_by_search(expression, self._output, self._rule))

    def _to_choose(self, fields: Iterable[str] | None) -> tuple[Callable[..., Any], Members]:
        """What to call for pages of which only items with these fields are given, and what of the items is to stay."""
        if fields is None:
            return self._call, ALL
        if self._output is None:
            raise UsageError("fields are chosen from an operation's model, which this paginator was made without")
        choice = chosen(fields, self._output, self._rule)
        own = self._own_method(self._output)
        return (self._call, choice.item) if own is None else (own.narrowed(choice.page), ALL)


class PageIterator(Listing):
    """The pages of one `paginate()`: an iterable of dicts. A page is asked for when the loop asks for it.

    Iterating raises what the operation raises; PagingError when the service gives the same token twice in a
    row; ValueError or TypeError for a StartingToken that is none.
    """

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return iterate(self._flow(), self._call)

    def items(self, fields: Iterable[str] | None = None) -> Iterator[Any]:
        """The items of all pages, one by one: of the first result key, between StartingToken and MaxItems.

        With `fields`, such as ["name", "state.name"], only these members of each, which is all that is decoded then.
        Raises ParameterError for a field that the model does not have.
        """
        return self._items(*self._to_choose(fields))

    def _items(self, call: Callable[..., Any], members: Members) -> Iterator[Any]:
        for page in iterate(self._flow(), call):
            yield from project(items_of(self._rule, page), members)

    def search(self, expression: str) -> Iterator[Any]:
        """A JMESPath expression's value in each page; of a list, its elements one by one.

        Only what the expression can look at is decoded.
        """
        find = searcher(expression)
        for page in iterate(self._flow(), self._to_search(expression)):
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

    `page_size_type` is what the operation wants a PageSize as, where it has one; `output` names the shape of its
    answers, where the model has it.
    """

    PAGE_ITERATOR_CLS: type[Pages]

    def __init__(
        self,
        call: Callable[..., Any],
        rule: Paging,
        operation_name: str,
        page_size_type: type[int] | type[str] = int,
        output: str | None = None,
    ) -> None:
        self._call = call
        self._rule = rule
        self._operation_name = operation_name
        self._page_size_type = page_size_type
        self._output = output

    @property
    def result_keys(self) -> list[Expression]:
        """Where the listed members stand in a page, as compiled JMESPath expressions."""
        return [compiled(key) for key in self._rule.result_keys]

    def paginate(self, *, fetch_ahead: int = 0, **kwargs: Any) -> Pages:
        """The pages of the operation, from its own keyword arguments and a PaginationConfig.

        PaginationConfig is a dict of MaxItems (how many items at most, over all pages) and StartingToken
        (the NextToken of a page, of a full result or of the AWS CLI, to go on from there); PageSize for
        operations that have one. Nothing is asked for yet, and the operation's arguments are looked at when
        something is.

        With `fetch_ahead=1` the next page is fetched while you work on this one. The requests are the same; if you
        stop early, there may be one more, whose answer nobody sees.

        Raises TypeError, ValueError, PagingError for a PaginationConfig that cannot be; ValueError for any other
        `fetch_ahead`.
        """
        if fetch_ahead not in (0, 1):
            raise ValueError(f"fetch_ahead is 0 or 1, the pages to be fetched ahead, not {fetch_ahead!r}")
        plan = read_plan(self._rule, kwargs.pop("PaginationConfig", {}), self._page_size_type)
        return self.PAGE_ITERATOR_CLS(self._call, self._rule, plan, kwargs, self._output, fetch_ahead)

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
    return kind(call, paging_of(operation), operation.name, output=operation.output)


def paging_of(operation: Operation) -> Paging:
    """How the operation is listed. Raises NotPageableError."""
    if operation.paging is None:
        raise NotPageableError(operation_name=operation.method)
    return operation.paging


@cache
def named(base: type[AnyPaginator], operation: Operation) -> type[AnyPaginator]:
    """The base under the operation's name."""
    return type(f"Lightsail.Paginator.{operation.name}", (base,), {"__module__": base.__module__})
