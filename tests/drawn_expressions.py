"""JMESPath expressions for hypothesis to draw, over the members that a shape of the model has, and over others."""

from __future__ import annotations

from hypothesis import strategies as st

from skysail.protocol.model import Shape, service_model

LITERALS = ["'a'", "'b'", "''", "`0`", "`1`", "`true`", "`null`", "`[]`", "`{}`", '`{"a": 1}`']
UNARY = ["abs", "avg", "ceil", "floor", "length", "max", "min", "not_null", "reverse", "sort", "sum", "to_array"]
UNARY += ["to_number", "type", "keys", "values", "to_string", "nope", "merge"]
BINARY = ["contains", "starts_with", "ends_with", "join", "not_null", "merge", "length"]
BY = ["sort_by", "max_by", "min_by"]


@st.composite
def expressions(draw: st.DrawFn, shape_name: str, depth: int = 3) -> str:
    """An expression to be put to a value of that shape; most of them find something there."""
    shape = service_model().shape(shape_name)
    if depth <= 0:
        return draw(_steps(shape, 0))
    inner = expressions(shape_name, depth - 1)
    form = draw(st.sampled_from(["steps"] * 8 + FORMS))
    if form == "steps":
        return draw(_steps(shape, depth))
    if form == "list":
        return f"[{', '.join(draw(st.lists(inner, min_size=1, max_size=3)))}]"
    if form == "object":
        return f"{{x: {draw(inner)}, y: {draw(inner)}}}"
    if form == "made":
        return f"[{draw(inner)}, {draw(inner)}]{draw(st.sampled_from(['[]', '[0]', ' | [1]', '[*]', ' | [0]']))}"
    if form == "pipe":
        return (
            f"{draw(inner)} | {draw(st.sampled_from(['@', '[0]', '[]', '[1:]', 'name', 'length(@)', '*', '[].name']))}"
        )
    if form == "compare":
        comparator = draw(st.sampled_from(["==", "!=", "<", ">="]))
        return f"({draw(inner)}) {comparator} {draw(st.sampled_from(LITERALS) | inner)}"
    if form == "logic":
        return f"({draw(inner)}) {draw(st.sampled_from(['&&', '||']))} ({draw(inner)})"
    if form == "not":
        return f"!({draw(inner)})"
    if form == "unary":
        return f"{draw(st.sampled_from(UNARY))}({draw(inner)})"
    if form == "binary":
        return f"{draw(st.sampled_from(BINARY))}({draw(inner)}, {draw(inner | st.sampled_from(LITERALS))})"
    return draw(st.sampled_from(["@", "*", "nope", "`1`", "&name", "map(&@, @)", "[?@]", "@.*", "type(@)", "*.name"]))


FORMS = ["list", "list", "object", "made", "pipe", "compare", "logic", "not", "unary", "unary", "binary", "wild"]


@st.composite
def _steps(draw: st.DrawFn, shape: Shape, depth: int) -> str:
    """A way from a value of the shape inwards, by names, brackets and functions with a reference."""
    if shape.type == "structure" and shape.members:
        name = draw(st.sampled_from([*shape.members, *list(shape.members)[:4], "nope"]))
        member = shape.members.get(name)
        inside = service_model().shape(member.shape) if member else shape
        return name + draw(_further(inside, depth, name))
    return "@" + draw(_further(shape, depth, "@"))


@st.composite
def _further(draw: st.DrawFn, shape: Shape, depth: int, so_far: str) -> str:
    if shape.type == "structure" and draw(st.integers(0, 3)):
        return f".{draw(_dotted(shape, depth))}"
    if shape.type == "map" and draw(st.booleans()):
        return draw(st.sampled_from([".a", ".*", ".nope"]))
    if shape.type != "list" or not shape.member:
        return draw(st.sampled_from(["", "", "", "", "", "", "[0]", ".nope", "[]", ".*", "[?a]"]))
    element = service_model().shape(shape.member.shape)
    bracket = draw(
        st.sampled_from(["[]", "[]", "[*]", "[0]", "[-1]", "[1:]", "[::-1]", "filter", "filter", "by", "", ".nope"])
    )
    if bracket == "filter":
        bracket = f"[?{draw(expressions(shape.member.shape, depth - 1))}]"
    if bracket == "by":
        # Grammar has no way to put a function behind a name: it follows a pipe.
        key = draw(expressions(shape.member.shape, 0))
        call = draw(st.sampled_from([f"{name}(@, &{key})" for name in BY] + [f"map(&{key}, @)"]))
        return f" | {call}"
    if bracket in ("", ".nope") or element.type != "structure" or not draw(st.integers(0, 4)):
        return bracket
    return f"{bracket}.{draw(_dotted(element, depth - 1))}"


@st.composite
def _dotted(draw: st.DrawFn, shape: Shape, depth: int) -> str:
    """What may stand behind a dot: a way on, a selection, a function of it."""
    form = draw(st.sampled_from(["steps", "steps", "steps", "list", "object", "function", "all"]))
    if form == "steps" or depth <= 0:
        return draw(_steps(shape, depth - 1)) if shape.members else "nope"
    if form == "list":
        return f"[{draw(_steps(shape, depth - 1))}, {draw(_steps(shape, 0))}]"
    if form == "object":
        return f"{{x: {draw(_steps(shape, depth - 1))}, y: {draw(_steps(shape, 0))}}}"
    if form == "function":
        return f"{draw(st.sampled_from(UNARY))}({draw(_steps(shape, depth - 1))})"
    return "*"
