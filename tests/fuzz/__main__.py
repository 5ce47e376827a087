"""`make fuzz ARGS="--requests 100000"`: that many cases of each target, and what was found.

A find is printed with the bytes that lead to it; `--again TARGET HEX` does it once more. Ends with 1 where there is
one.
"""

from __future__ import annotations

import argparse
import gc
import random
import re
import resource
import sys
import time
import traceback
from pathlib import Path

from fuzz.choices import Choices
from fuzz.oracles import Found
from fuzz.table import TARGETS
from fuzz.targets import WORLDS

_SIZES = (8, 60, 400, 1_500)
_MOST_FINDS = 20


def main() -> int:
    given = _arguments()
    WORLDS.data = given.data
    if given.again:
        target, octets = given.again
        TARGETS[target](Choices(bytes.fromhex(octets)))
        return 0
    print(f"seed {given.seed}", flush=True)
    finds = sum(_fuzz(name, given.requests, random.Random(f"{given.seed} {name}")) for name in given.target or TARGETS)
    return 1 if finds else 0


def _fuzz(name: str, number: int, dice: random.Random) -> int:
    """Gives how many kinds of trouble were found, each told once."""
    target = TARGETS[name]
    known: set[str] = set()
    began = time.monotonic()
    rss = []
    for done in range(number):
        octets = dice.randbytes(dice.choice(_SIZES))
        try:
            target(Choices(octets))
        except Exception as error:
            where = _place(error)
            if where not in known and len(known) < _MOST_FINDS:
                known.add(where)
                print(f"{name} {octets.hex()}\n{traceback.format_exc()}", flush=True)
        if done % max(1, number // 8) == 0:
            gc.collect()
            rss.append(_resident_mb())
    seconds = time.monotonic() - began
    memory = " ".join(f"{one:.0f}" for one in [*rss, _resident_mb()])
    print(f"{name}: {number:,} in {seconds:.0f} s, {len(known)} found; resident MB {memory}", flush=True)
    return len(known)


def _place(error: Exception) -> str:
    """What tells one kind of trouble from another: its class, and where it came from."""
    frames = traceback.extract_tb(error.__traceback__)[-3:]
    detail = re.sub(r"\W.*|[0-9]+", "", str(error)[:40]) if isinstance(error, Found) else ""
    return f"{type(error).__name__} {detail} " + " ".join(f"{frame.name}:{frame.lineno}" for frame in frames)


def _resident_mb() -> float:
    statm = Path("/proc/self/statm")
    if statm.exists():
        return int(statm.read_text().split()[1]) * resource.getpagesize() / 1e6
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make fuzz ARGS=…", description=__doc__)
    parser.add_argument("--requests", type=int, default=10_000, help="of each target")
    parser.add_argument("--target", action="append", choices=list(TARGETS))
    parser.add_argument(
        "--data", metavar="FILE|URL", help="a store to fuzz calls in, which is emptied first; else memory"
    )
    parser.add_argument("--seed", type=int, default=random.randrange(10**9))
    parser.add_argument("--again", nargs=2, metavar=("TARGET", "HEX"))
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
