"""A real PostgreSQL of a test's own: made in a folder of its own, on a free port, ended by its own process id.

`with_postgres` marks tests that need one, and skips them, with the reason, where there is none.
"""

from __future__ import annotations

import atexit
import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest

USER = "skysail"
_PATIENCE_S = 30
_FOLDERS = ("/usr/lib/postgresql", "/opt/homebrew/opt", "/usr/local/opt", "/usr/pgsql")
_NOT_FOR_GOOD = {"fsync": "off", "full_page_writes": "off"}
"""Nothing of a test's outlives its machine; a killed process takes nothing back even so, as each commit is written."""
_numbers = count(1)


class PostgresServer:
    """One server, and the URLs of its databases. Used with `with`; `settings` are postgresql.conf's.

    `folder` is one of `new_folder`; a standby's has `data` in it already.
    """

    def __init__(
        self, *, is_durable: bool = False, folder: Path | None = None, port: int | None = None, **settings: str
    ) -> None:
        self.folder = folder or new_folder()
        self.port = port or free_port()
        self.settings = {**({} if is_durable else _NOT_FOR_GOOD), **settings}
        self.data = self.folder / "data"
        if not self.data.exists():
            run("initdb", "-D", self.data, "-U", USER, "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync")
        self.start()

    def start(self) -> None:
        """Start the process, and return when it answers."""
        self._launch()
        until = time.monotonic() + _PATIENCE_S
        while not self._answers():
            assert time.monotonic() < until, f"PostgreSQL does not answer: {self._last_words()}"
            if self.process.poll() is not None:
                # Of a killed one, some process may take a moment to end, and the next one does not begin before.
                assert "is still in use" in self._last_words(), f"PostgreSQL ended: {self._last_words()}"
                self._launch()
            time.sleep(0.02)

    def _launch(self) -> None:
        fixed = {"port": str(self.port), "listen_addresses": "127.0.0.1", "unix_socket_directories": str(self.folder)}
        options = [f"--{name}={value}" for name, value in {**fixed, **self.settings}.items()]
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                [str(programs() / "postgres"), "-D", str(self.data), *options],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C ends the tests first, and they end the server
                **_as_who(),
            )

    def url(self, database: str = "postgres", user: str = USER) -> str:
        return f"postgresql://{user}@127.0.0.1:{self.port}/{database}"

    def database(self, options: str = "", settings: dict[str, str] | None = None) -> str:
        """The URL of a new, empty database: `options` of CREATE DATABASE, `settings` of its sessions."""
        name = f"fleet{next(_numbers)}"
        with self.connection() as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE template0 {options}")
            for setting, value in (settings or {}).items():
                connection.execute(f"ALTER DATABASE {name} SET {setting} = '{value}'")
        return self.url(name)

    def connection(self, database: str = "postgres") -> psycopg.Connection:
        """One that sees and changes everything at once; used with `with`."""
        return psycopg.connect(self.url(database), autocommit=True)

    def kill(self) -> None:
        """SIGKILL for the server and every process of it: what a crash of the machine leaves, but for the disk."""
        self.process.send_signal(signal.SIGSTOP)  # it starts no more of them
        pid = self.process.pid
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            os.kill(int(child), signal.SIGKILL)
        self.process.kill()
        self.process.wait(_PATIENCE_S)

    def stop(self, how: signal.Signals = signal.SIGQUIT) -> None:
        """SIGQUIT: at once; SIGINT: what is open is rolled back."""
        self.process.send_signal(how)
        self.process.wait(_PATIENCE_S)

    def close(self) -> None:
        if self.process.poll() is None:
            self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> PostgresServer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def _log(self) -> Path:
        return self.folder / "log"

    def _last_words(self) -> str:
        return self._log.read_text()[-2000:]

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.url(), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True


@cache
def shared() -> PostgresServer:
    """The one server of this process; each test takes a database of its own."""
    server = PostgresServer()
    atexit.register(server.close)
    return server


@cache
def programs() -> Path | None:
    """The folder of PostgreSQL's programs, the newest; None where there is none."""
    there = shutil.which("postgres")
    found = [Path(there).resolve().parent] if there else []
    found += [path.parent for folder in _FOLDERS for path in Path(folder).glob("*/bin/postgres")]
    found = [folder for folder in found if (folder / "initdb").exists()]
    return max(found, key=_version, default=None)


def run(program: str, *arguments: object) -> None:
    """One of PostgreSQL's programs, which must succeed."""
    folder = programs()
    assert folder is not None
    done = subprocess.run(
        [str(folder / program), *map(str, arguments)], capture_output=True, text=True, check=False, **_as_who()
    )
    assert done.returncode == 0, f"{program}: {done.stderr}"


def new_folder() -> Path:
    """A folder that the server's user can get at; pytest's are closed to others."""
    folder = Path(tempfile.mkdtemp(prefix="skysail-pg-", dir="/tmp"))  # a socket's path has at most 107 bytes
    if user := _user():
        os.chown(folder, user.pw_uid, user.pw_gid)
    return folder


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _as_who() -> dict[str, object]:
    """How to run a program: PostgreSQL refuses to be run by root."""
    user = _user()
    environment = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "HOME": "/nonexistent"}
    where = {"cwd": "/", "env": environment}
    return where | ({"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if user else {})


@cache
def _user() -> pwd.struct_passwd | None:
    """Whose the server is: ours, or, where that is root, another's who is there."""
    if os.geteuid() != 0:
        return None
    everybody = {user.pw_name: user for user in pwd.getpwall()}
    return everybody.get("postgres") or everybody["nobody"]


def _version(folder: Path) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", str(folder)))


with_postgres = [
    pytest.mark.postgres,
    pytest.mark.skipif(programs() is None, reason="needs PostgreSQL: apt-get install postgresql"),
]


def needs_postgres(test: Any) -> Any:
    """The same for one test: `with_postgres` is for a module's or a class's pytestmark, and for parameters."""
    for mark in with_postgres:
        test = mark(test)
    return test
