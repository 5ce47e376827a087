"""Random expressions on random answers: a search that decodes what it needs finds what a search of everything finds.

Once beside botocore's own search, once beside jmespath on our full pages: there also where an expression sees what we
give otherwise than botocore (NextToken, times as text). Answers go through as bytes, so that decoding is part of it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from copy import deepcopy
from datetime import UTC, datetime
from typing import Any

import jmespath
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from canned_service import CannedService
from drawn_answers import answers
from drawn_expressions import expressions
from paged_answers import finish
from skysail.caller.narrowing import wanted_by_search
from skysail.caller.searching import searcher
from skysail.protocol.codec import decode_answer
from skysail.protocol.members import ALL
from skysail.protocol.message import Response
from skysail.protocol.model import service_model

OPERATIONS = ["GetInstances", "GetDisks", "GetOperations", "GetDomains", "GetActiveNames"]
MODEL = service_model()
SERVICE = CannedService()
OURS, AWAITED, THEIRS = SERVICE.client(), SERVICE.async_client(), SERVICE.botocore()


def outputs(operation: str) -> str:
    return str(MODEL.operation(operation).output)


@st.composite
def searches(draw: st.DrawFn) -> tuple[str, str, list[Any]]:
    """An operation, an expression, and the answers to search through."""
    operation = draw(st.sampled_from(OPERATIONS[:3] * 3 + OPERATIONS))
    documents = draw(st.lists(answers(outputs(operation), absent=False), min_size=1, max_size=3))
    return operation, draw(expressions(outputs(operation))), documents


def outcome(values: Iterable[Any]) -> tuple[list[Any], type[Exception] | None]:
    """What comes, and the class of the error that ends it, if one does."""
    seen: list[Any] = []
    try:
        for value in values:
            seen.append(comparable(value))
    except Exception as error:
        return seen, type(error)
    return seen, None


async def gathered(values: Any) -> tuple[list[Any], type[Exception] | None]:
    seen: list[Any] = []
    try:
        async for value in values:
            seen.append(comparable(value))
    except Exception as error:
        return seen, type(error)
    return seen, None


def comparable(value: Any) -> Any:
    """A value with the type of each scalar, and times as instants: 1, 1.0 and true are three things. What `&name` gives
    is only itself, and known by its class."""
    if isinstance(value, dict):
        return {name: comparable(element) for name, element in value.items()}
    if isinstance(value, list):
        return [comparable(element) for element in value]
    if isinstance(value, datetime):
        return value.astimezone(UTC)
    if not isinstance(value, str | int | float | None):
        return type(value).__name__, None
    # to_string(&name) writes where an object of jmespath's lies, which is elsewhere each time.
    return type(value).__name__, re.sub(r"(<jmespath\.visitor\._Expression object at )0x[0-9a-f]+", r"\1…", repr(value))


def paginator(client: Any, operation: str) -> Any:
    return client.get_paginator(MODEL.operation(operation).method).paginate()


SEES_THE_PAGE = ("@", "*", "keys", "values", "merge", "nope")
"""In an expression with any of these NextToken may be seen, which botocore does not have."""


@given(searches())
@settings(max_examples=300)
def test_a_search_finds_what_botocores_finds(search: tuple[str, str, list[Any]]) -> None:
    operation, expression, documents = search
    assume("to_string" not in expression)  # a time is written with the zone it is given in
    # One page, and so no NextToken, where that could be seen.
    SERVICE.put(*(documents[:1] if any(word in expression for word in SEES_THE_PAGE) else documents))
    expected = outcome(paginator(THEIRS, operation).search(expression))
    asked = deepcopy(SERVICE.asked)
    SERVICE.asked.clear()
    assert outcome(paginator(OURS, operation).search(expression)) == expected
    assert SERVICE.asked == asked
    assert finish(gathered(paginator(AWAITED, operation).search(expression))) == expected


DIFFERENT = [
    {"name": "a", "location": {"regionName": "r", "availabilityZone": "z"}, "state": {"name": "a", "code": 1}},
    {"name": "b", "location": {"regionName": "s"}, "state": {"name": "b"}, "tags": None},
]
TWO = [{"instances": DIFFERENT}, {"instances": DIFFERENT[::-1]}]
DOMAINS = [{"domains": [{"domainEntries": [{"options": {"a": "b"}}]}]}]


@given(searches())
@settings(max_examples=700)
@example(("GetInstances", "instances[?state].name", TWO))
@example(("GetInstances", "instances[?!state].name", TWO))
@example(("GetInstances", "type(instances[0].state || instances[0].name)", TWO))
@example(("GetInstances", "type(instances[0].state && instances[0].name)", TWO))
@example(("GetInstances", "instances[].length(state)", TWO))
@example(("GetInstances", "[instances[0], `1`][]", TWO))
@example(("GetInstances", "instances[0] == instances[1]", TWO))
@example(("GetInstances", "instances[0].[state][0]", TWO))
@example(("GetInstances", "not_null(nope, instances[0].state)", TWO))
@example(("GetInstances", "to_array(instances[0].state)[0]", TWO))
@example(("GetInstances", "reverse(instances)[0].state", TWO))
@example(("GetInstances", "instances | max_by(@, &name)", TWO))
@example(("GetInstances", "instances | map(&state, @)", TWO))
@example(("GetInstances", "contains(instances[1:].state, instances[0].state)", TWO))
@example(("GetInstances", "merge(instances[0].state, instances[0].location)", TWO))
@example(("GetInstances", "instances[].keys(@)", TWO))
@example(("GetInstances", "instances[].values(state)", TWO))
@example(("GetInstances", "instances[].state.*", TWO))
@example(("GetInstances", "to_string(instances[0].state)", TWO))
@example(("GetInstances", "to_string(instances[0].name || {x: instances[0].location})", TWO))
@example(("GetInstances", "to_string(instances[0].name)", TWO))
@example(("GetInstances", "instances[].[location.regionName, {x: state}][]", TWO))
@example(("GetInstances", "instances.name || @", TWO))
@example(("GetInstances", "NextToken", TWO))
@example(("GetInstances", "ResponseMetadata.HTTPStatusCode", TWO))
@example(("GetInstances", "instances[].name.a", [{"instances": [{"name": {"a": 1, "b": 2}}]}]))
@example(("GetActiveNames", "activeNames[].a", [{"activeNames": [{"a": 1}]}]))
@example(("GetDomains", "domains[].domainEntries[].options.a", DOMAINS))
def test_a_search_that_decodes_little_finds_what_it_would_find_in_everything(
    search: tuple[str, str, list[Any]],
) -> None:
    operation, expression, documents = search
    SERVICE.put(*documents)
    expected = outcome(found_in_full(operation, expression))
    SERVICE.asked.clear()
    assert outcome(paginator(OURS, operation).search(expression)) == expected
    assert len(SERVICE.asked) <= len(documents)


def found_in_full(operation: str, expression: str) -> Iterable[Any]:
    find = jmespath.compile(expression).search
    for page in paginator(OURS, operation):
        found = find(page)
        yield from found if isinstance(found, list) else [found]


@given(searches())
@settings(max_examples=300)
def test_an_expression_read_by_us_gives_what_it_gives_in_jmespath(search: tuple[str, str, list[Any]]) -> None:
    operation, expression, documents = search
    for document in documents:
        page = decode_answer(MODEL.operation(operation), Response(200, {}, json.dumps(document).encode()))
        expected = outcome(jmespath.search(expression, each) for each in [page])
        assert outcome(searcher(expression)(each) for each in [page]) == expected


def test_most_of_the_expressions_drawn_here_are_narrowed() -> None:
    """Otherwise the tests above would prove nothing."""
    drawn: list[bool] = []

    @given(expressions("GetInstancesResult"))
    @settings(max_examples=200, database=None)
    def draw(expression: str) -> None:
        rule = MODEL.operation("GetInstances").paging
        assert rule is not None
        drawn.append(wanted_by_search(expression, "GetInstancesResult", rule) != ALL)

    draw()
    assert sum(drawn) > len(drawn) / 3


@pytest.mark.parametrize("expression", ["][", "instances[", "", "a b"])
def test_what_is_no_expression_is_jmespaths_error(expression: str) -> None:
    SERVICE.put({"instances": []})
    expected = outcome(paginator(THEIRS, "GetInstances").search(expression))
    assert expected[1] is not None
    SERVICE.asked.clear()
    assert outcome(paginator(OURS, "GetInstances").search(expression)) == expected
    assert SERVICE.asked == []
