"""The schema in each database's own words."""

from __future__ import annotations

from skysail.store.postgres_schema import Words
from skysail.store.schema import STEPS

STATEMENTS = [statement for step in STEPS for statement in step]


def test_each_statement_can_be_done_twice() -> None:
    for statement in map(Words().of, STATEMENTS):
        assert "IF NOT EXISTS" in statement or "IF EXISTS" in statement or "ON CONFLICT DO NOTHING" in statement


def test_aurora_dsql_makes_its_indexes_beside_and_is_told_no_order_of_text() -> None:
    words = [Words(is_dsql=True).of(statement) for statement in STATEMENTS]
    assert any("INDEX" in statement for statement in words)
    for statement in words:
        assert ("CREATE INDEX" in statement) == ("CREATE INDEX ASYNC IF NOT EXISTS" in statement)
        assert "COLLATE" not in statement


def test_text_is_kept_in_the_order_of_its_bytes_where_a_database_has_another() -> None:
    tables = [Words(is_by_bytes=False).of(text) for text in STATEMENTS if text.startswith("CREATE TABLE")]
    assert all(table.count(" TEXT ") == table.count(' TEXT COLLATE "C" ') > 0 for table in tables)
