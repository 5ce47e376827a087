"""A program on a terminal of its own: what it writes to both streams, as the terminal would get it."""

from __future__ import annotations

import fcntl
import os
import pty
import signal
import struct
import subprocess
import sys
import termios
from collections.abc import Mapping

_PATIENCE_S = 30


class Terminal:
    """A Python program on a pseudo-terminal of so many columns; `shown` is all it has written so far."""

    def __init__(self, program: str, environment: Mapping[str, str], *, columns: int = 80) -> None:
        self._reading, writing = pty.openpty()
        fcntl.ioctl(writing, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        self.process = subprocess.Popen(
            [sys.executable, "-c", program], stdin=writing, stdout=writing, stderr=writing, env=dict(environment)
        )
        os.close(writing)
        self.shown = ""

    def read_until(self, text: str) -> None:
        """Read until that text has been written. Raises AssertionError when the program ends before."""
        while text not in self.shown:
            assert self._read(), f"{text!r} never came: {self.shown}"

    def finish(self) -> int:
        """Read to the end; gives the exit status."""
        while self._read():
            pass
        os.close(self._reading)
        return self.process.wait(_PATIENCE_S)

    def type(self, text: str) -> None:
        os.write(self._reading, text.encode())

    def interrupt(self) -> None:
        self.process.send_signal(signal.SIGINT)

    def _read(self) -> bool:
        try:
            piece = os.read(self._reading, 65536)
        except OSError:  # Linux: nobody has the other end open any more
            return False
        self.shown += piece.decode().replace("\r\n", "\n")
        return bool(piece)
