"""kill -9 at any moment: what was answered is there, what was not is there whole or not at all.

Several clients write at once, each in a part of the fleet of its own and one request after the other, so each has at
most one request without an answer when the server dies. What each expects is then a plain dict, or one of two.
"""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import pytest
from botocore.config import Config

import skysail
from running_server import REGION, ZONE
from skysail.errors import TransportError

pytestmark = pytest.mark.whole

KILLS = 30
CLIENTS = 4
MOST_ANSWERS = 60  # before a kill
ORDER = {"availabilityZone": ZONE, "blueprintId": "debian_12", "bundleId": "nano_3_0"}

Fleet = dict[str, str]  # an instance's name and its state, once nothing is on its way any more


@dataclass
class Writer:
    """One client's part of the fleet: what it must hold, and what the request without an answer may have done."""

    name: str
    dice: random.Random
    certain: Fleet = field(default_factory=dict)
    possible: Fleet | None = None
    journal: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Operation type and resource of each operation that was answered, by its id."""
    numbers: Any = field(default_factory=count)

    def write(self, client: skysail.Client, answered: Callable[[], None]) -> None:
        """Ask for one change after another until the server is gone."""
        while True:
            method, arguments, after = self._next_change()
            self.possible = after
            try:
                answer = getattr(client, method)(**arguments)
            except TransportError:
                return
            self.certain, self.possible = after, None
            for operation in answer["operations"]:
                self.journal[operation["id"]] = operation["operationType"], operation["resourceName"]
            answered()

    def _next_change(self) -> tuple[str, dict[str, Any], Fleet]:
        """A method, its arguments, and this part of the fleet afterwards."""
        kind = self.dice.choice(["create", "stop", "start", "delete"])
        if kind == "create" and len(self.certain) > 12:
            kind = "delete"
        able = {"stop": self._that_are("running"), "start": self._that_are("stopped"), "delete": list(self.certain)}
        names = able.get(kind, [])
        if not names:
            made = [f"{self.name}-{next(self.numbers)}" for _ in range(self.dice.randint(1, 4))]
            after = self.certain | dict.fromkeys(made, "running")
            return "create_instances", {"instanceNames": made, **ORDER}, after
        name = self.dice.choice(names)
        if kind == "delete":
            after = {other: state for other, state in self.certain.items() if other != name}
        else:
            after = self.certain | {name: "running" if kind == "start" else "stopped"}
        return f"{kind}_instance", {"instanceName": name}, after

    def _that_are(self, state: str) -> list[str]:
        return [name for name, now in self.certain.items() if now == state]

    def check(self, fleet: Fleet, journal: dict[str, dict[str, Any]]) -> None:
        """Compare with what the server has after its restart; go on from there."""
        found = {name: state for name, state in fleet.items() if name.startswith(f"{self.name}-")}
        allowed = [self.certain] if self.possible is None else [self.certain, self.possible]
        assert found in allowed
        for id, (kind, name) in self.journal.items():
            assert (journal[id]["operationType"], journal[id]["resourceName"]) == (kind, name)
        of_mine = [entry for entry in journal.values() if entry["resourceName"].startswith(f"{self.name}-")]
        assert all(entry["isTerminal"] for entry in of_mine)
        made = {entry["resourceName"] for entry in of_mine if entry["operationType"] == "CreateInstance"}
        gone = {entry["resourceName"] for entry in of_mine if entry["operationType"] == "DeleteInstance"}
        assert made - gone == set(found), "instances and journal tell two stories"
        self.certain, self.possible = found, None
        self.journal = {entry["id"]: (entry["operationType"], entry["resourceName"]) for entry in of_mine}


def connected(url: str) -> skysail.Client:
    """A client that never asks twice: what came of a request is what came of its only try."""
    return skysail.client(
        region_name=REGION,
        endpoint_url=url,
        aws_access_key_id="123456789012",
        aws_secret_access_key="secret",
        config=Config(retries={"total_max_attempts": 1, "mode": "standard"}),
    )


def everything(client: skysail.Client) -> tuple[Fleet, dict[str, dict[str, Any]]]:
    """The fleet with its states, and the journal by id."""
    instances = client.get_paginator("get_instances").paginate().search("instances[]")
    fleet = {instance["name"]: instance["state"]["name"] for instance in instances}
    entries = client.get_paginator("get_operations").paginate().search("operations[]")
    return fleet, {entry["id"]: entry for entry in entries}


def test_nothing_answered_is_lost_and_nothing_is_half_there_after_a_kill(served: Any, tmp_path: Path) -> None:
    dice = random.Random()
    writers = [Writer(f"w{number}", random.Random(dice.random())) for number in range(CLIENTS)]
    server = served("--data", "fleet.db", "--pace", "instant", "--page-size", "100")
    for _ in range(KILLS):
        answers: SimpleQueue[None] = SimpleQueue()
        with ThreadPoolExecutor(CLIENTS) as threads:
            client = connected(server.url)
            done = [threads.submit(writer.write, client, partial(answers.put, None)) for writer in writers]
            try:
                for _ in range(dice.randint(1, MOST_ANSWERS)):
                    answers.get(timeout=30)
            finally:
                server.kill()  # right behind an answer to one, in the middle of whatever the others asked for
                for thread in done:
                    thread.result()
        server.start()
        fleet, journal = everything(connected(server.url))
        for writer in writers:
            writer.check(fleet, journal)
    server.stop()
    with sqlite3.connect(tmp_path / "fleet.db") as file:
        assert file.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_a_change_on_its_way_is_finished_by_the_next_server(served: Any, reach: Any) -> None:
    server = served("--data", "fleet.db", "--pace", "brisk")
    (operation,) = connected(server.url).create_instances(instanceNames=["web"], **ORDER)["operations"]
    server.kill()
    server.start()
    client = connected(server.url)
    reach(lambda: client.get_operation(operationId=operation["id"])["operation"]["status"], "Succeeded")
    assert client.get_instance_state(instanceName="web")["state"]["name"] == "running"
