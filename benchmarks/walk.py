"""The full walk: skysail beside boto3's paginator and beside a raw floor, in one interleaved run.

    python -m benchmarks.walk [--pages 200] [--rounds 7] [--instances 100]

Each round runs every peer once, in a process of its own, against the same canned server on loopback; ratios are taken
round by round, and their median is what counts. Seconds of CPU a page are the client's alone.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from statistics import median
from typing import Any

PEERS = ("floor", "skysail", "boto3")
WARM_UP = 5


@contextmanager
def canned(pages: int, instances: int) -> Iterator[str]:
    """The address of a canned server, ended with the block."""
    command = [sys.executable, "-m", "benchmarks.canned", str(pages), str(instances)]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        yield f"http://127.0.0.1:{int(server.stdout.readline())}"
    finally:
        server.terminate()
        server.wait()


def measured(
    peer: str, url: str, pages: int, python: str = sys.executable, walkers: str = "benchmarks.walkers"
) -> dict[str, Any]:
    """One peer's walk in a process of its own."""
    command = [python, "-m", walkers, peer, url, str(WARM_UP), str(pages)]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    figures: dict[str, Any] = json.loads(printed)
    return figures


def asked_for(description: str | None) -> argparse.Namespace:
    """How much to walk: pages, rounds, instances a page."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--instances", type=int, default=100)
    return parser.parse_args()


def show(rounds: Sequence[Mapping[str, Any]], pages: int) -> None:
    """A line a peer: medians over the rounds."""
    print(f"{'':16}{'ms CPU/page':>12}{'pages/s':>10}{'peak MB':>9}")
    for peer in rounds[0]:
        cpu = median(figures[peer]["cpu_s"] for figures in rounds) / pages
        wall = median(figures[peer]["wall_s"] for figures in rounds) / pages
        peak = median(figures[peer]["peak_mb"] for figures in rounds)
        print(f"{peer:16}{cpu * 1000:12.2f}{1 / wall:10.0f}{peak:9.0f}")


def ratio(rounds: Sequence[Mapping[str, Any]], peer: str, beside: str) -> float:
    """A peer's CPU over another's, round by round; the median."""
    return float(median(figures[peer]["cpu_s"] / figures[beside]["cpu_s"] for figures in rounds))


def main() -> None:
    asked = asked_for(__doc__)
    with canned(asked.pages, asked.instances) as url:
        rounds = [{peer: measured(peer, url, asked.pages) for peer in PEERS} for _ in range(asked.rounds)]

    print(f"full walk, {asked.pages} pages of {asked.instances} instances, {asked.rounds} rounds, medians")
    show(rounds, asked.pages)
    over_floor, over_boto3 = ratio(rounds, "skysail", "floor"), ratio(rounds, "boto3", "skysail")
    print(f"skysail takes {over_floor:.2f} of the floor's CPU a page; boto3 takes {over_boto3:.1f} of skysail's")


if __name__ == "__main__":
    main()
