"""What of an answer a JMESPath expression, or a choice of fields, can see: only that needs to be decoded.

An expression is run here once, on places instead of values. A place is noted when the expression asks what stands
there; whole, when its content can matter: in the result, in a comparison, as an argument. Lists keep their length and
their nulls however little is decoded of their elements. Where it matters in which order a structure's members come
(`*`, `keys()`), or an expression is of a kind not known here, nothing is narrowed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any, NamedTuple

from skysail.caller.expressions import compiled, names_in
from skysail.protocol.members import ALL, Members, Place, want_fields
from skysail.protocol.model import Paging


@lru_cache(maxsize=256)
def wanted_by_search(expression: str, output: str, rule: Paging) -> Members:
    """What of answers of this shape a search and the listing itself look at; ALL where that cannot be told.

    Raises jmespath's errors for what is no expression.
    """
    page = Place(output)
    try:
        _want_all(_seen(compiled(expression).parsed, frozenset([page])))
    except _CannotTell:
        return ALL
    return page.members() if _want_tokens(page, rule) else ALL


class Choice(NamedTuple):
    """Fields chosen: what that means for a whole answer, and for one of its items."""

    page: Members
    item: Members


def chosen(fields: Iterable[str], output: str, rule: Paging) -> Choice:
    """What `items(fields=…)` looks at. Raises ParameterError for a field that the model does not have."""
    page = Place(output)
    item = want_fields(_item(page, rule), fields)
    return Choice(page.members() if _want_tokens(page, rule) else ALL, item)


class _CannotTell(Exception):
    """An expression may look at what is not noted here."""


# --- the listing's own members ------------------------------------------------------------------------------


def _want_tokens(page: Place, rule: Paging) -> bool:
    """Note what `paging.py` reads in every answer; False where that is no plain name, and so cannot be told."""
    read_whole = [*rule.output_tokens, *rule.non_aggregate_keys]
    if rule.more_results is not None:
        read_whole.append(rule.more_results)
    for expression in (*read_whole, *rule.result_keys):
        if names_in(expression) is None:
            return False
        place = _place(page, expression)
        if place is not None and expression in read_whole:
            place.want_all()
    return True


def _item(page: Place, rule: Paging) -> Place:
    """The place of one item: an element of the first result key."""
    listed = _place(page, rule.result_keys[0])
    assert listed is not None
    item = listed.element()
    assert item is not None
    return item


def _place(page: Place, expression: str) -> Place | None:
    here: Place | None = page
    for name in names_in(expression) or ():
        here = here and here.member(name)
    return here


# --- expressions --------------------------------------------------------------------------------------------


class _List(NamedTuple):
    """A list that the expression makes: what its elements can be."""

    elements: Value


class _Whole(NamedTuple):
    """Any value of which nothing is missing: decoded whole, or the expression's own."""


# Everything that may stand somewhere; nothing at all where there can only be null.
Value = frozenset[Place | _List | _Whole]
Node = dict[str, Any]
_WHOLE: Value = frozenset([_Whole()])


def _seen(node: Node, value: Value) -> Value:
    """What the expression gives for a value, noting what it looks at on the way."""
    look = _LOOKS.get(node["type"])
    if look is None:
        raise _CannotTell
    return look(node, value)


def _field(node: Node, value: Value) -> Value:
    found: set[Place | _List | _Whole] = set()
    for at in value:
        member = at.member(node["value"]) if isinstance(at, Place) else None
        if member is not None:
            found.add(member)
        elif not _is_list(at):
            found |= _WHOLE  # not in the model, such as a page's NextToken; in a map; in what is whole already
    return frozenset(found)


def _index(node: Node, value: Value) -> Value:
    return _elements(value)


def _itself(node: Node, value: Value) -> Value:
    return value


def _steps(node: Node, value: Value) -> Value:
    for child in node["children"]:
        value = _seen(child, value)
    return value


def _flatten(node: Node, value: Value) -> Value:
    merged: Value = frozenset()
    for at in _elements(_seen(node["children"][0], value)):
        merged |= _elements(frozenset([at])) if _is_list(at) else frozenset([at])
    return _list_of(merged)


def _projection(node: Node, value: Value) -> Value:
    base, each = node["children"]
    return _list_of(_seen(each, _elements(_seen(base, value))))


def _filter(node: Node, value: Value) -> Value:
    base, each, condition = node["children"]
    elements = _elements(_seen(base, value))
    _want_truth(_seen(condition, elements))
    return _list_of(_seen(each, elements))


def _comparison(node: Node, value: Value) -> Value:
    for child in node["children"]:
        _want_all(_seen(child, value))
    return _WHOLE


def _either(node: Node, value: Value) -> Value:
    first, second = node["children"]
    found = _seen(first, value)
    _want_truth(found)
    return found | _seen(second, value)


def _negation(node: Node, value: Value) -> Value:
    _want_truth(_seen(node["children"][0], value))
    return _WHOLE


def _literal(node: Node, value: Value) -> Value:
    return _WHOLE


def _made_list(node: Node, value: Value) -> Value:
    return _list_of(frozenset[Any]().union(*(_seen(child, value) for child in node["children"])))


def _made_object(node: Node, value: Value) -> Value:
    for pair in node["children"]:
        _want_all(_seen(pair["children"][0], value))
    return _WHOLE


def _function(node: Node, value: Value) -> Value:
    name, arguments = node["value"], node["children"]
    if name in _BY_EXPRESSION and len(arguments) == 2:
        function = _BY_EXPRESSION[name]
        if name == "map":
            arguments = arguments[::-1]
        array, reference = arguments
        if reference["type"] != "expref":
            raise _CannotTell
        found = _seen(array, value)
        return function(found, _seen(reference["children"][0], _elements(found)))
    if name in _OF_VALUES and arguments:
        return _OF_VALUES[name](*(_seen(argument, value) for argument in arguments))
    raise _CannotTell


_LOOKS: dict[str, Callable[[Node, Value], Value]] = {
    "field": _field,
    "index": _index,
    "slice": _itself,
    "current": _itself,
    "identity": _itself,
    "subexpression": _steps,
    "index_expression": _steps,
    "pipe": _steps,
    "flatten": _flatten,
    "projection": _projection,
    "filter_projection": _filter,
    "comparator": _comparison,
    "or_expression": _either,
    "and_expression": _either,
    "not_expression": _negation,
    "literal": _literal,
    "multi_select_list": _made_list,
    "multi_select_dict": _made_object,
    "function_expression": _function,
}


# --- functions ----------------------------------------------------------------------------------------------


def _in_order(array: Value, keys: Value) -> Value:
    return array  # keys are texts or numbers, and these are whole once they are looked at


def _outermost(array: Value, keys: Value) -> Value:
    return _elements(array)


def _mapped(array: Value, results: Value) -> Value:
    return _list_of(results)


_BY_EXPRESSION: dict[str, Callable[[Value, Value], Value]] = {
    "sort_by": _in_order,
    "min_by": _outermost,
    "max_by": _outermost,
    "map": _mapped,
}


def _looked_through(*arguments: Value) -> Value:
    for argument in arguments:
        _want_all(argument)
    return _WHOLE


def _measured(*arguments: Value) -> Value:
    for argument in arguments:
        _want_truth(argument)
    return _WHOLE


def _told_apart(*arguments: Value) -> Value:
    return _WHOLE  # that something is there, and of which type, is known already


def _one_of(*arguments: Value) -> Value:
    return frozenset[Any]().union(*arguments)


def _as_list(*arguments: Value) -> Value:
    """What is a list stays one; anything else is put into one."""
    found = _one_of(*arguments)
    return found | _list_of(found)


def _written(*arguments: Value) -> Value:
    """A structure is written in the order of its members, which is not known here."""
    if any(not isinstance(at, Place) or at.kind in ("structure", "list", "map") for at in _one_of(*arguments)):
        raise _CannotTell
    return _WHOLE


_ON_CONTENT = (
    *("abs", "avg", "ceil", "contains", "ends_with", "floor", "join", "max", "merge", "min", "sort", "starts_with"),
    *("sum", "to_number"),
)
_OF_VALUES: dict[str, Callable[..., Value]] = {
    "type": _told_apart,
    "length": _measured,
    "not_null": _one_of,
    "to_array": _as_list,
    "reverse": _one_of,
    "to_string": _written,
    **dict.fromkeys(_ON_CONTENT, _looked_through),
}


# --- values -------------------------------------------------------------------------------------------------


def _is_list(at: Place | _List | _Whole) -> bool:
    return at.kind == "list" if isinstance(at, Place) else isinstance(at, _List)


def _list_of(elements: Value) -> Value:
    return frozenset([_List(elements)])


def _elements(value: Value) -> Value:
    """What the elements can be, of all that can be a list."""
    found: set[Place | _List | _Whole] = set()
    for at in value:
        if isinstance(at, _List):
            found |= at.elements
        elif isinstance(at, Place) and (element := at.element()) is not None:
            found.add(element)
        elif not isinstance(at, Place) or at.kind != "structure":
            found |= _WHOLE
    return frozenset(found)


def _want_truth(value: Value) -> None:
    """Note what decides whether something counts as true, or how long it is: a structure's members do."""
    for at in value:
        if isinstance(at, Place) and at.kind == "structure":
            at.want_all()


def _want_all(value: Value) -> None:
    for at in value:
        if isinstance(at, Place):
            at.want_all()
        elif isinstance(at, _List):
            _want_all(at.elements)
