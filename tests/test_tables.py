"""Pages as tables: columns from the model, rows as the pages have them, in flat memory."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench import Bench
from fleets import Fleets, accounts
from skysail.errors import AnswerError, UsageError
from skysail.protocol.model import service_model
from skysail.world import manual_world

pa = pytest.importorskip("pyarrow", reason="needs the extra skysail[arrow]")
parquet = pytest.importorskip("pyarrow.parquet")
tables = pytest.importorskip("skysail.tables")

WRITERS: dict[str, tuple[Callable[..., int], Callable[[Any], Any]]] = {
    "parquet": (tables.write_parquet, parquet.read_table),
    "arrow": (tables.write_arrow, lambda where: pa.ipc.open_stream(where).read_all()),
}


def test_without_pyarrow_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.delitem(sys.modules, "skysail.tables")
    with pytest.raises(ModuleNotFoundError, match=r"pip install 'skysail\[arrow\]'"):
        import_module("skysail.tables")


def test_every_operation_that_lists_has_a_table() -> None:
    model = service_model()
    listed = [name for name in model if model.operation(name).paging is not None]
    assert len(listed) >= 20
    for name in listed:
        columns = tables.schema(model.operation(name).method)
        assert columns.names[:3] == ["_account", "_region", "_profile"]
        assert len(columns.names) > 3


@pytest.mark.parametrize("name", ["get_instance", "nope"])
def test_an_operation_that_lists_nothing_has_none(name: str) -> None:
    with pytest.raises(UsageError):
        tables.schema(name)


def test_the_columns_of_instances_are_the_models_members() -> None:
    columns = tables.schema()
    assert columns.names[3:] == list(service_model().shape("Instance").members)
    assert columns.field("createdAt").type == pa.timestamp("ms", tz="UTC")
    assert columns.field("state").type == pa.struct([("code", pa.int64()), ("name", pa.string())])
    assert columns.field("ipv6Addresses").type == pa.list_(pa.string())


@pytest.mark.parametrize("kind", WRITERS)
def test_what_is_written_is_what_was_listed(kind: str, bench: Bench, tmp_path: Path) -> None:
    bench.instance("web", tags=[{"key": "role", "value": "web"}])
    instances = bench.client.get_instances()["instances"]
    write, read = WRITERS[kind]
    assert write([[{**instances[0], "_account": "1", "_region": "us-east-1", "_profile": None}]], tmp_path / "f") == 1
    (row,) = read(tmp_path / "f").to_pylist()
    assert without_nulls(row) == {**instances[0], "_account": "1", "_region": "us-east-1"}


def without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: without_nulls(member) for name, member in value.items() if member is not None}
    return [without_nulls(element) for element in value] if isinstance(value, list) else value


@given(sizes=st.lists(st.integers(0, 7), max_size=8), rows=st.integers(1, 10))
def test_batches_hold_so_many_rows_whatever_the_pages(sizes: list[int], rows: int) -> None:
    names = iter(range(1000))
    pages = [[{"name": str(next(names))} for _ in range(size)] for size in sizes]
    batches = list(tables.batches(pages, rows=rows))
    assert [row["name"] for batch in batches for row in batch.to_pylist()] == [str(n) for n in range(sum(sizes))]
    assert [batch.num_rows for batch in batches[:-1]] == [rows] * (len(batches) - 1)
    assert all(0 < batch.num_rows <= rows for batch in batches)


def test_columns_can_be_chosen() -> None:
    columns = pa.schema([tables.schema().field(name) for name in ("name", "_region")])
    (batch,) = tables.batches([[{"name": "a", "arn": "x", "_region": "r"}]], columns)
    assert batch.to_pylist() == [{"name": "a", "_region": "r"}]


@pytest.mark.parametrize("kind", WRITERS)
def test_no_pages_make_an_empty_table_with_all_columns(kind: str, tmp_path: Path) -> None:
    write, read = WRITERS[kind]
    assert write([[]], tmp_path / "f") == 0
    table = read(tmp_path / "f")
    assert table.num_rows == 0
    assert table.schema.names == tables.schema().names


def test_a_value_that_does_not_fit_is_an_error_and_no_file_is_left(tmp_path: Path) -> None:
    with pytest.raises(AnswerError, match="column"):
        tables.write_parquet([[{"createdAt": "yesterday"}]], tmp_path / "f")
    assert not (tmp_path / "f").exists()


def test_a_walk_that_breaks_off_leaves_no_parquet_file(tmp_path: Path) -> None:
    def pages() -> Iterator[list[dict[str, Any]]]:
        yield [{"name": "a"}]
        raise ConnectionError

    with pytest.raises(ConnectionError):
        tables.write_parquet(pages(), tmp_path / "f")
    assert not (tmp_path / "f").exists()


@pytest.mark.parametrize("kind", WRITERS)
def test_it_can_be_written_into_a_pipe(kind: str) -> None:
    reading, writing = os.pipe()
    came: list[bytes] = []

    def receive() -> None:
        with os.fdopen(reading, "rb") as file:
            came.append(file.read())

    reader = threading.Thread(target=receive)
    reader.start()
    write, read = WRITERS[kind]
    with os.fdopen(writing, "wb") as file:
        write([[{"name": "a", "createdAt": datetime(2026, 1, 2, tzinfo=UTC)}]], file)
    reader.join()
    assert read(pa.BufferReader(came[0])).to_pylist()[0]["name"] == "a"


def test_memory_is_flat_however_many_pages() -> None:
    """What Arrow holds at any time is a row group, not the table."""
    page = [{"name": f"web-{number}", "arn": "x" * 200} for number in range(100)]
    peaks = []
    for count in (200, 2000):
        peak = 0

        def pages(count: int = count) -> Iterator[list[dict[str, Any]]]:
            nonlocal peak
            for _ in range(count):
                peak = max(peak, pa.total_allocated_bytes())
                yield page

        before = pa.total_allocated_bytes()
        with open(os.devnull, "wb") as nowhere:
            assert tables.write_parquet(pages(), nowhere) == count * 100
        peaks.append(peak - before)
    assert peaks[1] < 1.5 * peaks[0]


def test_a_fleet_becomes_one_table(tmp_path: Path) -> None:
    fleets = Fleets(manual_world(), accounts(2), ["us-east-1", "eu-west-1"], size=5, page_size=2)
    tables.write_parquet((page.labelled() for page in fleets.walk()), tmp_path / "fleet.parquet", rows=7)
    file = parquet.ParquetFile(tmp_path / "fleet.parquet")
    assert file.num_row_groups == 3
    assert set(file.read(["arn"]).column("arn").to_pylist()) == fleets.arns
    assert set(file.read(["_account"]).column("_account").to_pylist()) == set(accounts(2))
