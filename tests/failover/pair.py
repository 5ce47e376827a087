"""A primary and a synchronous standby: what is committed is on both before it is answered.

The promotion is a script's, as an operator's or Patroni's would be: the dead one stays dead, and comes back only as a
copy of the new primary.
"""

from __future__ import annotations

import shutil
import signal
import time
from types import TracebackType
from typing import Self

import psycopg

from postgres_server import USER, PostgresServer, free_port, new_folder, run

DATABASE = "fleet"
_SETTINGS = {"max_wal_senders": "5", "wal_keep_size": "64MB", "wal_retrieve_retry_interval": "200ms"}
_PATIENCE_S = 30


class Pair:
    """`url` names both nodes; the one that can be written to is found by whoever connects."""

    def __init__(self, *, is_durable: bool = False) -> None:
        self._is_durable = is_durable
        self._ports = (free_port(), free_port())
        self.primary = PostgresServer(is_durable=is_durable, port=self._ports[0], **_SETTINGS)
        self.standby: PostgresServer | None = None
        with self.primary.connection() as session:
            session.execute(f"CREATE DATABASE {DATABASE}")
        self.add_standby()

    @property
    def url(self) -> str:
        nodes = ",".join(f"127.0.0.1:{port}" for port in self._ports)
        return f"postgresql://{USER}@{nodes}/{DATABASE}?target_session_attrs=read-write"

    def add_standby(self) -> None:
        """A copy of the primary on the other port; from when it has caught up, commits wait for it."""
        (port,) = {*self._ports} - {self.primary.port}
        folder = new_folder()
        source = f"host=127.0.0.1 port={self.primary.port} user={USER} application_name=standby"
        how = ("--checkpoint=fast", "--no-sync", "--write-recovery-conf", "--wal-method=stream")
        run("pg_basebackup", "-D", folder / "data", "-d", source, *how)
        self.standby = PostgresServer(is_durable=self._is_durable, folder=folder, port=port, **_SETTINGS)
        with self.primary.connection() as session:
            _reach(session, "SELECT state FROM pg_stat_replication", "streaming")
            _commits_wait_for(session, "standby")
            _reach(session, "SELECT sync_state FROM pg_stat_replication", "sync")

    def lose_primary(self, how: signal.Signals) -> None:
        """SIGKILL: every process of it at once. SIGQUIT: it tells whoever is connected, and ends at once.

        SIGTERM or SIGINT would be no accident: then it ends in order.
        """
        if how is signal.SIGKILL:
            self.primary.kill()
        else:
            self.primary.stop(how)

    def is_alive(self) -> bool:
        """What a watcher asks, time after time."""
        try:
            psycopg.connect(self.primary.url(), connect_timeout=1).close()
        except psycopg.OperationalError:
            return False
        return True

    def promote(self) -> None:
        """Make the standby the primary; returns when it takes writes. Its commits wait for nobody until it has one."""
        assert self.standby is not None
        run("pg_ctl", "promote", "-D", self.standby.data, "--wait")
        lost, self.primary, self.standby = self.primary, self.standby, None
        shutil.rmtree(lost.folder)

    def close(self) -> None:
        for server in (self.standby, self.primary):
            if server is not None:
                server.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _commits_wait_for(session: psycopg.Connection, standby: str) -> None:
    """Set after the copy was made, so that the copy itself, once it is the primary, waits for nobody."""
    session.execute(f"ALTER SYSTEM SET synchronous_standby_names = '{standby}'")
    session.execute("SELECT pg_reload_conf()")


def _reach(session: psycopg.Connection, question: str, wanted: str) -> None:
    until = time.monotonic() + _PATIENCE_S
    while session.execute(question).fetchone() != (wanted,):
        assert time.monotonic() < until, f"{question}: never {wanted}"
        time.sleep(0.02)
