"""The walk of someone who needs some members only: skysail's search and fields beside boto3's search and a raw floor.

    python -m benchmarks.narrowed [--pages 200] [--rounds 7] [--instances 100]

The search is "instances[].name"; the fields are name, publicIpAddress and state; the floor decodes names. Each round
runs every peer once, in a process of its own, against the same canned server on loopback; ratios are taken round by
round, and their median is what counts. Seconds of CPU a page are the client's alone.
"""

from __future__ import annotations

import argparse
from statistics import median

from benchmarks.walk import canned, measured

PEERS = ("narrowed floor", "skysail search", "skysail fields", "boto3 search")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--instances", type=int, default=100)
    asked = parser.parse_args()
    with canned(asked.pages, asked.instances) as url:
        rounds = [{peer: measured(peer, url, asked.pages) for peer in PEERS} for _ in range(asked.rounds)]

    print(f"names of {asked.pages} pages of {asked.instances} instances, {asked.rounds} rounds, medians")
    print(f"{'':16}{'ms CPU/page':>12}{'pages/s':>10}{'peak MB':>9}")
    for peer in PEERS:
        cpu = median(figures[peer]["cpu_s"] for figures in rounds) / asked.pages
        wall = median(figures[peer]["wall_s"] for figures in rounds) / asked.pages
        peak = median(figures[peer]["peak_mb"] for figures in rounds)
        print(f"{peer:16}{cpu * 1000:12.2f}{1 / wall:10.0f}{peak:9.0f}")
    for peer in "skysail search", "skysail fields":
        over_floor = median(figures[peer]["cpu_s"] / figures["narrowed floor"]["cpu_s"] for figures in rounds)
        over_boto3 = median(figures["boto3 search"]["cpu_s"] / figures[peer]["cpu_s"] for figures in rounds)
        print(f"{peer} takes {over_floor:.2f} of the floor's CPU a page; boto3's search takes {over_boto3:.1f} of its")


if __name__ == "__main__":
    main()
