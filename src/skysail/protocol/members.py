"""Which members of an answer are wanted: a tree of names, made from dotted paths or gathered by looking around.

Lists are passed through: what is named below a list is wanted of each of its elements. Maps and scalars are taken
whole or not at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from skysail.errors import ParameterError
from skysail.protocol.model import Shape, service_model


@dataclass(frozen=True, slots=True)
class Members:
    """The wanted members of a structure, and what is wanted of each; `named` is None where all there is is wanted.

    No names at all still says that the structure itself is wanted: that it is there.
    """

    named: Mapping[str, Members] | None

    def __hash__(self) -> int:
        return 0 if self.named is None else hash(frozenset(self.named.items()))


ALL = Members(None)


def project(value: Any, members: Members) -> Any:
    """A decoded value without the members that are not wanted; what it is made of is shared, not copied."""
    if members.named is None:
        return value
    if isinstance(value, dict):
        return {name: project(value[name], members.named[name]) for name in value if name in members.named}
    if isinstance(value, list):
        return [project(element, members) for element in value]
    return value


class Place:
    """A place in values of a shape, where it is noted what is wanted of what stands there.

    Whoever asks for a place further in wants to know, at least, whether something is there.
    """

    def __init__(self, shape: str) -> None:
        self._shape: Shape = service_model().shape(shape)
        self._inside: dict[str, Place] = {}
        self._element: Place | None = None
        self._is_whole = self._shape.type not in ("structure", "list")

    @property
    def kind(self) -> str:
        """What stands there: "structure", "list", "map", or a scalar's type."""
        return self._shape.type

    @property
    def names(self) -> Iterable[str]:
        """The members that the model has for it."""
        return self._shape.members

    def member(self, name: str) -> Place | None:
        """The place of a member of a structure; None where the model has no such member."""
        member = self._shape.members.get(name)
        if member is None:
            return None
        if name not in self._inside:
            self._inside[name] = Place(member.shape)
        return self._inside[name]

    def element(self) -> Place | None:
        """The place of each element of a list; None for what is no list."""
        if self._shape.type == "list" and self._shape.member and self._element is None:
            self._element = Place(self._shape.member.shape)
        return self._element

    def want_all(self) -> None:
        self._is_whole = True

    def members(self) -> Members:
        """What has been noted so far."""
        if self._is_whole:
            return ALL
        if (element := self.element()) is not None:
            return element.members()
        return Members({name: place.members() for name, place in self._inside.items()})


def want_fields(place: Place, fields: Iterable[str]) -> Members:
    """Note these dotted paths (`state.name`, `hardware.disks.path`) at a structure; gives what they make of it alone.

    Raises ParameterError for a path that the model does not have, with the nearest name that it has there.
    """
    if isinstance(fields, str):
        raise ParameterError(report=f"fields is a list of names: [{fields!r}], not {fields!r}")
    if place.kind != "structure":
        raise ParameterError(report=f"fields cannot be chosen: an item is a {place.kind}, without members")
    for path in fields:
        _want(place, path)
    return place.members()


def _want(place: Place, path: str) -> None:
    if not isinstance(path, str):
        raise ParameterError(report=f"A field is a str such as 'state.name', not {path!r}")
    here = place
    for name in path.split("."):
        while (element := here.element()) is not None:
            here = element
        inner = here.member(name)
        if inner is None:
            raise ParameterError(report=_unknown(path, name, here))
        here = inner
    here.want_all()


def _unknown(path: str, name: str, place: Place) -> str:
    """What is said of a name that is not there."""
    # Late: nobody needs it who makes no mistake.
    from difflib import get_close_matches

    if place.kind != "structure":
        return f'Unknown field: "{path}"; inside a {place.kind} nothing can be chosen'
    spellings = {known.lower(): known for known in place.names}
    near = get_close_matches(name.lower().replace("_", ""), spellings, 1)
    hint = f"did you mean {spellings[near[0]]}?" if near else f"must be one of: {', '.join(place.names)}"
    where = "" if name == path else f', which has no "{name}"'
    return f'Unknown field: "{path}"{where}; {hint}'
