"""botocore's paginator and ours, side by side, with the same answers: the same pages, errors, tokens and requests.

The rules are those of real paginators of all kinds; the answers are drawn freely, so most listings here are worse
than any service's. What differs on purpose is left out here and stands, with its own tests, in docs/differences.md.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from copy import deepcopy
from types import SimpleNamespace
from typing import Any, NamedTuple

import pytest
from botocore.exceptions import ClientError
from botocore.paginate import Paginator as BotocorePaginator
from botocore.paginate import TokenEncoder
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from paged_answers import INSTANCES, Listed, Scripted, finish
from skysail.caller.async_pages import AsyncPaginator
from skysail.caller.expressions import put, reader
from skysail.caller.pages import Paginator
from skysail.errors import PagingError
from skysail.protocol.model import Paging

RULES = {
    "GetInstances": INSTANCES,
    "ListObjectVersions": Paging(
        ("KeyMarker", "VersionIdMarker"),
        ("NextKeyMarker", "NextVersionIdMarker"),
        ("Versions", "DeleteMarkers", "CommonPrefixes"),
        more_results="IsTruncated",
        limit_key="MaxKeys",
    ),
    "ListObjects": Paging(
        ("Marker",),
        ("NextMarker || Contents[-1].Key",),
        ("Contents", "CommonPrefixes"),
        more_results="IsTruncated",
        limit_key="MaxKeys",
    ),
    "ListDistributions": Paging(
        ("Marker",),
        ("DistributionList.NextMarker",),
        ("DistributionList.Items",),
        more_results="DistributionList.IsTruncated",
        limit_key="MaxItems",
    ),
    "Query": Paging(
        ("ExclusiveStartKey",),
        ("LastEvaluatedKey",),
        ("Items", "Count", "ScannedCount"),
        limit_key="Limit",
        non_aggregate_keys=("ConsumedCapacity",),
    ),
    "DescribeStream": Paging(
        ("ExclusiveStartShardId",),
        ("StreamDescription.Shards[-1].Key",),
        ("StreamDescription.Shards",),
        more_results="StreamDescription.HasMoreShards",
        limit_key="Limit",
        non_aggregate_keys=("StreamDescription.StreamName", "StreamDescription.StreamStatus"),
    ),
    "DescribeInstances": Paging(("NextToken",), ("NextToken",), ("Reservations",), limit_key="MaxResults"),
}
TEXT_LIMITS = {"ListDistributions"}  # whose limit is a string in their models


# What is drawn

ABSENT = object()
ITEMS = st.tuples(st.integers(0, 4), st.integers(0, 9)).map(
    lambda drawn: [{"Key": f"k{number % 10}", "n": number} for number in range(drawn[1], sum(drawn))]
)
ODD_VALUES = st.sampled_from([[], None, "", "abc", 0, 3, {"k": 1}, ABSENT, ABSENT])
VALUES = st.one_of(*[ITEMS] * 4, ODD_VALUES)
PLAIN_TOKENS = ["t1", "t2", "t3", "t4", "é😀", 'q"uo\\te', "a___b", "a___2", "bnVsbA==", "NQ==", "\x7f\n"]
ODD_TOKENS = [None, "", "None", 5, {"id": {"B": b"\x00\xff"}}, ["x", b"y"]]
TOKENS = st.sampled_from([*PLAIN_TOKENS, *PLAIN_TOKENS, *ODD_TOKENS])
SOME_TOKENS = st.sampled_from([*PLAIN_TOKENS, *PLAIN_TOKENS, *ODD_TOKENS, ABSENT, ABSENT])
METADATA = st.sampled_from([ABSENT, {"RequestId": "r"}])


def answers_to(rule: Paging) -> st.SearchStrategy[dict[str, Any]]:
    """An answer: any member may be missing, null, empty or of a wrong kind, but most are as they should be."""
    members = dict.fromkeys(rule.result_keys, VALUES)
    for source in rule.output_tokens:
        if "[" not in (name := source.split(" || ")[0]):
            members[name] = SOME_TOKENS
    if rule.more_results is not None:
        members[rule.more_results] = st.sampled_from([True, True, True, False, ABSENT])
    for key in rule.non_aggregate_keys:
        members[key] = st.sampled_from(["x", 1, {"deep": 2}, ABSENT, ABSENT])
    members["ResponseMetadata"] = METADATA
    return st.tuples(*members.values()).map(lambda values: answer_of(zip(members, values, strict=True)))


def answer_of(members: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    answer: dict[str, Any] = {}
    for name, value in members:
        if value is not ABSENT:
            put(answer, name, deepcopy(value))
    return answer


ANSWERS = {name: st.lists(answers_to(rule), min_size=1, max_size=5) for name, rule in RULES.items()}
ERRORS = st.sampled_from(
    [
        ClientError({"Error": {"Code": "ServiceException", "Message": "later"}}, "List"),
        ConnectionError("gone"),
        ValueError("odd"),
    ]
)
MAX_ITEMS = st.one_of(
    *[st.integers(0, 12)] * 3, st.sampled_from([None, -4, -3, -2, -1, 0, "4", " 5 ", "1_0", 2.7, True, "abc", "", []])
)


def tok(value: Any) -> str:
    """A token as botocore writes it, or the like of anything that is no object."""
    if isinstance(value, dict):
        return TokenEncoder().encode(value)
    return base64.b64encode(json.dumps(value).encode()).decode()


AMOUNTS = st.sampled_from([0, 1, 2, 3, 0, 1, 2, 3, 4, -1, None, True, 99, "1", 1.5])
PARTS = st.lists(st.sampled_from(["t1", "None", "2", "x", ""]), min_size=1, max_size=4)
ODD_STARTS = st.sampled_from(["", "None", tok([]), tok(5), tok(None), tok("x"), "t1=", 5, b"t1", {}])


@st.composite
def starting_tokens(draw: st.DrawFn, rule: Paging) -> Any:
    """A StartingToken. With several result keys it always has an amount: one without is a difference of ours."""
    values = {name: draw(TOKENS) for name in rule.input_tokens[:: draw(st.sampled_from([1, -1]))]}
    form = draw(st.sampled_from(["part", "part", "whole", "old", "odd", "extra", "extra part"]))
    if form == "part" or len(rule.result_keys) > 1:
        return tok({**values, "boto_truncate_amount": draw(AMOUNTS)})
    if form == "old":
        return "___".join(draw(PARTS))
    if form == "odd":
        return draw(ODD_STARTS)
    return tok({**values, **EXTRA[form]})


EXTRA: dict[str, dict[str, int]] = {
    "whole": {},
    "extra": {"Foo": 1},
    "extra part": {"boto_truncate_amount": 1, "Foo": 1},
}


class Case(NamedTuple):
    """What both are given: an operation's rule and answers, and the arguments to paginate()."""

    operation: str
    answers: list[Any]
    arguments: dict[str, Any]

    @property
    def rule(self) -> Paging:
        return RULES[self.operation]


@st.composite
def cases(draw: st.DrawFn) -> Case:
    operation = draw(st.sampled_from(["GetInstances", "GetInstances", *RULES]))
    rule = RULES[operation]
    answers: list[Any] = draw(ANSWERS[operation])
    if not draw(st.integers(0, 4)):
        answers.insert(draw(st.integers(0, len(answers))), draw(ERRORS))
    arguments: dict[str, Any] = draw(st.sampled_from([{}, {"other": 1}]))
    config: dict[str, Any] = {}
    if draw(st.booleans()):
        config["MaxItems"] = draw(MAX_ITEMS)
    if draw(st.booleans()):
        config["StartingToken"] = draw(starting_tokens(rule))
    if not draw(st.integers(0, 5)):
        config["PageSize"] = draw(st.sampled_from([None, 0, 2, "2", "x"]))
    if config.get("MaxItems") is None and draw(st.booleans()):
        # Together with a cut these are resumed truthfully by us alone.
        arguments = {**arguments, rule.input_tokens[0]: "by hand"}
    return Case(operation, answers, {**arguments, **({"PaginationConfig": config} if config else {})})


# What happens

Outcome = tuple[Any, ...]


def theirs(case: Case, call: Any) -> BotocorePaginator:
    rule, limit = case.rule, case.rule.limit_key
    kind = SimpleNamespace(type_name="string" if case.operation in TEXT_LIMITS else "integer")
    config = {
        "input_token": list(rule.input_tokens),
        "output_token": list(rule.output_tokens),
        "result_key": list(rule.result_keys),
        "more_results": rule.more_results,
        "limit_key": limit,
        "non_aggregate_keys": list(rule.non_aggregate_keys),
    }
    model = SimpleNamespace(input_shape=SimpleNamespace(members={limit: kind}))
    return BotocorePaginator(call, config, model)


def ours(case: Case, call: Any, kind: Any = Paginator) -> Any:
    return kind(call, case.rule, case.operation, str if case.operation in TEXT_LIMITS else int)


def walked(paginator: Any, arguments: dict[str, Any]) -> list[Outcome]:
    """Each page as it was when it came, with the resume token of that moment; at last the error or the end."""
    steps: list[Outcome] = []
    iterator = None
    try:
        iterator = paginator.paginate(**deepcopy(arguments))
        for page in iterator:
            steps.append(("page", deepcopy(page), iterator.resume_token))
    except Exception as error:
        return [*steps, ("error", error, iterator and iterator.resume_token)]
    return [*steps, ("end", iterator.non_aggregate_part, iterator.resume_token)]


async def awalked(paginator: Any, arguments: dict[str, Any]) -> list[Outcome]:
    steps: list[Outcome] = []
    iterator = None
    try:
        iterator = paginator.paginate(**deepcopy(arguments))
        async for page in iterator:
            steps.append(("page", deepcopy(page), iterator.resume_token))
    except Exception as error:
        return [*steps, ("error", error, iterator and iterator.resume_token)]
    return [*steps, ("end", iterator.non_aggregate_part, iterator.resume_token)]


def viewed(view: Any) -> Outcome:
    """What a view gives: a value, or what came before an error, and the error."""
    seen: list[Any] = []
    try:
        found = view()
        if isinstance(found, dict):
            return ("value", found, list(found))
        for value in found:
            seen.append(deepcopy(value))
    except Exception as error:
        return ("error", error, seen)
    return ("values", seen, None)


async def gathered(iterable: Any) -> Outcome:
    """What an async view gives, in the same form."""
    seen: list[Any] = []
    try:
        async for value in iterable:
            seen.append(deepcopy(value))
    except Exception as error:
        return ("error", error, seen)
    return ("values", seen, None)


ACCIDENTS = (AttributeError, LookupError, TypeError)


def assert_same_error(expected: Exception, actual: Exception) -> None:
    if isinstance(expected, ACCIDENTS):
        assert isinstance(actual, (ValueError, TypeError, type(expected))), actual
    else:
        assert isinstance(actual, type(expected)), actual
        assert str(actual) == str(expected)


def assert_same(expected: Outcome, actual: Outcome) -> None:
    assert actual[0] == expected[0], (expected, actual)
    if expected[0] == "error":
        assert_same_error(expected[1], actual[1])
    else:
        assert plain(actual[1]) == plain(expected[1])
    assert actual[2] == expected[2]


def plain(page: Any) -> Any:
    """A page without NextToken, and the order of its members but for the metadata, which stands behind NextToken."""
    if not isinstance(page, dict):
        return page
    rest = {name: value for name, value in page.items() if name != "NextToken"}
    return rest, [name for name in rest if name != "ResponseMetadata"]


def assert_same_walk(expected: list[Outcome], actual: list[Outcome]) -> None:
    assert [step[0] for step in actual] == [step[0] for step in expected], (expected, actual)
    for one, other in zip(expected, actual, strict=True):
        assert_same(one, other)


# The comparisons


@given(cases())
@settings(max_examples=1600)
def test_a_walk_gives_botocores_pages_errors_resume_tokens_and_requests(case):
    calls = [Scripted(case.answers) for _ in range(3)]
    expected = walked(theirs(case, calls[0]), case.arguments)
    actual = walked(ours(case, calls[1]), case.arguments)
    assert_same_walk(expected, actual)
    assert_same_walk(expected, finish(awalked(ours(case, calls[2].awaited, AsyncPaginator), case.arguments)))
    assert calls[0].requests == calls[1].requests == calls[2].requests
    if (resume := actual[-1][2]) is not None:
        assert [step[1] for step in actual if step[0] == "page"][-1]["NextToken"] == resume


@given(cases())
@settings(max_examples=800)
def test_a_full_result_is_botocores(case):
    calls = [Scripted(case.answers) for _ in range(3)]
    expected = viewed(lambda: theirs(case, calls[0]).paginate(**deepcopy(case.arguments)).build_full_result())
    plain_one = viewed(lambda: ours(case, calls[1]).paginate(**deepcopy(case.arguments)).build_full_result())
    paginator = ours(case, calls[2].awaited, AsyncPaginator)
    async_one = viewed(lambda: finish(paginator.paginate(**deepcopy(case.arguments)).build_full_result()))
    for actual in plain_one, async_one:
        assert_same(expected, actual)
        if expected[0] == "value":
            assert actual[1] == expected[1]
    assert calls[0].requests == calls[1].requests == calls[2].requests


EXPRESSIONS = ["{}", "{}[].Key", "{}[].[Key, n]", "[{}[0].Key, nope]", "{}[0]", "length({})", "length(nope)", "]["]


@given(cases(), st.sampled_from(EXPRESSIONS))
@settings(max_examples=600)
def test_a_search_finds_what_it_finds_in_botocore(case, expression):
    expression = expression.format(case.rule.result_keys[0])
    calls = [Scripted(case.answers) for _ in range(3)]
    expected = viewed(lambda: theirs(case, calls[0]).paginate(**deepcopy(case.arguments)).search(expression))
    assert_same(expected, viewed(lambda: ours(case, calls[1]).paginate(**deepcopy(case.arguments)).search(expression)))
    assert calls[0].requests == calls[1].requests
    if walkable(case):
        paginator = ours(case, calls[2].awaited, AsyncPaginator)
        assert_same(expected, finish(gathered(paginator.paginate(**deepcopy(case.arguments)).search(expression))))


@given(cases())
@settings(max_examples=600)
def test_result_key_iterators_give_botocores_items(case):
    assume(walkable(case))
    calls = [Scripted(case.answers) for _ in range(3)]
    expected = theirs(case, calls[0]).paginate(**deepcopy(case.arguments)).result_key_iters()
    actual = ours(case, calls[1]).paginate(**deepcopy(case.arguments)).result_key_iters()
    awaited = ours(case, calls[2].awaited, AsyncPaginator).paginate(**deepcopy(case.arguments)).result_key_iters()
    for one, other, third in zip(expected, actual, awaited, strict=True):
        assert other.result_key == one.result_key
        found = viewed(lambda one=one: one)
        assert_same(found, viewed(lambda other=other: other))
        assert_same(found, finish(gathered(third)))


def walkable(case: Case) -> bool:
    """Whether paginate() itself accepts the arguments."""
    try:
        ours(case, None).paginate(**case.arguments)
    except (ValueError, TypeError, PagingError):
        return False
    return True


@given(cases())
@settings(max_examples=400)
def test_items_are_those_of_the_first_result_key_iterator(case):
    calls = [Scripted(case.answers) for _ in range(3)]
    expected = viewed(lambda: theirs(case, calls[0]).paginate(**deepcopy(case.arguments)).result_key_iters()[0])
    assert_same(expected, viewed(lambda: ours(case, calls[1]).paginate(**deepcopy(case.arguments)).items()))
    if walkable(case):
        paginator = ours(case, calls[2].awaited, AsyncPaginator)
        assert_same(expected, finish(gathered(paginator.paginate(**deepcopy(case.arguments)).items())))


@given(st.sampled_from([name for name, rule in RULES.items() if len(rule.result_keys) > 1]), st.data())
@settings(max_examples=300)
def test_after_a_token_without_an_amount_only_the_first_pages_other_result_keys_differ(operation, data):
    rule = RULES[operation]
    values = {name: data.draw(TOKENS) for name in rule.input_tokens}
    answers = data.draw(ANSWERS[operation])
    config = {"StartingToken": tok(values), "MaxItems": data.draw(st.none() | st.integers(0, 9))}
    case = Case(operation, answers, {"PaginationConfig": config})
    expected = walked(theirs(case, Scripted(answers)), case.arguments)
    actual = walked(ours(case, Scripted(answers)), case.arguments)
    for first in expected[0][1], actual[0][1]:
        if isinstance(first, dict):
            for key in rule.result_keys[1:]:
                first.pop(key, None)
    assert_same_walk(expected, actual)


# The promise that botocore's documentation makes and its pages do not keep


class Shop(NamedTuple):
    """A well-behaved listing: pages of numbered items, and a token of some look for each page but the first."""

    pages: list[list[int]]
    tokens: list[str]

    def call(self) -> Listed:
        return Listed(*self.pages, tokens=self.tokens)


@st.composite
def shops(draw: st.DrawFn) -> Shop:
    lengths = draw(st.lists(st.integers(0, 4), min_size=1, max_size=6))
    starts = [sum(lengths[:number]) for number in range(len(lengths))]
    looks = st.sampled_from(PLAIN_TOKENS) | st.text(min_size=1, max_size=8)
    tokens = draw(
        st.lists(
            looks.filter(lambda text: text != "None"), min_size=len(lengths) - 1, max_size=len(lengths) - 1, unique=True
        )
    )
    return Shop([list(range(start, start + length)) for start, length in zip(starts, lengths, strict=True)], tokens)


def listed(kind: Any, shop: Shop, **config: Any) -> list[dict[str, Any]]:
    case = Case("GetInstances", [], {})
    paginator = theirs(case, shop.call()) if kind is BotocorePaginator else ours(case, shop.call())
    return list(paginator.paginate(PaginationConfig=config))


def items_in(pages: list[dict[str, Any]]) -> list[int]:
    return [item for page in pages for item in page["instances"] or []]


@given(shops(), st.none() | st.integers(0, 20), st.integers(0, 5), st.none() | st.integers(0, 5))
@example(Shop([[0, 1, 2], [3, 4, 5], [6, 7]], ["t1", "t2"]), 4, 0, None)
@example(Shop([[0], []], ["t1"]), 1, 0, None)
@settings(max_examples=800)
def test_a_pages_next_token_is_there_when_more_may_come_and_resumes_right_behind_it(shop, max_items, first, skipped):
    first %= len(shop.pages)
    leads_to = [None, *shop.tokens]
    total = sum(map(len, shop.pages))
    taken = sum(map(len, shop.pages[:first])) + min(skipped or 0, len(shop.pages[first]))
    start = None
    if first or skipped is not None:
        start = tok({"pageToken": leads_to[first]} | ({} if skipped is None else {"boto_truncate_amount": skipped}))

    pages = listed(Paginator, shop, MaxItems=max_items, StartingToken=start)
    for number, page in enumerate(pages):
        offset = skipped or 0 if number == 0 else 0
        kept, raw = len(page["instances"]), page.get("nextPageToken")
        taken += kept
        if kept < len(shop.pages[first + number][offset:]):
            expected = tok({"pageToken": leads_to[first + number], "boto_truncate_amount": offset + kept})
        else:
            expected = tok({"pageToken": raw}) if raw else ABSENT
        assert page.get("NextToken", ABSENT) == expected
        rest = list(range(taken, total))
        if expected is ABSENT:
            assert rest == []
        else:
            assert items_in(listed(Paginator, shop, StartingToken=expected)) == rest
            assert items_in(listed(BotocorePaginator, shop, StartingToken=expected)) == rest


@given(shops(), st.integers(1, 5))
@settings(max_examples=300)
def test_a_listing_taken_in_steps_by_its_next_tokens_is_the_whole_listing(shop, step):
    token, taken = None, []
    for _ in range(60):
        pages = listed(Paginator, shop, MaxItems=step, StartingToken=token)
        assert len(items_in(pages)) <= step
        taken += items_in(pages)
        token = pages[-1].get("NextToken")
        if token is None:
            break
    assert taken == [item for page in shop.pages for item in page]


@given(st.sampled_from(["ListObjectVersions", "Query", "ListDistributions"]), st.data())
@settings(max_examples=300)
def test_with_several_result_keys_each_part_is_delivered_once(operation, data):
    rule = RULES[operation]
    lengths = data.draw(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2)), min_size=1, max_size=5))
    answers = [answer_number(rule, number, lengths) for number in range(len(lengths))]

    def call(**arguments: Any) -> dict[str, Any]:
        token = arguments.get(rule.input_tokens[0])
        return deepcopy(answers[0 if token is None else int(token)])

    def parts(pages: list[dict[str, Any]]) -> list[list[Any]]:
        read = [reader(key) for key in rule.result_keys]
        return [[item for page in pages for item in lists(find(page))] for find in read]

    def walk(**config: Any) -> list[dict[str, Any]]:
        return list(Paginator(call, rule, operation).paginate(PaginationConfig=config))

    whole = parts(walk())
    pages = walk(MaxItems=data.draw(st.none() | st.integers(0, 12)))
    for number, page in enumerate(pages):
        rest = walk(StartingToken=page["NextToken"]) if "NextToken" in page else []
        so_far = parts(pages[: number + 1])
        assert [one + two for one, two in zip(so_far, parts(rest), strict=True)] == whole


def answer_number(rule: Paging, number: int, lengths: list[tuple[int, int]]) -> dict[str, Any]:
    answer: dict[str, Any] = {}
    for place, key in enumerate(rule.result_keys):
        put(answer, key, [f"{key} {number}.{item}" for item in range(lengths[number][min(place, 1)])])
    more = number + 1 < len(lengths)
    if rule.more_results is not None:
        put(answer, rule.more_results, more)
    if more:
        put(answer, rule.output_tokens[0], str(number + 1))
    return answer


def lists(found: Any) -> list[Any]:
    return found if isinstance(found, list) else []


# Counterexamples that were found once, and the tables of what botocore does


@pytest.mark.parametrize("max_items", [None, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, -1, -4])
@pytest.mark.parametrize(
    "token",
    [
        None,
        "",
        "t1",
        "t1___2",
        "None___2",
        "None",
        "t1___x",
        "a___b___2",
        "NQ==",
        "bnVsbA==",
        tok([]),
        tok({"pageToken": "t1"}),
        tok({"pageToken": "t1", "boto_truncate_amount": 2}),
        tok({"boto_truncate_amount": 2, "pageToken": "t1"}),
        tok({"pageToken": None, "boto_truncate_amount": 2}),
        tok({"pageToken": "t1", "boto_truncate_amount": 99}),
        tok({"pageToken": "t1", "boto_truncate_amount": -1}),
        tok({"pageToken": "t1", "boto_truncate_amount": None}),
        tok({"pageToken": "t1", "boto_truncate_amount": "1"}),
        tok({"pageToken": "None"}),
        tok({"foo": "bar"}),
        tok({"pageToken": 5}),
        tok({"pageToken": "t1"}).rstrip("="),
    ],
)
def test_eight_instances_on_three_pages_as_botocore_lists_them(token, max_items):
    case = Case("GetInstances", [], {"PaginationConfig": {"MaxItems": max_items, "StartingToken": token}})
    shop = Shop([[0, 1, 2], [3, 4, 5], [6, 7]], ["t1", "t2"])
    calls = [shop.call() for _ in range(3)]
    expected = walked(theirs(case, calls[0]), case.arguments)
    assert_same_walk(expected, walked(ours(case, calls[1]), case.arguments))
    assert_same_walk(expected, finish(awalked(ours(case, calls[2].awaited, AsyncPaginator), case.arguments)))
    assert calls[0].requests == calls[1].requests == calls[2].requests
