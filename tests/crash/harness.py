"""One kill after another: servers under load, dead at a random moment, started again, and what is there then.

A server dies under load, while it stops, or while it starts. Several servers may share one store: then some of them
die, and the others go on.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Event
from typing import Any

import skysail
from crash.looks import Documents, Journal, Walk, check_alone, connected, resources
from crash.writers import Writer
from postgres_server import PostgresServer
from running_server import SKYSAIL, RunningServer, neutral_environment
from skysail.errors import ServiceError, TransportError

_MOST_ANSWERS = 60
_MOST_AFTER_A_KILL = 20
"""Answers before a kill, and those of the servers that are left behind it."""
_SHARE_IN_START, _SHARE_IN_STOP = 0.2, 0.2
"""How many of the kills come while a server starts, and while it stops."""
_SHARE_OF_WORKERS = 0.5
"""How often a worker alone is killed, where there are any."""
_SHARE_OF_DATABASE = 0.4
"""How often a database is hit, where there is one."""
_PATIENCE_S = 60


@dataclass(frozen=True, slots=True)
class Plan:
    """How it is done: each server on that `data`, with these `options`; `database` is where it lies, if in one."""

    data: str = "fleet.db"
    options: tuple[str, ...] = ("--pace", "instant")
    database: PostgresServer | None = None
    servers: int = 1
    clients: int = 4
    kills_an_account: int = 25
    start_s: float = 0.5
    """About how long a start takes: kills within it are spread over that."""


@dataclass
class Tally:
    kills: Counter[str] = field(default_factory=Counter)
    """By what the server was doing."""
    answered: int = 0
    unanswered: Counter[str] = field(default_factory=Counter)
    """Changes without an answer, by what came of them."""
    walks: int = 0
    """Listings that went on with a page token from before the kill."""

    def __str__(self) -> str:
        kills = ", ".join(f"{number} {when}" for when, number in sorted(self.kills.items()))
        outcomes = ", ".join(f"{number} {what}" for what, number in sorted(self.unanswered.items()))
        return (
            f"{self.kills.total():,} kills ({kills}); {self.answered:,} changes answered, all there; "
            f"{self.unanswered.total():,} without an answer ({outcomes}); {self.walks:,} walks went on"
        )


class Fleet:
    """One account's resources while the servers below it are killed, and what must be there."""

    def __init__(self, account: str, clients: int, dice: random.Random) -> None:
        self.account = account
        self.writers = [Writer(f"w{number}", random.Random(dice.random())) for number in range(clients)]
        self.journal = Journal()
        self.documents: Documents = {}
        self.walk = Walk()

    def check(self, client: skysail.Client, dice: random.Random, tally: Tally) -> None:
        """Everything that was answered is there, once and whole; what was not is there whole or not at all."""
        documents = resources(client)
        fresh = self.journal.read_on(client)
        for writer in self.writers:
            tally.answered += len(writer.answered)
            is_done = writer.check(documents, self.documents, fresh)
            if is_done is not None:
                tally.unanswered["done" if is_done else "not done"] += 1
        instances = {name for name, one in documents.items() if one["resourceType"] == "Instance"}
        tally.walks += self.walk.finish(client, instances & self.documents.keys())
        if documents:
            check_alone(client, dice.choice(list(documents.values())))
        self.documents = documents


def crash(folder: Path, plan: Plan, kills: int, dice: random.Random, tally: Tally) -> Iterator[Tally]:
    """Kill that often, on one store; gives the tally after each kill. Raises AssertionError."""
    with ExitStack() as running:
        servers = [RunningServer(folder, "--data", plan.data, *plan.options, starts=False) for _ in range(plan.servers)]
        for server in servers:
            _start(server, plan, dice, tally)  # the first time it makes the store
            running.enter_context(server)
        for account in count(400_000_000_000):
            fleet = Fleet(str(account), plan.clients, dice)
            fleet.check(connected(servers[0].url, fleet.account), dice, tally)
            for _ in range(plan.kills_an_account):
                if tally.kills.total() >= kills:
                    break
                _kill_some(servers, fleet, plan, dice, tally)
                fleet.check(connected(dice.choice(servers).url, fleet.account), dice, tally)
                yield tally
            fleet.journal.check_all(connected(servers[0].url, fleet.account))
            _check_store(folder, plan)
            if tally.kills.total() >= kills:
                break
        for server in servers:
            server.stop()


def _check_store(folder: Path, plan: Plan) -> None:
    """`skysail check` finds nothing, while servers have the store open."""
    command = [str(SKYSAIL), "check", plan.data]
    environment = neutral_environment(folder)
    told = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stdout + told.stderr


def _kill_some(servers: list[RunningServer], fleet: Fleet, plan: Plan, dice: random.Random, tally: Tally) -> None:
    """Have the fleet changed by all its clients, kill some servers in the middle of it, and start them again.

    Where they have a database, it is now and then that which is hit, alone or with them.
    """
    hits_database = plan.database is not None and dice.random() < _SHARE_OF_DATABASE
    victims = dice.sample(servers, dice.randint(not hits_database, len(servers)))
    with _load(servers, fleet) as wait_for:
        wait_for(dice.randint(1, _MOST_ANSWERS))
        time.sleep(dice.random() * 0.01)  # not only right behind an answer
        dead = [victim for victim in victims if _kill(victim, dice, tally)]
        if plan.database is not None and hits_database:
            tally.kills[_hit(plan.database, dice)] += 1
        if len(dead) < len(servers):
            wait_for(dice.randint(1, _MOST_AFTER_A_KILL))
    for victim in dead:
        _start(victim, plan, dice, tally)


def _start(server: RunningServer, plan: Plan, dice: random.Random, tally: Tally) -> None:
    while dice.random() < _SHARE_IN_START:
        server.launch()
        time.sleep(dice.random() * plan.start_s)
        server.kill()
        tally.kills["while it started"] += 1
    server.start()


def _kill(victim: RunningServer, dice: random.Random, tally: Tally) -> bool:
    """Whether it is dead: of one that has workers, a worker may be, and it goes on."""
    if (workers := victim.workers) and dice.random() < _SHARE_OF_WORKERS:
        with suppress(ProcessLookupError):  # gone by itself meanwhile
            os.kill(dice.choice(workers), signal.SIGKILL)
        tally.kills["of a worker"] += 1
        return False
    if dice.random() < _SHARE_IN_STOP:
        victim.process.terminate()
        time.sleep(dice.random() * 0.1)
        tally.kills["while it stopped"] += 1
    else:
        tally.kills["under load"] += 1
    victim.kill()
    return True


def _hit(database: PostgresServer, dice: random.Random) -> str:
    """Break the servers' connections, or kill the whole database and start it again; gives which."""
    if dice.random() < 0.5:
        with database.connection() as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() AND random() < 0.7"
            )
        return "of connections to the database"
    if dice.random() < 0.5:
        database.kill()
    else:
        database.stop()
    database.start()
    return "of the database"


@contextmanager
def _load(servers: list[RunningServer], fleet: Fleet) -> Iterator[Callable[[int], None]]:
    """All clients at work; gives a function that waits for so many answers, as long as there are any to come."""
    clients = [connected(server.url, fleet.account) for server in servers]
    answers: SimpleQueue[None] = SimpleQueue()
    is_over = Event()

    def any_client() -> skysail.Client:
        return clients[0] if len(clients) == 1 else random.choice(clients)

    def walk() -> None:
        while not is_over.is_set():
            try:
                fleet.walk.step(any_client())
            except (TransportError, ServiceError):
                return

    with ThreadPoolExecutor(len(fleet.writers) + 1) as threads:
        done: list[Any] = [
            threads.submit(writer.write, any_client, lambda: answers.put(None), is_over.is_set)
            for writer in fleet.writers
        ]
        done.append(threads.submit(walk))

        def wait_for(number: int) -> None:
            deadline = time.monotonic() + _PATIENCE_S
            while number and not all(thread.done() for thread in done[:-1]):
                assert time.monotonic() < deadline, "no answer and no end"
                try:
                    answers.get(timeout=0.05)
                    number -= 1
                except Empty:
                    pass

        try:
            yield wait_for
        finally:
            is_over.set()
            for thread in done:
                thread.result()
