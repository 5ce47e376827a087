"""A power cut, simulated: what was flushed stays, of what was only written any sector may be old or new.

A copy of the store's files is taken behind each transaction, when all of it is flushed (synchronous=FULL). Between two
such copies SQLite writes in three steps and flushes behind each: the log's header (where the log begins anew), the log,
and the file itself (a checkpoint, now and then). A cut within a step leaves some of its sectors written and others not,
and perhaps a file that is shorter. Whatever is left must open to the state before the transaction or behind it; and
where the transaction has ended, behind it.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import pytest

from skysail.store.base import Place, Row
from skysail.store.sqlite import SqliteStore

HERE = Place("111122223333", "us-east-1")
SECTOR = 512
LOG_HEADER = 32
TRANSACTIONS = 50

State = dict[str, bytes]


class Files(NamedTuple):
    """The contents of the file and of its log."""

    main: bytes
    log: bytes


class Step(NamedTuple):
    before: Files
    after: Files


def files(path: Path) -> Files:
    log = path.with_name(f"{path.name}-wal")
    return Files(path.read_bytes(), log.read_bytes() if log.exists() else b"")


def opened(folder: Path, left: Files) -> State:
    """What a store has after the power is back. The log's index is in memory that is shared, and so is gone."""
    path = folder / "after.db"
    for end in ("", "-wal", "-shm"):
        path.with_name(f"{path.name}{end}").unlink(missing_ok=True)
    path.write_bytes(left.main)
    path.with_name(f"{path.name}-wal").write_bytes(left.log)
    store = SqliteStore(path)
    store._writer.execute("PRAGMA synchronous = OFF")  # nobody needs what this one writes
    with store.begin(write=False) as transaction:
        state = {row.name: row.document for row in transaction.every_row(None, 10_000)}
    assert store._writer.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    store.close()
    return state


def life(path: Path, dice: random.Random) -> Iterator[tuple[State, Files]]:
    """Transactions of several changes each; the state and the files behind each of them."""
    store = SqliteStore(path)
    store._writer.execute("PRAGMA wal_autocheckpoint = 30")  # so that it comes to several
    state: State = {}
    yield dict(state), files(path)
    for number in range(TRANSACTIONS):
        with store.begin(write=True) as transaction:
            for name in dice.sample(sorted(state), min(len(state), dice.randint(0, 3))):
                row = transaction.get(HERE, name)
                assert row is not None
                transaction.delete(row)
                del state[name]
            made = {f"web-{number}-{n}": bytes([65 + n]) * dice.randint(1, 3000) for n in range(dice.randint(1, 4))}
            transaction.insert(Row(HERE, "Instance", name, name, number + 1, text) for name, text in made.items())
            state |= made
        yield dict(state), files(path)
    store.close()


def steps(before: Files, after: Files) -> list[Step]:
    """What was written and flushed between two copies, one behind the other."""
    header = Files(before.main, after.log[:LOG_HEADER] + before.log[LOG_HEADER:])
    log = Files(before.main, after.log)
    return [Step(before, header), Step(header, log), Step(log, after)]


def cut(step: Step, dice: random.Random) -> Files:
    """Some of the sectors that were written in a step."""
    return Files(*(_mixed(old, new, dice) for old, new in zip(step.before, step.after, strict=True)))


def _mixed(old: bytes, new: bytes, dice: random.Random) -> bytes:
    """A file that was longer stays at least as long; what was never written of it reads as zeros."""
    if old == new:
        return old
    share = dice.random()
    most = max(len(old), len(new))
    length = dice.choice([most, dice.randint(len(old), most)])
    old, new = old.ljust(most, b"\0"), new.ljust(most, b"\0")
    sectors = ((new if dice.random() < share else old)[start : start + SECTOR] for start in range(0, most, SECTOR))
    return b"".join(sectors)[:length]


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[State, Files]]:
    return list(life(tmp_path_factory.mktemp("life") / "fleet.db", random.Random(7)))


def test_a_cut_leaves_the_state_before_a_transaction_or_behind_it(
    lived: list[tuple[State, Files]], tmp_path: Path
) -> None:
    dice = random.Random(1)
    outcomes = {"before": 0, "behind": 0}
    for (state, before), (next_state, after) in pairwise(lived):
        for step in steps(before, after):
            if step.before == step.after:
                continue
            for _ in range(4):
                found = opened(tmp_path, cut(step, dice))
                assert found in (state, next_state)
                outcomes["before" if found == state else "behind"] += 1
    assert min(outcomes.values()) > 10, outcomes


def test_what_has_ended_is_there_whatever_comes_of_what_is_written_behind_it(
    lived: list[tuple[State, Files]], tmp_path: Path
) -> None:
    assert sum(before.main != after.main for (_, before), (_, after) in pairwise(lived)) > 3
    for state, left in lived:
        assert opened(tmp_path, left) == state


def test_a_log_that_is_cut_anywhere_is_read_up_to_the_last_whole_transaction(
    lived: list[tuple[State, Files]], tmp_path: Path
) -> None:
    first_checkpoint = next(n for n, (_, left) in enumerate(lived) if left.main != lived[0][1].main)
    begun = lived[:first_checkpoint]
    whole = begun[-1][1]
    ends = [len(left.log) for _, left in begun]
    frame = 24 + 4096
    boundaries = range(LOG_HEADER, len(whole.log) + 1, frame)
    torn = random.Random(3).sample(range(len(whole.log)), 100)
    for length in [0, 1, LOG_HEADER - 1, *boundaries, *torn]:
        expected = max((n for n, end in enumerate(ends) if end <= length), default=0)
        assert opened(tmp_path, Files(whole.main, whole.log[:length])) == begun[expected][0], length
