"""One session of the system's `ssh` program: the files it is given, the words it is called with, and its end."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

from skysail.errors import AnswerError
from skysail.telling.logins import is_address, is_user

SSH_PORT = 22
NO_SESSION = 255
"""ssh's own status where it could not connect, or was not let in; any other is the remote command's."""


@dataclass(frozen=True, slots=True)
class Session:
    """`details` is what GetInstanceAccessDetails says of protocol ssh; `address` the one of its addresses to use.

    `accepts_new`: the first host key that is shown is believed, where the service knows none.
    """

    program: str
    details: Mapping[str, Any]
    address: str
    port: int
    accepts_new: bool
    words: Sequence[str]

    def __post_init__(self) -> None:
        """Raises AnswerError for a user or an address that is none: ssh would take -oProxyCommand=… for an option, and
        run what a service, or whoever it mirrors, has put there.
        """
        user = self.details["username"]
        if not is_user(user):
            raise AnswerError(error=f"{user!r} is no name of a user to connect as")
        if not is_address(self.address):
            raise AnswerError(error=f"{self.address!r} is no address to connect to")

    def files(self) -> dict[str, str]:
        """What stands in the folder of a session, by the files' names."""
        host = self.address if self.port == SSH_PORT else f"[{self.address}]:{self.port}"
        known = (f"{host} {key['algorithm']} {key['publicKey']}\n" for key in self.details.get("hostKeys", ()))
        certificate = self.details["certKey"].strip()
        key = self.details["privateKey"].strip()
        return {"key": f"{key}\n", "key-cert.pub": f"{certificate}\n", "known_hosts": "".join(known)}

    def command(self, folder: Path) -> list[str]:
        """The user's words come last: ssh reads options there too, and what is left is the remote command."""
        port = ["-p", str(self.port)] if self.port != SSH_PORT else []
        return [
            *(self.program, "-i", str(folder / "key"), *_option("CertificateFile", folder / "key-cert.pub")),
            *_option("IdentitiesOnly", "yes"),
            *_option("UserKnownHostsFile", folder / "known_hosts"),
            *_option("GlobalKnownHostsFile", "none"),
            *_option("StrictHostKeyChecking", "accept-new" if self.accepts_new else "yes"),
            *(*port, f"{self.details['username']}@{self.address}", *self.words),
        ]

    def written(self, folder: Path) -> None:
        """Write the files, for their owner alone. Raises OSError."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
        for name, text in self.files().items():
            path = folder / name
            path.unlink(missing_ok=True)  # one that is there keeps its own rights
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(text)


def shown(command: Sequence[str]) -> str:
    """As one types it."""
    return shlex.join([Path(command[0]).name, *command[1:]])


def run(command: Sequence[str], environ: Mapping[str, str]) -> int:
    """Run it on this process's own streams, and give its exit status, a signal's as shells have it. Raises OSError.

    Ctrl-C reaches ssh by itself; what asks this process to end is passed on to it, so that the caller comes to tidy up.
    """
    with _passed_on() as passing:
        process = subprocess.Popen(command, env=dict(environ))
        passing.append(process)
        status = process.wait()
    return status if status >= 0 else 128 - status


@contextmanager
def _passed_on() -> Iterator[list[subprocess.Popen[bytes]]]:
    running: list[subprocess.Popen[bytes]] = []

    def pass_on(number: int, frame: FrameType | None) -> None:
        for process in running:
            process.send_signal(number)

    # SIGINT has a handler too, and is not ignored: a program that is begun would inherit that.
    handlers = {signal.SIGTERM: pass_on, signal.SIGINT: _nothing}
    if hasattr(signal, "SIGHUP"):
        handlers[signal.SIGHUP] = pass_on
    before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
    try:
        yield running
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _nothing(number: int, frame: FrameType | None) -> None:
    """The terminal has told ssh too."""


def _option(name: str, value: object) -> tuple[str, str]:
    """A path with spaces is quoted as ssh's configuration has it."""
    text = str(value)
    return "-o", f'{name}="{text}"' if " " in text else f"{name}={text}"
