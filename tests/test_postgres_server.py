"""The PostgreSQL that tests start is a real one: it is killed, and started again, with what was committed."""

from __future__ import annotations

import psycopg
import pytest

from postgres_server import PostgresServer, shared, with_postgres

pytestmark = with_postgres


def test_each_database_is_a_new_one() -> None:
    for _ in range(2):
        with psycopg.connect(shared().database(settings={"default_transaction_isolation": "serializable"})) as session:
            session.execute("CREATE TABLE mine (number INT)")
            assert session.execute("SHOW transaction_isolation").fetchone() == ("serializable",)


def test_a_killed_server_starts_again_with_what_was_committed() -> None:
    with PostgresServer() as server:
        with server.connection() as session:
            session.execute("CREATE TABLE mine (number INT)")
            server.kill()
            with pytest.raises(psycopg.OperationalError):
                session.execute("SELECT 1")
        with pytest.raises(psycopg.OperationalError):
            server.connection()
        server.start()
        with server.connection() as session:
            assert session.execute("SELECT count(*) FROM mine").fetchone() == (0,)
    assert not server.folder.exists()
