"""JMESPath read by us: jmespath's values, in less time; anything unusual is jmespath's own."""

import jmespath
import pytest

from skysail.caller.searching import searcher

PAGE = {
    "instances": [
        {"name": "a", "state": {"name": "running"}, "tags": [{"key": "k"}], "n": 0},
        None,
        {"name": "b", "tags": [], "n": 1},
        {"name": "", "state": {"name": "stopped"}, "tags": [{"key": "k"}, {"key": None}], "n": True},
        [{"name": "nested"}],
    ],
    "nextPageToken": "t",
}
READ_BY_US = [
    "instances",
    "instances[].name",
    "instances[*].name",
    "instances[*].tags[].key",
    "instances[].tags[].key[]",
    "instances[].[name, state.name]",
    "instances[].{n: name, s: state.name, all: @}",
    "instances[].tags[*].[key]",
    "instances[?state.name == 'running'].name",
    "instances[?name == ''].n",
    "instances[?n == 'a']",
    "nextPageToken[].name",
    "nextPageToken.a.b",
    "nope[].name",
    "nope[?a == 'b']",
    "nope.[a, b]",
    "nope.{a: b}",
    "instances[].name | [a, b]",
    "@",
    "[instances, nope]",
]
LEFT_TO_JMESPATH = [
    "instances[0].name",
    "instances[1:].name",
    "instances[?n == `1`].name",
    "instances[?n == `true`].name",
    "instances[?n].name",
    "instances[?!n].name",
    "instances[?name != 'a'].name",
    "instances[?name == state.name].name",
    "instances[?name == 'a' || n].name",
    "length(instances)",
    "name == 'a'",
    "instances[].*",
]


def test_the_usual_expressions_are_read_by_us():
    for expression in READ_BY_US:
        assert not hasattr(searcher(expression), "__self__"), expression
    for expression in LEFT_TO_JMESPATH:
        assert searcher(expression).__self__.expression == expression


@pytest.mark.parametrize("expression", READ_BY_US + LEFT_TO_JMESPATH)
@pytest.mark.parametrize("value", [PAGE, {}, [], None, "text", 5, [PAGE]])
def test_the_value_is_jmespaths(expression, value):
    try:
        expected = jmespath.search(expression, value)
    except jmespath.exceptions.JMESPathError as error:
        with pytest.raises(type(error)):
            searcher(expression)(value)
    else:
        assert repr(searcher(expression)(value)) == repr(expected)


def test_a_value_is_given_away_and_not_the_pages_own_list():
    page = {"instances": [1, 2]}
    searcher("instances[]")(page).clear()
    assert page == {"instances": [1, 2]}
