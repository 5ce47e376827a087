"""A table of words, fitted to the screen: for lists that come as a whole."""

from __future__ import annotations

from collections.abc import Sequence

from skysail.cli.columns import Cell
from skysail.cli.rendering import fit, header_line, row_line
from skysail.cli.screen import Screen


def table(screen: Screen, headers: Sequence[str], rows: Sequence[Sequence[str]], expendable: Sequence[str] = ()) -> str:
    """The header and a line a row; on a narrow terminal without the `expendable` columns."""
    cells = [[Cell(text) for text in row] for row in rows]
    fitted = fit(
        headers,
        cells,
        width=screen.width,
        expendable=expendable,
        has_colour=screen.has_colour,
        has_glyphs=screen.has_glyphs,
        measure=screen.measure,
    )
    return header_line(fitted) + "".join(row_line(fitted, row) for row in cells)
