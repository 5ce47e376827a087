"""Where a command writes: results to standard output, all other words to standard error.

A terminal gets colour, fitted tables and a line of progress; a pipe gets none of them. A piece of output is written
whole even when Ctrl-C comes in the middle of it.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import FrameType
from typing import TextIO

from skysail.cli.failures import notice
from skysail.cli.invocation import Colour, Invocation

_GAP = "   "
_CLEAR_LINE = "\r\x1b[K"
_PROGRESS_EVERY_S = 0.1


def _columns(stream: TextIO) -> int:
    """Of the terminal that a stream is."""
    try:
        return os.get_terminal_size(stream.fileno()).columns
    except OSError:
        return 80


def wants_colour(choice: Colour, is_terminal: bool, environ: Mapping[str, str]) -> bool:
    """The option decides; else NO_COLOR, then CLICOLOR_FORCE; else whether it is a terminal that can."""
    if choice != "auto":
        return choice == "always"
    if environ.get("NO_COLOR"):
        return False
    if environ.get("CLICOLOR_FORCE", "0") not in ("", "0"):
        return True
    return is_terminal and environ.get("TERM") != "dumb"


class Screen:
    """The two streams of one invocation; a quiet one leaves out what is neither result nor needed to go on."""

    def __init__(
        self,
        invocation: Invocation,
        *,
        out: TextIO | None = None,
        err: TextIO | None = None,
    ) -> None:
        self._out = out or sys.stdout
        self._err = err or sys.stderr
        self._now = invocation.world.now
        self._is_quiet = invocation.quiet
        self.is_terminal = self._out.isatty()
        self.has_colour = wants_colour(invocation.color, self.is_terminal, invocation.environ)
        self.has_glyphs = self.has_colour and "utf" in (self._out.encoding or "").lower()
        self.error_has_colour = wants_colour(invocation.color, self._err.isatty(), invocation.environ)
        self.error_has_glyphs = self.error_has_colour and "utf" in (self._err.encoding or "").lower()
        self.is_for_people = self._err.isatty()
        self.has_blocks = (self.is_terminal or self.has_colour) and "utf" in (self._out.encoding or "").lower()
        self._shows_progress = self.is_for_people and not invocation.quiet
        self._progress_at = self._now()
        self._has_progress_line = False

    @property
    def width(self) -> int | None:
        """Columns of the terminal; None for a pipe, where nothing is fitted."""
        return shutil.get_terminal_size().columns if self.is_terminal else None

    @property
    def measure(self) -> Callable[[str], int]:
        """How many columns a text takes: a terminal gives some characters two."""
        if not self.is_terminal:
            return len
        # Late: rich is for terminals alone, and this is asked behind the first page.
        from rich.cells import cell_len

        return cell_len

    def write(self, text: str) -> None:
        """Results, whole and at once."""
        if text:
            self._clear()
            self._out.write(text)
            self._out.flush()

    def tell(self, line: str) -> None:
        """A line about the result, unless quiet."""
        if not self._is_quiet:
            line = notice(line, colour=self.error_has_colour) if line.startswith("nothing: ") else line
            self.insist("\n".join(map(self._fitted, line.split("\n"))))

    def insist(self, line: str) -> None:
        """A line that is needed to go on."""
        self._clear()
        print(self._spelled(line), file=self._err, flush=True)

    def ask(self, question: str) -> None:
        """A question, with the cursor behind it."""
        self._clear()
        self._err.write(self._spelled(question))
        self._err.flush()

    def progress(self, line: str) -> None:
        """How far it has come: one line that the next output replaces, at most ten times a second."""
        if self._shows_progress and self._now() - self._progress_at >= _PROGRESS_EVERY_S:
            self._progress_at = self._now()
            self._has_progress_line = True
            self._err.write(_CLEAR_LINE + line)
            self._err.flush()

    def end_progress(self) -> None:
        """Whatever line of progress there may be, also another screen's, is taken away."""
        self._has_progress_line = self._shows_progress
        self._clear()

    def _spelled(self, line: str) -> str:
        """In an encoding without dashes and dots of ours, such as Latin-1, those of a typewriter."""
        try:
            line.encode(self._err.encoding or "utf-8")
        except UnicodeEncodeError:
            return line.replace("—", "-").replace("…", "...")
        return line

    def _fitted(self, line: str) -> str:
        """On a terminal that is too narrow for it, what stands behind the last wide gap comes below."""
        told, _, place = line.rpartition(_GAP)
        if not self.is_for_people or not told.strip() or len(line) <= _columns(self._err):
            return line
        return f"{told}\n  {place}"

    def _clear(self) -> None:
        if self._has_progress_line:
            self._has_progress_line = False
            self._err.write(_CLEAR_LINE)
            self._err.flush()


@contextmanager
def undisturbed() -> Iterator[None]:
    """A block that Ctrl-C does not break: it takes effect behind it, or at the second time within it."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came = 0

    def remember(number: int, frame: FrameType | None) -> None:
        nonlocal came
        came += 1
        if came > 1:
            raise KeyboardInterrupt

    before = signal.signal(signal.SIGINT, remember)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if came:
        raise KeyboardInterrupt


def be_silent(stream: TextIO) -> None:
    """Nobody reads this stream any more: what is still to be written goes nowhere, also at the interpreter's end."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)
