"""Items that differ by a number, as one with `count:`: what `format.names` and `orders` take apart, joined."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, TypeVar

import msgspec

from skysail.seeds.format import Disk, Instance, said
from skysail.service.clock import seconds

_NUMBER = re.compile(r"(.*?)(\d{1,15})(\D*)", re.DOTALL)
_EXACT_S = 0.002
"""Times are kept to the millisecond."""
_MOST_ZONES = 6
Item = TypeVar("Item", Instance, Disk)


class _One(NamedTuple):
    """An item with its number put out: those with equal `form` are alike but for number, zone and age."""

    item: Any
    form: bytes
    number: int
    digits: str
    age_s: float


def joined(items: Sequence[Item]) -> Iterator[Item]:
    """The same, in the same order, as few as can be; each has a count of 1 before."""
    run: list[_One] = []
    for item in items:
        one = _numbered(item)
        if run and (one is None or not _follows(run, one)):
            yield from _parts(run)
            run = []
        if one is None:
            yield item
        else:
            run.append(one)
    yield from _parts(run)


def _numbered(item: Any) -> _One | None:
    found = _NUMBER.fullmatch(item.name)
    if not found:
        return None
    blank = msgspec.structs.replace(item, zones=("a",), age="1d")
    form = msgspec.json.encode(_form(said(blank), found[2]))
    return _One(item, form, int(found[2]), found[2], seconds(item.age))


def _form(item: dict[str, Any], digits: str) -> dict[str, Any]:
    """With {n} and {name} where the number and the name of what it hangs on stand in names."""
    name = item["name"]
    made = item | {"name": _NUMBER.sub(lambda found: f"{found[1]}{{n}}{found[3]}", name, count=1)}
    if "static_ip" in item:
        made["static_ip"] = _hung(item["static_ip"], name, digits)
    for listed in ("disks", "snapshots", "alarms"):
        if listed in item:
            made[listed] = [_child(each, name, digits) for each in item[listed]]
    return made


def _child(item: dict[str, Any], of: str, digits: str) -> dict[str, Any]:
    made = item | {"name": _hung(item["name"], of, digits)}
    if "snapshots" in item:
        made["snapshots"] = [_child(each, item["name"], digits) for each in item["snapshots"]]
    return made


def _hung(name: str, of: str, digits: str) -> str:
    if of in name:
        return name.replace(of, "{name}")
    return re.sub(rf"(?<!\d){digits}(?!\d)", "{n}", name)


def _follows(run: Sequence[_One], one: _One) -> bool:
    """Whether it is the next of them; 07, 08, 09, 10 are, and 9, 10, but not 09, 010."""
    last, first = run[-1], run[0].digits
    width = len(first) if first.startswith("0") and len(first) > 1 else 1
    return one.form == last.form and one.number == last.number + 1 and one.digits == str(one.number).zfill(width)


def _parts(run: Sequence[_One]) -> Iterator[Any]:
    """As few as the ages and the zones allow: evenly spread, and in turn."""
    begin = 0
    while begin < len(run):
        size = _fitting(run[begin:])
        yield _joined(run[begin : begin + size])
        begin += size


def _fitting(run: Sequence[_One]) -> int:
    """How many from the first on have one age, or three or more ages that are evenly spread."""
    equal = next((at for at, one in enumerate(run) if abs(one.age_s - run[0].age_s) > 1e-9), len(run))
    spread = len(run)
    if equal == 1:
        while spread > 1 and not _is_spread(run[:spread]):
            spread = min(spread - 1, _bent(run[:spread]))
    size = max(equal, spread if spread > 2 or spread == len(run) else 1) if equal == 1 else equal
    while size > 1 and _zones(run[:size]) is None:
        size = size - 1
    return size


def _is_spread(run: Sequence[_One]) -> bool:
    first, last = run[0].age_s, run[-1].age_s
    steps = max(len(run) - 1, 1)
    return first >= last and all(
        abs(one.age_s - (first - (first - last) * at / steps)) <= _EXACT_S for at, one in enumerate(run)
    )


def _bent(run: Sequence[_One]) -> int:
    """Where the ages cease to go down by the first step."""
    step = run[0].age_s - run[1].age_s
    for at, one in enumerate(run):
        if step < 0 or abs(one.age_s - (run[0].age_s - step * at)) > _EXACT_S * (at + 1):
            return max(at, 1)
    return len(run) - 1


def _zones(run: Sequence[_One]) -> tuple[str, ...] | None:
    """The zones that are taken in turn."""
    zones = [one.item.zones[0] for one in run]
    for size in range(1, min(len(zones), _MOST_ZONES) + 1):
        if all(zone == zones[at % size] for at, zone in enumerate(zones)):
            return tuple(zones[:size])
    return None


def _joined(run: Sequence[_One]) -> Any:
    first, last = run[0], run[-1]
    if len(run) == 1:
        return first.item
    width = len(first.digits)
    made = first.form if not (first.digits.startswith("0") and width > 1) else _wide(first.form, width)
    item = msgspec.json.decode(made, type=type(first.item))
    name = item.name.removesuffix("-{n}")
    return msgspec.structs.replace(
        item,
        name=item.name if "{n" in name else name,
        count=len(run),
        first=first.number,
        zones=_zones(run),
        age=first.item.age if abs(first.age_s - last.age_s) < 1e-9 else f"{first.item.age}..{last.item.age}",
    )


def _wide(form: bytes, width: int) -> bytes:
    return form.replace(b"{n}", b"{n:%d}" % width)
