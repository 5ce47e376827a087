"""The full walk, asynchronously: skysail beside aiobotocore, capo and the raw floor, in one interleaved run.

    python -m benchmarks.async_walk [--pages 200] [--rounds 7]

The peers live in a virtual environment of their own (`make bench` sets it up from requirements/peers.txt), because
aiobotocore pins another botocore. Without it, only skysail and the floor are run.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from statistics import median

from benchmarks.walk import canned, measured

PEERS_PYTHON = Path(".venv-peers/bin/python")
INTERPRETERS = {"skysail": sys.executable, "aiobotocore": str(PEERS_PYTHON), "capo": str(PEERS_PYTHON)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=7)
    asked = parser.parse_args()
    peers = [peer for peer, python in INTERPRETERS.items() if Path(python).exists()]
    rounds = []
    with canned(asked.pages, 100) as url:
        for _ in range(asked.rounds):
            floor = {"floor": measured("floor", url, asked.pages)}
            rounds.append(
                floor
                | {
                    peer: measured(peer, url, asked.pages, INTERPRETERS[peer], "benchmarks.async_walkers")
                    for peer in peers
                }
            )

    print(f"full walk, asynchronous, {asked.pages} pages of 100 instances, {asked.rounds} rounds, medians")
    print(f"{'':12}{'ms CPU/page':>12}{'pages/s':>10}{'peak MB':>9}{'x skysail':>11}")
    for peer in ("floor", *peers):
        cpu = median(figures[peer]["cpu_s"] for figures in rounds) / asked.pages
        wall = median(figures[peer]["wall_s"] for figures in rounds) / asked.pages
        peak = median(figures[peer]["peak_mb"] for figures in rounds)
        ratio = median(figures[peer]["cpu_s"] / figures["skysail"]["cpu_s"] for figures in rounds)
        print(f"{peer:12}{cpu * 1000:12.2f}{1 / wall:10.0f}{peak:9.0f}{ratio:11.2f}")


if __name__ == "__main__":
    main()
