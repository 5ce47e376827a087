"""Kills while a file is imported into a store that has something already: all of it is there then, or nothing of it."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from bench import Bench
from running_server import SKYSAIL, neutral_environment
from skysail.server import inspection
from skysail.store.sqlite_look import look

COUNT = 20_000


def kill_imports(folder: Path, kills: int, dice: random.Random) -> Iterator[Counter[str]]:
    """Kill that often; gives what was there then. Raises AssertionError."""
    outcomes: Counter[str] = Counter()
    (folder / "fleet.json").write_text(json.dumps({"instances": _instances()}))
    bench = Bench(folder / "before.db")
    bench.instance("here-before")
    bench.close()
    path = folder / "fleet.db"
    command = [str(SKYSAIL), "import", "fleet.json", "--into", "fleet.db"]
    takes_s = 0.0
    for number in range(kills + 1):
        for end in ("", "-wal", "-shm"):
            path.with_name(f"fleet.db{end}").unlink(missing_ok=True)
        shutil.copy(folder / "before.db", path)
        began = time.monotonic()
        process = subprocess.Popen(
            command, cwd=folder, env=neutral_environment(folder), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        if number == 0:  # this one is let be, to see how long it takes
            assert process.wait() == 0
            assert _outcome(path, True) == "answered"
            takes_s = time.monotonic() - began
            continue
        time.sleep(dice.uniform(0.3, 1.1) * takes_s)  # the first third is Python's start
        process.kill()
        is_answered = process.wait() == 0  # it was quicker, and has said so
        outcomes[_outcome(path, is_answered)] += 1
        yield outcomes


def _outcome(path: Path, is_answered: bool) -> str:
    with look(path) as seen:
        inspected = inspection(seen.transaction)
        assert [*seen.faults(), *inspected.faults()] == []
    count = inspected.counts["Instance"] - 1  # the one that was there before
    assert count in ((COUNT,) if is_answered else (0, COUNT))
    return "answered" if is_answered else "all of it" if count else "nothing of it"


def _instances() -> list[dict[str, object]]:
    return [
        {
            "name": f"web-{number}",
            "arn": f"arn:aws:lightsail:us-east-1:111122223333:Instance/id-{number}",
            "location": {"availabilityZone": "us-east-1a", "regionName": "us-east-1"},
            "resourceType": "Instance",
            "state": {"code": 16, "name": "running"},
        }
        for number in range(COUNT)
    ]
