"""A server process of a test's own: started, killed, started again on the same file, and always ended by its own id."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Self

SKYSAIL = Path(sys.executable).with_name("skysail")
"""The command as it is installed beside this Python."""

REGION = "us-east-1"
ZONE = "us-east-1a"

_PASSED_ON = ("PATH", "PYTHONPATH", "SYSTEMROOT", "TMPDIR")
_PATIENCE_S = 30
_numbers = count(1)


def neutral_environment(home: Path, **more: str) -> dict[str, str]:
    """An environment for a process: nobody's AWS account, proxy or settings, and no question asked of the network."""
    kept = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    return kept | {
        "HOME": str(home),
        "LC_ALL": "C.UTF-8",
        "AWS_CONFIG_FILE": str(home / "absent-config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(home / "absent-credentials"),
        "AWS_EC2_METADATA_DISABLED": "true",
        **more,
    }


class RunningServer:
    """`skysail serve` on a free port, with any options; `url` is where it answers. Used with `with`.

    `starts` is for those who start it themselves.
    """

    def __init__(
        self, folder: Path, *options: str, environment: Mapping[str, str] | None = None, starts: bool = True
    ) -> None:
        self._folder = folder
        self._command = [str(SKYSAIL), "serve", "--port", "0", *options]
        self._environment = dict(environment or neutral_environment(folder))
        self._errors = folder / f"server-{next(_numbers)}.stderr"
        self.url = ""
        if starts:
            self.start()

    def start(self) -> None:
        """Start the process, and return when it answers: it says so itself, on a line of its standard output."""
        self.launch()
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if found := re.match(r"  API +(http://\S+)", line):
                self.url = found[1]
            if line == "Ready.\n":
                return
        raise AssertionError(f"the server ended with {self.process.wait(_PATIENCE_S)}: {self.errors}")

    def launch(self) -> None:
        """Start the process, and do not wait for it."""
        with self._errors.open("ab") as errors:
            self.process = subprocess.Popen(
                self._command,
                cwd=self._folder,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )

    def kill(self) -> None:
        """SIGKILL, to its workers too: no process gets a chance to finish or to tidy anything."""
        self.process.send_signal(signal.SIGSTOP)  # it begins no other workers
        for worker in self.workers:
            with suppress(ProcessLookupError):
                os.kill(worker, signal.SIGKILL)
        self.process.kill()
        self.wait()

    @property
    def workers(self) -> list[int]:
        """The ids of the processes that it has begun, where the system tells them."""
        try:
            children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        except OSError:
            return []
        return [int(child) for child in children.split()]

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Ask the process to finish; gives the exit code."""
        self.process.send_signal(number)
        return self.wait()

    def wait(self) -> int:
        """The exit code of a process that ends by itself."""
        code = self.process.wait(_PATIENCE_S)
        assert self.process.stdout is not None
        self.process.stdout.close()
        return code

    @property
    def address(self) -> tuple[str, int]:
        """Host and port."""
        host, _, port = self.url.rpartition("/")[2].rpartition(":")
        return host, int(port)

    @property
    def errors(self) -> str:
        """What the process has written to its standard error so far, over all its starts."""
        return self._errors.read_text()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process.returncode is None:
            self.kill()
        if kind is None:
            assert not re.search("Traceback|itself failed", self.errors), self.errors
