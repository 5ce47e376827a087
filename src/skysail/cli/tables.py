"""A table of words, fitted to the screen: for lists that come as a whole."""

from __future__ import annotations

import re
from collections.abc import Sequence

from skysail.cli.rendering import fit, header_line, row_line
from skysail.cli.screen import Screen
from skysail.telling.columns import Cell


def table(
    screen: Screen,
    headers: Sequence[str],
    rows: Sequence[Sequence[str]],
    expendable: Sequence[str] = (),
    *,
    has_header: bool = True,
) -> str:
    """The header and a line a row; on a narrow terminal without the `expendable` columns. Numbers end at the right."""
    columns = [_aligned(header, [row[place] for row in rows]) for place, header in enumerate(headers)]
    cells = [[Cell(column[number]) for column in columns] for number in range(1, len(rows) + 1)]
    fitted = fit(
        [column[0] for column in columns],
        cells,
        width=screen.width,
        expendable=[column[0] for column, header in zip(columns, headers, strict=True) if header in expendable],
        has_colour=screen.has_colour,
        has_glyphs=screen.has_glyphs,
        measure=screen.measure,
    )
    return (header_line(fitted) if has_header else "") + "".join(row_line(fitted, row) for row in cells)


def _aligned(header: str, texts: Sequence[str]) -> list[str]:
    """A column with its header, filled up from the left where all of it are numbers."""
    if not all(_NUMBER.fullmatch(text) for text in texts) or not any(texts):
        return [header, *texts]
    width = max(map(len, (header, *texts)))
    return [text.rjust(width) for text in (header, *texts)]


_NUMBER = re.compile(r"[\d,]+(\.\d+)?|-?")
