"""Random lives of container services with their images, deployments and certificates: some things always hold."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from bench import START, Bench
from modelled import misfits
from skysail.server import inspection
from skysail.world import ManualClock

WAYS = {  # state: what may come next, in one or more steps
    "PENDING": {"READY", "DEPLOYING", "RUNNING", "DELETING"},
    "READY": {"UPDATING", "DEPLOYING", "DELETING"},
    "DEPLOYING": {"READY", "RUNNING", "DELETING"},
    "RUNNING": {"UPDATING", "DEPLOYING", "DELETING"},
    "UPDATING": {"READY", "RUNNING", "DISABLED", "DELETING"},
    "DISABLED": {"UPDATING", "DELETING"},
    "DELETING": set(),
}
SERVICES = st.sampled_from(["shop", "blog"])
IMAGES = st.sampled_from(
    ["nginx", ":shop.web.1", ":shop.web.2", ":blog.web.1", "111122223333.dkr.ecr.us-east-1.amazonaws.com/x:1"]
)
CONTAINERS = st.dictionaries(
    st.sampled_from(["web", "api"]), st.fixed_dictionaries({"image": IMAGES, "ports": st.just({"80": "HTTP"})})
)
DOMAINS = st.dictionaries(
    st.sampled_from(["cert", "other"]), st.lists(st.sampled_from(["example.com", "www.example.com"]), max_size=2)
)
ROLE = st.sampled_from([True, False]).map(lambda is_active: {"ecrImagePullerRole": {"isActive": is_active}})
MORE = {"publicDomainNames": DOMAINS, "privateRegistryAccess": ROLE}
DEPLOYMENT = st.fixed_dictionaries(
    {"containers": CONTAINERS},
    optional={"publicEndpoint": st.just({"containerName": "web", "containerPort": 80})},
)


class Containers(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.clock = ManualClock(START)
        self.folder = TemporaryDirectory()
        self.bench = self.opened()
        self.reopened = 0
        self.states: dict[str, str] = {}
        self.versions: dict[str, int] = {}

    def opened(self, seed: int = 0) -> Bench:
        return Bench(Path(self.folder.name) / "fleet.db", clock=self.clock, seed=seed)

    def ask(self, operation: str, **arguments: Any) -> Any:
        """The answer, which is one of botocore's model; None for a refusal of the right kind."""
        response = self.bench.send(arguments, operation)
        body = msgspec.json.decode(response.body)
        if response.status != 200:
            assert body["__type"] in ("InvalidInputException", "NotFoundException"), (operation, arguments, body)
            return None
        assert misfits(operation, response) == []
        return body

    def services(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.ask("GetContainerServices")["containerServices"]
        return found

    @initialize()
    def begin(self) -> None:
        for name, domain in (("cert", "example.com"), ("other", "www.example.com")):
            self.ask(
                "CreateCertificate",
                certificateName=name,
                domainName=domain,
                subjectAlternativeNames=["example.com", "www.example.com"],
            )
        self.clock.advance(60)
        self.ask("CreateContainerService", serviceName="shop", power="nano", scale=1)
        self.clock.advance(60)

    @rule(name=SERVICES, more=st.fixed_dictionaries({}, optional={**MORE, "deployment": DEPLOYMENT}))
    def create(self, name: str, more: dict[str, Any]) -> None:
        self.ask("CreateContainerService", serviceName=name, power="nano", scale=1, **more)

    @rule(
        name=SERVICES,
        more=st.fixed_dictionaries(
            {}, optional={**MORE, "isDisabled": st.booleans(), "scale": st.sampled_from([1, 2, 20])}
        ),
    )
    def update(self, name: str, more: dict[str, Any]) -> None:
        self.ask("UpdateContainerService", serviceName=name, **more)

    @rule(name=SERVICES, deployment=DEPLOYMENT)
    def deploy(self, name: str, deployment: dict[str, Any]) -> None:
        self.ask("CreateContainerServiceDeployment", serviceName=name, **deployment)

    @rule(name=SERVICES)
    def register(self, name: str) -> None:
        self.ask("RegisterContainerImage", serviceName=name, label="web", digest=f"sha256:{'0' * 64}")

    @rule(name=SERVICES, image=IMAGES)
    def unregister(self, name: str, image: str) -> None:
        self.ask("DeleteContainerImage", serviceName=name, image=image)

    @rule(name=SERVICES)
    def delete(self, name: str) -> None:
        self.ask("DeleteContainerService", serviceName=name)

    @rule(name=st.sampled_from(["cert", "other"]))
    def delete_certificate(self, name: str) -> None:
        self.ask("DeleteCertificate", certificateName=name)

    @rule(seconds=st.sampled_from([0.3, 1.0, 30.0, 400_000.0]))
    def wait(self, seconds: float) -> None:
        self.clock.advance(seconds)

    @rule()
    def reopen(self) -> None:
        before = self.services()
        self.bench.close()
        self.reopened += 1
        self.bench = self.opened(self.reopened)
        assert self.services() == before

    @invariant()
    def states_change_along_their_ways(self) -> None:
        now = {one["arn"]: one["state"] for one in self.services()}
        for arn, state in now.items():
            before = self.states.get(arn, state)
            assert state == before or state in _reachable(before), (before, state)
        self.states = now

    @invariant()
    def versions_go_up_one_is_active_and_what_is_shown_is_what_is_kept(self) -> None:
        for one in self.services():
            kept = self.ask("GetContainerServiceDeployments", serviceName=one["containerServiceName"])["deployments"]
            numbers = [deployment["version"] for deployment in kept]
            assert numbers == sorted(set(numbers), reverse=True)
            by_state = {state: [each for each in kept if each["state"] == state] for state in ("ACTIVE", "ACTIVATING")}
            assert by_state["ACTIVE"] == [one[member] for member in ("currentDeployment",) if member in one]
            assert by_state["ACTIVATING"] == [one[member] for member in ("nextDeployment",) if member in one]
            assert ("stateDetail" in one) == (one["state"] in ("PENDING", "DEPLOYING", "UPDATING"))
            newest = max(numbers, default=0)
            assert newest >= self.versions.get(one["arn"], 0)
            self.versions[one["arn"]] = newest

    @invariant()
    def certificates_know_who_uses_them(self) -> None:
        used = [name for one in self.services() for name in one.get("publicDomainNames", {})]
        found = self.ask("GetCertificates", includeCertificateDetails=True)["certificates"]
        counts = {one["certificateName"]: one["certificateDetail"]["inUseResourceCount"] for one in found}
        assert {name: count for name, count in counts.items() if count} == {name: used.count(name) for name in used}

    @invariant()
    def names_are_unique(self) -> None:
        names = self.ask("GetActiveNames")["activeNames"]
        assert {one["containerServiceName"] for one in self.services()} <= set(names)
        assert len(set(names)) == len(names)

    def teardown(self) -> None:
        with self.bench.lightsail.store.begin(write=False) as transaction:
            assert list(inspection(transaction).faults()) == []
        self.bench.close()
        self.folder.cleanup()


def _reachable(state: str) -> set[str]:
    found: set[str] = set()
    following = WAYS[state]
    while following - found:
        found |= following
        following = {later for one in following for later in WAYS[one]}
    return found


class TestContainers(Containers.TestCase):
    settings = settings(max_examples=30, stateful_step_count=30)
