"""Listings of what can be ordered, from the built-in catalogue: no account, no service, no network."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import click

from skysail.cli.failures import Status, wrong_usage
from skysail.cli.invocation import Invocation
from skysail.cli.nearest import did_you_mean
from skysail.cli.options import AnyFunction, look_options
from skysail.cli.screen import Screen

Entry = Mapping[str, Any]
Columns = Mapping[str, Callable[[Entry], str]]
"""By their headers, what stands in a cell."""

_FORMATS = ("table", "json", "jsonl", "csv", "tsv", "name")


def catalogue_options(function: AnyFunction) -> AnyFunction:
    """How it looks."""
    made: Any = click.option("-o", "--output", type=click.Choice(_FORMATS), default="table")(function)
    return look_options(made)  # type: ignore[no-any-return]


def show(
    invocation: Invocation, entries: Sequence[Entry], columns: Columns, output: str, *, id_member: str, note: str
) -> int:
    """Write them; JSON has the members of the API, the others the columns."""
    # Late: help needs none of it.
    from skysail.cli.rendering import csv_line, json_line, json_text, tsv_line
    from skysail.cli.tables import table

    screen = Screen(invocation)
    if output == "json":
        screen.write(f"{json_text(list(entries))}\n")
    elif output == "jsonl":
        screen.write("".join(json_line(entry) for entry in entries))
    elif output == "name":
        screen.write("".join(f"{entry[id_member]}\n" for entry in entries))
    else:
        rows = [tuple(cell(entry) for cell in columns.values()) for entry in entries]
        if output == "table":
            screen.write(table(screen, tuple(columns), rows))
            screen.tell(f"{len(entries)} {note}, from the built-in catalogue")
        else:
            line = csv_line if output == "csv" else tsv_line
            screen.write("".join(map(line, [tuple(columns), *rows])))
    return Status.DONE


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
