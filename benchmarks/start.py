"""From the start of a process to its first page: skysail beside boto3 and a raw floor, in one interleaved run.

    python -m benchmarks.start [--rounds 15]

Explicit keys, no configuration files, a canned server on loopback. Wall time and CPU of the whole process, with the
interpreter's own start; ratios are taken round by round.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import time
from statistics import median
from typing import NamedTuple

from benchmarks.walk import PEERS, canned


class Cost(NamedTuple):
    wall_s: float
    cpu_s: float


def cost(command: list[str]) -> Cost:
    """What running a command to its end costs."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=neutral_environment())
    wall = time.perf_counter() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return Cost(wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def neutral_environment() -> dict[str, str]:
    """This process's environment without anything that AWS's tools would read."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "SKYSAIL_"))}
    return kept | {"AWS_EC2_METADATA_DISABLED": "true", "HOME": "/nonexistent"}


def first_page(peer: str, url: str) -> list[str]:
    walk = f"from benchmarks.walkers import PEERS; PEERS[{peer!r}]({url!r})(1)"
    return [sys.executable, "-c", walk]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=15)
    asked = parser.parse_args()
    with canned(2, 20) as url:
        commands = {"python": [sys.executable, "-c", "pass"]} | {peer: first_page(peer, url) for peer in PEERS}
        for command in commands.values():
            cost(command)
        rounds = [{name: cost(command) for name, command in commands.items()} for _ in range(asked.rounds)]

    print(f"process start to the first page, {asked.rounds} rounds, medians")
    print(f"{'':10}{'ms wall':>9}{'ms CPU':>9}")
    for name in commands:
        wall = median(costs[name].wall_s for costs in rounds)
        cpu = median(costs[name].cpu_s for costs in rounds)
        print(f"{name:10}{wall * 1000:9.0f}{cpu * 1000:9.0f}")
    ratio = median(costs["skysail"].wall_s / costs["boto3"].wall_s for costs in rounds)
    print(f"skysail takes {ratio:.2f} of boto3's time")


if __name__ == "__main__":
    main()
