"""One page ahead: the same pages, errors and requests; each page but the first is begun before its turn."""

import asyncio
from threading import Event, Thread, current_thread
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench import Bench
from paged_answers import INSTANCES, Scripted, finish, three_three_two
from skysail.caller.ahead import Begin, Collect, ahead
from skysail.caller.async_pages import AsyncPaginator
from skysail.caller.beside import Beside
from skysail.caller.pages import PageIterator, Paginator
from skysail.caller.paging import Fetch, Page, Plan, pages
from skysail.errors import InvalidInputException, PagingError, ServiceException

ENOUGH_S = 20


def listing(call: Any, **config: Any) -> PageIterator:
    return Paginator(call, INSTANCES, "GetInstances").paginate(fetch_ahead=1, PaginationConfig=config)


def awaited(call: Any, **config: Any) -> Any:
    return AsyncPaginator(call, INSTANCES, "GetInstances").paginate(fetch_ahead=1, PaginationConfig=config)


# The flow


def test_the_next_page_is_begun_before_this_one_is_given_and_collected_after():
    flow = ahead(pages(INSTANCES, Plan(), {}))
    answers = three_three_two()
    assert next(flow) == Fetch({})
    assert flow.send(answers()) == Begin({"pageToken": "t1"})
    assert isinstance(next(flow), Page)
    assert next(flow) == Collect()
    assert flow.send(answers(pageToken="t1")) == Begin({"pageToken": "t2"})
    assert isinstance(next(flow), Page)
    assert next(flow) == Collect()
    assert isinstance(flow.send(answers(pageToken="t2")), Page)
    assert next(flow, "the end") == "the end"


def test_nothing_is_begun_behind_the_page_that_max_items_ends_at():
    for max_items in (2, 3):
        flow = ahead(pages(INSTANCES, Plan(max_items=max_items), {}))
        next(flow)
        assert isinstance(flow.send(three_three_two()()), Page)
        assert next(flow, "the end") == "the end"


def test_an_error_behind_a_page_is_told_when_the_next_page_is_asked_for():
    flow = ahead(pages(INSTANCES, Plan(), {}))
    next(flow)
    assert flow.send({"nextPageToken": "t"}) == Begin({"pageToken": "t"})
    next(flow)
    next(flow)
    assert isinstance(flow.send({"nextPageToken": "t"}), Page)
    with pytest.raises(PagingError, match="received twice"):
        next(flow)


# Threads and tasks


def test_a_page_is_given_while_the_next_one_is_still_on_its_way():
    begun, may_answer = Event(), Event()
    answers = three_three_two()

    def call(**arguments: Any) -> Any:
        if arguments:
            begun.set()
            assert may_answer.wait(ENOUGH_S)
        return answers(**arguments)

    walk = iter(listing(call))
    assert next(walk)["instances"] == ["i0", "i1", "i2"]
    assert begun.wait(ENOUGH_S)
    may_answer.set()
    assert [page["instances"] for page in walk] == [["i3", "i4", "i5"], ["i6", "i7"]]


def test_a_task_fetches_the_next_page_while_the_caller_awaits_something_else():
    answers = three_three_two()

    async def walk() -> list[int]:
        asked = []
        async for _ in awaited(answers.awaited):
            await asyncio.sleep(0)
            asked.append(len(answers.requests))
        return asked

    assert asyncio.run(walk()) == [2, 3, 3]


def test_without_it_a_page_is_asked_for_when_the_loop_asks_for_it():
    call = three_three_two()
    for number, _ in enumerate(Paginator(call, INSTANCES, "GetInstances").paginate(fetch_ahead=0), 1):
        assert len(call.requests) == number


@pytest.mark.parametrize("pages_ahead", [2, -1, None, "1"])
def test_more_than_one_page_is_never_fetched_ahead(pages_ahead):
    for paginator in Paginator(None, INSTANCES, "GetInstances"), AsyncPaginator(None, INSTANCES, "GetInstances"):
        with pytest.raises(ValueError, match="fetch_ahead is 0 or 1"):
            paginator.paginate(fetch_ahead=pages_ahead)


def test_a_caller_who_stops_has_asked_for_one_page_more_at_most_and_its_thread_ends():
    call, threads = three_three_two(), set()
    begun = Event()

    def watched(**arguments: Any) -> Any:
        threads.add(current_thread())
        if arguments:
            begun.set()
        return call(**arguments)

    walk = iter(listing(watched))
    next(walk)
    assert begun.wait(ENOUGH_S)
    walk.close()
    (beside,) = threads - {current_thread()}
    beside.join(ENOUGH_S)
    assert not beside.is_alive()
    assert call.requests == [{}, {"pageToken": "t1"}]


@pytest.mark.parametrize("view", ["pages", "items", "search"])
def test_a_task_is_cancelled_when_the_caller_stops(view):
    answers = three_three_two()
    fates = []

    async def call(**arguments: Any) -> Any:
        if arguments:
            try:
                await asyncio.sleep(ENOUGH_S)
            except asyncio.CancelledError:
                fates.append("cancelled")
                raise
        return answers(**arguments)

    async def stopped() -> None:
        iterator = awaited(call)
        walk = {"pages": iterator.__aiter__, "items": iterator.items, "search": lambda: iterator.search("instances")}
        each = walk[view]()
        await anext(each)
        await asyncio.sleep(0)
        await each.aclose()
        assert fates == ["cancelled"]

    asyncio.run(stopped())


def test_an_error_of_the_page_ahead_leaves_the_page_before_it_alone():
    error = ServiceException.because("try again later")
    script = [{"instances": [1], "nextPageToken": "t"}, error]
    walk = iter(listing(Scripted(script)))
    assert next(walk)["instances"] == [1]
    with pytest.raises(ServiceException, match="try again later"):
        next(walk)
    assert next(walk, None) is None

    async def awaited_walk() -> None:
        walk = aiter(awaited(Scripted(script).awaited))
        assert (await anext(walk))["instances"] == [1]
        with pytest.raises(ServiceException, match="try again later"):
            await anext(walk)

    asyncio.run(awaited_walk())


def test_a_refused_token_is_noted_on_the_page_ahead_too():
    refused = InvalidInputException.because("The page token is not valid.")
    walk = iter(listing(Scripted([{"nextPageToken": "t"}, refused])))
    next(walk)
    with pytest.raises(InvalidInputException) as raised:
        next(walk)
    assert "A page token comes from a page of the same operation" in raised.value.__notes__[0]


def test_the_resume_token_behind_a_whole_page_is_known_with_that_page():
    iterator = listing(three_three_two(), MaxItems=3)
    for page in iterator:
        assert iterator.resume_token == page["NextToken"]


def test_a_local_lightsail_is_walked_ahead_too():
    bench = Bench(page_size=2)
    bench.create(*[f"web-{number}" for number in range(7)])
    paginator = bench.client.get_paginator("get_instances")
    plain = [instance["name"] for instance in paginator.paginate().items()]
    assert [each["name"] for each in paginator.paginate(fetch_ahead=1).items(fields=["name"])] == plain
    assert list(paginator.paginate(fetch_ahead=1).search("instances[].name")) == plain
    bench.close()


# The thread by itself


def test_what_is_asked_for_and_not_begun_when_the_block_ends_is_never_begun():
    begun, may_answer, seen, threads = Event(), Event(), [], []

    def call(number: int) -> None:
        seen.append(number)
        threads.append(current_thread())
        begun.set()
        may_answer.wait(ENOUGH_S)

    with Beside(call) as beside:
        beside.begin({"number": 1})
        assert begun.wait(ENOUGH_S)
        beside.begin({"number": 2})
    may_answer.set()
    threads[0].join(ENOUGH_S)
    assert not threads[0].is_alive()
    assert seen == [1]


def test_the_end_of_the_block_does_not_wait_for_a_call():
    may_answer = Event()
    with Beside(lambda: may_answer.wait(ENOUGH_S)) as beside:
        beside.begin({})
    assert not may_answer.is_set()
    may_answer.set()


def test_whatever_ends_the_call_is_raised_where_it_is_collected():
    def call() -> None:
        raise SystemExit(3)

    with Beside(call) as beside:
        beside.begin({})
        with pytest.raises(SystemExit):
            beside.collect()


def test_one_thread_makes_all_calls_of_a_walk_but_the_first():
    threads: list[Thread] = []
    answers = three_three_two()

    def call(**arguments: Any) -> Any:
        threads.append(current_thread())
        return answers(**arguments)

    list(listing(call))
    assert threads[0] is current_thread()
    assert len(set(threads)) == 2
    assert threads[1].daemon


# With it and without it


SCRIPTS = st.lists(
    st.one_of(
        st.builds(
            lambda count, token: {"instances": list(range(count)), **({"nextPageToken": token} if token else {})},
            st.integers(0, 3),
            st.sampled_from(["t1", "t2", "t3", "t4", "t5", None]),
        ),
        st.sampled_from([ServiceException.because("later"), ConnectionError("gone")]),
    ),
    min_size=1,
    max_size=5,
)


def outcome(walk: Any, iterator: Any) -> Any:
    seen, error = [], None
    try:
        for page in walk:
            seen.append(page)
    except Exception as met:
        error = repr(met)
    return seen, error, iterator.resume_token


async def gathered(iterator: Any) -> Any:
    seen, error = [], None
    try:
        async for page in iterator:
            seen.append(page)
    except Exception as met:
        error = repr(met)
    return seen, error, iterator.resume_token


@given(SCRIPTS, st.none() | st.integers(0, 8))
@settings(max_examples=200)
def test_pages_errors_and_requests_are_those_of_the_plain_walk(script, max_items):
    calls = [Scripted(script), Scripted(script)]
    plain = Paginator(calls[0], INSTANCES, "GetInstances").paginate(PaginationConfig={"MaxItems": max_items})
    expected = outcome(plain, plain)
    iterator = listing(calls[1], MaxItems=max_items)
    assert outcome(iterator, iterator) == expected
    assert calls[1].requests == calls[0].requests


@given(SCRIPTS, st.none() | st.integers(0, 8))
@settings(max_examples=100)
def test_so_are_those_of_an_asynchronous_walk(script, max_items):
    calls = [Scripted(script), Scripted(script)]
    plain = AsyncPaginator(calls[0].awaited, INSTANCES, "GetInstances").paginate(
        PaginationConfig={"MaxItems": max_items}
    )
    expected = finish(gathered(plain))
    assert asyncio.run(gathered(awaited(calls[1].awaited, MaxItems=max_items))) == expected
    assert calls[1].requests == calls[0].requests
