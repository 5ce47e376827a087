"""Every statement is of the SQL that PostgreSQL, CockroachDB, YugabyteDB and Aurora DSQL all take, and finds by a key.

Plain tokens are enough: what is avoided (docs/scale.md says why) is told by a word.
"""

from __future__ import annotations

import inspect
import re
import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import pytest

from skysail.store.base import Due, Place, Position, Record, Row, Transaction
from skysail.store.schema import STEPS, VERSION
from skysail.store.sqlite import SqliteTransaction

HERE = Place("111122223333", "us-east-1")
ROW = Row(HERE, "Instance", "web", "id", 1, b"{}")
DUE = Due(1.0, HERE, "web", "id", "instance.running")
RECORD = Record(HERE, "r1", 1, "web", b"{}")

CALLS: dict[str, list[tuple[Any, ...]]] = {  # method of Transaction: arguments for each statement that it has
    "get": [(HERE, "web")],
    "page": [(HERE, "Instance", None, 20), (HERE, "Instance", Position(1, "web"), 20)],
    "names": [(HERE, "", 100)],
    "last_number": [(HERE, "Instance")],
    "count": [(HERE, "Instance", 9)],
    "places": [("Instance", 9)],
    "guard": [(HERE, "Instance")],
    "insert": [([ROW],)],
    "insert_free": [([ROW],)],
    "update": [(ROW,)],
    "delete": [(ROW,)],
    "next_due": [()],
    "schedule": [([DUE],)],
    "take_due": [(9.0, 1)],
    "unschedule": [("id",), ("id", "instance.running")],
    "add_records": [([RECORD],)],
    "update_record": [(RECORD,)],
    "record": [(HERE, "r1")],
    "records": [(HERE, None, None, 20), (HERE, "web", Position(1, "r1"), 20)],
    "last_record_number": [(HERE,)],
    "every_row": [(None, 9), (ROW, 9)],
    "every_change": [(None, 9), (DUE, 9)],
    "every_record": [(None, 9), (RECORD, 9)],
    "clear": [(None,), ("111122223333",)],
    "setting": [("clock",)],
    "set_setting": [("clock", b"1"), ("clock", None)],
}
OVER_EVERYTHING = {"count", "places", "every_row", "every_record", "clear"}
"""What may look at the whole store: no request does, only a start, a check, an import and a reset."""

AVOIDED = {
    *("SERIAL", "BIGSERIAL", "IDENTITY", "SEQUENCE", "NEXTVAL", "AUTOINCREMENT"),
    *("TRUNCATE", "TEMP", "TEMPORARY", "UNLOGGED", "SAVEPOINT", "LOCK", "COPY", "CURSOR", "VACUUM"),
    *("SHARE", "SKIP", "NOWAIT", "LISTEN", "NOTIFY", "PG_ADVISORY_LOCK", "PG_ADVISORY_XACT_LOCK"),
    *("TRIGGER", "FUNCTION", "PROCEDURE", "EXTENSION", "TYPE", "ENUM", "MATERIALIZED", "VIEW"),
    *("JSON", "JSONB", "ARRAY", "ANY", "COLLATE", "PARTITION", "INHERITS", "USING", "CONCURRENTLY"),
    *("REFERENCES", "FOREIGN", "DEFERRABLE", "EXCLUDE", "CHECK", "DEFAULT"),
    *("NOW", "CURRENT_TIMESTAMP", "OFFSET", "REPLACE", "WITHOUT", "STRICT", "ROWID", "GLOB", "LIKE"),
}
TYPES = {"TEXT", "BLOB", "BIGINT", "DOUBLE PRECISION"}
"""BLOB is each engine's own name for bytes."""
MOST_COLUMNS_OF_A_KEY = 8


class Recorder(SqliteTransaction):
    """A transaction on a store in memory that keeps its statements."""

    def __init__(self) -> None:
        connection = sqlite3.connect(":memory:")
        for step in STEPS:
            for statement in step:
                connection.execute(statement)
        super().__init__(connection)
        self.seen: list[str] = []

    def _fetch(self, statement: str, values: Sequence[Any] = ()) -> Any:
        self.seen.append(statement)
        return super()._fetch(statement, values)

    def _change(self, statement: str, many: Iterable[Sequence[Any]]) -> int:
        self.seen.append(statement)
        return super()._change(statement, many)


class Statement(NamedTuple):
    text: str
    is_over_everything: bool

    @property
    def tokens(self) -> list[str]:
        return tokens(self.text)

    @property
    def table(self) -> str:
        (name,) = re.findall(r"(?:FROM|INTO|UPDATE) (\w+)", self.text)[:1]
        return str(name)

    @property
    def equal(self) -> list[str]:
        """The columns that are compared for equality, with a value or a constant."""
        where = self.text.partition(" WHERE ")[2]
        return re.findall(r"(\w+) = (?:\?|'\w*'|\d+)", where)

    @property
    def order(self) -> list[str]:
        """The columns that it sorts by, all in one direction, or that it wants the least or greatest of."""
        if found := re.search(r"ORDER BY (.*?)(?: LIMIT|$)", self.text):
            columns = [column.split() for column in found[1].split(", ")]
            assert len({tuple(column[1:]) for column in columns}) == 1, "one direction, or an engine has to sort"
            return [column[0] for column in columns]
        return re.findall(r"m(?:ax|in)\((\w+)\)", self.text)


def tokens(text: str) -> list[str]:
    return re.findall(r"\w+|[^\w\s]", re.sub(r"'[^']*'", "''", text).upper())


def _statements() -> dict[str, Statement]:
    recorder = Recorder()
    found: dict[str, Statement] = {}
    for method, calls in CALLS.items():
        for arguments in calls:
            recorder.seen.clear()
            getattr(recorder, method)(*arguments)
            is_over_everything = method in OVER_EVERYTHING and arguments[0] != HERE
            for number, text in enumerate(recorder.seen):
                found[f"{method} {calls.index(arguments)}.{number}"] = Statement(text, is_over_everything)
    return found


def _keys() -> dict[str, list[list[str]]]:
    """The keys and indexes of each table, as lists of columns."""
    keys: dict[str, list[list[str]]] = {}
    for text in DDL:
        if found := re.match(r"CREATE TABLE (\w+)", text):
            (columns,) = re.findall(r"PRIMARY KEY \(([^)]*)\)", text) or re.findall(r"\((\w+) \w+ PRIMARY KEY", text)
            keys[found[1]] = [columns.split(", ")]
        elif found := re.match(r"CREATE INDEX \w+ ON (\w+) \(([^)]*)\)$", text):
            keys[found[1]].append(found[2].split(", "))
    return keys


DDL = [statement for step in STEPS for statement in step]
STATEMENTS = _statements()
KEYS = _keys()

every_statement = pytest.mark.parametrize("statement", STATEMENTS.values(), ids=STATEMENTS)


def test_every_method_of_a_transaction_is_looked_at() -> None:
    methods = {name for name, _ in inspect.getmembers(Transaction, inspect.isfunction) if not name.startswith("_")}
    assert set(CALLS) == methods
    assert len({statement.text for statement in STATEMENTS.values()}) >= len(CALLS)


@every_statement
def test_a_statement_has_nothing_that_an_engine_lacks(statement: Statement) -> None:
    assert set(statement.tokens) & AVOIDED == set()
    assert "*" not in statement.tokens or "count(*)" in statement.text, "columns are named"
    assert "[" not in statement.tokens
    assert "::" not in statement.text
    if "FOR" in statement.tokens:
        raise AssertionError("no row is locked: two that change one row find out at the end")


@every_statement
def test_an_insert_names_its_columns(statement: Statement) -> None:
    if statement.text.startswith("INSERT"):
        assert re.match(r"INSERT INTO \w+ \(\w+(, \w+)*\) VALUES", statement.text)


@every_statement
def test_a_statement_finds_its_rows_by_a_key_in_the_order_of_the_rest_of_it(statement: Statement) -> None:
    if statement.text.startswith("INSERT"):
        return
    equal, order = statement.equal, statement.order
    fitting = [
        key
        for key in KEYS[statement.table]
        if set(key[: len(equal)]) <= set(equal) and key[len(equal) :][: len(order)] == order
    ]
    if statement.is_over_everything:
        assert fitting or "count" in statement.text or statement.text.startswith("DELETE")
    else:
        assert equal, "the first column of a key is compared for equality: some engines hash it"
        assert fitting


@every_statement
def test_a_listing_is_limited(statement: Statement) -> None:
    if "ORDER BY" in statement.text and "GROUP BY" not in statement.text:
        assert re.search(r" LIMIT (\?|1)(\) AS found)?$", statement.text)


@pytest.mark.parametrize("text", DDL, ids=[statement.split("(")[0].strip() for statement in DDL])
def test_the_schema_has_nothing_that_an_engine_lacks(text: str) -> None:
    assert set(tokens(text)) & AVOIDED == set()
    assert not {"ASC", "DESC"} & set(tokens(text)), "Aurora DSQL has no direction in a key; keys are read backwards"
    if text.startswith("CREATE TABLE"):
        for column in re.findall(r"[(,]\s*(\w+ (?:DOUBLE )?[A-Z]+)(?= NOT NULL| PRIMARY KEY[,)])", text):
            assert column.partition(" ")[2] in TYPES
        assert re.search(r"PRIMARY KEY", text)
    else:
        assert text.startswith(("CREATE INDEX ", "DROP TABLE ", "INSERT INTO ")) or re.match(
            r"ALTER TABLE \w+ ADD COLUMN \w+ [A-Z ]+$", text
        )
    if text.startswith("INSERT"):
        assert re.match(r"INSERT INTO \w+ \(\w+(, \w+)*\)\s+SELECT", text)


def test_no_key_has_more_columns_than_an_engine_takes() -> None:
    for keys in KEYS.values():
        for key in keys:
            assert len(key) <= MOST_COLUMNS_OF_A_KEY


def test_there_is_a_step_to_the_newest_version() -> None:
    assert len(STEPS) == VERSION
