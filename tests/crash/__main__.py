"""`make crash ARGS="--kills 1000"`: kill servers as often as is asked for, and say what was found.

Ends with 1 at the first thing that is lost, doubled or half done; then the store stays where it is said to be.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path

from crash.harness import Plan, Tally, crash
from crash.imports import kill_imports
from crash.migrations import kill_migrations
from postgres_server import PostgresServer


def main() -> int:
    given = _arguments()
    for name in ("http_proxy", "https_proxy", "all_proxy"):  # not for servers on this machine
        os.environ.pop(name, None)
        os.environ.pop(name.upper(), None)
    dice = random.Random(given.seed)
    tally = Tally()
    began = time.monotonic()
    said = 0
    print(f"seed {given.seed}", flush=True)
    for kills, kill, what in (
        (given.migrations, kill_migrations, "a store was brought up to date"),
        (given.imports, kill_imports, "a file was imported"),
    ):
        if kills:
            return _say_each(kill, kills, dice, what)
    while tally.kills.total() < given.kills:
        folder = Path(tempfile.mkdtemp(prefix="skysail-crash-"))
        until = min(given.kills, tally.kills.total() + given.kills_a_store)
        with PostgresServer() if given.postgres else nullcontext() as database:
            plan = Plan(
                database.database() if database else "fleet.db",
                ("--pace", "instant", *given.option),
                database,
                servers=given.servers,
                clients=given.clients,
            )
            try:
                for _ in crash(folder, plan, until, dice, tally):
                    if tally.kills.total() // 25 > said:
                        said = tally.kills.total() // 25
                        _say(tally, began)
            except AssertionError as error:
                print(f"after {tally}\n{error}\nthe store: {plan.data} in {folder}", flush=True)
                return 1
        shutil.rmtree(folder)
    _say(tally, began)
    return 0


def _say_each(
    kill: Callable[[Path, int, random.Random], Iterator[Counter[str]]], kills: int, dice: random.Random, what: str
) -> int:
    with tempfile.TemporaryDirectory(prefix="skysail-crash-") as folder:
        for outcomes in kill(Path(folder), kills, dice):
            if outcomes.total() % 25 == 0 or outcomes.total() == kills:
                print(f"{outcomes.total()} kills while {what}: {dict(outcomes)}", flush=True)
    return 0


def _say(tally: Tally, began: float) -> None:
    each = (time.monotonic() - began) / tally.kills.total()
    print(f"{tally}; {each:.2f} s a kill", flush=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make crash ARGS=…", description=__doc__)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--kills-a-store", type=int, default=100, help="then a new store is begun")
    parser.add_argument("--seed", type=int, default=random.randrange(10**9))
    parser.add_argument("--servers", type=int, default=1, help="on one store; some of them die, the others go on")
    parser.add_argument("--postgres", action="store_true", help="a PostgreSQL of its own, which is killed too")
    parser.add_argument("--migrations", type=int, help="kill so often while a store of the first version is brought up")
    parser.add_argument("--imports", type=int, help="kill so often while a file is imported")
    parser.add_argument("--clients", type=int, default=4)
    parser.add_argument("--option", action="append", default=[], help="of skysail serve, such as --option=--workers=2")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
