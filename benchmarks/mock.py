"""What a test costs on a mock: skysail's beside moto's (EC2, as it has no Lightsail) and botocore's Stubber.

    python -m benchmarks.mock [--rounds 7] [--tests 20]

A test enters the mock, makes a client of boto3, creates a machine, reads it and leaves. In each round every peer has a
process of its own, in turn, for the tests, and one for the first answer of all, from the interpreter's start. Medians;
ratios are taken round by round.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from statistics import median
from typing import NamedTuple

from benchmarks.mocks import PEERS
from benchmarks.start import cost, neutral_environment


class Costs(NamedTuple):
    test_ms: float
    call_ms: float
    first_answer_ms: float


def measured(name: str, tests: int) -> Costs:
    """One round of one peer, in processes of its own."""
    child = [sys.executable, "-m", "benchmarks.mocks", name]
    done = subprocess.run([*child, str(tests)], check=True, capture_output=True, text=True, env=neutral_environment())
    test_ms, call_ms = map(float, done.stdout.split())
    return Costs(test_ms, call_ms, cost([*child, "0"]).wall_s * 1_000)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--tests", type=int, default=20)
    asked = parser.parse_args()
    rounds = [{name: measured(name, asked.tests) for name in PEERS} for _ in range(asked.rounds)]
    print(f"a test on a mock, {asked.rounds} rounds of {asked.tests} tests, medians in ms")
    print(f"{'':10}{'whole test':>12}{'a call':>9}{'first answer':>14}")
    for name in PEERS:
        told = [median(costs[name][which] for costs in rounds) for which in range(3)]
        print(f"{name:10}{told[0]:12.1f}{told[1]:9.2f}{told[2]:14.0f}")
    for name in ("moto", "Stubber"):
        ratios = [median(costs["skysail"][which] / costs[name][which] for costs in rounds) for which in range(3)]
        print(f"skysail takes {ratios[0]:.3f}, {ratios[1]:.3f} and {ratios[2]:.2f} of {name}'s time")


if __name__ == "__main__":
    main()
