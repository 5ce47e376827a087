"""What is SQLite's alone: the file, those who share it, what else may stand there, and how it is searched."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from skysail.errors import DamagedStoreError, NotAStoreError, StoreError, StoreVersionError
from skysail.store.base import Due, Place, Position, Record, Row
from skysail.store.schema import APPLICATION_ID, VERSION
from skysail.store.sqlite import SqliteStore, SqliteTransaction

HERE = Place("111122223333", "us-east-1")


def row(name: str, number: int = 1, size: int = 0) -> Row:
    return Row(HERE, "Instance", name, f"id of {name}", number, b"{}" + b" " * size)


def insert(store: SqliteStore, *rows: Row) -> None:
    with store.begin(write=True) as transaction:
        transaction.insert(rows)


def names(store: SqliteStore) -> list[str]:
    with store.begin(write=False) as transaction:
        return [found.name for found in transaction.page(HERE, "Instance", None, 100)]


# --- the file ---------------------------------------------------------------------------------------------


def test_a_reopened_file_is_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "fleet.db"
    store = SqliteStore(path)
    with store.begin(write=True) as transaction:
        transaction.insert([row("web")])
        transaction.add_records([Record(HERE, "r1", 1, "web", b"{}")])
        transaction.schedule([Due(5.0, HERE, "web", "id of web", "instance.running", "r1")])
    token_key = store.token_key
    store.close()
    again = SqliteStore(path)
    assert names(again) == ["web"]
    with again.begin(write=True) as transaction:
        assert transaction.record(HERE, "r1") == Record(HERE, "r1", 1, "web", b"{}")
        assert transaction.next_due() == 5.0
    assert again.token_key == token_key
    again.close()


def test_a_store_may_be_made_with_a_given_token_key_which_a_reopened_one_keeps(tmp_path: Path) -> None:
    path = tmp_path / "fleet.db"
    SqliteStore(path, token_key=b"k" * 32).close()
    again = SqliteStore(path, token_key=b"other" * 8)
    assert again.token_key == b"k" * 32
    again.close()


def test_closing_folds_the_log_into_the_file(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "fleet.db")
    insert(store, row("web"))
    assert names(store) == ["web"]  # opens a reader, which has to let go too
    store.close()
    assert [path.name for path in tmp_path.iterdir()] == ["fleet.db"]


def test_a_log_that_grew_very_large_is_cut_when_it_begins_anew(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "fleet.db")
    log = tmp_path / "fleet.db-wal"
    with store.begin(write=False) as reader:  # what a reader sees is kept in the log
        assert reader.get(HERE, "web") is None
        insert(store, *(row(f"web-{number}", number, size=10_000_000) for number in range(1, 8)))
        insert(store, row("web", 100))
    assert log.stat().st_size > 70_000_000
    insert(store, row("next", 101))
    insert(store, row("second", 102))
    assert log.stat().st_size <= 67_108_864
    store.close()


def test_a_file_is_durable_before_the_answer(tmp_path: Path) -> None:
    """What SQLite promises for these two settings is that a committed transaction outlives a power cut."""
    store = SqliteStore(tmp_path / "fleet.db")
    connection = store._writer
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert connection.execute("PRAGMA synchronous").fetchone() == (2,)
    store.close()


def test_what_was_committed_is_there_after_a_kill(tmp_path: Path) -> None:
    path = tmp_path / "fleet.db"
    program = (
        "import os, signal, sys\n"
        "from skysail.store.base import Place, Row\n"
        "from skysail.store.sqlite import SqliteStore\n"
        "store = SqliteStore(sys.argv[1])\n"
        "place = Place('111122223333', 'us-east-1')\n"
        "with store.begin(write=True) as transaction:\n"
        "    transaction.insert([Row(place, 'Instance', 'kept', 'id', 1, b'{}')])\n"
        "with store.begin(write=True) as transaction:\n"
        "    transaction.insert([Row(place, 'Instance', 'lost', 'id', 2, b'{}')])\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    ended = subprocess.run([sys.executable, "-c", program, str(path)], check=False)
    assert ended.returncode == -9
    store = SqliteStore(path)
    assert names(store) == ["kept"]
    store.close()


# --- sharing ----------------------------------------------------------------------------------------------


def test_two_stores_on_one_file_see_one_another(tmp_path: Path) -> None:
    one, other = (SqliteStore(tmp_path / "fleet.db") for _ in range(2))
    insert(one, row("a"))
    insert(other, row("b", 2))
    assert names(one) == names(other) == ["b", "a"]
    assert one.token_key == other.token_key
    one.close()
    other.close()


def test_a_reader_sees_one_state_while_another_store_writes(tmp_path: Path) -> None:
    one, other = (SqliteStore(tmp_path / "fleet.db") for _ in range(2))
    with one.begin(write=False) as transaction:
        assert transaction.count(HERE, "Instance", 9) == 0
        insert(other, row("a"))
        assert transaction.count(HERE, "Instance", 9) == 0
    assert names(one) == ["a"]
    one.close()
    other.close()


def test_writers_wait_for_one_another(tmp_path: Path) -> None:
    stores = [SqliteStore(tmp_path / "fleet.db") for _ in range(3)]

    def write(store: SqliteStore, mark: str) -> None:
        for count in range(20):
            with store.begin(write=True) as transaction:
                insert_at = transaction.last_number(HERE, "Instance") + 1
                transaction.insert([row(f"{mark}{count}", insert_at)])

    _at_once([(write, store, mark) for store, mark in zip(stores, "abc", strict=True)])
    with stores[0].begin(write=False) as transaction:
        found = transaction.page(HERE, "Instance", None, 100)
    assert sorted(one.number for one in found) == list(range(1, 61)), "each writer saw the one before it"
    for store in stores:
        store.close()


def test_many_may_make_the_same_store_at_once(tmp_path: Path) -> None:
    for attempt in range(10):
        path = tmp_path / f"fleet{attempt}.db"
        made: list[SqliteStore] = []
        _at_once([(lambda path=path, made=made: made.append(SqliteStore(path)),)] * 6)
        assert len(made) == 6
        assert len({store.token_key for store in made}) == 1
        for store in made:
            store.close()


def _at_once(calls: list[tuple[Callable[..., Any], *tuple[Any, ...]]]) -> None:
    """Run each in a thread of its own; the first error is raised here."""
    errors: list[BaseException] = []
    start = threading.Barrier(len(calls))

    def run(function: Callable[..., Any], *arguments: Any) -> None:
        start.wait()
        try:
            function(*arguments)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=call) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


# --- what else may stand there ----------------------------------------------------------------------------


def text_file(path: Path) -> None:
    path.write_text("name,state\nweb,running\n" * 100)


def other_program(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE recipes (name)")
    connection.close()


def other_program_with_our_table(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE meta (name, value)")
        connection.execute("PRAGMA user_version = 1")
    connection.close()


def newer_version(path: Path) -> None:
    SqliteStore(path).close()
    with sqlite3.connect(path) as connection:
        connection.execute(f"PRAGMA user_version = {VERSION + 1}")
    connection.close()


def folder(path: Path) -> None:
    path.mkdir()


def nothing_in_a_missing_folder(path: Path) -> None:
    path.parent.rmdir()


REFUSED: dict[Callable[[Path], None], tuple[type[StoreError], str]] = {
    text_file: (NotAStoreError, "is not a skysail store"),
    other_program: (NotAStoreError, "of another program"),
    other_program_with_our_table: (NotAStoreError, "of another program"),
    newer_version: (StoreVersionError, "pip install -U skysail"),
    folder: (StoreError, "it is a folder; name a file in it"),
    nothing_in_a_missing_folder: (StoreError, "its folder is not there; mkdir -p "),
}


@pytest.mark.parametrize("make", REFUSED, ids=lambda make: make.__name__)
def test_what_is_no_store_of_ours_is_refused_unchanged_and_the_error_names_it(
    tmp_path: Path, make: Callable[[Path], None]
) -> None:
    path = tmp_path / "folder" / "thing.db"
    path.parent.mkdir()
    make(path)
    before = path.read_bytes() if path.is_file() else None
    kind, text = REFUSED[make]
    with pytest.raises(StoreError, match=text) as caught:
        SqliteStore(path)
    assert type(caught.value) is kind
    assert str(path) in str(caught.value)
    assert (path.read_bytes() if path.is_file() else None) == before


def empty_file(path: Path) -> None:
    path.touch()


def empty_database(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE passing (x)")
        connection.execute("DROP TABLE passing")
        connection.execute(f"PRAGMA user_version = {VERSION}")
    connection.close()


@pytest.mark.parametrize("make", [empty_file, empty_database], ids=lambda make: make.__name__)
def test_what_is_empty_becomes_a_store(tmp_path: Path, make: Callable[[Path], None]) -> None:
    path = tmp_path / "fleet.db"
    make(path)
    store = SqliteStore(path)
    insert(store, row("web"))
    assert names(store) == ["web"]
    assert store._writer.execute("PRAGMA application_id").fetchone() == (APPLICATION_ID,)
    store.close()


# --- trouble ----------------------------------------------------------------------------------------------


def test_a_full_disk_is_told_and_the_store_goes_on(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "fleet.db")
    (pages,) = store._writer.execute("PRAGMA page_count").fetchone()
    store._writer.execute(f"PRAGMA max_page_count = {pages + 2}")
    with pytest.raises(StoreError, match="full"):
        insert(store, row("big", size=1_000_000))
    insert(store, row("small"))
    assert names(store) == ["small"]
    store.close()


def test_a_file_that_was_found_damaged_is_read_on_and_written_no_more(tmp_path: Path) -> None:
    path = tmp_path / "fleet.db"
    store = SqliteStore(path)
    insert(store, *(row(f"web-{number}", number, size=2_000) for number in range(1, 40)))
    size = 4096
    (page,) = store._writer.execute("SELECT rootpage FROM sqlite_master WHERE name = 'operations_listed'").fetchone()
    store.close()
    content = bytearray(path.read_bytes())
    content[(page - 1) * size : page * size] = b"\xaa" * size
    path.write_bytes(content)
    store = SqliteStore(path)
    insert(store, row("before", 100))
    told = r"is damaged: .*; see what is left: skysail check \S*fleet.db"
    with pytest.raises(DamagedStoreError, match=told), store.begin(write=False) as transaction:
        transaction.records(HERE, None, None, 10)
    assert len(names(store)) == 40
    with pytest.raises(DamagedStoreError, match="nothing is written to it any more"):
        insert(store, row("after", 101))
    store.close()


def test_a_store_without_its_token_key_is_damaged(tmp_path: Path) -> None:
    SqliteStore(tmp_path / "fleet.db").close()
    with sqlite3.connect(tmp_path / "fleet.db") as connection:
        connection.execute("DELETE FROM meta")
    connection.close()
    with pytest.raises(DamagedStoreError, match="it has no token_key"):
        SqliteStore(tmp_path / "fleet.db")


@contextmanager
def nobody() -> Iterator[None]:
    """Without the superuser's rights, where the tests run with them."""
    before = os.geteuid()
    if before == 0:
        os.seteuid(65_534)
    try:
        yield
    finally:
        os.seteuid(before)


@pytest.mark.parametrize("kept_from", ["the file", "the folder"])
def test_what_may_not_be_written_is_told_and_left_as_it_was(kept_from: str) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "fleet.db"
        store = SqliteStore(path)
        insert(store, row("web"))
        store.close()
        before = path.read_bytes()
        os.chmod(folder, 0o755 if kept_from == "the folder" else 0o777)
        os.chmod(path, 0o444)
        with nobody():
            if os.geteuid() != 65_534 and kept_from == "the folder":
                os.chmod(folder, 0o555)
            with pytest.raises(StoreError, match=r"cannot (open|be written|write)|may you write") as caught:
                insert(SqliteStore(path), row("other", 2))
        os.chmod(folder, 0o755)
        assert str(path) in str(caught.value)
        assert path.read_bytes() == before


def test_a_closed_store_says_so_with_an_error_of_ours(tmp_path: Path) -> None:
    for store in (SqliteStore(), SqliteStore(tmp_path / "fleet.db")):
        names(store)
        store.close()
        for write in (True, False):
            with pytest.raises(StoreError, match="is closed"), store.begin(write=write):
                pass
    assert [path.name for path in tmp_path.iterdir()] == ["fleet.db"]


def test_a_reader_that_outlives_the_store_lets_go_of_the_file_when_it_ends(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "fleet.db")
    with store.begin(write=False) as transaction:
        store.close()
        assert transaction.count(HERE, "Instance", 9) == 0
    assert [path.name for path in tmp_path.iterdir()] == ["fleet.db"]


def test_a_commit_that_fails_does_not_leave_the_store_in_its_transaction(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "fleet.db")
    store._writer.execute("PRAGMA foreign_keys = ON")
    store._writer.execute("CREATE TABLE child (of TEXT REFERENCES meta (name) DEFERRABLE INITIALLY DEFERRED)")
    with pytest.raises(StoreError, match="FOREIGN KEY"), store.begin(write=True) as transaction:
        transaction.insert([row("lost")])
        store._writer.execute("INSERT INTO child VALUES ('nobody')")  # is only noticed when it is committed
    insert(store, row("web"))
    assert names(store) == ["web"]
    store.close()


# --- how it is searched -----------------------------------------------------------------------------------

NAME = "(account=? AND region=? AND name_space=? AND name=?)"
LISTING = "(account=? AND region=? AND kind=?"
JOURNAL = "(account=? AND region=?"
JOURNAL_OF_A_NAME = "(account=? AND region=? AND resource_name=?"

SEARCHED: dict[str, tuple[Callable[[SqliteTransaction], Any], str]] = {
    # what is asked, and how far down an index it leads
    "get": (lambda t: t.get(HERE, "web"), NAME),
    "the first page": (lambda t: t.page(HERE, "Instance", None, 21), f"{LISTING} AND (number,name)<(?,?))"),
    "the names": (lambda t: t.names(HERE, "web", 21), "(account=? AND region=? AND name_space=? AND name>?)"),
    "a later page": (
        lambda t: t.page(HERE, "Instance", Position(5, "web"), 21),
        f"{LISTING} AND (number,name)<(?,?))",
    ),
    "the last number": (lambda t: t.last_number(HERE, "Instance"), f"{LISTING})"),
    "a count in a place": (lambda t: t.count(HERE, "Instance", 9), f"{LISTING})"),
    "the next due": (lambda t: t.next_due(), ""),
    "take what is due": (lambda t: t.take_due(9.0, 1), "(slot=? AND at<?)"),
    "unschedule": (lambda t: t.unschedule("id"), "(resource_id=?)"),
    "a record": (lambda t: t.record(HERE, "r1"), f"{JOURNAL} AND id=?)"),
    "the first records": (lambda t: t.records(HERE, None, None, 201), f"{JOURNAL} AND (number,id)<(?,?))"),
    "later records": (lambda t: t.records(HERE, None, Position(5, "r1"), 201), f"{JOURNAL} AND (number,id)<(?,?))"),
    "the first records of a name": (
        lambda t: t.records(HERE, "web", None, 201),
        f"{JOURNAL_OF_A_NAME} AND (number,id)<(?,?))",
    ),
    "later records of a name": (
        lambda t: t.records(HERE, "web", Position(5, "r1"), 201),
        f"{JOURNAL_OF_A_NAME} AND (number,id)<(?,?))",
    ),
    "the last record number": (lambda t: t.last_record_number(HERE), f"{JOURNAL})"),
}

WITHIN_A_STATEMENT = {"CO-ROUTINE found", "SCAN found"}
"""What is limited already, and counted."""


class Explained:
    """In place of a connection: runs a statement, and keeps how SQLite goes about it."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self.plans: list[str] = []

    def execute(self, statement: str, values: Any = ()) -> sqlite3.Cursor:
        plan = self._connection.execute(f"EXPLAIN QUERY PLAN {statement}", tuple(values)).fetchall()
        self.plans += [detail for *_, detail in plan]
        return self._connection.execute(statement, values)

    def executemany(self, statement: str, values: Any) -> sqlite3.Cursor:
        return self._connection.executemany(statement, values)


@pytest.mark.parametrize("what", SEARCHED)
def test_every_search_goes_by_an_index_and_sorts_nothing(what: str) -> None:
    ask, columns = SEARCHED[what]
    store = SqliteStore()
    explained = Explained(store._writer)
    ask(SqliteTransaction(explained))  # type: ignore[arg-type]
    (plan,) = (plan for plan in explained.plans if plan not in WITHIN_A_STATEMENT)
    assert plan.startswith("SEARCH"), plan
    assert "INDEX" in plan
    assert columns in plan
    store.close()
