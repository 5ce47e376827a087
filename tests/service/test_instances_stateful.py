"""Random lives of a fleet beside a plain model of it: the two never differ, and a reopened store remembers all."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from bench import ORDER, Bench
from modelled import misfits, parsed_by_botocore
from skysail.caller.sync import Client
from skysail.caller.transport import InProcess
from skysail.errors import InvalidInputException, NotFoundException
from skysail.protocol.message import Request, Response

NAMES = [f"web-{number}" for number in range(6)]
PACE = {"running": 1.5, "restarted": 1.0, "stopped": 1.0}
WAYS = {  # state before -> states that may come next; a missing one is "gone"
    "gone": {"pending"},
    "pending": {"running", "gone"},
    "running": {"stopping", "gone"},
    "stopping": {"stopped", "gone"},
    "stopped": {"pending", "gone"},
}


@dataclass(frozen=True)
class Expected:
    """What the model knows of an instance."""

    state: str
    changes_at: float | None
    becomes: str = ""
    plan: str = "nano_3_0"


class Fleet(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.expected: dict[str, Expected] = {}
        self.order: list[str] = []  # newest first
        self.journal = 0
        self.reopened = 0
        self.seen: dict[str, str] = {}
        self.open(Bench(self.path))

    @property
    def path(self) -> Path:
        return Path(self.folder.name) / "fleet.db"

    def open(self, bench: Bench) -> None:
        self.bench = bench
        self.client = Client(bench.client.meta.config, InProcess(self.answer), bench.lightsail.world)

    def answer(self, request: Request) -> Response:
        """Every answer is one of botocore's model, and is read alike by botocore and by us."""
        response = self.bench.lightsail.service.answer(request)
        operation = request.headers["x-amz-target"].partition(".")[2]
        parsed = parsed_by_botocore(operation, response)
        if response.status == 200:
            assert misfits(operation, response) == []
            assert "Error" not in parsed
        else:
            assert parsed["Error"]["Code"] in ("InvalidInputException", "NotFoundException")
        return response

    # --- what is done -------------------------------------------------------------------------------------

    @initialize(names=st.lists(st.sampled_from(NAMES), min_size=1, max_size=4, unique=True))
    def begin(self, names: list[str]) -> None:
        self.create(names, "nano_3_0", [])

    @rule(
        names=st.lists(st.sampled_from(NAMES), min_size=1, max_size=3),
        plan=st.sampled_from(["nano_3_0", "nano_ipv6_3_0", "giant_3_0"]),
        tags=st.lists(st.sampled_from(["a", "b"]), max_size=2),
    )
    def create(self, names: list[str], plan: str, tags: list[str]) -> None:
        good = (
            plan != "giant_3_0"
            and len(set(tags)) == len(tags)
            and len(set(names)) == len(names)
            and not set(names) & self.expected.keys()
        )
        order = {**ORDER, "bundleId": plan, "tags": [{"key": key} for key in tags]}
        try:
            answer = self.client.create_instances(instanceNames=names, **order)
        except InvalidInputException:
            assert not good
            return
        assert good
        assert [one["resourceName"] for one in answer["operations"]] == names
        for name in names:
            self.expected[name] = Expected("pending", self.now + PACE["running"], "running", plan)
            self.order.insert(0, name)
        self.journal += len(names)

    @rule(name=st.sampled_from(NAMES))
    def start(self, name: str) -> None:
        if self.done(self.client.start_instance, name, {"stopped"}):
            self.moves(name, "pending", PACE["restarted"], "running")

    @rule(name=st.sampled_from(NAMES))
    def stop(self, name: str) -> None:
        if self.done(self.client.stop_instance, name, {"running"}):
            self.moves(name, "stopping", PACE["stopped"], "stopped")

    @rule(name=st.sampled_from(NAMES))
    def reboot(self, name: str) -> None:
        self.done(self.client.reboot_instance, name, {"running"})

    @rule(name=st.sampled_from(NAMES))
    def delete(self, name: str) -> None:
        if self.done(self.client.delete_instance, name, set(WAYS) - {"gone"}):
            del self.expected[name]
            self.order.remove(name)

    @rule(seconds=st.sampled_from([0.0, 0.5, 1.0, 1.5, 3.0, 1000.0]))
    def wait(self, seconds: float) -> None:
        self.bench.clock.advance(seconds)
        for name, one in self.expected.items():
            if one.changes_at is not None and one.changes_at <= self.now:
                self.expected[name] = replace(one, state=one.becomes, changes_at=None)

    @rule(page_size=st.integers(1, 7))
    def list_in_pages(self, page_size: int) -> None:
        small = Bench(self.bench.lightsail.store, clock=self.bench.clock, page_size=page_size)
        pages = list(small.client.get_paginator("get_instances").paginate())
        assert [one["name"] for page in pages for one in page["instances"]] == self.order
        assert all(len(page["instances"]) == page_size for page in pages[:-1])
        assert len(pages) == max(1, -(-len(self.order) // page_size)), "no page is empty but that of an empty listing"

    @rule()
    def reopen(self) -> None:
        before = self.everything()
        self.bench.close()
        self.reopened += 1
        self.open(Bench(self.path, clock=self.bench.clock, seed=self.reopened))
        assert self.everything() == before

    # --- what holds all the time --------------------------------------------------------------------------

    @invariant()
    def the_listing_is_the_models(self) -> None:
        instances = self.client.get_instances()["instances"]
        assert [one["name"] for one in instances] == self.order
        assert {one["name"]: one["state"]["name"] for one in instances} == {
            name: one.state for name, one in self.expected.items()
        }
        for one in instances:
            assert self.client.get_instance(instanceName=one["name"])["instance"] == one
            has_address = one["state"]["name"] in ("running", "stopping") and one["bundleId"] != "nano_ipv6_3_0"
            assert ("publicIpAddress" in one) == has_address
        for member in ("arn", "supportCode"):
            assert len({one[member] for one in instances}) == len(instances)

    @invariant()
    def states_change_along_their_ways(self) -> None:
        now = {name: one.state for name, one in self.expected.items()}
        for name in NAMES:
            before, after = self.seen.get(name, "gone"), now.get(name, "gone")
            assert before == after or after in WAYS[before]
        self.seen = now

    @invariant()
    def the_journal_has_an_entry_for_each_call_and_ends_each_in_time(self) -> None:
        operations = self.client.get_operations()["operations"]
        assert len(operations) == min(self.journal, 200)
        doing = {one["resourceName"] for one in operations if not one["isTerminal"]}
        assert doing == {name for name, one in self.expected.items() if one.changes_at is not None}

    def teardown(self) -> None:
        self.bench.close()
        self.folder.cleanup()

    # --- how ----------------------------------------------------------------------------------------------

    @property
    def now(self) -> float:
        return self.bench.clock.now()

    def done(self, call: Any, name: str, allowed: set[str]) -> bool:
        """Whether the service did it; it does so exactly in the allowed states."""
        known = self.expected.get(name)
        try:
            answer = call(instanceName=name)
        except NotFoundException:
            assert known is None
            return False
        except InvalidInputException:
            assert known is not None
            assert known.state not in allowed
            return False
        assert known is not None
        assert known.state in allowed
        assert [one["resourceName"] for one in answer["operations"]] == [name]
        self.journal += 1
        return True

    def moves(self, name: str, state: str, seconds: float, becomes: str) -> None:
        self.expected[name] = replace(self.expected[name], state=state, changes_at=self.now + seconds, becomes=becomes)

    def everything(self) -> Any:
        """All that a caller can see."""
        seen = [self.client.get_instances(includeHealthStatus=True), self.client.get_operations()]
        return [{**answer, "ResponseMetadata": None} for answer in seen]


TestFleet = Fleet.TestCase
TestFleet.settings = settings(max_examples=25, stateful_step_count=30)
