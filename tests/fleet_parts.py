"""What a worker of an engine does with a part of a fleet; where it is told so, it dies in the middle of it, once."""

from __future__ import annotations

import os
import signal
from dataclasses import replace
from itertools import count
from pathlib import Path

from skysail.caller.fleet.fleet import FleetPart
from skysail.world import World, system_world


def write(part: FleetPart, folder: str, dying: str = "") -> tuple[str, int]:
    """Walk the part into a file of its own; gives the file's path and the process that finished it."""
    path, died = Path(folder, f"{part.name}.jsonl"), Path(folder, f"{part.name}.died")
    with part.walk(world=mortal_world(died, path) if part.name == dying and not died.exists() else None) as walk:
        walk.write_lines(path, every_s=0)
        assert not walk.failures
    return str(path), os.getpid()


def mortal_world(died: Path, output: Path) -> World:
    """A world in which the process is killed when somebody looks at the clock for the hundredth time; what it was, and
    how long its output was then, stands in `died`."""
    world, looks = system_world(), count(1)

    def now() -> float:
        if next(looks) == 100:
            died.write_text(f"{os.getpid()} {output.stat().st_size}")
            os.kill(os.getpid(), signal.SIGKILL)
        return world.now()

    return replace(world, now=now)
