"""One failover after another under load: what clients see in between, and whether all that was answered is there.

The load is the crash harness's: clients that change their parts of a fleet, each through any replica, until one change
stays without an answer. Beside it one prober a replica asks and writes all the time, and notes what came of it.
"""

from __future__ import annotations

import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from threading import Event
from typing import NamedTuple

import skysail
from crash.harness import Fleet, Tally
from crash.looks import connected, listed
from failover.pair import Pair
from running_server import ZONE, RunningServer
from skysail.errors import ServiceError, TransportError

_ACCOUNT, _PROBERS_ACCOUNT = "400000000000", "500000000000"
_WATCH_EVERY_S = 0.1
_PATIENCE_S = 60


class Asked(NamedTuple):
    """One request of a prober; `outcome` is "answered" or what it was told."""

    what: str
    name: str
    began: float
    ended: float
    outcome: str


@dataclass(frozen=True, slots=True)
class Plan:
    replicas: int = 2
    clients: int = 4
    load_s: float = 1.0
    """Before each death."""
    missed_s: float = 0.5
    """For how long a primary is missed before its standby is promoted."""


@dataclass
class Outage:
    """One failover as it was seen; seconds since the primary died, or how long requests took."""

    how: str
    promoted_s: float
    reads_s: float
    """From when every replica answers reads, and writes, again."""
    writes_s: float
    outcomes: Counter[str] = field(default_factory=Counter)
    """Of the requests that were asked, or open, between the death and the last replica's first answer."""
    slowest_answer_s: float = 0.0
    slowest_refusal_s: float = 0.0
    done_in_spite: int = 0
    """Writes without an answer that were done."""

    def __str__(self) -> str:
        outcomes = ", ".join(f"{number} {what}" for what, number in sorted(self.outcomes.items()))
        return (
            f"{self.how}: standby promoted after {self.promoted_s:.1f} s; reads again after {self.reads_s:.1f} s, "
            f"writes after {self.writes_s:.1f} s; in between {outcomes}; slowest answer {self.slowest_answer_s:.1f} s, "
            f"slowest refusal {self.slowest_refusal_s:.1f} s; {self.done_in_spite} without an answer were done"
        )


def failovers(folder: Path, pair: Pair, number: int, dice: random.Random, plan: Plan) -> Iterator[tuple[Outage, Tally]]:
    """Have the primary die that often, one way and the other. Raises AssertionError: something answered is lost."""
    tally = Tally()
    fleet = Fleet(_ACCOUNT, plan.clients, dice)
    with ExitStack() as running:
        options = ("--data", pair.url, "--pace", "instant")
        servers = [running.enter_context(RunningServer(folder, *options)) for _ in range(plan.replicas)]
        for turn in range(number):
            how = (signal.SIGKILL, signal.SIGQUIT)[turn % 2]
            with _load(servers, fleet), _probing(servers) as asked:
                time.sleep(plan.load_s)
                outage = _lose_primary(pair, how, plan.missed_s, servers, asked)
                time.sleep(plan.load_s / 2)
            _check_probes(servers, asked, outage)
            fleet.check(connected(dice.choice(servers).url, fleet.account), dice, tally)
            yield outage, tally
            pair.add_standby()
        fleet.journal.check_all(connected(servers[0].url, fleet.account))


def _lose_primary(
    pair: Pair, how: signal.Signals, missed_s: float, servers: list[RunningServer], asked: list[Asked]
) -> Outage:
    """Have it die, promote the standby once a watcher has missed it so long, and wait until all replicas answer."""
    died = time.monotonic()
    pair.lose_primary(how)
    seen = time.monotonic()
    while time.monotonic() < seen + missed_s:
        seen = time.monotonic() if pair.is_alive() else seen
        time.sleep(_WATCH_EVERY_S)
    pair.promote()
    promoted = time.monotonic()
    again = {what: _answered_again(what, promoted, servers, asked) for what in ("read", "write")}
    outage = Outage(how.name, promoted - died, again["read"] - died, again["write"] - died)
    for one in list(asked):
        if one.ended >= died and one.began <= max(again.values()):
            outage.outcomes[f"{one.what}s {one.outcome}"] += 1
            took = one.ended - one.began
            if one.outcome == "answered":
                outage.slowest_answer_s = max(outage.slowest_answer_s, took)
            else:
                outage.slowest_refusal_s = max(outage.slowest_refusal_s, took)
    return outage


def _answered_again(what: str, promoted: float, servers: list[RunningServer], asked: list[Asked]) -> float:
    """When the last of the replicas had answered a request that was open, or came, after the promotion."""
    until = time.monotonic() + _PATIENCE_S
    while True:
        first: dict[str, float] = {}
        for one in list(asked):
            if one.what == what and one.outcome == "answered" and one.ended > promoted:
                first.setdefault(one.name.partition(" ")[0], one.ended)
        if len(first) == len(servers):
            return max(first.values())
        assert time.monotonic() < until, f"{what}s are not answered again: {Counter(one.outcome for one in asked)}"
        time.sleep(0.02)


@contextmanager
def _load(servers: list[RunningServer], fleet: Fleet) -> Iterator[None]:
    """All clients of the fleet at work, each through any replica, until a change of theirs stays without an answer."""
    with _at_work() as (start, is_over):
        clients = [connected(server.url, fleet.account) for server in servers]
        for writer in fleet.writers:
            start(writer.write, lambda: random.choice(clients), lambda: None, is_over)
        yield


@contextmanager
def _probing(servers: list[RunningServer]) -> Iterator[list[Asked]]:
    """A reader and a writer at each replica, all the time; gives what they asked, in the order of the answers."""
    asked: list[Asked] = []
    with _at_work() as (start, is_over):
        for number, server in enumerate(servers):
            for what in ("read", "write"):
                start(_probe, what, f"replica-{number}", connected(server.url, _PROBERS_ACCOUNT), asked, is_over)
        yield asked


def _probe(what: str, replica: str, client: skysail.Client, asked: list[Asked], is_over: Callable[[], bool]) -> None:
    while not is_over():
        name = f"probe-{next(_numbers)}"
        began = time.monotonic()
        try:
            if what == "read":
                client.get_instances()
            else:
                client.create_disk(diskName=name, availabilityZone=ZONE, sizeInGb=8)
            outcome = "answered"
        except ServiceError as error:
            outcome = f"refused with {error.status} {error.kind}"
        except TransportError as error:
            outcome = type(error).__name__
        asked.append(Asked(what, f"{replica} {name}", began, time.monotonic(), outcome))
        time.sleep(0.02)


def _check_probes(servers: list[RunningServer], asked: list[Asked], outage: Outage) -> None:
    """Each disk that was answered is there, once, at every replica."""
    writes = {one.name.partition(" ")[2]: one.outcome for one in asked if one.what == "write"}
    answered = {name for name, outcome in writes.items() if outcome == "answered"}
    for server in servers:
        there = [disk["name"] for disk in listed(connected(server.url, _PROBERS_ACCOUNT), "get_disks", "disks")]
        assert len(there) == len(set(there)), "a disk is there twice"
        assert answered <= set(there), f"answered and lost: {answered - set(there)}"
        outage.done_in_spite = len((set(there) & writes.keys()) - answered)


@contextmanager
def _at_work() -> Iterator[tuple[Callable[..., None], Callable[[], bool]]]:
    """A function that starts another one beside this, and one that tells when it is over; what they raise is raised."""
    over = Event()
    with ThreadPoolExecutor(64) as threads:
        started = []
        try:
            yield lambda *work: started.append(threads.submit(*work)), over.is_set
        finally:
            over.set()
        for one in started:
            one.result()


_numbers = count(1)
