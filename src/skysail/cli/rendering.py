"""Rows, documents and tables as text. Pure: nothing here knows what is shown or where it goes."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from skysail.telling.columns import Cell

GAP = "  "
_UNDERLINED, _END = "\x1b[4m", "\x1b[0m"
_GREEN, _YELLOW = "\x1b[32m", "\x1b[33m"
_GLYPHS = {
    "running": (_GREEN, "●"),
    "pending": (_YELLOW, "◐"),
    "stopping": (_YELLOW, "◐"),
    "stopped": ("", "○"),
}


@dataclass(frozen=True, slots=True)
class Table:
    """How wide each column is, and which columns are shown (by their places); `hidden` are the others' headers.

    `measure` says how many columns of the terminal a text takes.
    """

    headers: tuple[str, ...]
    widths: tuple[int, ...]
    shown: tuple[int, ...]
    hidden: tuple[str, ...]
    has_colour: bool
    has_glyphs: bool
    measure: Callable[[str], int]


def fit(
    headers: Sequence[str],
    rows: Iterable[Sequence[Cell]],
    *,
    width: int | None = None,
    expendable: Sequence[str] = (),
    has_colour: bool = False,
    has_glyphs: bool = False,
    measure: Callable[[str], int] = len,
) -> Table:
    """A table for these rows, and for later ones as well as they fit: nothing is ever cut off.

    Where it is wider than `width`, `expendable` columns are hidden, in their order, until it fits or none is left.
    """
    widths = [measure(header) for header in headers]
    for row in rows:
        for place, cell in enumerate(row):
            widths[place] = max(widths[place], measure(_glyphed(cell, has_glyphs)))
    shown = list(range(len(headers)))
    hidden = []
    for header in expendable:
        if width is None or sum(widths[place] + len(GAP) for place in shown) - len(GAP) <= width:
            break
        if header in headers:
            shown.remove(headers.index(header))
            hidden.append(header)
    return Table(tuple(headers), tuple(widths), tuple(shown), tuple(reversed(hidden)), has_colour, has_glyphs, measure)


def header_line(table: Table) -> str:
    def underlined(header: str) -> str:
        word = header.lstrip()
        return f"{header[: -len(word)]}{_UNDERLINED}{word}{_END}" if table.has_colour else header

    return _line(table, [(table.headers[place], underlined(table.headers[place])) for place in table.shown])


def row_line(table: Table, row: Sequence[Cell]) -> str:
    cells = [row[place] for place in table.shown]
    return _line(table, [(_glyphed(cell, table.has_glyphs), _coloured(cell, table)) for cell in cells])


def _line(table: Table, cells: Sequence[tuple[str, str]]) -> str:
    """Each cell twice: the text that is measured, and the text with its colours. The last one is not filled up."""
    parts = []
    for place, (text, shown) in zip(table.shown, cells, strict=True):
        parts.append(shown + " " * (table.widths[place] - table.measure(text)))
    parts[-1] = cells[-1][1]
    return f"{GAP.join(parts)}\n"


def state_text(state: str, *, has_glyphs: bool) -> str:
    """A state with its sign in its colour, or the word alone."""
    if not has_glyphs:
        return state
    colour, glyph = _GLYPHS.get(state, ("", " "))
    return f"{colour}{glyph}{_END if colour else ''} {state}"


def _glyphed(cell: Cell, has_glyphs: bool) -> str:
    if cell.state is None or not has_glyphs:
        return cell.text
    _, glyph = _GLYPHS.get(cell.state, ("", " "))
    return f"{glyph} {cell.text}"


def _coloured(cell: Cell, table: Table) -> str:
    return cell.text if cell.state is None else state_text(cell.text, has_glyphs=table.has_glyphs)


# --- for programs -----------------------------------------------------------------------------------------


def csv_line(values: Iterable[str]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(values)
    return line.getvalue()


def tsv_line(values: Iterable[str]) -> str:
    """Tab-separated; a tab or a line break inside a value becomes a space."""
    return "\t".join(value.translate(_NO_TABS) for value in values) + "\n"


_NO_TABS = str.maketrans("\t\n\r", "   ")


def json_text(value: Any) -> str:
    """A document as the AWS CLI prints it: four columns a level, characters as they are."""
    return msgspec.json.format(msgspec.json.encode(jsonable(value)), indent=4).decode()


def json_line(value: Any) -> str:
    return f"{msgspec.json.encode(jsonable(value)).decode()}\n"


def jsonable(value: Any) -> Any:
    """The same with every time as ISO 8601 text, in the AWS CLI's form."""
    if isinstance(value, Mapping):
        return {name: jsonable(member) for name, member in value.items()}
    if isinstance(value, list):
        return [jsonable(element) for element in value]
    return value.isoformat() if isinstance(value, datetime) else value


_INSIDE = "\n" + " " * 8  # a text of JSON has line breaks between its values alone, never in them


def json_opening(member: str) -> str:
    """The beginning of {"member": […], …}, whose elements come piece by piece."""
    return f'{{\n    "{member}": ['


def json_elements(values: Iterable[Any], *, is_first: bool) -> str:
    """The next elements of that list."""
    pieces = [_INSIDE + json_text(value).replace("\n", _INSIDE) for value in values]
    text = ",".join(pieces)
    return text if is_first or not pieces else f",{text}"


def json_closing(*, is_empty: bool, others: Mapping[str, Any]) -> str:
    """The end of that list, and the document's other members."""
    end = "]" if is_empty else "\n    ]"
    members = "".join(f',\n    "{name}": {json_text(value)}' for name, value in others.items())
    return f"{end}{members}\n}}\n"
