"""A service on a database that refuses, breaks off, or leaves it untold whether it has done a thing."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec
import psycopg
import pytest

from bench import ORDER, Bench
from postgres_server import shared, with_postgres
from postgres_troubles import CONFLICTS, Breaking, fail_changes, troubles
from skysail.store.postgres import PostgresStore

pytestmark = with_postgres

TRIES = 8
"""As often as a transaction is tried."""


@pytest.fixture
def url() -> str:
    return shared().database()


@pytest.fixture
def broken() -> Iterator[Breaking]:
    """A way to a new database that breaks when it is told to."""
    with Breaking(shared().database()) as broken:
        yield broken


@pytest.fixture
def bench_on() -> Iterator[Callable[[str], Bench]]:
    benches: list[Bench] = []

    def bench(url: str) -> Bench:
        benches.append(Bench(PostgresStore(url)))
        return benches[-1]

    yield bench
    for one in benches:
        one.close()


BenchOn = Callable[[str], Bench]


def created(bench: Bench) -> list[str]:
    """The names of all instances; each has one entry in the journal."""
    names = sorted(bench.names())
    assert sorted(entry["resourceName"] for entry in bench.operations()) == names
    return names


def ask_once(bench: Bench, name: str) -> tuple[int, str]:
    """Status and message of the answer to one request for an instance; clients ask again, after a 503."""
    response = bench.send({"instanceNames": [name], **ORDER}, "CreateInstances")
    return response.status, msgspec.json.decode(response.body).get("message", "")


@pytest.mark.parametrize("at_commit", [False, True], ids=["at a statement", "at COMMIT"])
@pytest.mark.parametrize(("code", "text"), CONFLICTS.values(), ids=CONFLICTS)
def test_what_conflicts_is_done_again_and_happens_once(
    url: str, bench_on: BenchOn, code: str, text: str, at_commit: bool
) -> None:
    bench = bench_on(url)
    fail_changes(url, code, text, times=3, at_commit=at_commit)
    bench.create("web")
    assert troubles(url) == 4
    assert created(bench) == ["web"]


def test_what_always_conflicts_is_refused_as_unavailable_and_never_happens(url: str, bench_on: BenchOn) -> None:
    bench = bench_on(url)
    fail_changes(url, *CONFLICTS["PostgreSQL"], times=1000, at_commit=True)
    status, message = ask_once(bench, "web")
    assert (status, troubles(url)) == (503, TRIES)
    assert "came in between each time: could not serialize" in message
    assert created(bench) == []


def test_another_failure_of_the_database_is_told_and_not_tried_again(url: str, bench_on: BenchOn) -> None:
    bench = bench_on(url)
    fail_changes(url, "53100", "could not extend file: No space left on device", times=1, at_commit=False)
    status, message = ask_once(bench, "web")
    assert (status, troubles(url)) == (503, 1)
    assert "No space left" in message
    assert created(bench) == []
    bench.create("web")
    assert created(bench) == ["web"]


@pytest.mark.parametrize("word", [b"BEGIN", b"INSERT INTO resources", b"INSERT INTO operations"])
def test_a_connection_that_breaks_before_the_end_costs_nobody_anything(
    broken: Breaking, bench_on: BenchOn, word: bytes
) -> None:
    bench = bench_on(broken.url)
    bench.create("first")
    broken.breaks_at(word, "before", times=2)
    assert ask_once(bench, "web")[0] == 200
    assert broken.broken == 2
    assert created(bench) == ["first", "web"]


def test_where_nobody_knows_whether_a_change_was_kept_it_is_not_made_again(broken: Breaking, bench_on: BenchOn) -> None:
    bench = bench_on(broken.url)
    bench.create("first")
    broken.breaks_at(b"COMMIT", "before")
    status, message = ask_once(bench, "web")
    assert (status, broken.broken) == (503, 1)
    assert "not known" in message
    assert created(bench) == ["first"]


def test_a_change_that_was_kept_though_nobody_was_told_is_answered(broken: Breaking, bench_on: BenchOn) -> None:
    bench = bench_on(broken.url)
    bench.create("first")
    broken.breaks_at(b"COMMIT", "after")
    assert ask_once(bench, "web")[0] == 200
    assert broken.broken == 1
    assert created(bench) == ["first", "web"]


def test_connections_that_the_database_ends_meanwhile_are_replaced(url: str, bench_on: BenchOn) -> None:
    bench = bench_on(url)
    bench.create("first")
    for _ in range(3):
        with psycopg.connect(url, autocommit=True) as session:
            session.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        assert bench.names() == ["first"]
    bench.create("web")
    assert created(bench) == ["first", "web"]
