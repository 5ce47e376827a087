"""Troubles of a database for tests, made where they arise: in the database itself, and on the way to it."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from types import TracebackType
from typing import Literal, Self
from urllib.parse import urlsplit

import psycopg

from postgres_server import USER

Moment = Literal["before", "after"]

CONFLICTS = {  # what each database says of a conflict; the code is what counts
    "PostgreSQL": ("40001", "could not serialize access due to concurrent update"),
    "a deadlock": ("40P01", "deadlock detected"),
    "Aurora DSQL's rows": ("40001", "mutation conflicts with another transaction, retry as needed (OC000)"),
    "Aurora DSQL's schema": ("40001", "schema has been updated by another transaction, please retry: (OC001)"),
    "CockroachDB": ("40001", "restart transaction: TransactionRetryWithProtoRefreshError: WriteTooOldError"),
}


def fail_changes(url: str, code: str, text: str, *, times: int, at_commit: bool) -> None:
    """Have the next `times` transactions that add to the journal fail, at the statement or at COMMIT.

    How often is counted by a sequence, which no rollback takes back.
    """
    with psycopg.connect(url, autocommit=True) as session:
        session.execute("DROP TRIGGER IF EXISTS trouble ON operations")
        session.execute("DROP SEQUENCE IF EXISTS troubles")
        session.execute("CREATE SEQUENCE troubles")
        session.execute(
            f"""CREATE OR REPLACE FUNCTION trouble() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF nextval('troubles') <= {times} THEN RAISE EXCEPTION USING ERRCODE = '{code}', MESSAGE = '{text}';
                END IF;
                RETURN NEW;
            END $$"""
        )
        when = "CONSTRAINT TRIGGER trouble AFTER INSERT ON operations DEFERRABLE INITIALLY DEFERRED"
        moment = when if at_commit else "TRIGGER trouble BEFORE INSERT ON operations"
        session.execute(f"CREATE {moment} FOR EACH ROW EXECUTE FUNCTION trouble()")


def troubles(url: str) -> int:
    """How often a transaction came by."""
    with psycopg.connect(url, autocommit=True) as session:
        found = session.execute("SELECT last_value FROM troubles").fetchone()
        assert found is not None
        return int(found[0])


class Breaking:
    """A way to a database that breaks: `breaks_at` says when it does so next. Used with `with`."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        assert parts.hostname
        assert parts.port
        self._to = (parts.hostname, parts.port)
        self._database = parts.path
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._sockets: list[socket.socket] = []
        self._word, self._when, self._times = b"", "before", 0
        self._lock = threading.Lock()
        self.broken = 0
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        return f"postgresql://{USER}@127.0.0.1:{self._listener.getsockname()[1]}{self._database}"

    def breaks_at(self, word: bytes, when: Moment, times: int = 1) -> None:
        """The next `times` that a statement with this word comes by, break its connection.

        "before" it has reached the database, or "after" the database has done it, with the outcome untold.
        """
        with self._lock:
            self._word, self._when, self._times = word, when, times

    def close(self) -> None:
        self._listener.close()
        for one in self._sockets:
            _end(one)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            far = socket.create_connection(self._to)
            self._sockets += [near, far]
            untold = threading.Event()
            threading.Thread(target=self._forth, args=(near, far, untold), daemon=True).start()
            threading.Thread(target=self._back, args=(near, far, untold), daemon=True).start()

    def _forth(self, near: socket.socket, far: socket.socket, untold: threading.Event) -> None:
        with suppress(OSError):
            while data := near.recv(65536):
                when = self._breaks(data)
                if when == "before":
                    break
                if when == "after":
                    untold.set()
                far.sendall(data)
        _end(far)
        _end(near)

    def _back(self, near: socket.socket, far: socket.socket, untold: threading.Event) -> None:
        with suppress(OSError):
            while data := far.recv(65536):
                if untold.is_set():
                    break
                near.sendall(data)
        _end(near)
        _end(far)

    def _breaks(self, data: bytes) -> str | None:
        with self._lock:
            if self._times and self._word in data:
                self._times -= 1
                self.broken += 1
                return self._when
            return None


def _end(one: socket.socket) -> None:
    with suppress(OSError):  # it has ended already
        one.shutdown(socket.SHUT_RDWR)
    one.close()
