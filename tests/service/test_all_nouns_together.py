"""An instance behind a load balancer behind a distribution, with a certificate, a bucket, a database and a domain.

All of it is created in orders drawn at random, and deleted in every order there is. What is refused changes nothing; at
every step both sides of whatever hangs together agree, no name is there twice, and the journal's entries end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain, repeat
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench import ORDER, Bench
from databases import MYSQL
from skysail.errors import ServiceError
from skysail.server import inspection
from skysail.service import stored

Call = Callable[[Any], Any]
PASSES_S = 400
"""Longer than anything takes to be done."""


class Act(NamedTuple):
    """Something to be done once others are, and the beginnings of what may be said against it meanwhile."""

    call: Call
    needs: tuple[str, ...] = ()
    refusals: tuple[str, ...] = ()


CREATE: dict[str, Act] = {
    "instance": Act(lambda client: client.create_instances(instanceNames=["web"], **ORDER)),
    "load balancer": Act(lambda client: client.create_load_balancer(loadBalancerName="front", instancePort=80)),
    "certificate": Act(lambda client: client.create_certificate(certificateName="cert", domainName="example.com")),
    "bucket": Act(lambda client: client.create_bucket(bucketName="files", bundleId="small_1_0")),
    "database": Act(lambda client: client.create_relational_database(relationalDatabaseName="db", **MYSQL)),
    "domain": Act(lambda client: client.create_domain(domainName="example.com")),
    "behind": Act(
        lambda client: client.attach_instances_to_load_balancer(loadBalancerName="front", instanceNames=["web"]),
        ("instance", "load balancer"),
        ("Sorry, the instance you specified doesn't exist",),  # it is pending
    ),
    "access": Act(
        lambda client: client.set_resource_access_for_bucket(bucketName="files", resourceName="web", access="allow"),
        ("instance", "bucket"),
        ("You can't set the access of this instance right now.",),
    ),
    "log": Act(
        lambda client: client.update_bucket(
            bucketName="files", accessLogConfig={"enabled": True, "destination": "files"}
        ),
        ("bucket",),
    ),
    "record": Act(
        lambda client: client.create_domain_entry(
            domainName="example.com",
            domainEntry={"type": "A", "name": "www.example.com", "target": "192.0.2.1"},
        ),
        ("domain",),
    ),
}

ORIGINS = {"front": "load balancer", "files": "bucket"}
"""What the distribution is in front of."""


def creation(origin: str) -> dict[str, Act]:
    """All that is created, with a distribution in front of one of the origins."""
    order = {
        "distributionName": "edge",
        "origin": {"name": origin},
        "defaultCacheBehavior": {"behavior": "cache"},
        "bundleId": "small_1_0",
        "certificateName": "cert",
    }
    distribution = Act(
        lambda client: client.create_distribution(**order),
        (ORIGINS[origin], "certificate"),
        ("The certificate can't be attached because it is not issued: cert",),
    )
    return {**CREATE, "distribution": distribution}


DELETE: dict[str, Act] = {
    "instance": Act(lambda client: client.delete_instance(instanceName="web")),
    "load balancer": Act(lambda client: client.delete_load_balancer(loadBalancerName="front")),
    "certificate": Act(
        lambda client: client.delete_certificate(certificateName="cert"), refusals=("The certificate is in use: cert",)
    ),
    "bucket": Act(
        lambda client: client.delete_bucket(bucketName="files"),
        refusals=("The bucket can't be deleted because it has ",),
    ),
    "database": Act(
        lambda client: client.delete_relational_database(relationalDatabaseName="db", skipFinalSnapshot=True)
    ),
    "domain": Act(lambda client: client.delete_domain(domainName="example.com")),
    "distribution": Act(
        lambda client: client.delete_distribution(distributionName="edge"),
        refusals=("The distribution is not in a state that allows this operation: edge",),
    ),
}
_ALARM = {"comparisonOperator": "LessThanThreshold", "threshold": 1, "evaluationPeriods": 1}
MORE_TO_CREATE: dict[str, Act] = {
    "disk": Act(
        lambda client: client.create_disk(diskName="data", availabilityZone=ORDER["availabilityZone"], sizeInGb=8)
    ),
    "attached disk": Act(
        lambda client: client.attach_disk(diskName="data", instanceName="web", diskPath="/dev/xvdf"),
        ("instance", "disk"),
        ("You can't attach ",),
    ),
    "static IP": Act(lambda client: client.allocate_static_ip(staticIpName="home")),
    "attached static IP": Act(
        lambda client: client.attach_static_ip(staticIpName="home", instanceName="web"),
        ("instance", "static IP"),
        ("You can't attach a static IP to this instance because it is pending: web",),
    ),
    "container service": Act(
        lambda client: client.create_container_service(
            serviceName="shop", power="nano", scale=1, publicDomainNames={"cert": ["example.com"]}
        ),
        ("certificate",),
        ('Certificate "cert" provided for service "shop" has PENDING_VALIDATION status',),
    ),
    "instance snapshot": Act(
        lambda client: client.create_instance_snapshot(instanceName="web", instanceSnapshotName="web-kept"),
        ("instance",),
        ("You can't create a snapshot of this instance right now.",),
    ),
    "database snapshot": Act(
        lambda client: client.create_relational_database_snapshot(
            relationalDatabaseName="db", relationalDatabaseSnapshotName="db-kept"
        ),
        ("database",),
        ("The relational database must be in the available ",),
    ),
    "alarm": Act(
        lambda client: client.put_alarm(
            alarmName="no-host", metricName="HealthyHostCount", monitoredResourceName="front", **_ALARM
        ),
        ("load balancer",),
    ),
    "other alarm": Act(
        lambda client: client.put_alarm(
            alarmName="busy", metricName="CPUUtilization", monitoredResourceName="db", **_ALARM
        ),
        ("database",),
    ),
}
MORE_TO_DELETE: dict[str, Act] = {
    "disk": Act(
        lambda client: client.delete_disk(diskName="data"),
        refusals=("You can't perform this operation because the disk is still attached", "You can't delete this disk"),
    ),
    "static IP": Act(
        lambda client: client.release_static_ip(staticIpName="home"),
        refusals=("You can't release this static IP because it is attached to an instance: web",),
    ),
    "container service": Act(lambda client: client.delete_container_service(serviceName="shop")),
    "instance snapshot": Act(
        lambda client: client.delete_instance_snapshot(instanceSnapshotName="web-kept"),
        refusals=("You can't delete this snapshot right now.",),
    ),
    "database snapshot": Act(
        lambda client: client.delete_relational_database_snapshot(relationalDatabaseSnapshotName="db-kept"),
        refusals=("You can't delete this snapshot right now.",),
    ),
}
"""What else hangs on them: too much to be deleted in every order. An alarm goes with what it is on."""

FORCED = DELETE | {"bucket": Act(lambda client: client.delete_bucket(bucketName="files", forceDelete=True))}


def refusal(bench: Bench, act: Act) -> str | None:
    """What is said against it, which is one of what may be said, and changes nothing; None where it is done."""
    before = everything(bench)
    try:
        act.call(bench.client)
    except ServiceError as error:
        said = error.message
    else:
        return None
    assert said.startswith(act.refusals)
    assert everything(bench) == before, said
    return said


def check(bench: Bench, where: object) -> None:
    with bench.lightsail.store.begin(write=False) as transaction:
        assert list(inspection(transaction).faults()) == [], where
    names = bench.client.get_active_names()["activeNames"]
    assert len(names) == len(set(names)), where


def everything(bench: Bench) -> list[Any]:
    """All that the store holds, but for the journal and for when something was."""

    def timeless(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: timeless(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [timeless(inner) for inner in value]
        return "a time" if isinstance(value, float | int) and value > 1e9 else value

    bench.client.get_regions()  # what is due is done at a request
    with bench.lightsail.store.begin(write=False) as transaction:
        rows = [
            (row.kind, row.name, row.id, timeless(stored.document(row)), timeless(stored.private(row)))
            for row in transaction.every_row(None, 1000)
        ]
        return [
            *sorted(rows, key=lambda row: row[:2]),
            [(due.step, due.name) for due in transaction.every_change(None, 1000)],
        ]


def stack(bench: Bench, origin: str) -> None:
    """All of it, each long after the other."""
    for act in creation(origin).values():
        assert refusal(bench, act) is None
        bench.clock.advance(PASSES_S)
    check(bench, "created")


def do_all(bench: Bench, acts: Mapping[str, Act], order: Sequence[str], pauses: Iterator[float]) -> None:
    """All of them, one after another, as long as it takes: what cannot be done yet is tried again later."""
    left, done = list(order), set[str]()
    for _ in range(20 * len(order)):
        if not left:
            return
        name = left.pop(0)
        if done.issuperset(acts[name].needs) and refusal(bench, acts[name]) is None:
            done.add(name)
        else:
            left.append(name)
        check(bench, (name, left))
        bench.clock.advance(next(pauses))
    raise AssertionError(f"it cannot be done: {left}")


class Node(NamedTuple):
    """Where one is when some nouns are gone: how to get there, and what is there."""

    back: Callable[[], None]
    found: list[Any]


@pytest.mark.parametrize("acts", [DELETE, FORCED], ids=["as it is", "by force"])
@pytest.mark.parametrize("origin", ORIGINS)
def test_deleted_in_every_order_with_time_between_it_comes_to_the_same_and_to_nothing(
    bench: Bench, origin: str, acts: dict[str, Act]
) -> None:
    """What is left does not depend on the order in which the rest went: so each step is looked at from each state once,
    and all orders are made of these steps.
    """
    stack(bench, origin)
    level = {frozenset[str](): Node(bench.lightsail.snapshot(), everything(bench))}
    steps = 0
    for _ in acts:
        following: dict[frozenset[str], Node] = {}
        for gone, node in level.items():
            went = 0
            for name in acts.keys() - gone:
                bench.lightsail.restore(node.back)
                said = refusal(bench, acts[name])
                bench.clock.advance(PASSES_S)
                found = everything(bench)
                where = (sorted(gone), name, said)
                check(bench, where)
                assert all(entry["isTerminal"] for entry in bench.operations()), where
                steps += 1
                if said is not None:
                    assert found == node.found, where
                    continue
                went += 1
                known = following.setdefault(gone | {name}, Node(bench.lightsail.snapshot(), found))
                assert found == known.found, where
            assert went, f"nothing can be deleted any more when these are gone: {sorted(gone)}"
        level = following
    assert list(level) == [frozenset(acts)]
    assert bench.client.get_active_names()["activeNames"] == []
    assert steps > 100


a_pause = st.sampled_from([0.0, 1.0, 30.0, PASSES_S])


@settings(max_examples=25)
@given(
    origin=st.sampled_from([*ORIGINS]),
    created=st.permutations([*CREATE, "distribution", *MORE_TO_CREATE]),
    deleted=st.permutations([*DELETE, *MORE_TO_DELETE]),
    acts=st.sampled_from([DELETE, FORCED]),
    pauses=st.lists(a_pause, max_size=40),
)
def test_created_in_any_order_and_deleted_in_any_other_at_any_pace(
    origin: str, created: list[str], deleted: list[str], acts: dict[str, Act], pauses: list[float]
) -> None:
    bench = Bench()
    pace = chain(pauses, repeat(5.0))
    do_all(bench, creation(origin) | MORE_TO_CREATE, created, pace)
    if acts is FORCED:
        bench.client.create_bucket_access_key(bucketName="files")
    do_all(bench, acts | MORE_TO_DELETE, deleted, pace)
    bench.clock.advance(PASSES_S)
    check(bench, "all gone")
    assert bench.client.get_active_names()["activeNames"] == []
    assert all(entry["isTerminal"] for entry in bench.operations())
    bench.close()
