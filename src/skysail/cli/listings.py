"""A listing of instances in each of its formats, as text that comes page by page.

Whatever happens between two pages, what has been given so far and `end` make a whole: a closed JSON document, whole
lines.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, Literal, Protocol

from skysail.cli.failures import wrong_usage
from skysail.cli.inventories import SshConfig, Whole
from skysail.cli.rendering import (
    Table,
    csv_line,
    fit,
    header_line,
    json_closing,
    json_elements,
    json_line,
    json_opening,
    json_text,
    jsonable,
    row_line,
    tsv_line,
)
from skysail.cli.screen import Screen
from skysail.telling.columns import EXPENDABLE, Column, cell, plain

Format = Literal[
    "table",
    "wide",
    "json",
    "jsonl",
    "csv",
    "tsv",
    "name",
    "ssh-config",
    "ansible",
    "prometheus",
    "parquet",
    "arrow",
]
Instance = Mapping[str, Any]


class Listing(Protocol):
    """What is printed: at the beginning, for a page, and at the end with the token that goes on."""

    @property
    def hidden(self) -> Sequence[str]:
        """The headers of the columns there was no room for."""

    def begin(self) -> str: ...
    def page(self, instances: Sequence[Instance]) -> str: ...
    def end(self, next_token: str | None) -> str: ...


Time = Callable[[], float]
"""Tells the time of the service that is listed, in seconds since 1970; it may have to ask."""


def _asked_once(now: Time, columns: Sequence[Column]) -> Time:
    """When the first page is there, and only where a column tells an age."""
    return cache(now) if any(column.look == "age" for column in columns) else lambda: 0.0


class TableListing:
    """Aligned by the first page's widths; rows of later pages may be wider, and are never cut."""

    def __init__(
        self, columns: Sequence[Column], now: Time, screen: Screen, *, has_header: bool, expendable: Sequence[str]
    ) -> None:
        self._columns = columns
        self._now = _asked_once(now, columns)
        self._screen = screen
        self._has_header = has_header
        self._expendable = expendable
        self._table: Table | None = None

    @property
    def hidden(self) -> tuple[str, ...]:
        return self._table.hidden if self._table else ()

    def begin(self) -> str:
        return ""

    def page(self, instances: Sequence[Instance]) -> str:
        if not instances:
            return ""
        now = self._now()
        rows = [[cell(column, instance, now) for column in self._columns] for instance in instances]
        lines = []
        if self._table is None:
            self._table = fit(
                [column.header for column in self._columns],
                rows,
                width=self._screen.width,
                expendable=self._expendable,
                has_colour=self._screen.has_colour,
                has_glyphs=self._screen.has_glyphs,
                measure=self._screen.measure,
            )
            lines = [header_line(self._table)] if self._has_header else []
        return "".join([*lines, *(row_line(self._table, row) for row in rows)])

    def end(self, next_token: str | None) -> str:
        return ""


class SeparatedListing:
    """A line an instance, values separated; `write` makes a line."""

    hidden = ()

    def __init__(
        self, columns: Sequence[Column], now: Time, write: Callable[[Sequence[str]], str], *, has_header: bool
    ) -> None:
        self._columns = columns
        self._now = _asked_once(now, columns)
        self._write = write
        self._has_header = has_header

    def begin(self) -> str:
        return self._write([column.header for column in self._columns]) if self._has_header else ""

    def page(self, instances: Sequence[Instance]) -> str:
        now = self._now()
        return "".join(
            self._write([plain(column, instance, now) for column in self._columns]) for instance in instances
        )

    def end(self, next_token: str | None) -> str:
        return ""


class JsonLinesListing:
    """An instance a line, with the API's member names."""

    hidden = ()

    def begin(self) -> str:
        return ""

    def page(self, instances: Sequence[Instance]) -> str:
        return "".join(json_line(instance) for instance in instances)

    def end(self, next_token: str | None) -> str:
        return ""


class JsonListing:
    """One document, as `aws lightsail get-instances` prints it, written while the pages come."""

    hidden = ()

    def __init__(self, member: str) -> None:
        self._member = member
        self._is_empty = True

    def begin(self) -> str:
        return json_opening(self._member)

    def page(self, instances: Sequence[Instance]) -> str:
        text = json_elements(instances, is_first=self._is_empty)
        self._is_empty = self._is_empty and not instances
        return text

    def end(self, next_token: str | None) -> str:
        return json_closing(is_empty=self._is_empty, others=_others(next_token))


class QueryListing:
    """What a JMESPath expression finds in the whole result: a document, or a line for each element of a list."""

    hidden = ()

    def __init__(self, search: Callable[[Any], Any], member: str, *, is_lines: bool) -> None:
        self._search = search
        self._member = member
        self._is_lines = is_lines
        self._instances: list[Instance] = []

    def begin(self) -> str:
        return ""

    def page(self, instances: Sequence[Instance]) -> str:
        self._instances.extend(instances)
        return ""

    def end(self, next_token: str | None) -> str:
        found = self._search(jsonable({self._member: self._instances, **_others(next_token)}))
        if not self._is_lines:
            return f"{json_text(found)}\n"
        return "".join(json_line(element) for element in (found if isinstance(found, list) else [found]))


def _others(next_token: str | None) -> dict[str, str]:
    return {} if next_token is None else {"NextToken": next_token}


def compiled_query(expression: str) -> Callable[[Any], Any]:
    """A JMESPath expression as a function of a document. Raises CommandError where it is none."""
    # Late: most calls have no --query.
    import jmespath
    from jmespath.exceptions import JMESPathError

    try:
        search = jmespath.compile(expression).search
    except JMESPathError as error:
        raise wrong_usage(f"--query {expression} is not JMESPath: {_first_line(error)}") from error

    def find(document: Any) -> Any:
        try:
            return search(document)
        except JMESPathError as error:
            raise wrong_usage(f"--query {expression} does not fit the answer: {_first_line(error)}") from error

    return find


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0].rstrip(".: ")


def listing(
    output: Format | None,
    columns: Sequence[Column],
    query: str | None,
    screen: Screen,
    now: Time,
    *,
    has_header: bool,
    may_hide: bool,
    member: str = "instances",
    expendable: Sequence[str] = EXPENDABLE,
) -> Listing:
    """The listing that the options ask for; `member` is what a document has it under, `expendable` are the headers of
    columns that a narrow terminal does without. Raises CommandError where they contradict one another.
    """
    if query is not None:
        if output not in (None, "json", "jsonl"):
            raise wrong_usage(f"--query gives a document, not columns for {output}", "-o json, -o jsonl, or --columns")
        return QueryListing(compiled_query(query), member, is_lines=output == "jsonl")
    if output == "json":
        return JsonListing(member)
    if output == "jsonl":
        return JsonLinesListing()
    if output == "csv":
        return SeparatedListing(columns, now, csv_line, has_header=has_header)
    if output == "ssh-config":
        return SshConfig()
    if output == "ansible" or output == "prometheus":
        return Whole(output)
    if output == "name":
        return SeparatedListing(columns[:1], now, tsv_line, has_header=False)
    if output == "tsv":
        return SeparatedListing(columns, now, tsv_line, has_header=has_header)
    return TableListing(columns, now, screen, has_header=has_header, expendable=expendable if may_hide else ())
