"""A walk in a process of its own: python fleet_walker.py URL ACCOUNTS FOLDER SEED. Lines go to FOLDER/fleet.jsonl, its
place is kept in FOLDER/walk.json. It says "begun" when it has begun, and its failures at the end.
"""

from __future__ import annotations

import random
import sys
import time
from functools import partial
from pathlib import Path

import skysail
from fleets import REGIONS, Limits, Throttled, accounts, keys
from skysail.caller.fleet.clients import Connections
from skysail.caller.settings import Settings
from skysail.caller.transport import Transport
from skysail.opening import open_async_transport, open_transport


def open_throttled(limits: Limits, settings: Settings) -> Transport:
    return Throttled(open_transport(settings), limits)


def main(url: str, count: str, folder: str, seed: str) -> None:
    limits = Limits(time.time, rate=60, burst=20, share=0.02, dice=random.Random(seed))
    connections = Connections(partial(open_throttled, limits), open_async_transport)
    given = keys(accounts(int(count)))
    path = Path(folder, "walk.json")
    with skysail.fleet(keys=given, regions=REGIONS, endpoint_url=url, checkpoint=path, connections=connections) as walk:
        print("begun", flush=True)
        walk.write_lines(Path(folder, "fleet.jsonl"), every_s=0.1)
        print([*map(str, walk.failures.values())], walk.token, limits.refused, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
