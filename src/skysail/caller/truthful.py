"""`truthful(client)`: the true NextToken on the pages of a boto3, botocore or aiobotocore client, of any service.

The paginators stay the client's own, and so do their settings, requests, views and errors. Only the class that each
makes its page iterators of is exchanged: for one that is derived from it and walks the pages by `paging.py`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from functools import cache, update_wrapper
from threading import Lock
from types import TracebackType
from typing import Any, Generic, Self, TypeVar

from botocore.client import BaseClient

from skysail.caller.async_pages import aiterate
from skysail.caller.expressions import Expression
from skysail.caller.pages import Listing, iterate
from skysail.caller.paging import Plan
from skysail.protocol.model import Paging

AnyClient = TypeVar("AnyClient", bound=BaseClient)


def truthful(client: AnyClient) -> Truthful[AnyClient]:
    """From now on, the client's own paginators put on each page the NextToken that resumes right behind it.

        import boto3, skysail

        s3 = boto3.client("s3")
        with skysail.truthful(s3):
            pages = s3.get_paginator("list_objects_v2").paginate
            for page in pages(Bucket="logs", PaginationConfig={"MaxItems": 1500}):
                keep(page["Contents"], then_from=page.get("NextToken"))

    The token is there exactly when the service or MaxItems left something to come. As a StartingToken, with the same
    arguments and the same PageSize, it yields what comes behind the page, no more and no less. A service whose own
    token is called NextToken has this one in its place on pages; what the client's methods answer stays as it is.

    Two limits are botocore's own: a page whose result is a structure and no list (API Gateway's GetUsage and five
    others) cannot be taken up again, and keys that are Decimals (boto3's resources of DynamoDB) have no text, so
    such pages carry no token.

    Takes the client of boto3, botocore or aiobotocore (`with`, not `async with`, there too), of any service, and
    changes that object; for good, if the result is not closed. Raises TypeError for anything else.
    """
    if not isinstance(client, BaseClient):
        raise TypeError(f"truthful() takes a client of boto3, botocore or aiobotocore, not {type(client).__name__}")
    return Truthful(client)


class Truthful(Generic[AnyClient]):
    """A client whose paginators tell the truth until this is closed, at the end of a `with` or by `close()`.

    Several may be open on one client: the last to close leaves it as the first found it. Paginators made in the
    meantime stay as they are made.
    """

    def __init__(self, client: AnyClient) -> None:
        self.client = client
        self._entry: _Entry | None = _Entry.open(client)

    def close(self) -> None:
        """Give the client its own paginators back. Closing again does nothing."""
        with _OPENING:
            entry, self._entry = self._entry, None
            if entry is not None:
                entry.leave(self.client)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


_OPENING = Lock()  # held while a client's attribute and the count of those who want it there change together
_NAME = "get_paginator"


class _Entry:
    """What stands in a client's `get_paginator` while a Truthful is open on it."""

    def __init__(self, client: BaseClient) -> None:
        self._original: Callable[[str], Any] = client.get_paginator
        update_wrapper(self, self._original, updated=())
        self._instead_of = vars(client).get(_NAME)  # somebody else's patch; mostly the class has it, and None is here
        self._wanted = 0

    @classmethod
    def open(cls, client: BaseClient) -> _Entry:
        with _OPENING:
            entry = vars(client).get(_NAME)
            if not isinstance(entry, cls):
                entry = vars(client)[_NAME] = cls(client)
            entry._wanted += 1
            return entry

    def leave(self, client: BaseClient) -> None:
        """To be called under the lock, once for each `open`."""
        self._wanted -= 1
        # Another's patch may stand on top of this one by now. It is not ours to take away, and still calls this.
        if self._wanted or vars(client).get(_NAME) is not self:
            return
        if self._instead_of is None:
            del vars(client)[_NAME]
        else:
            vars(client)[_NAME] = self._instead_of

    def __call__(self, operation_name: str) -> Any:
        paginator = self._original(operation_name)
        if self._wanted:
            # The paginator is new, and this caller's alone.
            paginator.PAGE_ITERATOR_CLS = _truthful_kind(paginator.PAGE_ITERATOR_CLS)
        return paginator


@cache
def _truthful_kind(theirs: type[Any]) -> type[Any]:
    """The class of page iterators derived from botocore's or aiobotocore's, under its name."""
    if issubclass(theirs, _TruthfulPages):
        return theirs
    way: type[Any] = _AsyncWalk if hasattr(theirs, "__aiter__") else _Walk
    return type(theirs.__name__, (way, theirs), {"__module__": __name__, "__doc__": theirs.__doc__})


class _TruthfulPages(Listing):
    """What stands before botocore's page iterator: hands its arguments to the flow, and shows how far the flow is.

    All views on the pages are botocore's (or aiobotocore's, which has one for trio) and go by `__iter__`.
    """

    def __init__(
        self,
        method: Callable[..., Any],
        input_token: Sequence[str],
        output_token: Sequence[Expression],
        more_results: Expression | None,
        result_keys: Sequence[Expression],
        non_aggregate_keys: Sequence[Expression],
        limit_key: str | None,
        max_items: int | None,
        starting_token: Any,
        page_size: int | str | None,
        op_kwargs: Mapping[str, Any],
    ) -> None:
        theirs: Any = super(Listing, self)
        theirs.__init__(
            method,
            input_token,
            output_token,
            more_results,
            result_keys,
            non_aggregate_keys,
            limit_key,
            max_items,
            starting_token,
            page_size,
            op_kwargs,
        )
        rule = Paging(
            input_tokens=tuple(input_token),
            output_tokens=_texts(output_token),
            result_keys=_texts(result_keys),
            more_results=None if more_results is None else more_results.expression,
            limit_key=limit_key,
            non_aggregate_keys=_texts(non_aggregate_keys),
        )
        super().__init__(method, rule, Plan(max_items, starting_token, page_size), op_kwargs)

    def build_full_result(self) -> Any:
        self._progress.resume_token = None  # an earlier pass's says nothing about this one
        theirs: Any = super()
        return theirs.build_full_result()

    def _request(self, **arguments: Any) -> Any:
        """One call, through botocore's own door: there the User-Agent is told that a paginator asks."""
        theirs: Any = self
        return theirs._make_request(arguments)


class _Walk(_TruthfulPages):
    def __iter__(self) -> Iterator[dict[str, Any]]:
        return iterate(self._flow(), self._request)


class _AsyncWalk(_TruthfulPages):
    def __aiter__(self) -> AsyncIterator[dict[str, Any]]:
        return aiterate(self._flow(), self._request)


def _texts(expressions: Sequence[Expression]) -> tuple[str, ...]:
    return tuple(each.expression for each in expressions)
