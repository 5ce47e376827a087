"""A paging rule's expressions are read as jmespath reads them, and written where they name a place."""

import subprocess
import sys

import jmespath
import pytest
from botocore.exceptions import InvalidExpressionError
from hypothesis import given
from hypothesis import strategies as st

from skysail.caller.expressions import put, reader

VALUES = st.recursive(
    st.none() | st.integers() | st.text(max_size=3) | st.booleans(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
)


@given(VALUES, st.sampled_from(["a", "b", "a.b", "a.b.c", "a || b[-1].c", "b[-1].c", '"a"', "a.b[0]"]))
def test_an_expression_is_read_as_jmespath_reads_it(answer, expression):
    assert reader(expression)(answer) == jmespath.search(expression, answer)


@pytest.mark.parametrize(
    ("answer", "expression", "after"),
    [
        ({}, "a", {"a": 1}),
        ({"a": 0, "b": 2}, "a", {"a": 1, "b": 2}),
        ({}, "a.b", {"a": {"b": 1}}),
        ({"a": {"b": 0, "c": 2}}, "a.b", {"a": {"b": 1, "c": 2}}),
        ({"a": {}}, "a.b.c", {"a": {"b": {"c": 1}}}),
    ],
)
def test_a_value_is_put_where_the_names_lead(answer, expression, after):
    put(answer, expression, 1)
    assert answer == after


@pytest.mark.parametrize("expression", ["a[0]", "a || b", "", ".", "*"])
def test_nothing_can_be_put_at_an_expression_that_is_no_place(expression):
    with pytest.raises(InvalidExpressionError):
        put({}, expression, 1)


@pytest.mark.parametrize("answer", [{"a": None}, {"a": 5}, {"a": "text"}])
def test_nothing_can_be_put_into_what_is_no_structure(answer):
    with pytest.raises(TypeError):
        put(answer, "a.b", 1)


@pytest.mark.parametrize(("expression", "loaded"), [("instances", False), ("a.b", False), ("a || b", True)])
def test_jmespath_is_loaded_only_by_an_expression_that_is_more_than_names(expression, loaded):
    program = f"""
import sys
from skysail.caller.expressions import reader
reader({expression!r})
print("jmespath" in sys.modules)
"""
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == str(loaded)
