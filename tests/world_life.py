"""A random life of the instance's whole world: whatever is called in whatever order, some things always hold.

It is lived in a file by one service. A subclass opens other stores, or several services on one: then each request is
answered by any of them.
"""

from __future__ import annotations

import random
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from bench import START, Bench
from modelled import misfits, parsed_by_botocore
from noun_calls import BEGINNING_WITH_OTHERS, OTHER_LOOKS, SILENT, calls_of_all
from skysail.server import inspection
from skysail.world import ManualClock
from world_calls import BEGINNING, LOOKS, calls

LISTINGS = {  # operation: its member, and the operation and argument that show one alone
    "GetInstances": ("instances", "GetInstance", "instanceName"),
    "GetDisks": ("disks", "GetDisk", "diskName"),
    "GetStaticIps": ("staticIps", "GetStaticIp", "staticIpName"),
    "GetKeyPairs": ("keyPairs", "GetKeyPair", "keyPairName"),
    "GetInstanceSnapshots": ("instanceSnapshots", "GetInstanceSnapshot", "instanceSnapshotName"),
    "GetDiskSnapshots": ("diskSnapshots", "GetDiskSnapshot", "diskSnapshotName"),
}
WAYS = {  # kind: state before -> states that may come next
    "instances": {
        "pending": {"running"},
        "running": {"stopping"},
        "stopping": {"stopped"},
        "stopped": {"pending"},
    },
    "disks": {"pending": {"available"}, "available": {"in-use"}, "in-use": {"available"}},
    "instanceSnapshots": {"pending": {"available"}},
    "diskSnapshots": {"pending": {"completed"}},
}
REFUSALS = {"InvalidInputException", "NotFoundException", "OperationFailureException"}
"""The last of them by DNS zones alone (seen)."""


class World(RuleBasedStateMachine):
    beginning = BEGINNING
    more_listings: tuple[str, ...] = ()

    def __init__(self) -> None:
        super().__init__()
        self.clock = ManualClock(START)
        self.dice = random.Random(0)
        self.folder = TemporaryDirectory()
        self.benches = self.opened()
        self.journal: dict[str, dict[str, Any]] = {}
        self.states: dict[tuple[str, str], str] = {}
        self.reopened = 0

    def opened(self, seed: int = 0) -> list[Bench]:
        """One service or several; all see the same."""
        return [Bench(Path(self.folder.name) / "fleet.db", clock=self.clock, seed=seed)]

    def ask(self, operation: str, **arguments: Any) -> dict[str, Any] | None:
        """The answer, which is one of botocore's model; None for a refusal of the right kind."""
        response = self.dice.choice(self.benches).send(arguments, operation)
        body: dict[str, Any] = msgspec.json.decode(response.body)
        if response.status != 200:
            assert parsed_by_botocore(operation, response)["Error"]["Code"] in REFUSALS, (operation, arguments, body)
            return None
        assert misfits(operation, response) == []
        return body

    def listed(self, operation: str) -> list[dict[str, Any]]:
        answer = self.ask(operation)
        assert answer is not None
        entries: list[dict[str, Any]] = answer[LISTINGS[operation][0]]
        return entries

    # --- what is done -------------------------------------------------------------------------------------

    @initialize(left_out=st.sets(st.integers(0, len(BEGINNING_WITH_OTHERS) - 1), max_size=2))
    def begin(self, left_out: set[int]) -> None:
        """Most of a world in which there is something to every name."""
        for place, (operation, arguments) in enumerate(self.beginning):
            if place not in left_out:
                self.do(operation, arguments)
                self.wait(30.0)
        self.wait(86_400.0)

    @rule(drawn=st.lists(calls(), min_size=3, max_size=12))
    def do_some(self, drawn: list[tuple[str, dict[str, Any]]]) -> None:
        for operation, arguments in drawn:
            self.do(operation, arguments)

    def do(self, operation: str, arguments: dict[str, Any]) -> None:
        only_looks = operation in LOOKS or operation in OTHER_LOOKS
        before = None if only_looks else self.everything()
        answer = self.ask(operation, **arguments)
        if answer is None:
            assert before is None or self.everything() == before, "a refused call changes nothing"
            return
        entries = answer.get("operations", [answer["operation"]] if "operation" in answer else [])
        if not only_looks:
            assert entries or operation in SILENT, f"{operation} leaves an entry"
            self.journal |= {entry["id"]: entry for entry in entries}

    @rule(seconds=st.sampled_from([0.5, 1.0, 3.0, 3600.0, 86_400.0]))
    def wait(self, seconds: float) -> None:
        self.states = self.states_now()
        self.clock.advance(seconds)

    @rule()
    def reopen(self) -> None:
        before = self.everything()
        self.close()
        self.reopened += 1
        self.benches = self.opened(self.reopened)
        assert self.everything() == before

    # --- what holds all the time --------------------------------------------------------------------------

    @invariant()
    def one_alone_is_shown_as_in_the_listing(self) -> None:
        for operation, (_, get, argument) in LISTINGS.items():
            for entry in self.listed(operation):
                answer = self.ask(get, **{argument: entry["name"]})
                assert answer is not None
                assert next(iter(answer.values())) == entry

    @invariant()
    def attached_means_attached_on_both_sides(self) -> None:
        instances = {instance["name"]: instance for instance in self.listed("GetInstances")}
        shown = [
            (name, disk)
            for name, instance in instances.items()
            for disk in instance["hardware"]["disks"]
            if not disk["isSystemDisk"]
        ]
        attached = [(disk["attachedTo"], disk) for disk in self.listed("GetDisks") if disk["isAttached"]]
        key = lambda pair: pair[1]["name"]  # noqa: E731
        assert sorted(shown, key=key) == sorted(attached, key=key)
        static_ips = self.listed("GetStaticIps")
        holders = {one["attachedTo"]: one["ipAddress"] for one in static_ips if one["isAttached"]}
        assert all(("attachedTo" in one) == one["isAttached"] for one in static_ips)
        assert holders == {
            name: instance["publicIpAddress"] for name, instance in instances.items() if instance["isStaticIp"]
        }

    @invariant()
    def names_are_unique_over_all_kinds(self) -> None:
        names = [entry["name"] for operation in LISTINGS for entry in self.listed(operation)]
        assert len(set(names)) == len(names)
        answer = self.ask("GetActiveNames")
        assert answer is not None
        assert set(names) <= set(answer["activeNames"]) or "nextPageToken" in answer

    @invariant()
    def the_journal_has_every_entry_that_was_answered(self) -> None:
        for entry_id, entry in list(self.journal.items()):
            answer = self.ask("GetOperation", operationId=entry_id)
            assert answer is not None
            now = answer["operation"]
            passing = ("status", "isTerminal", "statusChangedAt", "errorCode", "errorDetails")
            assert {k: v for k, v in now.items() if k not in passing} == {
                k: v for k, v in entry.items() if k not in passing
            }
            if now["isTerminal"]:
                assert now["status"] in ("Succeeded", "Failed")
                del self.journal[entry_id]
            else:
                assert now["status"] == "Started"
                assert self.clock.now() < now["createdAt"] + 100, "work ends in time"

    @invariant()
    def states_change_along_their_ways(self) -> None:
        now = self.states_now()
        for (kind, name), state in now.items():
            before = self.states.get((kind, name))
            if before is not None and before != state:
                # A step of the clock may pass several states.
                assert state in _reachable(WAYS[kind], before)
        self.states = now

    def teardown(self) -> None:
        with self.benches[0].lightsail.store.begin(write=False) as transaction:
            assert list(inspection(transaction).faults()) == []
        self.close()
        self.folder.cleanup()

    def close(self) -> None:
        for bench in self.benches:
            bench.close()

    # --- how ----------------------------------------------------------------------------------------------

    def states_now(self) -> dict[tuple[str, str], str]:
        found = {}
        for operation, (member, _, _) in LISTINGS.items():
            for entry in self.listed(operation) if member in WAYS else ():
                state = entry["state"]
                found[member, entry["arn"]] = state["name"] if isinstance(state, dict) else state
        return found

    def everything(self) -> list[Any]:
        """All that a caller can see."""
        looks = [
            *LISTINGS,
            "GetOperations",
            "GetActiveNames",
            "GetContactMethods",
            "GetAlarms",
            "GetExportSnapshotRecords",
            *self.more_listings,
        ]
        return [self.ask(operation) for operation in looks]


class WithOtherNouns(World):
    """With load balancers, certificates, container services and what else is around instances."""

    beginning = BEGINNING_WITH_OTHERS
    more_listings = (
        *("GetLoadBalancers", "GetCertificates", "GetContainerServices", "GetSubdomains", "IsVpcPeered"),
        *("GetBuckets", "GetDomains"),
        *("GetRelationalDatabases", "GetRelationalDatabaseSnapshots"),
    )

    @rule(drawn=st.lists(calls_of_all(), min_size=3, max_size=12))
    def do_some(self, drawn: list[tuple[str, dict[str, Any]]]) -> None:
        for operation, arguments in drawn:
            self.do(operation, arguments)

    @invariant()
    def balancers_and_instances_know_one_another(self) -> None:
        answer = self.ask("GetLoadBalancers")
        assert answer is not None
        instances = {one["name"] for one in self.listed("GetInstances")}
        for balancer in answer["loadBalancers"]:
            assert {one["instanceName"] for one in balancer["instanceHealthSummary"]} <= instances

    @invariant()
    def buckets_are_open_to_instances_that_are_there_and_log_to_buckets_that_are_there(self) -> None:
        answer = self.ask("GetBuckets", includeConnectedResources=True)
        assert answer is not None
        instances = {one["name"] for one in self.listed("GetInstances")}
        buckets = {one["name"] for one in answer["buckets"]}
        for bucket in answer["buckets"]:
            assert {one["name"] for one in bucket["resourcesReceivingAccess"]} <= instances
            assert bucket["accessLogConfig"].get("destination") in {*buckets, None}

    @invariant()
    def certificates_are_there_as_long_as_somebody_uses_them(self) -> None:
        services, certificates = self.ask("GetContainerServices"), self.ask("GetCertificates")
        assert services is not None
        assert certificates is not None
        names = {one["certificateName"] for one in certificates["certificates"]}
        for service in services["containerServices"]:
            assert service.get("publicDomainNames", {}).keys() <= names


def _reachable(ways: dict[str, set[str]], start: str) -> set[str]:
    seen: set[str] = set()
    todo = [start]
    while todo:
        fresh = ways.get(todo.pop(), set()) - seen
        seen |= fresh
        todo += fresh
    return seen
