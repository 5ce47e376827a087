"""Whether a document is a seed: looked at item by item, so that each fault is told with its place."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import msgspec

from skysail.errors import SeedError
from skysail.seeds.format import LISTS, Region, Seed

_MOST_TOLD = 10

Steps = tuple[str | int, ...]
"""The way to a value: keys and places, from 0."""


class Sown(NamedTuple):
    """A seed, and where its items stand: `lines[region, list, place]` counts from 1; none for one made in Python."""

    seed: Seed
    source: str = "the seed"
    lines: Mapping[Steps, int] = {}

    def where(self, *path: str | int) -> str:
        """fleet.yaml:12"""
        while path and path not in self.lines:
            path = path[:-1]
        return f"{self.source}:{self.lines[path]}" if path in self.lines else self.source


def from_document(document: Mapping[str, Any], source: str = "the seed") -> Sown:
    """A seed that is a dict already. Raises SeedError."""
    return Sown(checked(document, source, {}), source)


def checked(document: Any, source: str, lines: Mapping[Steps, int]) -> Seed:
    """Raises SeedError, which tells all that is wrong."""
    wrong = list(_wrong(document, source, lines))
    if wrong:
        more = [f"and {len(wrong) - _MOST_TOLD} more"] if len(wrong) > _MOST_TOLD else []
        raise SeedError("\n".join([*wrong[:_MOST_TOLD], *more]))
    return msgspec.convert(document, Seed)


def _wrong(document: Any, source: str, lines: Mapping[Steps, int]) -> Iterator[str]:
    """Looked at item by item, because an error's path names no keys of a dict."""
    if not isinstance(document, dict):
        yield f"{source}: a seed is a mapping with regions:, not {_kind(document)}"
        return
    regions = document.get("regions", {})
    yield from _misfits({**document, "regions": {}}, Seed, (), source, lines)
    if not isinstance(regions, dict):
        yield f"{_at(source, lines, 'regions')}: regions: maps names of regions, as us-east-1, not {_kind(regions)}"
        return
    for name, region in regions.items():
        if not isinstance(region, dict):
            yield f"{_at(source, lines, 'regions', name)}: a region is a mapping of lists, not {_kind(region)}"
            continue
        yield from _misfits({**region, **dict.fromkeys(LISTS, ())}, Region, ("regions", name), source, lines)
        for listed, kind in LISTS.items():
            items = region.get(listed, [])
            if not isinstance(items, list | tuple):
                yield f"{_at(source, lines, 'regions', name, listed)}: {listed} is a list, not {_kind(items)}"
                continue
            for place, item in enumerate(items):
                yield from _misfits(item, kind, ("regions", name, listed, place), source, lines)


def _misfits(value: Any, kind: Any, path: Steps, source: str, lines: Mapping[Steps, int]) -> Iterator[str]:
    try:
        msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        text, _, inner = str(error).partition(" - at `$")
        further = _steps_of(inner.rstrip("`"))
        unknown = re.search("unknown field `(.+)`", text)
        if unknown:
            text = f"there is no {unknown[1]}{_known(kind) if not further else ''}"
            further = (*further, unknown[1])
        else:
            text = _plain(text, further)
        yield f"{_at(source, lines, *path, *further)}: {text}"


def _plain(text: str, further: Steps) -> str:
    of = ".".join(str(step) for step in further)
    missing = re.search("missing required field `(.+)`", text)
    if missing:
        return f"{missing[1]} is missing"
    said = text.replace("`", "")
    for theirs, ours in (("Expected array", "expected a list"), ("Expected object", "expected a mapping")):
        said = said.replace(theirs, ours)
    said = said[:1].lower() + said[1:]
    return f"{of}: {said}" if of else said


def _known(kind: Any) -> str:
    return f"; there are {', '.join(kind.__struct_encode_fields__)}"


def _steps_of(path: str) -> Steps:
    """.disks[0].gb as its parts."""
    return tuple(int(part) if part.isdigit() else part for part in re.findall(r"[^.\[\]]+", path) if part != "...")


def _at(source: str, lines: Mapping[Steps, int], *path: str | int) -> str:
    return Sown(Seed(), source, lines).where(*path)


def _kind(value: Any) -> str:
    names = {dict: "a mapping", list: "a list", str: f"text ({value!r:.40})", type(None): "nothing"}
    return names.get(type(value), repr(value)[:40])
