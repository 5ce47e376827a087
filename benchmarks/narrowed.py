"""The walk of someone who needs some members only: skysail's search and fields beside boto3's search and a raw floor.

    python -m benchmarks.narrowed [--pages 200] [--rounds 7] [--instances 100]

The search is "instances[].name"; the fields are name, publicIpAddress and state; the floor decodes names. Each round
runs every peer once, in a process of its own, against the same canned server on loopback; ratios are taken round by
round, and their median is what counts. Seconds of CPU a page are the client's alone.
"""

from __future__ import annotations

from benchmarks.walk import asked_for, canned, measured, ratio, show

PEERS = ("narrowed floor", "skysail search", "skysail fields", "boto3 search")


def main() -> None:
    asked = asked_for(__doc__)
    with canned(asked.pages, asked.instances) as url:
        rounds = [{peer: measured(peer, url, asked.pages) for peer in PEERS} for _ in range(asked.rounds)]

    print(f"names of {asked.pages} pages of {asked.instances} instances, {asked.rounds} rounds, medians")
    show(rounds, asked.pages)
    for peer in "skysail search", "skysail fields":
        over_floor, over_boto3 = ratio(rounds, peer, "narrowed floor"), ratio(rounds, "boto3 search", peer)
        print(f"{peer} takes {over_floor:.2f} of the floor's CPU a page; boto3's search takes {over_boto3:.1f} of its")


if __name__ == "__main__":
    main()
