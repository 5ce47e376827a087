"""What the console's pages cost over a fleet of a million beside one of a thousand: asked in turns, in one run.

    python -m benchmarks console [--instances 1000000] [--rounds 60]

Each page is asked for as a browser's request and comes back as the whole HTML: read through the client in this process,
at the service's own page of 20 instances. A figure is the median of its rounds; a ratio of 1.5 is the most that is
allowed.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from urllib.parse import quote

from benchmarks.fleet import documents, name_of
from benchmarks.million import ACCOUNT, SMALL, loaded
from skysail.protocol.message import Request
from skysail.server import LocalLightsail

MOST = 1.5
_PLACE = f"account={ACCOUNT}&region=us-east-1"


class Browsed:
    """A console on a store with so many instances, and the pages that are asked for."""

    def __init__(self, place: Path, count: int) -> None:
        self._lightsail = LocalLightsail(place)
        self._door = self._lightsail.with_console()
        self._count = count
        self._middle, self._last = self._tokens()

    def pages(self) -> dict[str, str]:
        """Each by what it is, with its address."""
        one = f"instances/us-east-1/{name_of(self._count // 2)}"
        return {
            "fleet": f"instances?account={ACCOUNT}",
            "fleet, region": f"instances?{_PLACE}",
            "fleet, its middle": f"instances?{_PLACE}&after={quote(self._middle)}",
            "fleet, its end": f"instances?{_PLACE}&after={quote(self._last)}",
            "fleet, a search in vain": f"instances?{_PLACE}&q=nothing-like-it",
            "fleet, in order": f"instances?{_PLACE}&sort=name",
            "instance": f"{one}?account={ACCOUNT}",
            "instance, networking": f"{one}/networking?account={ACCOUNT}",
            "instance, metrics": f"{one}/metrics?account={ACCOUNT}",
            "new instance": f"instances/new?{_PLACE}",
            "resources": f"resources?{_PLACE}",
            "time": f"time?account={ACCOUNT}",
        }

    def get(self, address: str) -> int:
        """Bytes of the page."""
        response = self._door.answer(Request("GET", f"/console/{address}", {"host": "localhost"}, b""))
        if response.status != 200:
            raise SystemExit(f"{address}: status {response.status}")
        return len(response.body)

    def close(self) -> None:
        self._lightsail.close()

    def _tokens(self) -> tuple[str, str]:
        """NextTokens: of the middle, and of the last screenful."""
        self._lightsail.page_size = 500
        pages = self._lightsail.client("us-east-1", ACCOUNT).get_paginator("get_instances").paginate()
        tokens = [token for token in pages.search("NextToken") if token]
        self._lightsail.page_size = None
        return tokens[len(tokens) // 2], tokens[-1]


def measured(browsed: Mapping[int, Browsed], rounds: int) -> dict[str, dict[int, float]]:
    """Milliseconds of each page, by the size of the fleet."""
    took: dict[str, dict[int, list[float]]] = {}
    asked = {count: one.pages() for count, one in browsed.items()}
    for number in range(rounds + 1):
        for what in next(iter(asked.values())):
            for count in sorted(asked, reverse=bool(number % 2)):
                began = time.perf_counter()
                browsed[count].get(asked[count][what])
                if number:  # the first round loads templates and catalogues
                    took.setdefault(what, {}).setdefault(count, []).append((time.perf_counter() - began) * 1000)
    return {what: {count: median(times) for count, times in by_size.items()} for what, by_size in took.items()}


def show(found: Mapping[str, Mapping[int, float]], out: Callable[[str], None] = print) -> float:
    """Print the figures; gives the worst ratio."""
    small, large = sorted(next(iter(found.values())))
    out(f"  {'ms a page':26}{f'of {small:,}':>14}{f'of {large:,}':>14}{'ratio':>8}")
    for what, took in found.items():
        out(f"  {what:26}{took[small]:14.1f}{took[large]:14.1f}{took[large] / took[small]:8.2f}")
    return max(took[large] / took[small] for took in found.values())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--instances", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=60)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        browsed = {}
        for count in (SMALL, asked.instances):
            lines = Path(name) / f"{count}.jsonl"
            with lines.open("wb") as file:
                file.writelines(document + b"\n" for document in documents(count, "full"))
            loaded(Path(name) / f"{count}.db", lines, count)
            lines.unlink()
            browsed[count] = Browsed(Path(name) / f"{count}.db", count)
            stack.callback(browsed[count].close)
        print(f"console: {asked.instances:,} instances beside {SMALL:,}, {asked.rounds} rounds, medians")
        worst = show(measured(browsed, asked.rounds))
        print(f"  the worst ratio: {worst:.2f} (at most {MOST})")


if __name__ == "__main__":
    main()
