"""The asynchronous page iterators: the same pages and views, awaited."""

import asyncio
import base64
import json

import jmespath
import pytest
from botocore.exceptions import ClientError

from paged_answers import INSTANCES, Scripted, finish, three_three_two
from skysail.caller.async_pages import (
    AsyncPageIterator,
    AsyncPaginator,
    aiterate,
    make_async_paginator,
    share,
)
from skysail.caller.paging import Plan, pages
from skysail.errors import NotPageableError
from skysail.protocol.model import Paging, service_model


def tok(value) -> str:
    return base64.b64encode(json.dumps(value).encode()).decode()


def listing(call, **config) -> AsyncPageIterator:
    return AsyncPaginator(call.awaited, INSTANCES, "GetInstances").paginate(PaginationConfig=config)


async def everything(iterable):
    return [element async for element in iterable]


def test_an_async_paginator_is_made_like_the_other():
    paginator = make_async_paginator(service_model().operation("GetInstances"), three_three_two().awaited)
    assert type(paginator).__name__ == "Lightsail.Paginator.GetInstances"
    assert isinstance(paginator, AsyncPaginator)
    assert isinstance(paginator.paginate(), AsyncPageIterator)
    assert [key.expression for key in paginator.result_keys] == ["instances"]


def test_an_operation_without_a_page_token_has_no_async_paginator_either():
    with pytest.raises(NotPageableError):
        make_async_paginator(service_model().operation("GetRegions"), three_three_two().awaited)


def test_pages_come_in_an_async_loop_one_request_each():
    call = three_three_two()

    async def walk():
        lengths = []
        async for page in listing(call):
            lengths.append((len(page["instances"]), len(call.requests), "NextToken" in page))
        return lengths

    assert finish(walk()) == [(3, 1, True), (3, 2, True), (2, 3, False)]


def test_a_plain_loop_over_it_is_a_type_error():
    with pytest.raises(TypeError, match="'AsyncPageIterator' object is not iterable"):
        for _ in listing(three_three_two()):
            pass


def test_anext_needs_an_iterator_first():
    iterator = listing(three_three_two())
    with pytest.raises(TypeError):
        anext(iterator)
    assert len(finish(anext(aiter(iterator)))["instances"]) == 3


def test_an_abandoned_async_walk_closes_its_flow():
    flow = pages(INSTANCES, Plan(), {})
    walk = aiterate(flow, three_three_two().awaited)
    finish(anext(walk))
    finish(walk.aclose())
    with pytest.raises(StopIteration):
        next(flow)


def test_an_error_passes_through_an_async_walk():
    async def walk():
        iterator = listing(three_three_two(fails_at=1))
        pages_seen = []
        with pytest.raises(ClientError, match="try again later"):
            async for page in iterator:
                pages_seen.append(page)
        return pages_seen[-1]["NextToken"], iterator.resume_token

    assert finish(walk()) == (tok({"pageToken": "t1"}), None)


def test_the_views_are_those_of_the_plain_iterator():
    token = tok({"pageToken": "t1", "boto_truncate_amount": 1})
    iterator = listing(three_three_two(), MaxItems=4)
    assert finish(iterator.build_full_result()) == {
        "instances": ["i0", "i1", "i2", "i3"],
        "NextToken": token,
    }
    assert iterator.resume_token == token
    assert finish(everything(iterator.items())) == ["i0", "i1", "i2", "i3"]
    assert finish(everything(iterator.search("length(instances)"))) == [3, 1]


def test_an_async_search_for_what_is_no_expression_sends_nothing():
    call = three_three_two()
    found = listing(call).search("][")
    with pytest.raises(jmespath.exceptions.JMESPathError):
        finish(anext(found))
    assert call.requests == []


def test_walks_at_the_same_time_do_not_disturb_each_other():
    iterator = listing(three_three_two())

    async def walk():
        return await asyncio.gather(*(everything(iterator.items()) for _ in range(5)))

    assert asyncio.run(walk()) == [[f"i{number}" for number in range(8)]] * 5


def test_async_result_key_iterators_share_one_walk_even_when_read_at_the_same_time():
    rule = Paging(("In",), ("Out",), ("A", "B"))
    call = Scripted([{"A": [1], "B": ["x"], "Out": "t"}, {"A": [2], "B": ["y"]}])

    async def slowly(**arguments):
        await asyncio.sleep(0)
        return call(**arguments)

    async def walk():
        numbers, letters = AsyncPaginator(slowly, rule, "List").paginate().result_key_iters()
        assert (numbers.result_key.expression, letters.result_key.expression) == ("A", "B")
        assert call.requests == []
        first = await asyncio.gather(everything(numbers), everything(letters))
        return first, await everything(numbers)

    assert asyncio.run(walk()) == ([[1, 2], ["x", "y"]], [])
    assert len(call.requests) == 2


def test_a_shared_walk_that_fails_fails_for_the_one_who_asked():
    async def failing():
        yield 1
        raise ConnectionError("gone")

    async def walk():
        one, two = share(failing(), 2)
        with pytest.raises(ConnectionError):
            await everything(one)
        return await everything(two)

    assert finish(walk()) == [1]
