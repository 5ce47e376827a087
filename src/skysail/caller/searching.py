"""JMESPath expressions as functions of a page, quicker than jmespath's own for the usual ones.

Names, `[]`, `[*]`, `[a, b]`, `{a: b}` and `[?name == 'text']` in any combination are read here, by closures; their
rules leave no room for two readings. An expression with anything else in it is jmespath's, as a whole.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from skysail.caller.expressions import compiled

Search = Callable[[Any], Any]
Node = dict[str, Any]


@lru_cache(maxsize=256)
def searcher(expression: str) -> Search:
    """A function that gives the expression's value in a page. Raises jmespath's errors for what is no expression."""
    whole = compiled(expression)
    try:
        return _read(whole.parsed)
    except _NotReadHere:
        return whole.search


class _NotReadHere(Exception):
    """The expression has something in it that is left to jmespath."""


def _read(node: Node) -> Search:
    made = _READERS.get(node["type"])
    if made is None:
        raise _NotReadHere
    return made(node)


def _field(node: Node) -> Search:
    name = node["value"]

    def read(value: Any) -> Any:
        try:
            return value.get(name)
        except AttributeError:  # a list, a scalar or nothing has no members
            return None

    return read


def _itself(node: Node) -> Search:
    return lambda value: value


def _steps(node: Node) -> Search:
    steps = [_read(child) for child in node["children"]]
    if len(steps) == 2:
        first, second = steps
        return lambda value: second(first(value))

    def read(value: Any) -> Any:
        for step in steps:
            value = step(value)
        return value

    return read


def _flatten(node: Node) -> Search:
    base = _read(node["children"][0])

    def read(value: Any) -> Any:
        found = base(value)
        if not isinstance(found, list):
            return None
        merged: list[Any] = []
        for element in found:
            if isinstance(element, list):
                merged += element
            else:
                merged.append(element)
        return merged

    return read


def _projection(node: Node) -> Search:
    base, each = (_read(child) for child in node["children"])

    def read(value: Any) -> Any:
        found = base(value)
        if not isinstance(found, list):
            return None
        return [seen for element in found if (seen := each(element)) is not None]

    return read


def _filter(node: Node) -> Search:
    base, each = (_read(child) for child in node["children"][:2])
    keeps = _comparison(node["children"][2])  # of anything else the truth is not Python's

    def read(value: Any) -> Any:
        found = base(value)
        if not isinstance(found, list):
            return None
        return [seen for element in found if keeps(element) and (seen := each(element)) is not None]

    return read


def _comparison(node: Node) -> Search:
    """With a text, where equality is plain; numbers and booleans have rules of their own."""
    if node["type"] != "comparator" or node["value"] != "eq":
        raise _NotReadHere
    compared, literal = node["children"]
    if literal["type"] != "literal" or not isinstance(literal["value"], str):
        raise _NotReadHere
    read, text = _read(compared), literal["value"]
    return lambda value: bool(read(value) == text)


def _made_list(node: Node) -> Search:
    reads = [_read(child) for child in node["children"]]
    return lambda value: None if value is None else [read(value) for read in reads]


def _made_object(node: Node) -> Search:
    reads = [(pair["value"], _read(pair["children"][0])) for pair in node["children"]]
    return lambda value: None if value is None else {name: read(value) for name, read in reads}


_READERS: dict[str, Callable[[Node], Search]] = {
    "field": _field,
    "current": _itself,
    "identity": _itself,
    "subexpression": _steps,
    "pipe": _steps,
    "flatten": _flatten,
    "projection": _projection,
    "filter_projection": _filter,
    "multi_select_list": _made_list,
    "multi_select_dict": _made_object,
}
