"""Where a value stands in an answer: the JMESPath expressions of a paging rule, read and written.

Nearly every one is a name, or names with dots between. Those are read here by plain dict access, with
JMESPath's answers; only the others (`NextMarker || Contents[-1].Key`) load jmespath, whose import costs
some 23 ms.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Any, Protocol

from botocore.exceptions import InvalidExpressionError

_NAMES = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*")


class Expression(Protocol):
    """What `jmespath.compile` gives, as far as it is public."""

    @property
    def expression(self) -> str: ...

    @property
    def parsed(self) -> Any: ...

    def search(self, value: Any) -> Any: ...


def compiled(expression: str) -> Expression:
    """The expression as jmespath compiles it. Raises jmespath's own errors for one that is none."""
    # Late: a caller that only walks pages never needs it.
    import jmespath

    return jmespath.compile(expression)


def names_in(expression: str) -> list[str] | None:
    """The names that the expression puts dots between; None for one of any other kind."""
    return expression.split(".") if _NAMES.fullmatch(expression) else None


@cache
def reader(expression: str) -> Callable[[Any], Any]:
    """A function that finds the expression's value in an answer; it returns None where there is nothing."""
    names = names_in(expression)
    if names is None:
        return compiled(expression).search
    name, *inner = names

    def read(answer: Any) -> Any:
        return _member(answer, name)

    def read_inner(answer: Any) -> Any:
        value = _member(answer, name)
        for deeper in inner:
            value = _member(value, deeper)
        return value

    return read_inner if inner else read


def _member(value: Any, name: str) -> Any:
    try:
        return value.get(name)
    except AttributeError:  # a list or a scalar has no members: nothing there, says JMESPath
        return None


def put(answer: dict[str, Any], expression: str, value: Any) -> None:
    """Set the value at a name or dotted names, in place, making the structures on the way there.

    Raises InvalidExpressionError for any other expression, TypeError where something on the way is no
    structure.
    """
    names = names_in(expression)
    if names is None:
        raise InvalidExpressionError(expression=expression)
    *outer, last = names
    for name in outer:
        if name not in answer:
            answer[name] = {}
        answer = answer[name]
    answer[last] = value
