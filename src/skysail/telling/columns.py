"""The columns of a listing, of instances or of another kind: which there are, and what stands in a cell.

Every member of an instance is a column by its dotted path (`networking.monthlyTransfer.gbPerMonthAllocated`); the
usual ones have short names. Names are case-blind. A cell is text and never JSON: of a list, the values one by one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Literal

from skysail.errors import UsageError
from skysail.protocol.model import Shape, service_model
from skysail.telling.ages import age
from skysail.telling.nearest import nearest, spoken

Look = Literal["plain", "age", "address", "state", "tags", "account", "ip-kind", "cost", "ports", "auto-snap", "first"]


@dataclass(frozen=True, slots=True)
class Column:
    """`path` leads to the member; `look` says how its value is told, which may need other members besides."""

    header: str
    path: tuple[str, ...]
    look: Look = "plain"

    @property
    def fields(self) -> tuple[str, ...]:
        """The members of an instance that it is made of, as dotted paths."""
        if self.path[0] in _LABELS.values():
            return ()
        if self.look == "first":
            return tuple(self.path[0].split("|"))
        return (".".join(self.path), *_BESIDES.get(self.look, ()))


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in a table: `state` is the instance's state in that column, and None in every other."""

    text: str
    state: str | None = None


_SHORT: dict[str, tuple[str, Look]] = {
    "name": ("name", "plain"),
    "state": ("state.name", "state"),
    "public-ip": ("publicIpAddress", "address"),
    "region": ("location.regionName", "plain"),
    "bundle": ("bundleId", "plain"),
    "blueprint": ("blueprintId", "plain"),
    "age": ("createdAt", "age"),
    "zone": ("location.availabilityZone", "plain"),
    "private-ip": ("privateIpAddress", "plain"),
    "ipv6": ("ipv6Addresses", "plain"),
    "cpu": ("hardware.cpuCount", "plain"),
    "ram": ("hardware.ramSizeInGb", "plain"),
    "disk": ("hardware.disks.sizeInGb", "plain"),
    "transfer": ("networking.monthlyTransfer.gbPerMonthAllocated", "plain"),
    "user": ("username", "plain"),
    "key": ("sshKeyName", "plain"),
    "tags": ("tags", "tags"),
    "created": ("createdAt", "plain"),
    "support-code": ("supportCode", "plain"),
    "arn": ("arn", "plain"),
    "account": ("arn", "account"),
    "ip-kind": ("publicIpAddress", "ip-kind"),
    "usd/mo": ("bundleId", "cost"),
    "cost": ("bundleId", "cost"),
    "ports": ("networking.ports.fromPort", "ports"),
    "auto-snap": ("addOns.name", "auto-snap"),
}
_BESIDES: dict[Look, tuple[str, ...]] = {
    "address": ("isStaticIp",),
    "ip-kind": ("isStaticIp",),
    "cost": ("location.regionName",),
    "ports": ("networking.ports.toPort", "networking.ports.protocol", "networking.ports.cidrs"),
    "auto-snap": ("addOns.status", "addOns.snapshotTimeOfDay"),
}
_USUAL = ("name", "state", "public-ip", "region", "bundle", "blueprint", "age")
_WIDE = (
    *("name", "state", "public-ip", "region", "bundle", "blueprint", "age", "account", "zone"),
    *("private-ip", "ipv6", "ip-kind"),
    *("cpu", "ram", "disk", "transfer", "usd/mo", "user", "key", "ports", "auto-snap", "tags", "created"),
    "support-code",
)

SHORT_NAMES = tuple(_SHORT)
EXPENDABLE = ("BLUEPRINT", "AGE", "BUNDLE")
"""Headers of the usual columns that a narrow terminal does without, the first to go first."""


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of one kind of thing: `shapes` of the model have its members, `short` the short names of some of
    them, by their paths; `usual` and `wide` are those that are shown where none are named.
    """

    shapes: tuple[str, ...]
    short: Mapping[str, tuple[str, Look]]
    usual: tuple[str, ...]
    wide: tuple[str, ...]
    help: str


INSTANCES = Columns(("Instance",), _SHORT, _USUAL, _WIDE, "skysail instances --help")
_LABELS = {"profile": "_profile"}
"""What instances of a fleet have besides their own members: columns, by their short names."""


def choose(
    wanted: str | None,
    front: Sequence[str] = (),
    *,
    is_wide: bool = False,
    of: Columns = INSTANCES,
    by: str = "--columns",
) -> tuple[Column, ...]:
    """The columns that --columns names: a list of its own, or +these and -those of the usual ones.

    `by` is how whoever chooses calls the choice. `front` are short names that stand before the usual ones: "profile",
    "account". Raises UsageError for an unknown name, with the nearest three.
    """
    usual = (*front, *(of.wide if is_wide else of.usual))
    if wanted is None:
        return tuple(named(name, of) for name in usual)
    names = [name.strip() for name in wanted.split(",") if name.strip()]
    if not names:
        raise _wrong(f"{by} names no column", "such as name,publicIpAddress")
    if all(name[0] in "+-" for name in names):
        return _changed(names, usual, of, by)
    if any(name[0] in "+-" for name in names):
        raise _wrong(f"{by} is either a list or changes with + and -", "write + or - before each, or none")
    return tuple(named(name, of) for name in names)


def fields(columns: Sequence[Column]) -> tuple[str, ...]:
    """The members of an instance that these columns are made of, as dotted paths."""
    return tuple(sorted({field for column in columns for field in column.fields}))


def _changed(names: list[str], usual: Sequence[str], of: Columns, by: str) -> tuple[Column, ...]:
    chosen = [named(name, of) for name in usual]
    for name in names:
        column = named(name[1:], of)
        if name[0] == "+" and column not in chosen:
            chosen.append(column)
        elif name[0] == "-" and column not in chosen:
            raise _wrong(f"{by} {name}: it is not among the columns", f"these are: {', '.join(usual)}")
        elif name[0] == "-":
            chosen.remove(column)
    if not chosen:
        raise _wrong(f"{by} {','.join(names)} leaves no column")
    return tuple(chosen)


def named(name: str, of: Columns = INSTANCES) -> Column:
    """A column by its short name or member path. Raises UsageError, with the nearest three."""
    label = _LABELS.get(name.lower().removeprefix("_"))
    if label is not None:
        return Column(label[1:].upper(), (label,))
    short = of.short.get("account" if name.lower() == "_account" else name.lower())
    if short is not None:
        path, look = short
        return Column(name.upper(), tuple(path.split(".")), look)
    path = _paths(of.shapes).get(name.lower(), "")
    if not path:
        raise _unknown(name, of)
    return Column(path, tuple(path.split(".")))


def _wrong(what: str, remedy: str | None = None) -> UsageError:
    """What to do stands behind a semicolon, as in all our texts."""
    return UsageError(f"{what}; {remedy}" if remedy else what)


def _unknown(name: str, of: Columns) -> UsageError:
    paths = _paths(of.shapes).values()
    inside = [path for path in paths if path.lower().startswith(f"{name.lower()}.")]
    if inside:
        return _wrong(f"{name} is a structure, and a column holds a value", f"such as {spoken(inside[:3])}")
    found = nearest(name, [*of.short, *paths])
    return _wrong(f"no column {name}", f"did you mean {spoken(found)}?" if found else of.help)


@cache
def _paths(shapes: tuple[str, ...]) -> dict[str, str]:
    """Every dotted path of these shapes that ends at a value, by its lower-case form."""
    return {path.lower(): path for shape in shapes for path in _leaves(shape)}


def _leaves(name: str) -> Iterator[str]:
    shape = _element(service_model().shape(name))
    for member, reference in shape.members.items():
        inner = _element(service_model().shape(reference.shape))
        if inner.type == "structure":
            yield from (f"{member}.{path}" for path in _leaves(reference.shape))
        else:
            yield member


def _element(shape: Shape) -> Shape:
    while shape.type == "list" and shape.member:
        shape = service_model().shape(shape.member.shape)
    return shape


# --- cells ------------------------------------------------------------------------------------------------


def cell(column: Column, instance: Mapping[str, Any], now: float) -> Cell:
    """A cell as people read it. `now` is seconds since 1970. An absent value is "-"."""
    text = plain(column, instance, now) or "-"
    if column.look == "state":
        return Cell(text, text)
    if column.look == "address" and instance.get("isStaticIp") and text != "-":
        return Cell(f"{text} s")
    return Cell("".join(sign if sign.isprintable() else "?" for sign in text))


def plain(column: Column, instance: Mapping[str, Any], now: float) -> str:
    """A cell as programs read it: the value alone; empty where there is none."""
    if column.look == "tags":
        return " ".join(_tag(tag) for tag in instance.get("tags", ()))
    found = list(values(column, instance))
    if column.look == "cost":
        return f"{found[0]:.2f}" if found else ""
    if column.look in ("ports", "auto-snap"):
        return " ".join(found)
    if column.look == "age":
        return age(now - found[0].timestamp()) if found else ""
    return ",".join(_text(value) for value in found)


def values(column: Column, instance: Mapping[str, Any]) -> Iterator[Any]:
    """What an instance has in that column, as it is: text, numbers, times."""
    if column.look == "account":
        arn = next(_values(instance, column.path), "")
        yield from filter(None, [instance.get("_account") or ":".join(arn.split(":")[4:5])])
    elif column.look == "ip-kind":
        yield "none" if not instance.get("publicIpAddress") else "static" if instance.get("isStaticIp") else "dynamic"
    elif column.look == "cost":
        from skysail.telling.prices import monthly_usd  # late: the catalogue is read for this column alone

        usd = monthly_usd(instance)
        if usd is not None:
            yield usd
    elif column.look == "first":  # of several members, a|b|c, the one that there is
        found = (list(_values(instance, (name,))) for name in column.path[0].split("|"))
        yield from next(filter(None, found), [])
    elif column.look == "ports":
        yield from map(_port, instance.get("networking", {}).get("ports", ()))
    elif column.look == "auto-snap":
        for one in instance.get("addOns", ()):
            if one.get("name") == "AutoSnapshot":
                yield f"{one.get('snapshotTimeOfDay', '')}" if one.get("status") == "Enabled" else "off"
    else:
        yield from _values(instance, column.path)


def _port(port: Mapping[str, Any]) -> str:
    """443, 8000-8100, 53/udp; a star where all the world may come in."""
    first, last, protocol = port.get("fromPort"), port.get("toPort"), port.get("protocol", "tcp")
    numbers = f"{first}" if first == last else f"{first}-{last}"
    kind = "" if protocol == "tcp" else f"/{protocol}"
    return f"{numbers}{kind}{'*' if '0.0.0.0/0' in port.get('cidrs', ()) else ''}"


def _values(value: Any, path: tuple[str, ...]) -> Iterator[Any]:
    if isinstance(value, list):
        for element in value:
            yield from _values(element, path)
    elif not path:
        if value is not None:
            yield value
    elif isinstance(value, Mapping):
        yield from _values(value.get(path[0]), path[1:])


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _tag(tag: Mapping[str, str]) -> str:
    return f"{tag['key']}={tag['value']}" if tag.get("value") else str(tag.get("key", ""))
