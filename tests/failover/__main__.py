"""`make failover ARGS="--failovers 10"`: have the primary die as often as is asked for, and say what clients saw."""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
from pathlib import Path

from failover.harness import Plan, failovers
from failover.pair import Pair
from postgres_server import programs


def main() -> int:
    given = _arguments()
    if programs() is None:
        print("needs PostgreSQL: apt-get install postgresql", file=sys.stderr)
        return 2
    for name in ("http_proxy", "https_proxy", "all_proxy"):  # not for servers on this machine
        os.environ.pop(name, None)
        os.environ.pop(name.upper(), None)
    print(f"seed {given.seed}; {given.replicas} replicas, {given.clients} clients", flush=True)
    with tempfile.TemporaryDirectory() as folder, Pair(is_durable=True) as pair:
        plan = Plan(given.replicas, given.clients, given.load_s, given.missed_s)
        for outage, tally in failovers(Path(folder), pair, given.failovers, random.Random(given.seed), plan):
            unanswered = ", ".join(f"{number} {what}" for what, number in sorted(tally.unanswered.items()))
            print(outage, flush=True)
            print(f"  so far {tally.answered:,} changes answered, all there; unanswered: {unanswered}", flush=True)
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make failover ARGS=…", description=__doc__)
    parser.add_argument("--failovers", type=int, default=4)
    parser.add_argument("--replicas", type=int, default=3)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--load-s", type=float, default=4.0, help="before each death")
    parser.add_argument("--missed-s", type=float, default=0.5, help="for how long, before the standby is promoted")
    parser.add_argument("--seed", type=int, default=random.randrange(10**9))
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
