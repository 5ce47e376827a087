"""The world: as it is, and as a test holds it."""

from __future__ import annotations

import ast
import asyncio
import time
import uuid
from pathlib import Path

import pytest

from skysail.world import ManualClock, manual_world, system_world

SOURCE = Path(__file__).parents[1] / "src/skysail"


def test_the_systems_world_is_the_machines() -> None:
    world = system_world()
    assert abs(world.now() - time.time()) < 5
    assert 0 <= world.fraction() < 1
    assert len({world.fraction() for _ in range(20)}) > 1
    ids = {world.new_id() for _ in range(20)}
    assert len(ids) == 20
    assert all(uuid.UUID(one).version == 4 and one == one.lower() for one in ids)
    world.sleep(0)
    asyncio.run(world.asleep(0))


def test_a_manual_clock_moves_only_when_it_is_told_to_or_somebody_sleeps() -> None:
    clock = ManualClock(100.0)
    world = manual_world(clock=clock)
    assert world.now() == world.now() == 100.0
    clock.advance(2.5)
    world.sleep(0.5)
    asyncio.run(world.asleep(1.0))
    assert world.now() == clock.now() == 104.0


def test_a_clock_does_not_go_back() -> None:
    with pytest.raises(ValueError, match="a clock only goes forward: -1"):
        ManualClock(0).advance(-1)


def test_a_manual_world_gives_the_same_twice_and_another_seed_others() -> None:
    def drawn(seed: int) -> list[object]:
        world = manual_world(start=5.0, seed=seed)
        return [world.now(), *[(world.fraction(), world.new_id()) for _ in range(5)]]

    assert drawn(1) == drawn(1)
    assert drawn(1) != drawn(2)
    world = manual_world()
    assert all(uuid.UUID(world.new_id()).version == 4 for _ in range(5))
    assert all(0 <= world.fraction() < 1 for _ in range(100))


READS = {"time": {"time", "monotonic", "perf_counter", "sleep", "time_ns"}, "datetime": {"now", "utcnow", "today"}}
READS |= {"date": {"today"}, "random": {"random", "randint", "choice"}, "uuid": {"uuid4", "uuid1"}, "os": {"urandom"}}
ALLOWED = {
    "world.py",          # the one place for all of it
    "store/postgres_schema.py",  # time.sleep: another process is at work on the tables
    "store/sqlite.py",   # secrets.token_bytes: a key must never be one that a seed foretells
}  # fmt: skip


def test_nothing_else_in_the_package_reads_a_clock_or_draws_lots() -> None:
    """By the names of the functions; `skysail.cli` and `skysail.serving` live in the machine's time."""
    found = []
    for path in sorted(SOURCE.rglob("*.py")):
        name = path.relative_to(SOURCE).as_posix()
        if name in ALLOWED or name.startswith(("cli/", "serving/")):
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if (
                isinstance(node, ast.Attribute)
                and isinstance(node.value, ast.Name)
                and node.attr in READS.get(node.value.id, ())
            ):
                found.append(f"{name}:{node.lineno}: {node.value.id}.{node.attr}")
    assert found == []
