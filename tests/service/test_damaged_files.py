"""A file that a disk has damaged: right answers or a clear error, never a crash; and `check` finds what is wrong.

Sectors that read as zeros and files that were cut are what disks do. SQLite keeps no checksums of pages, so a flipped
bit within a text is seen by nobody: then an answer is still JSON, and no error but one of ours is raised.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bench import Bench
from skysail.errors import DamagedStoreError, ServiceError, StoreError
from skysail.server import inspection
from skysail.store.sqlite_look import look
from world_calls import BEGINNING

SECTOR = 512
ASKED = ("GetInstances", "GetDisks", "GetOperations", "GetActiveNames")
Positions = st.floats(0, 1, exclude_max=True)


@cache
def whole() -> tuple[bytes, dict[str, bytes]]:
    """A store's file, and what it answers."""
    with TemporaryDirectory() as folder:
        bench = Bench(Path(folder) / "fleet.db", page_size=1000)
        for operation, arguments in BEGINNING:
            bench.send(arguments, operation)
            bench.clock.advance(30)
        bench.create(*(f"more-{number}" for number in range(60)))
        bench.clock.advance(30)
        answers = {operation: bench.send({}, operation).body for operation in ASKED}
        bench.close()
        return (Path(folder) / "fleet.db").read_bytes(), answers


def zeroed(at: float, sectors: int) -> bytes:
    content = bytearray(whole()[0])
    start = int(at * len(content)) // SECTOR * SECTOR
    content[start : start + sectors * SECTOR] = bytes(len(content[start : start + sectors * SECTOR]))
    return bytes(content)


def cut(at: float) -> bytes:
    content = whole()[0]
    return content[: int(at * len(content))]


def flipped(bits: list[tuple[float, int]]) -> bytes:
    content = bytearray(whole()[0])
    for at, bit in bits:
        content[int(at * len(content))] ^= 1 << bit
    return bytes(content)


def told_of(path: Path, error: StoreError) -> StoreError:
    """An error that names the file."""
    assert str(path) in str(error)
    return error


def answers(path: Path) -> dict[str, bytes | None] | StoreError:
    """What a service on that file answers; None for an error, which is in AWS's form and says what to do."""
    found: dict[str, bytes | None] = {}
    try:
        bench = Bench(path, page_size=1000)
    except StoreError as error:
        return told_of(path, error)
    for operation in ASKED:
        response = bench.send({}, operation)
        body = msgspec.json.decode(response.body)
        if response.status != 200:
            assert (response.status, body["__type"]) == (503, "ServiceUnavailableException")
            assert "skysail check" in body["message"]
        found[operation] = response.body if response.status == 200 else None
    with suppress(ServiceError):
        bench.create("another")
    bench.close()
    return found


def faults(path: Path) -> list[Any]:
    try:
        with look(path) as seen:
            return [*seen.faults(), *inspection(seen.transaction).faults()]
    except StoreError as error:
        return [told_of(path, error)]


@settings(max_examples=60)
@given(st.one_of(st.builds(zeroed, Positions, st.sampled_from([1, 8])), st.builds(cut, Positions)))
def test_what_a_disk_lost_is_told_or_found_and_all_else_is_answered_right(content: bytes) -> None:
    assume(content)  # an empty file becomes a store
    with TemporaryDirectory() as folder:
        path = Path(folder) / "fleet.db"
        path.write_bytes(content)
        found = faults(path)
        assert path.read_bytes() == content
        answered = answers(path)
        assert found or answered == whole()[1]


@settings(max_examples=60)
@given(st.builds(flipped, st.lists(st.tuples(Positions, st.integers(0, 7)), min_size=1, max_size=30)))
def test_flipped_bits_make_no_answer_that_is_none(content: bytes) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "fleet.db"
        path.write_bytes(content)
        faults(path)
        answers(path)


def test_a_schema_that_is_no_text_is_told(tmp_path: Path) -> None:
    """sqlite3 cannot make an error of its own of that."""
    path = tmp_path / "fleet.db"
    path.write_bytes(whole()[0].replace(b"CREATE TABLE meta", b"CREATE T\xefBLE meta"))
    assert isinstance(answers(path), DamagedStoreError)
    assert faults(path)


def log_of_zeros(path: Path) -> None:
    path.with_name("fleet.db-wal").write_bytes(bytes(100_000))


def log_of_noise(path: Path) -> None:
    path.with_name("fleet.db-wal").write_bytes(b"\x37\x7f\x06\x82" + bytes(range(256)) * 300)


def index_of_noise(path: Path) -> None:
    path.with_name("fleet.db-shm").write_bytes(bytes(range(256)) * 128)


def log_and_index_of_noise(path: Path) -> None:
    log_of_noise(path)
    index_of_noise(path)


@pytest.mark.parametrize("spoil", [log_of_zeros, log_of_noise, index_of_noise, log_and_index_of_noise])
def test_noise_beside_the_file_does_no_harm(tmp_path: Path, spoil: Callable[[Path], None]) -> None:
    path = tmp_path / "fleet.db"
    path.write_bytes(whole()[0])
    spoil(path)
    assert faults(path) == []
    assert answers(path) == whole()[1]
