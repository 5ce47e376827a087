"""`skysail check`: what was looked at, what is wrong and what to do about it, and an exit status to go by."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import psycopg
import pytest

from bench import Bench
from postgres_server import needs_postgres, shared
from skysail.server import opened
from skysail.store.schema import VERSION


@pytest.fixture
def fleet(tmp_path: Path) -> Path:
    bench = Bench(tmp_path / "fleet.db")
    bench.create("web", "data")
    bench.settle()
    bench.names()
    bench.close()
    return tmp_path / "fleet.db"


def spoil(fleet: Path, statement: str) -> None:
    with sqlite3.connect(fleet) as connection:
        connection.execute(statement)
    connection.close()


def test_a_whole_store_is_said_to_be_so_with_what_was_looked_at(cli, fleet):
    told = cli("check", str(fleet))
    assert (told.status, told.err) == (0, "")
    first, *counts, last = told.out.splitlines()
    assert first.startswith(f"{fleet}: a store of version {VERSION}, ")
    assert [line.split() for line in counts] == [["KeyPair", "1"], ["Instance", "2"], ["journal", "2"]]
    assert last == "nothing is wrong"


def test_a_fault_is_a_line_with_where_what_and_what_to_do(cli, fleet):
    spoil(fleet, "UPDATE resources SET document = substr(document, 1, 100) WHERE name = 'web'")
    told = cli("check", str(fleet))
    assert told.status == 1
    *_, fault, last = told.out.splitlines()
    assert fault.startswith("fault: Instance web (account ")
    assert "us-east-1): cannot be read: Input data was truncated — go back to a copy of the store" in fault
    assert last == "1 fault"


def test_as_json_it_is_one_object(cli, fleet):
    spoil(fleet, "UPDATE resources SET document = 'x' WHERE name = 'web'")
    told = cli("check", str(fleet), "-o", "json")
    assert told.status == 1
    found = json.loads(told.out)
    assert found["counts"] == {"KeyPair": 1, "Instance": 2, "journal": 2}
    (fault,) = found["faults"]
    assert fault.keys() == {"about", "what", "remedy", "account", "region"}


def test_very_many_faults_are_not_all_told_to_people(cli, fleet):
    spoil(fleet, "DELETE FROM operations")
    spoil(
        fleet,
        "INSERT INTO scheduled SELECT 0, value, 'none', 'instance.running', 'a', 'r', '', 'gone', ''"
        " FROM (WITH RECURSIVE n(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n LIMIT 200) SELECT * FROM n)",
    )
    lines = cli("check", str(fleet)).out.splitlines()
    assert lines[-2:] == ["fault: 150 more: -o json", "200 faults"]
    assert len(json.loads(cli("check", str(fleet), "-o", "json").out)["faults"]) == 200


def test_of_an_older_version_the_file_alone_is_looked_at(cli, fleet):
    spoil(fleet, "PRAGMA user_version = 0")
    told = cli("check", str(fleet))
    assert told.status == 0
    assert "rows were not read: an older skysail wrote it; skysail serve brings it up to date" in told.out


@pytest.mark.parametrize(
    ("content", "status", "told"),
    [
        (None, 2, "there is no "),
        (b"", 1, "is empty — make a store of it: skysail serve --data "),
        (b"name,state\n" * 500, 1, "is not a skysail store (nor any SQLite database) — name another file"),
    ],
)
def test_what_is_no_store_is_one_line(cli, tmp_path, content, status, told):
    path = tmp_path / "fleet.db"
    if content is not None:
        path.write_bytes(content)
    found = cli("check", str(path))
    assert (found.status, found.out) == (status, "")
    assert found.err.startswith("error: ")
    assert told in found.err
    assert found.err.count("\n") == 1


# --- in a database ----------------------------------------------------------------------------------------


@pytest.fixture
def database() -> str:
    """The URL of a store in PostgreSQL with two instances."""
    url = shared().database()
    bench = Bench(opened(url))
    bench.create("web", "data")
    bench.settle()
    bench.names()
    bench.close()
    return url


@needs_postgres
def test_a_store_in_a_database_is_looked_at_in_the_same_way(cli, database):
    told = cli("check", database)
    assert (told.status, told.err) == (0, "")
    assert told.out.splitlines()[-1] == "nothing is wrong"
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("UPDATE resources SET document = 'x' WHERE name = 'web'")
    found = json.loads(cli("check", database, "-o", "json").out)
    assert found["counts"] == {"KeyPair": 1, "Instance": 2, "journal": 2}
    assert [fault["about"] for fault in found["faults"]] == ["Instance web"]


@needs_postgres
def test_a_secret_in_a_databases_url_is_not_told(cli, database):
    told = cli("check", database.replace("skysail@", "skysail:hidden@"))
    assert told.status == 0
    assert "hidden" not in told.out


@needs_postgres
def test_a_database_without_a_store_is_told_and_stays_without(cli):
    url = shared().database()
    told = cli("check", url)
    assert (told.status, told.out) == (1, "")
    assert "has no store in it — skysail serve --data with its URL makes one" in told.err
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone() == (0,)


@needs_postgres
def test_a_database_that_is_not_there_is_one_line(cli):
    told = cli("check", shared().url("nowhere"))
    assert told.status == 1
    assert told.err.startswith("error: cannot look into postgresql://127.0.0.1:")
    assert told.err.count("\n") == 1
