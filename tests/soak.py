"""`make soak ARGS="--minutes 10"`: many clients on one server for a long time, and what becomes of its memory.

Each client changes a part of the fleet that is its own and bounded, looks around, and now and then asks for what is not
there. Ends with 1 where anybody met an error that was not asked for, or where the server's memory grew: the median of
the last quarter may be 1.05 times that of the second, before which it warms up.
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import skysail
from crash.changes import Change, Part, next_change
from crash.looks import connected
from running_server import RunningServer
from skysail.errors import NotFoundException, SkysailError

MOST_GROWTH = 1.05
_MOST_THINGS = 30
"""Resources of one client, beyond which it only takes changes that make no more of them."""


@dataclass
class Result:
    """What was asked how often, what went wrong, and the server's resident memory over the time (MB)."""

    asked: Counter[str] = field(default_factory=Counter)
    troubles: Counter[str] = field(default_factory=Counter)
    memory: list[float] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def growth(self) -> float:
        quarter = max(1, len(self.memory) // 4)
        return statistics.median(self.memory[-quarter:]) / statistics.median(self.memory[quarter : 2 * quarter])

    def __str__(self) -> str:
        total = self.asked.total()
        rate = total / self.seconds
        memory = " ".join(f"{one:.0f}" for one in self.memory[:: max(1, len(self.memory) // 12)])
        troubles = "".join(f"\n  {times} times: {text}" for text, times in self.troubles.most_common(10))
        most = ", ".join(f"{operation} {times:,}" for operation, times in self.asked.most_common(6))
        return (
            f"{total:,} requests in {self.seconds:.0f} s, {rate:,.0f} a second ({most} …)\n"
            f"resident MB {memory}; last quarter ÷ second quarter {self.growth:.3f}\n"
            f"errors that were not asked for: {self.troubles.total()}{troubles}"
        )


class Caller:
    """One client with a part of the fleet of its own."""

    def __init__(self, name: str, url: str, seed: int) -> None:
        self._name = name
        self._client = connected(url)
        self._dice = random.Random(seed)
        self._part: Part = {}
        self._numbers = count()
        self.asked: Counter[str] = Counter()
        self.troubles: Counter[str] = Counter()

    def go_on_until(self, end: float) -> None:
        while time.monotonic() < end:
            change = self._change()
            try:
                self._ask(change.method, **change.arguments)
                self._part = change.after
                self._look()
            except (SkysailError, AssertionError) as error:
                self.troubles[f"{change.method}: {type(error).__name__}: {error}"[:200]] += 1
                return  # what its part looks like now is not known

    def _change(self) -> Change:
        while True:
            change = next_change(self._part, self._dice, self._fresh)
            if len(change.after) <= max(len(self._part), _MOST_THINGS):
                return change

    def _fresh(self, sort: str) -> str:
        return f"{self._name}-{sort}-{next(self._numbers)}"

    def _look(self) -> None:
        what = self._dice.random()
        if what < 0.02:
            for page in self._client.get_paginator("get_instances").paginate():
                assert page["instances"]
                self.asked["get_instances, all pages"] += 1
        elif what < 0.3:
            self._ask("get_instances")
        elif what < 0.4:
            self._ask("get_operations")
        elif what < 0.5:
            try:
                self._ask("get_instance", instanceName=f"{self._name}-is-not-there")
            except NotFoundException:
                return
            raise AssertionError("what is not there was found")
        else:
            instances = [name for name, thing in self._part.items() if thing["kind"] == "Instance"]
            if instances:
                self._ask("get_instance", instanceName=self._dice.choice(instances))

    def _ask(self, method: str, **arguments: Any) -> None:
        self.asked[method] += 1
        getattr(self._client, method)(**arguments)


def soak(folder: Path, seconds: float, clients: int, options: list[str], seed: int) -> Result:
    """A server with a file, and so many clients for so long."""
    skysail.client(region_name="us-east-1", endpoint_url="local:")  # what is loaded late is loaded once
    with RunningServer(folder, "--data", "fleet.db", "--pace", "instant", *options) as server:
        callers = [Caller(f"caller-{number}", server.url, seed + number) for number in range(clients)]
        began = time.monotonic()
        end = began + seconds
        threads = [threading.Thread(target=caller.go_on_until, args=[end]) for caller in callers]
        for thread in threads:
            thread.start()
        result = Result()
        while time.monotonic() < end:
            result.memory.append(_resident_mb(server.process.pid))
            time.sleep(min(2.0, seconds / 20))
        for thread in threads:
            thread.join()
        result.seconds = time.monotonic() - began
        if server.stop():
            result.troubles["the server ended with an error"] += 1
    for caller in callers:
        result.asked += caller.asked
        result.troubles += caller.troubles
    return result


def _resident_mb(pid: int) -> float:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * resource.getpagesize() / 1e6


def main() -> int:
    parser = argparse.ArgumentParser(prog="make soak ARGS=…", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--clients", type=int, default=64)
    parser.add_argument("--seed", type=int, default=random.randrange(10**9))
    parser.add_argument("--option", action="append", default=[], help="of skysail serve, such as --option=--log=json")
    given = parser.parse_args()
    for name in ("http_proxy", "https_proxy", "all_proxy"):  # not for a server on this machine
        os.environ.pop(name, None)
        os.environ.pop(name.upper(), None)
    with tempfile.TemporaryDirectory(prefix="skysail-soak-") as folder:
        result = soak(Path(folder), given.minutes * 60, given.clients, given.option, given.seed)
        size = sum(file.stat().st_size for file in Path(folder).glob("fleet.db*")) / 1e6
    print(f"{result}\nthe store: {size:.0f} MB", flush=True)
    return 1 if result.troubles or result.growth > MOST_GROWTH else 0


if __name__ == "__main__":
    sys.exit(main())
