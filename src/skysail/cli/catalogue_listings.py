"""Listings of what can be ordered, from the built-in catalogue: no account, no service, no network."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial, wraps
from typing import Any

import click

from skysail.cli.ends import Ends
from skysail.cli.failures import wrong_usage
from skysail.cli.invocation import Invocation
from skysail.cli.options import AnyFunction, listing_options, look_options
from skysail.cli.screen import Screen
from skysail.telling.nearest import did_you_mean

Entry = Mapping[str, Any]
Columns = Mapping[str, Callable[[Entry], str]]
"""By their headers, what stands in a cell."""

_FORMATS = ("table", "json", "jsonl", "csv", "tsv", "name")


@dataclass(frozen=True, slots=True)
class Look:
    """How a listing is to look, as it was asked for."""

    output: str
    conditions: tuple[str, ...] = ()
    sort: str | None = None
    columns: str | None = None
    has_header: bool = True
    fails_empty: bool = False


def catalogue_options(function: AnyFunction) -> AnyFunction:
    """Which, and how it looks; given as `look`."""

    @wraps(function)
    def packed(
        *arguments: Any,
        output: str,
        conditions: tuple[str, ...],
        sort: str | None,
        columns: str | None,
        no_header: bool,
        fail_empty: bool,
        **others: Any,
    ) -> Any:
        if columns is not None and output not in ("table", "csv", "tsv"):
            raise wrong_usage("--columns is for table, csv and tsv", f"leave out -o {output}")
        look = Look(output, conditions, sort, columns, not no_header, fail_empty)
        return function(*arguments, look=look, **others)

    made: Any = packed
    made = listing_options(made)
    made = click.option("-o", "--output", type=click.Choice(_FORMATS), default="table")(made)
    return look_options(made)  # type: ignore[no-any-return]


def show(
    invocation: Invocation, entries: Sequence[Entry], columns: Columns, look: Look, *, id_member: str, note: str
) -> int:
    """Write them; JSON has the members of the API, the others the columns. Raises CommandError."""
    # Late: help needs none of it.
    from skysail.cli.rendering import csv_line, json_line, json_text, tsv_line
    from skysail.cli.tables import table

    screen = Screen(invocation)
    output = look.output
    found = ordered(sifted(entries, columns, look.conditions), columns, look.sort)
    shown = {name: columns[name] for name in chosen(columns, look.columns)}
    if output == "json":
        screen.write(f"{json_text(found)}\n")
    elif output == "jsonl":
        screen.write("".join(json_line(entry) for entry in found))
    elif output == "name":
        screen.write("".join(f"{entry[id_member]}\n" for entry in found))
    else:
        rows = [tuple(cell(entry) for cell in shown.values()) for entry in found]
        if output == "table":
            if found:
                screen.write(table(screen, tuple(shown), rows, has_header=look.has_header))
            screen.tell(
                f"{len(found)} {note}, from the built-in catalogue" if found else f"nothing: no {note} like that"
            )
        else:
            line = csv_line if output == "csv" else tsv_line
            screen.write("".join(map(line, [*([tuple(shown)] if look.has_header else []), *rows])))
    return Ends(fails_empty=look.fails_empty).status(len(found))


def chosen(columns: Columns, wanted: str | None) -> list[str]:
    """The headers of the columns asked for: `a,b`, or `-c` to leave one out. Raises CommandError."""
    names = [name.strip() for name in (wanted or "").split(",") if name.strip()]
    if not names:
        return list(columns)
    if all(name.startswith("-") for name in names):
        left_out = {column_of(columns, name[1:]) for name in names}
        return [name for name in columns if name not in left_out]
    return [column_of(columns, name) for name in names]


def column_of(columns: Columns, name: str) -> str:
    """The header that is meant; case does not count. Raises CommandError with the nearest."""
    for header in columns:
        if header.lower() == name.lower():
            return header
    raise wrong_usage(f"no column {name}", did_you_mean(name, columns) or f"there are {', '.join(columns)}")


def sifted(entries: Sequence[Entry], columns: Columns, conditions: Sequence[str]) -> list[Entry]:
    """Those that fit all conditions: a column, a sign and a value."""
    from skysail.cli.sifting import Comparison

    comparisons = [Comparison(text) for text in conditions]
    for text, comparison in zip(conditions, comparisons, strict=True):
        if not comparison.sign:
            raise wrong_usage(f"--where {text} is no condition", f"such as {next(iter(columns)).lower()}=a*")
    tests = [(columns[column_of(columns, one.what)], one) for one in comparisons]
    return [entry for entry in entries if all(fits([cell(entry)]) for cell, fits in tests)]


def ordered(entries: Sequence[Entry], columns: Columns, sort: str | None) -> list[Entry]:
    """By columns, the first first; a minus turns it round. Numbers come by their size, and before words."""
    found = list(entries)
    for name in reversed([name.strip() for name in (sort or "").split(",") if name.strip()]):
        cell = columns[column_of(columns, name.lstrip("-+"))]
        found.sort(key=partial(_key, cell), reverse=name.startswith("-"))
    return found


def _key(cell: Callable[[Entry], str], entry: Entry) -> tuple[bool, float, str]:
    told = cell(entry)
    try:
        return False, float(told), ""
    except ValueError:
        return True, 0.0, told.lower()


def region_of(region: str | None, invocation: Invocation) -> str:
    """The region asked for, else the environment's, else us-east-1. Raises CommandError for one that is not known."""
    from skysail.telling.prices import catalogue

    environ = invocation.environ
    wanted = region or environ.get("AWS_REGION") or environ.get("AWS_DEFAULT_REGION") or "us-east-1"
    if not catalogue().is_region(wanted):
        known = [one["name"] for one in catalogue().regions(zones=False, database_zones=False)]
        raise wrong_usage(f"no region {wanted}", did_you_mean(wanted, known, 1) or "skysail regions lists them")
    return wanted


def number(member: str) -> Callable[[Entry], str]:
    return lambda entry: f"{entry[member]:g}"


def text(member: str) -> Callable[[Entry], str]:
    return lambda entry: str(entry.get(member, ""))
