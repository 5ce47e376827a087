"""Where a listing goes, and in which form: text page by page, or one file of a table that is whole or not at all.

Pages are taken from an iterator; `delivered` is called for each when it stands where it belongs, and `token` gives what
goes on behind all that were.
"""

from __future__ import annotations

import io
import os
import stat
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Literal, Protocol, TextIO

from skysail.cli.failures import wrong_usage
from skysail.cli.listings import Instance, Listing
from skysail.cli.screen import Screen, undisturbed

Instances = Sequence[Instance]


class Output(Protocol):
    """`goes_on` says whether what was taken stays when the walk breaks off; `hidden` are columns without room."""

    @property
    def goes_on(self) -> bool: ...

    @property
    def hidden(self) -> Sequence[str]: ...

    def take(
        self, pages: Iterable[Instances], delivered: Callable[[Instances], None], token: Callable[[], str | None]
    ) -> None: ...


class TextOutput:
    """Text, page by page. What was printed is made whole even where the walk breaks off; an error before the first page
    leaves the output empty.
    """

    goes_on = True

    def __init__(self, shown: Listing, screen: Screen) -> None:
        self._shown = shown
        self._screen = screen

    @property
    def hidden(self) -> Sequence[str]:
        return self._shown.hidden

    def take(
        self, pages: Iterable[Instances], delivered: Callable[[Instances], None], token: Callable[[], str | None]
    ) -> None:
        has_begun = False
        try:
            for instances in pages:
                with undisturbed():
                    self._screen.write(("" if has_begun else self._shown.begin()) + self._shown.page(instances))
                    has_begun = True
                    delivered(instances)
        finally:
            if has_begun:
                with undisturbed():
                    self._screen.write(self._shown.end(token()))


class TableOutput:
    """A Parquet file or an Arrow stream. Raises CommandError where pyarrow is missing, or a terminal would get it."""

    goes_on = False
    hidden = ()

    def __init__(self, kind: Literal["parquet", "arrow"], path: Path | None) -> None:
        if path is None and sys.stdout.isatty():
            raise wrong_usage(f"-o {kind} is not for a terminal", "--output-file FILE, or a pipe")
        try:
            tables = import_module("skysail.tables")
        except ModuleNotFoundError as error:
            if error.name is None or error.name.partition(".")[0] != "pyarrow":
                raise
            raise wrong_usage(f"-o {kind} needs pyarrow", "pip install 'skysail[arrow]'") from error
        self._write: Callable[..., int] = tables.write_parquet if kind == "parquet" else tables.write_arrow
        self._path = path

    def take(
        self, pages: Iterable[Instances], delivered: Callable[[Instances], None], token: Callable[[], str | None]
    ) -> None:
        def taken() -> Iterator[Instances]:
            for instances in pages:
                yield instances
                delivered(instances)

        self._write(taken(), sys.stdout.buffer if self._path is None else self._path)


@contextmanager
def text_file(path: Path | None, *, appends: bool) -> Iterator[TextIO]:
    """Standard output, or this file. Raises OSError."""
    if path is None:
        yield sys.stdout
    else:
        with path.open("a" if appends else "w", encoding="utf-8", newline="") as file:
            yield file


def length(out: TextIO) -> int | None:
    """How many bytes a file has, of which some can be taken back; None for a pipe or a terminal."""
    try:
        found = os.fstat(out.fileno())
    except (OSError, io.UnsupportedOperation):
        return None
    return found.st_size if stat.S_ISREG(found.st_mode) else None


def redirected(out: TextIO) -> str | None:
    """The file that a shell has put in the place of standard output, where the system tells its name."""
    if out is not sys.stdout or length(out) is None:
        return None
    try:
        return os.readlink(f"/proc/self/fd/{out.fileno()}")
    except OSError:
        return None
