"""Answers by the model for hypothesis to draw: few distinct values, so that they meet; nulls and odd scalars too."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from skysail.protocol.model import service_model

TEXTS = ["a", "b", "", "aé"]
_TEXT = st.sampled_from(TEXTS)
_NUMBER = st.sampled_from([0, 1, 2, 0.5, -1])
_SCALARS: dict[str, st.SearchStrategy[Any]] = {
    "string": st.one_of(_TEXT, _TEXT, _TEXT, _TEXT, _NUMBER, st.booleans()),
    "boolean": st.one_of(st.booleans(), st.booleans(), st.booleans(), _TEXT),
    "timestamp": st.sampled_from([1.7e9, 1_700_000_000, 1_700_000_000.123457, "1700000000", "2023-11-14T22:13:20Z"]),
}


def answers(shape_name: str, absent: bool = True) -> st.SearchStrategy[Any]:
    """JSON for a shape, members in the model's order, each of them perhaps absent or null."""
    shape = service_model().shape(shape_name)
    if shape.type == "structure":
        drawn = {name: st.deferred(lambda of=of: answers(of.shape)) for name, of in shape.members.items()}
        return _structures(drawn, absent)
    if shape.type == "list":
        assert shape.member is not None
        element = answers(shape.member.shape)
        return st.lists(st.one_of(element, element, element, element, st.none()), max_size=3)
    if shape.type == "map":
        assert shape.value_ is not None
        return st.dictionaries(_TEXT, answers(shape.value_.shape), max_size=2)
    return _SCALARS.get(shape.type, st.one_of(_NUMBER, _NUMBER, _NUMBER, _TEXT))


@st.composite
def _structures(draw: st.DrawFn, members: dict[str, st.SearchStrategy[Any]], absent: bool) -> dict[str, Any]:
    """A few of the members, so that documents stay small."""
    names = sorted(members, key=list(members).index)
    chosen = (
        set(names)
        if not absent
        else set(draw(st.lists(st.sampled_from([*names, *names[:5]]), max_size=8)))
        if names
        else set()
    )
    made = {name: None if not draw(st.integers(0, 11)) else draw(members[name]) for name in names if name in chosen}
    return {"unknown": {"deep": None}, **made} if not draw(st.integers(0, 5)) else made
