"""The full walk, asynchronously: skysail beside aiobotocore, capo and the raw floor, in one interleaved run.

    python -m benchmarks.async_walk [--pages 200] [--rounds 7] [--instances 100]

The peers live in a virtual environment of their own (`make bench` sets it up from requirements/peers.txt), because
aiobotocore pins another botocore. Without it, only skysail and the floor are run.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from benchmarks.walk import asked_for, canned, measured, ratio, show

PEERS_PYTHON = Path(".venv-peers/bin/python")
INTERPRETERS = {"skysail": sys.executable, "aiobotocore": str(PEERS_PYTHON), "capo": str(PEERS_PYTHON)}


def main() -> None:
    asked = asked_for(__doc__)
    peers = [peer for peer, python in INTERPRETERS.items() if Path(python).exists()]
    with canned(asked.pages, asked.instances) as url:
        rounds = [_round(url, asked.pages, peers) for _ in range(asked.rounds)]

    print(f"asynchronous walk, {asked.pages} pages of {asked.instances} instances, {asked.rounds} rounds, medians")
    show(rounds, asked.pages)
    print(f"skysail takes {ratio(rounds, 'skysail', 'floor'):.2f} of the floor's CPU a page")
    for peer in peers[1:]:
        print(f"{peer} takes {ratio(rounds, peer, 'skysail'):.1f} of skysail's")


def _round(url: str, pages: int, peers: list[str]) -> dict[str, Any]:
    floor = {"floor": measured("floor", url, pages)}
    return floor | {peer: measured(peer, url, pages, INTERPRETERS[peer], "benchmarks.async_walkers") for peer in peers}


if __name__ == "__main__":
    main()
