"""A mirror of a region: equal to its source, whatever broke in between, and only ever by reading."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from bench import Bench, refused
from skysail.caller.sync import Client
from skysail.errors import ConnectionLostError, ServiceError, UsageError
from skysail.mirroring.comparing import Difference, differences, side
from skysail.mirroring.copying import MOST_PASSES, Copied, Copy
from skysail.mirroring.only_reads import OnlyReads
from skysail.mirroring.reads import ALLOWED, LISTINGS
from skysail.protocol.message import Request, Response
from skysail.protocol.model import service_model
from skysail.server import LocalLightsail, inspection
from skysail.store.base import Store
from skysail.store.sqlite import SqliteStore

SEED = {
    "regions": {
        "us-east-1": {
            "key_pairs": [{"name": "deploy", "age": "9d"}],
            "instances": [
                {
                    "name": "web",
                    "count": 25,
                    "bundle": "small_3_0",
                    "blueprint": "nginx",
                    "age": "8d..1h",
                    "tags": {"role": "web"},
                    "ports": [22, "443/tcp@198.51.100.0/24"],
                    "static_ip": "{name}-ip",
                },
                {
                    "name": "db",
                    "bundle": "large_3_0",
                    "blueprint": "debian_12",
                    "key_pair": "deploy",
                    "state": "stopped",
                    "disks": [{"name": "{name}-data", "gb": 64, "snapshots": [{"name": "{name}-old"}]}],
                    "snapshots": [{"name": "db-before"}],
                    "automatic_snapshots": "06:00",
                    "age": "4d",
                    "alarms": [
                        {
                            "name": "hot",
                            "metric": "CPUUtilization",
                            "comparison": "GreaterThanThreshold",
                            "threshold": 9,
                        }
                    ],
                },
            ],
            "contact_methods": [{"protocol": "Email", "endpoint": "ops@example.com"}],
            "calls": [
                {"operation": "CreateCertificate", "members": {"certificateName": "shop", "domainName": "example.com"}},
                {"operation": "CreateDomain", "members": {"domainName": "example.com"}},
                {"operation": "CreateBucket", "members": {"bucketName": "shop-files", "bundleId": "small_1_0"}},
                {"operation": "CreateLoadBalancer", "members": {"loadBalancerName": "lb", "instancePort": 80}},
                {
                    "operation": "CreateDistribution",
                    "members": {
                        "distributionName": "edge",
                        "origin": {"name": "lb"},
                        "defaultCacheBehavior": {"behavior": "cache"},
                        "bundleId": "small_1_0",
                    },
                },
                {
                    "operation": "CreateLoadBalancerTlsCertificate",
                    "members": {
                        "loadBalancerName": "lb",
                        "certificateName": "lb-cert",
                        "certificateDomainName": "example.com",
                    },
                },
                {
                    "operation": "CreateRelationalDatabase",
                    "members": {
                        "relationalDatabaseName": "orders",
                        "relationalDatabaseBlueprintId": "mysql_8_0",
                        "relationalDatabaseBundleId": "micro_2_0",
                        "masterDatabaseName": "orders",
                        "masterUsername": "clerk",
                    },
                },
                {
                    "operation": "CreateContainerService",
                    "members": {"serviceName": "shop-api", "power": "nano", "scale": 1},
                },
                {
                    "operation": "CreateCertificate",
                    "members": {"certificateName": "api", "domainName": "api.example.com"},
                },
            ],
        }
    }
}


ABOVE_9 = {"comparisonOperator": "GreaterThanThreshold", "threshold": 9, "evaluationPeriods": 1}
WEB_CONTAINER = {
    "containers": {"web": {"image": "nginx", "ports": {"80": "HTTP"}}},
    "publicEndpoint": {"containerName": "web", "containerPort": 80},
}


@pytest.fixture
def source(bench: Bench) -> Bench:
    """One of every noun, and all that can hang together does."""
    bench.lightsail.seed(SEED)
    bench.settle()
    client = bench.client
    client.create_relational_database_snapshot(
        relationalDatabaseName="orders", relationalDatabaseSnapshotName="orders-old"
    )
    client.attach_instances_to_load_balancer(loadBalancerName="lb", instanceNames=["web-1", "web-2"])
    client.set_resource_access_for_bucket(bucketName="shop-files", resourceName="web-1", access="allow")
    for monitored, metric in (("web-1", "CPUUtilization"), ("lb", "RequestCount"), ("orders", "CPUUtilization")):
        # of the same name as what it is on
        client.put_alarm(alarmName=monitored, metricName=metric, monitoredResourceName=monitored, **ABOVE_9)
    client.register_container_image(serviceName="shop-api", label="web", digest=f"sha256:{'0' * 64}")
    client.create_container_service_deployment(serviceName="shop-api", **WEB_CONTAINER)
    bench.settle()
    client.attach_certificate_to_distribution(distributionName="edge", certificateName="shop")
    client.attach_load_balancer_tls_certificate(loadBalancerName="lb", certificateName="lb-cert")
    client.update_container_service(serviceName="shop-api", publicDomainNames={"api": ["api.example.com"]})
    bench.settle()
    return bench


@pytest.fixture
def store() -> SqliteStore:
    return SqliteStore()


def copy(source: Bench, store: Store, client: Client | None = None) -> Copied:
    return Copy(client or source.client, store, "default", source.region).run()


def mirrored(store: Store, source: Bench) -> Client:
    return LocalLightsail(store, world=source.lightsail.world).client(source.region, access_key_id=_account(store))


def _account(store: Store) -> str:
    with store.begin(write=False) as transaction:
        return next((place.account for place in transaction.places("Instance")), "local")


def found(source: Bench, store: Store) -> list[Difference]:
    return list(differences(source.region, side(source.client), side(mirrored(store, source))))


def faults(store: Store) -> list[str]:
    with store.begin(write=False) as transaction:
        return [f"{one.about} {one.what}" for one in inspection(transaction).faults()]


class Between:
    """A transport that calls `before` with the number of each request."""

    def __init__(self, source: Bench, before: Callable[[int], None]) -> None:
        self._answer = source.lightsail.service.answer
        self._before = before
        self.sent = 0

    def send(self, request: Request) -> Response:
        self._before(self.sent)
        self.sent += 1
        return self._answer(request)

    def close(self) -> None: ...

    def client(self, source: Bench) -> Client:
        return Client(source.client._settings, self, source.lightsail.world)


WHOLE: list[tuple[str, dict[str, Any]]] = [
    ("get_buckets", {}),
    ("get_buckets", {"bucketName": "shop-files", "includeConnectedResources": True, "includeCors": True}),
    ("get_distributions", {}),
    ("get_distributions", {"distributionName": "edge"}),
    ("get_load_balancer", {"loadBalancerName": "lb"}),
    ("get_container_service_deployments", {"serviceName": "shop-api"}),
    ("get_container_images", {"serviceName": "shop-api"}),
]
"""What the mirror's own listings do not ask for in that way."""


def test_a_mirror_is_equal_to_its_source_in_all_that_it_reads(source: Bench, store: SqliteStore) -> None:
    copied = copy(source, store)
    assert found(source, store) == []
    assert faults(store) == []
    for operation, arguments in WHOLE:
        answers = [getattr(client, operation)(**arguments) for client in (source.client, mirrored(store, source))]
        for answer in answers:
            for member in ("ResponseMetadata", "accountLevelBpaSync"):  # the latter is the account's, in S3
                answer.pop(member, None)
        assert answers[0] == answers[1], operation
    for monitored, names in {"web-1": ["web-1"], "db": ["hot"], "lb": ["lb"], "orders": ["orders"]}.items():
        alarms = mirrored(store, source).get_alarms(monitoredResourceName=monitored)["alarms"]
        assert [alarm["name"] for alarm in alarms] == names
    assert {kind for kind, count in copied.counts.items() if count} == {
        listing.kind for listing in LISTINGS if not listing.catalogue
    }, "nothing here is left untried"
    assert (copied.passes, copied.is_settled, copied.skipped) == (1, True, {})
    names = [each["name"] for page in pages(source.client) for each in page]
    assert [each["name"] for page in pages(mirrored(store, source)) for each in page] == names, "in the same order"


def pages(client: Client) -> Iterator[list[Any]]:
    for page in client.get_paginator("get_instances").paginate():
        yield list(page["instances"])


def test_what_was_changed_made_or_deleted_meanwhile_is_so_in_the_mirror(source: Bench, store: SqliteStore) -> None:
    copy(source, store)
    client = source.client
    client.delete_instance(instanceName="web-3")
    client.create_instances(
        instanceNames=["web-3"], availabilityZone="us-east-1a", blueprintId="nginx", bundleId="nano_3_0"
    )
    client.delete_instance(instanceName="web-5")
    client.release_static_ip(staticIpName="web-5-ip")
    client.tag_resource(resourceName="web-1", tags=[{"key": "new"}])
    client.create_disk(diskName="web-5", availabilityZone="us-east-1a", sizeInGb=8)
    source.clock.advance(3 * 86_400)
    assert found(source, store) != []
    copied = copy(source, store)
    assert found(source, store) == []
    assert copied.removed >= 1
    again = copy(source, store)
    assert (again.added, again.changed, again.removed) == (0, 0, 0)


def test_a_mirrored_database_lives_on(source: Bench, store: SqliteStore) -> None:
    source.clock.advance(86_400)
    copy(source, store)
    mine = mirrored(store, source)
    of = {"relationalDatabaseName": "orders"}
    shown = mine.get_relational_database(**of)["relationalDatabase"]
    assert shown == source.client.get_relational_database(**of)["relationalDatabase"]
    assert refused(mine.get_relational_database_master_user_password, **of).kind == "NotFoundException"
    mine.update_relational_database(**of, rotateMasterUserPassword=True, applyImmediately=True)
    mine.create_relational_database_from_snapshot(
        relationalDatabaseName="of-snapshot", relationalDatabaseSnapshotName="orders-old"
    )
    mine.create_relational_database_from_snapshot(
        relationalDatabaseName="as-it-was", sourceRelationalDatabaseName="orders", useLatestRestorableTime=True
    )
    source.clock.advance(3_600)
    mine.stop_relational_database(**of, relationalDatabaseSnapshotName="orders-new")
    source.clock.advance(3_600)
    assert mine.get_relational_database_master_user_password(**of)["masterUserPassword"]
    states = {one["name"]: one["state"] for one in mine.get_relational_databases()["relationalDatabases"]}
    assert states == {"orders": "stopped", "of-snapshot": "available", "as-it-was": "available"}
    assert mine.get_relational_database_events(**of, durationInMinutes=2_000)["relationalDatabaseEvents"]
    assert mine.get_relational_database_log_events(**of, logStreamName="error")["resourceLogEvents"]
    mine.delete_relational_database(**of)
    source.clock.advance(3_600)
    assert faults(store) == []


def test_a_mirrored_distribution_can_be_changed_and_deleted_with_its_certificate(
    source: Bench, store: SqliteStore
) -> None:
    edge, cert = {"distributionName": "edge"}, {"certificateName": "shop"}
    copy(source, store)
    mine = mirrored(store, source)
    in_use = "The certificate is in use: shop"
    assert refused(mine.delete_certificate, **cert).message == in_use
    for change in (
        lambda: mine.update_distribution(**edge, isEnabled=False),
        lambda: mine.reset_distribution_cache(**edge),
        lambda: mine.update_distribution_bundle(**edge, bundleId="large_1_0"),
        lambda: mine.detach_certificate_from_distribution(**edge),
        lambda: mine.attach_certificate_to_distribution(**edge, **cert),
        lambda: mine.delete_distribution(**edge),
    ):
        change()
        source.settle()
        assert faults(store) == []
    mine.delete_certificate(**cert)


def test_what_hangs_together_in_a_mirror_is_changed_on_both_sides(source: Bench, store: SqliteStore) -> None:
    copy(source, store)
    mine = mirrored(store, source)
    assert refused(mine.delete_certificate, certificateName="api").message == "The certificate is in use: api"
    for change in (
        lambda: mine.put_alarm(alarmName="late", metricName="NetworkIn", monitoredResourceName="web-1", **ABOVE_9),
        lambda: mine.delete_alarm(alarmName="web-1"),
        lambda: mine.update_container_service(serviceName="shop-api", publicDomainNames={"api": []}),
        lambda: mine.delete_certificate(certificateName="api"),
        lambda: mine.create_container_service_deployment(serviceName="shop-api", **WEB_CONTAINER),
        lambda: mine.register_container_image(serviceName="shop-api", label="web", digest=f"sha256:{'1' * 64}"),
        lambda: mine.detach_instances_from_load_balancer(loadBalancerName="lb", instanceNames=["web-2"]),
        lambda: mine.delete_instance(instanceName="web-1"),
        lambda: mine.delete_bucket(bucketName="shop-files"),
        lambda: mine.delete_load_balancer(loadBalancerName="lb"),
        lambda: mine.delete_relational_database(relationalDatabaseName="orders", skipFinalSnapshot=True),
    ):
        change()
        source.settle()
        assert faults(store) == []
    assert [alarm["name"] for alarm in mine.get_alarms()["alarms"]] == ["hot"]
    assert not mine.get_static_ip(staticIpName="web-1-ip")["staticIp"]["isAttached"]
    versions = mine.get_container_service_deployments(serviceName="shop-api")["deployments"]
    assert [one["version"] for one in versions] == [2, 1]
    images = mine.get_container_images(serviceName="shop-api")["containerImages"]
    assert [one["image"] for one in images] == [":shop-api.web.2", ":shop-api.web.1"]
    copy(source, store)
    assert (found(source, store), faults(store)) == ([], [])


def test_what_was_done_to_the_mirror_is_undone(source: Bench, store: SqliteStore) -> None:
    copy(source, store)
    mine = mirrored(store, source)
    mine.delete_instance(instanceName="web-1")
    mine.stop_instance(instanceName="web-2")
    mine.allocate_static_ip(staticIpName="mine")
    copy(source, store)
    assert found(source, store) == []


def test_a_source_that_changes_during_a_pass_is_read_again(source: Bench, store: SqliteStore) -> None:
    writer = source.lightsail.client(source.region)

    def write(number: int) -> None:
        if number == 8:
            writer.delete_instance(instanceName="web-25")

    copied = copy(source, store, Between(source, write).client(source))
    assert (copied.passes, copied.is_settled) == (2, True)
    assert found(source, store) == []


def test_one_that_never_stands_still_is_said_to_be_so(source: Bench, store: SqliteStore) -> None:
    writer = source.lightsail.client(source.region)
    client = Between(source, lambda number: writer.allocate_static_ip(staticIpName=f"ip-{number}")).client(source)
    copied = copy(source, store, client)
    assert (copied.passes, copied.is_settled) == (MOST_PASSES, False)
    assert copy(source, store).is_settled
    assert found(source, store) == []


class Killed(BaseException): ...


def test_broken_off_at_any_request_and_written_to_between_it_goes_on_and_ends_equal(source: Bench) -> None:
    whole = Between(source, lambda number: None)
    copy(source, SqliteStore(), whole.client(source))
    writer = source.lightsail.client(source.region)
    for end in range(0, whole.sent, 3):
        store = SqliteStore()

        def break_off(number: int, end: int = end) -> None:
            if number == end:
                raise Killed

        for part in range(3):
            with pytest.raises(Killed):
                copy(source, store, Between(source, break_off).client(source))
            writer.tag_resource(resourceName="web-1", tags=[{"key": f"at-{end}", "value": str(part)}])
            if end < 2:
                break
        assert copy(source, store).is_settled
        assert found(source, store) == []
        writer.untag_resource(resourceName="web-1", tagKeys=[f"at-{end}"])


def test_nothing_but_what_is_listed_gets_out() -> None:
    sent: list[Request] = []

    class Recording:
        def send(self, request: Request) -> Response:
            sent.append(request)
            raise ConnectionLostError(endpoint_url=request.url, error="recorded")

        def close(self) -> None: ...

    guarded = OnlyReads(Recording())
    for operation in service_model():
        request = Request("POST", "http://local/", {"x-amz-target": f"Lightsail_20161128.{operation}"}, b"{}")
        with pytest.raises((UsageError, ConnectionLostError)):
            guarded.send(request)
    with pytest.raises(UsageError, match="a mirror only reads: it never sends"):
        guarded.send(Request("POST", "http://local/ls/api/2016-11-28/DeleteInstance", {}, b"{}"))
    assert {request.headers["x-amz-target"].partition(".")[2] for request in sent} == ALLOWED
    assert all(operation.startswith("Get") for operation in ALLOWED)


@pytest.mark.parametrize("code", ["AccessDeniedException", "NotImplementedException"])
def test_what_may_not_be_seen_is_left_out_and_said(source: Bench, store: SqliteStore, code: str) -> None:
    source.lightsail.faults.error("GetDisks", code=code, status=400)
    source.lightsail.faults.error("GetBundles", code=code, status=400)
    copied = copy(source, store)
    assert copied.skipped == {"GetDisks": code, "GetBundles": code}
    source.lightsail.faults.clear()
    assert {each.kind for each in found(source, store)} == {"Disk"}


def test_any_other_refusal_ends_it_and_it_goes_on_later(source: Bench, store: SqliteStore) -> None:
    source.lightsail.faults.error("GetStaticIps", code="InvalidInputException", status=400)
    with pytest.raises(ServiceError):
        copy(source, store)
    source.lightsail.faults.clear()
    copied = copy(source, store)
    assert copied.was_resumed
    assert copied.counts["Instance"] == 0, "those were there already"
    assert found(source, store) == []


RENAMED = {
    "GetBundles": (b'"nano_3_0"', b'"pico_9_0"'),
    "GetRelationalDatabaseBundles": (b'"micro_2_0"', b'"pico_9_0"'),
    "GetRelationalDatabaseBlueprints": (b'"mysql_8_0"', b'"mysql_9_7"'),
}


def test_the_catalogue_of_the_source_is_the_mirrors(source: Bench, store: SqliteStore) -> None:
    answer = source.lightsail.service.answer

    def with_another_bundle(request: Request) -> Response:
        response = answer(request)
        renamed = RENAMED.get(request.headers["x-amz-target"].partition(".")[2])
        return Response(response.status, response.headers, response.body.replace(*renamed, 1)) if renamed else response

    source.lightsail.service.answer = with_another_bundle  # type: ignore[method-assign]
    copy(source, store, Between(source, lambda number: None).client(source))
    client = mirrored(store, source)
    assert "pico_9_0" in {bundle["bundleId"] for bundle in client.get_bundles()["bundles"]}
    client.create_instances(
        instanceNames=["new"], availabilityZone="us-east-1a", blueprintId="nginx", bundleId="pico_9_0"
    )
    client.create_relational_database(
        relationalDatabaseName="newest",
        relationalDatabaseBlueprintId="mysql_9_7",
        relationalDatabaseBundleId="pico_9_0",
        masterDatabaseName="main",
        masterUsername="clerk",
    )
