"""Several services on one database, asked at the same time: together they are one Lightsail."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import cycle
from typing import Any

import pytest

import skysail
from bench import ORDER, START
from postgres_server import shared, with_postgres
from skysail.errors import ServiceError
from skysail.server import LocalLightsail, inspection
from skysail.service.quotas import REAL
from skysail.store.postgres import PostgresStore
from skysail.world import ManualClock, manual_world

pytestmark = with_postgres

REPLICAS, THREADS = 3, 12


class Replicas:
    """`clients` are each of another service; all live by `clock`."""

    def __init__(self, **options: Any) -> None:
        self.clock = ManualClock(START)
        self.url = shared().database()
        self.services = [
            LocalLightsail(
                PostgresStore(self.url, connections=THREADS),
                world=replace(manual_world(seed=seed, clock=self.clock), sleep=time.sleep),
                **options,
            )
            for seed in range(REPLICAS)
        ]
        self.clients = [service.client() for service in self.services]

    def at_once(self, *calls: Callable[[skysail.Client], Any]) -> list[Any]:
        """Have all of them done at once, each by the next service; gives the answers, or what a refusal says."""

        def answer(pair: tuple[Callable[[skysail.Client], Any], skysail.Client]) -> Any:
            call, client = pair
            try:
                return call(client)
            except ServiceError as error:
                return error.response.get("code", error.kind)

        with ThreadPoolExecutor(len(calls)) as threads:
            return list(threads.map(answer, zip(calls, cycle(self.clients))))

    def instances(self) -> dict[str, dict[str, Any]]:
        pages = self.clients[0].get_paginator("get_instances").paginate()
        found = [instance for page in pages for instance in page["instances"]]
        assert len({instance["name"] for instance in found}) == len(found)
        return {instance["name"]: instance for instance in found}

    def close(self) -> None:
        with self.services[0].store.begin(write=False) as transaction:
            assert list(inspection(transaction).faults()) == []
        for service in self.services:
            service.close()


@pytest.fixture
def replicas() -> Iterator[Replicas]:
    replicas = Replicas()
    yield replicas
    replicas.close()


def create(*names: str) -> Callable[[skysail.Client], Any]:
    return lambda client: client.create_instances(instanceNames=list(names), **ORDER)["operations"]


def test_of_many_who_want_one_name_one_has_it(replicas: Replicas) -> None:
    for turn in range(10):
        answers = replicas.at_once(*[create(f"web-{turn}")] * THREADS)
        assert Counter(answer if isinstance(answer, str) else "created" for answer in answers) == {
            "created": 1,
            "NameExists": THREADS - 1,
        }
    assert len(replicas.instances()) == 10


def test_of_many_who_want_names_that_overlap_each_has_all_of_its_own_or_none(replicas: Replicas) -> None:
    wanted = [[f"web-{(start + step) % 6}" for step in range(3)] for start in range(THREADS)]
    answers = replicas.at_once(*(create(*names) for names in wanted))
    had = [
        {operation["resourceName"] for operation in answer} == set(names)
        for names, answer in zip(wanted, answers, strict=True)
        if answer != "NameExists"
    ]
    assert 1 <= len(had) <= 2
    assert all(had)
    assert len(replicas.instances()) == 3 * len(had)


def test_a_buckets_name_is_given_once_though_all_accounts_and_regions_want_it_at_once(replicas: Replicas) -> None:
    """A database's key holds one region's names apart, and no more."""
    for turn in range(5):
        owners = [
            replicas.services[number % REPLICAS].client(("us-east-1", "eu-west-1")[number % 2], f"{number // 2:012}")
            for number in range(THREADS)
        ]

        def wanting(owner: Any, name: str = f"files-{turn}") -> Callable[[skysail.Client], Any]:
            return lambda _: owner.create_bucket(bucketName=name, bundleId="small_1_0")["bucket"]

        answers = replicas.at_once(*map(wanting, owners))
        assert sum(not isinstance(answer, str) for answer in answers) == 1
        held = [one["name"] for owner in owners for one in owner.get_buckets()["buckets"]]
        assert Counter(held)[f"files-{turn}"] == 1


def test_no_bucket_writes_its_log_to_one_that_goes_at_the_same_time(replicas: Replicas) -> None:
    """The one call only looks at the bucket that the other deletes."""
    client = replicas.clients[0]
    for turn in range(5):
        for name in (f"kept-{turn}", f"gone-{turn}"):
            client.create_bucket(bucketName=name, bundleId="small_1_0")

        def log(client: skysail.Client, turn: int = turn) -> Any:
            wanted = {"enabled": True, "destination": f"gone-{turn}"}
            return client.update_bucket(bucketName=f"kept-{turn}", accessLogConfig=wanted)

        def delete(client: skysail.Client, turn: int = turn) -> Any:
            return client.delete_bucket(bucketName=f"gone-{turn}")

        replicas.at_once(*(log, delete) * 2)
        (kept,) = client.get_buckets(bucketName=f"kept-{turn}")["buckets"]
        assert kept["accessLogConfig"] == {"enabled": False}


def test_no_bucket_that_becomes_an_origin_is_deleted_without_force_at_the_same_time(replicas: Replicas) -> None:
    client = replicas.clients[0]
    for turn in range(5):
        client.create_bucket(bucketName=f"files-{turn}", bundleId="small_1_0")

        def distribute(client: skysail.Client, turn: int = turn) -> Any:
            return client.create_distribution(
                distributionName=f"edge-{turn}",
                origin={"name": f"files-{turn}"},
                defaultCacheBehavior={"behavior": "cache"},
                bundleId="small_1_0",
            )

        def delete(client: skysail.Client, turn: int = turn) -> Any:
            return client.delete_bucket(bucketName=f"files-{turn}")

        replicas.at_once(distribute, delete)
        buckets, distributions = client.get_buckets()["buckets"], client.get_distributions()["distributions"]
        assert {one["name"] for one in buckets} == {one["origin"]["name"] for one in distributions}


def test_a_distribution_has_one_subdomain_or_a_certificate_though_all_want_it_at_once(replicas: Replicas) -> None:
    client = replicas.clients[0]
    client.create_bucket(bucketName="files", bundleId="small_1_0")
    client.create_certificate(certificateName="certificate", domainName="example.com")
    for number in range(3):
        client.create_subdomain(subdomainName=f"shop-{number}")
    replicas.clock.advance(60)
    for turn in range(3):
        edge = client.create_distribution(
            distributionName=f"edge-{turn}",
            origin={"name": "files"},
            defaultCacheBehavior={"behavior": "cache"},
            bundleId="small_1_0",
        )["distribution"]
        replicas.clock.advance(60)

        def associate(number: int, arn: str = edge["arn"]) -> Callable[[skysail.Client], Any]:
            name = f"shop-{number}"
            return lambda client: client.update_subdomain_association(
                subdomainName=name, action="ASSOCIATE", targetResourceArn=arn
            )

        def attach(client: skysail.Client, name: str = edge["name"]) -> Any:
            return client.attach_certificate_to_distribution(distributionName=name, certificateName="certificate")

        answers = replicas.at_once(associate(0), associate(1), attach, associate(2))
        assert sum(not isinstance(answer, str) for answer in answers) == 1
        replicas.clock.advance(60)
        client.delete_distribution(distributionName=edge["name"])
        replicas.clock.advance(60)


def test_a_domain_is_one_container_services_though_several_want_it_at_once(replicas: Replicas) -> None:
    client = replicas.clients[0]
    for number in range(4):
        client.create_certificate(certificateName=f"certificate-{number}", domainName="example.com")
    replicas.clock.advance(60)

    def serve(number: int) -> Callable[[skysail.Client], Any]:
        return lambda client: client.create_container_service(
            serviceName=f"service-{number}",
            power="nano",
            scale=1,
            publicDomainNames={f"certificate-{number}": ["example.com"]},
        )

    answers = replicas.at_once(*map(serve, range(4)))
    assert sum(not isinstance(answer, str) for answer in answers) == 1


def test_what_many_change_of_one_resource_is_all_there(replicas: Replicas) -> None:
    create("web")(replicas.clients[0])

    def tag(number: int) -> Callable[[skysail.Client], Any]:
        return lambda client: client.tag_resource(resourceName="web", tags=[{"key": f"k{number}", "value": "v"}])

    answers = replicas.at_once(*(tag(number) for number in range(THREADS)))
    tags = {entry["key"] for entry in replicas.instances()["web"]["tags"]}
    assert tags == {f"k{number}" for number in range(THREADS) if not isinstance(answers[number], str)}
    assert len(tags) >= THREADS / 2


def test_a_disk_that_many_want_is_attached_once(replicas: Replicas) -> None:
    client = replicas.clients[0]
    names = [f"web-{number}" for number in range(THREADS)]
    create(*names)(client)
    client.create_disk(diskName="data", availabilityZone=ORDER["availabilityZone"], sizeInGb=8)
    replicas.clock.advance(100)

    def attach(name: str) -> Callable[[skysail.Client], Any]:
        return lambda client: client.attach_disk(diskName="data", instanceName=name, diskPath="/dev/xvdf")

    answers = replicas.at_once(*(attach(name) for name in names))
    assert sum(not isinstance(answer, str) for answer in answers) == 1
    holder = client.get_disk(diskName="data")["disk"]["attachedTo"]
    shown = [name for name, instance in replicas.instances().items() if len(instance["hardware"]["disks"]) > 1]
    assert shown == [holder]


def test_a_change_that_comes_due_is_made_once_though_all_make_it_at_once(replicas: Replicas) -> None:
    names = [f"web-{number}" for number in range(20)]
    for turn in range(5):
        create(*(f"{name}-{turn}" for name in names))(replicas.clients[0])
        replicas.clock.advance(100)
        states = replicas.at_once(*[lambda client: client.get_instances()["instances"][0]["state"]["name"]] * THREADS)
        assert states == ["running"] * THREADS
    entries = replicas.clients[1].get_operations()["operations"]
    assert {entry["status"] for entry in entries} == {"Succeeded"}
    addresses = [instance["publicIpAddress"] for instance in replicas.instances().values()]
    assert len(addresses) == 100


def test_no_quota_is_passed_by_those_who_come_at_once() -> None:
    replicas = Replicas(quotas="real")
    most = REAL["Instance"].most
    answers = replicas.at_once(*(create(f"web-{number}", f"more-{number}") for number in range(most)))
    refused = Counter(answer for answer in answers if isinstance(answer, str))
    assert len(replicas.instances()) == 2 * (most - refused.total())
    assert len(replicas.instances()) <= most
    addresses = replicas.at_once(
        *(lambda client, name=f"address-{number}": client.allocate_static_ip(staticIpName=name) for number in range(8))
    )
    assert sum(not isinstance(answer, str) for answer in addresses) <= REAL["StaticIp"].most
    replicas.close()


def test_a_page_goes_on_at_any_service(replicas: Replicas) -> None:
    create(*(f"web-{number:02}" for number in range(50)))(replicas.clients[0])
    names: list[str] = []
    asked: dict[str, str] = {}
    for client in cycle(replicas.clients):
        page = client.get_instances(**asked)
        names += [instance["name"] for instance in page["instances"]]
        if "nextPageToken" not in page:
            break
        asked = {"pageToken": page["nextPageToken"]}
    assert sorted(names) == sorted(replicas.instances())


def test_nothing_is_left_to_come_to_a_resource_that_another_deletes_meanwhile(replicas: Replicas) -> None:
    client = replicas.clients[0]
    for _ in range(15):
        client.create_contact_method(protocol="Email", contactEndpoint="someone@example.com")
        replicas.at_once(
            lambda client: client.send_contact_method_verification(protocol="Email"),
            lambda client: client.delete_contact_method(protocol="Email"),
            lambda client: client.send_contact_method_verification(protocol="Email"),
        )
        replicas.clock.advance(86_400)
        assert client.get_contact_methods()["contactMethods"] == []
