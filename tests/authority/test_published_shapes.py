"""The service's answers beside those that the AWS CLI's examples show: the same members, the same forms of values.

One scenario an example brings a local service into the state that the example is of. What may differ stands in
`EXPECTED_DIFFERENCES`, with the reason.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from importlib.metadata import PackageNotFoundError, version
from typing import Any, NamedTuple

import msgspec
import pytest

from bench import START, Bench
from tools import published_shapes

PUBLISHED: dict[str, Any] = json.loads(published_shapes.TARGET.read_text())
ABOUT = PUBLISHED.pop("_about")
HERE = "us-east-1"
WORDPRESS = {"blueprintId": "wordpress", "bundleId": "small_3_0", "ipAddressType": "ipv4"}
DAY_S = 86_400
LONG_S = 3_600


class Case(NamedTuple):
    """An example's request, and what comes before it."""

    operation: str
    request: dict[str, Any]
    before: Callable[[Bench], None] = lambda bench: None


def call(bench: Bench, operation: str, **request: Any) -> Any:
    """The answer as JSON. What the service does not have yet skips the test."""
    response = bench.send(request, operation)
    answer = msgspec.json.decode(response.body)
    if response.status == 501:
        pytest.skip(answer["message"])
    assert response.status == 200, (operation, answer)
    return answer


def resolved(bench: Bench, request: dict[str, Any]) -> dict[str, Any]:
    """A request whose members may be worked out from the state of things."""
    return {member: value(bench) if callable(value) else value for member, value in request.items()}


# --- states -----------------------------------------------------------------------------------------------


def wordpress(bench: Bench) -> None:
    call(bench, "CreateKeyPair", keyPairName="key")
    bench.instance("web", keyPairName="key", **WORDPRESS)
    bench.clock.advance(LONG_S)


def running(bench: Bench) -> None:
    bench.instance("web")


def stopped(bench: Bench) -> None:
    bench.instance("web", state="stopped")


def static_ip(bench: Bench) -> None:
    call(bench, "AllocateStaticIp", staticIpName="ip")


def wordpress_and_static_ip(bench: Bench) -> None:
    wordpress(bench)
    static_ip(bench)


def static_ip_attached(bench: Bench) -> None:
    wordpress_and_static_ip(bench)
    call(bench, "AttachStaticIp", staticIpName="ip", instanceName="web")


def disk(bench: Bench) -> None:
    call(bench, "CreateDisk", diskName="disk", availabilityZone=f"{HERE}a", sizeInGb=8)
    bench.settle()


def wordpress_and_disk(bench: Bench) -> None:
    wordpress(bench)
    disk(bench)


def disk_attached(bench: Bench) -> None:
    wordpress_and_disk(bench)
    call(bench, "AttachDisk", diskName="disk", instanceName="web", diskPath="/dev/xvdf")
    bench.settle()


def two_disks(bench: Bench) -> None:
    disk_attached(bench)
    call(bench, "CreateDisk", diskName="disk2", availabilityZone=f"{HERE}a", sizeInGb=8)
    bench.settle()


def disk_snapshot(bench: Bench) -> None:
    disk(bench)
    call(bench, "CreateDiskSnapshot", diskName="disk", diskSnapshotName="shot")
    bench.settle()


def system_disk_snapshot(bench: Bench) -> None:
    wordpress(bench)
    call(bench, "CreateDiskSnapshot", instanceName="web", diskSnapshotName="shot")
    bench.settle()


def instance_snapshot(bench: Bench, **more: Any) -> None:
    wordpress(bench)
    call(bench, "CreateInstanceSnapshot", instanceName="web", instanceSnapshotName="shot", **more)
    bench.settle()


def tagged_instance_snapshot(bench: Bench) -> None:
    instance_snapshot(bench, tags=[{"key": "k"}])


def automatic_snapshots(bench: Bench) -> None:
    wordpress(bench)
    request = {"addOnType": "AutoSnapshot", "autoSnapshotAddOnRequest": {"snapshotTimeOfDay": "06:00"}}
    call(bench, "EnableAddOn", resourceName="web", addOnRequest=request)
    for _ in range(4):
        bench.clock.advance(DAY_S)
        call(bench, "GetInstance", instanceName="web")


def exported(bench: Bench) -> None:
    instance_snapshot(bench)
    call(bench, "ExportSnapshot", sourceSnapshotName="shot")
    bench.settle()


def stack(bench: Bench) -> None:
    exported(bench)
    (record,) = call(bench, "GetExportSnapshotRecords")["exportSnapshotRecords"]
    entry = {
        "sourceName": record["name"],
        "instanceType": "t3.small",
        "portInfoSource": "DEFAULT",
        "availabilityZone": f"{HERE}a",
    }
    call(bench, "CreateCloudFormationStack", instances=[entry])
    bench.settle()


def key_pair(bench: Bench) -> None:
    call(bench, "CreateKeyPair", keyPairName="key")


def a_day_of_running(bench: Bench) -> None:
    wordpress(bench)
    bench.clock.advance(DAY_S)


def load_balancer(bench: Bench) -> None:
    call(bench, "CreateLoadBalancer", loadBalancerName="lb", instancePort=80)
    bench.settle()


def tls_certificate(bench: Bench) -> None:
    load_balancer(bench)
    call(bench, "CreateLoadBalancerTlsCertificate", **LB, **CERTIFICATE, certificateDomainName="example.com")
    bench.settle()


def balanced(bench: Bench) -> None:
    tls_certificate(bench)
    running(bench)
    call(bench, "AttachInstancesToLoadBalancer", **LB, instanceNames=["web"])
    bench.settle()


def three_running(bench: Bench) -> None:
    load_balancer(bench)
    for name in ("w1", "w2", "w3"):
        bench.instance(name)


def once_balanced(bench: Bench) -> None:
    three_running(bench)
    for name in ("w1", "w2"):
        call(bench, "AttachInstancesToLoadBalancer", **LB, instanceNames=[name])
        bench.settle()
    call(bench, "DetachInstancesFromLoadBalancer", **LB, instanceNames=["w1"])
    bench.settle()


def domain(bench: Bench) -> None:
    call(bench, "CreateDomain", **DOMAIN)
    for entry in (APEX, {**APEX, "name": "123.example.com"}):
        call(bench, "CreateDomainEntry", **DOMAIN, domainEntry=entry)


def proved_domain(bench: Bench) -> None:
    domain(bench)
    call(bench, "CreateCertificate", **CERTIFICATE, domainName="example.com")


def database(bench: Bench) -> None:
    call(bench, "CreateRelationalDatabase", **DB, **MYSQL)
    bench.clock.advance(LONG_S)


def database_without_backups(bench: Bench) -> None:
    database(bench)
    call(bench, "UpdateRelationalDatabase", **DB, disableBackupRetention=True, applyImmediately=True)
    bench.settle()


def stopped_database(bench: Bench) -> None:
    database(bench)
    call(bench, "StopRelationalDatabase", **DB)
    bench.settle()


def two_databases(bench: Bench) -> None:
    database(bench)
    call(bench, "CreateRelationalDatabase", relationalDatabaseName="db2", **MYSQL)
    bench.clock.advance(LONG_S)


def database_snapshot(bench: Bench, **more: Any) -> None:
    database(bench)
    call(bench, "CreateRelationalDatabaseSnapshot", **DB, **DB_SHOT, **more)
    bench.settle()


def tagged_database_snapshot(bench: Bench) -> None:
    database_snapshot(bench, tags=[{"key": "k"}])


def a_week_of_a_database(bench: Bench) -> None:
    database(bench)
    bench.clock.advance(7 * DAY_S)


def first_operation(bench: Bench) -> str:
    return str(bench.operations("web")[0]["id"])


def newest_automatic_snapshot(bench: Bench) -> str:
    return str(call(bench, "GetAutoSnapshots", resourceName="web")["autoSnapshots"][0]["date"])


# --- the examples -----------------------------------------------------------------------------------------

COPY = {"targetSnapshotName": "copy", "sourceRegion": HERE}
FROM_SHOT = {"sourceSnapshotName": "shot", **COPY}
FROM_AUTOMATIC = {"sourceResourceName": "web", "restoreDate": newest_automatic_snapshot, **COPY}
PORT = {"portInfo": {"fromPort": 22, "toPort": 22, "protocol": "tcp"}}
METRIC = {
    "metricName": "CPUUtilization",
    "period": 7200,
    "startTime": START,
    "endTime": START + DAY_S,
    "unit": "Percent",
    "statistics": ["Average"],
}
ZONE = {"availabilityZone": f"{HERE}a"}
WEB, KEY, DISK, IP = {"instanceName": "web"}, {"keyPairName": "key"}, {"diskName": "disk"}, {"staticIpName": "ip"}
SHOT, DISK_SHOT = {"instanceSnapshotName": "shot"}, {"diskSnapshotName": "shot"}
LB, CERTIFICATE = {"loadBalancerName": "lb"}, {"certificateName": "cert"}
DB, DB_SHOT = {"relationalDatabaseName": "db"}, {"relationalDatabaseSnapshotName": "shot"}
MYSQL = {
    "relationalDatabaseBlueprintId": "mysql_8_0",
    "relationalDatabaseBundleId": "micro_2_0",
    "masterDatabaseName": "dbmaster",
    "masterUsername": "dbmasteruser",
}
CONNECTIONS = {
    "metricName": "DatabaseConnections",
    "period": DAY_S,
    "startTime": START,
    "endTime": START + 7 * DAY_S,
    "unit": "Count",
    "statistics": ["Sum"],
}
DOMAIN, APEX = {"domainName": "example.com"}, {"name": "example.com", "type": "A", "target": "192.0.2.0"}

CASES: dict[str, Case] = {
    "allocate-static-ip": Case("AllocateStaticIp", IP),
    "attach-disk": Case("AttachDisk", {**DISK, **WEB, "diskPath": "/dev/xvdf"}, wordpress_and_disk),
    "attach-instances-to-load-balancer": Case(
        "AttachInstancesToLoadBalancer", {**LB, "instanceNames": ["w1", "w2", "w3"]}, three_running
    ),
    "attach-load-balancer-tls-certificate": Case(
        "AttachLoadBalancerTlsCertificate", {**LB, **CERTIFICATE}, tls_certificate
    ),
    "attach-static-ip": Case("AttachStaticIp", {**IP, **WEB}, wordpress_and_static_ip),
    "close-instance-public-ports": Case("CloseInstancePublicPorts", {**WEB, **PORT}, wordpress),
    "copy-snapshot 1": Case("CopySnapshot", FROM_SHOT, instance_snapshot),
    "copy-snapshot 2": Case("CopySnapshot", FROM_SHOT, instance_snapshot),
    "copy-snapshot 3": Case("CopySnapshot", FROM_AUTOMATIC, automatic_snapshots),
    "copy-snapshot 4": Case("CopySnapshot", FROM_AUTOMATIC, automatic_snapshots),
    "create-disk": Case("CreateDisk", {**DISK, **ZONE, "sizeInGb": 32}),
    "create-disk-from-snapshot": Case(
        "CreateDiskFromSnapshot", {"diskName": "disk2", **ZONE, **DISK_SHOT, "sizeInGb": 32}, disk_snapshot
    ),
    "create-disk-snapshot 1": Case("CreateDiskSnapshot", {**DISK, **DISK_SHOT}, disk),
    "create-disk-snapshot 2": Case("CreateDiskSnapshot", {**WEB, **DISK_SHOT}, wordpress),
    "create-domain": Case("CreateDomain", DOMAIN),
    "create-domain-entry": Case(
        "CreateDomainEntry", {**DOMAIN, "domainEntry": {**APEX, "target": "192.0.2.1"}}, domain
    ),
    "create-instance-snapshot": Case("CreateInstanceSnapshot", {**WEB, **SHOT}, wordpress),
    "create-instances-from-snapshot": Case(
        "CreateInstancesFromSnapshot",
        {**SHOT, "instanceNames": ["web2"], **ZONE, "bundleId": "small_3_0"},
        instance_snapshot,
    ),
    "create-instances 1": Case("CreateInstances", {"instanceNames": ["web"], **ZONE, **WORDPRESS}),
    "create-instances 2": Case("CreateInstances", {"instanceNames": ["w1", "w2", "w3"], **ZONE, **WORDPRESS}),
    "create-key-pair": Case("CreateKeyPair", KEY),
    "create-load-balancer": Case(
        "CreateLoadBalancer",
        {
            **LB,
            **CERTIFICATE,
            "certificateDomainName": "example.com",
            "certificateAlternativeNames": ["www.example.com", "test.example.com"],
            "instancePort": 80,
        },
    ),
    "create-load-balancer-tls-certificate": Case(
        "CreateLoadBalancerTlsCertificate",
        {
            **LB,
            **CERTIFICATE,
            "certificateDomainName": "example.com",
            "certificateAlternativeNames": ["abc.example.com"],
        },
        load_balancer,
    ),
    "create-relational-database": Case("CreateRelationalDatabase", {**DB, **MYSQL}),
    "create-relational-database-from-snapshot": Case(
        "CreateRelationalDatabaseFromSnapshot", {"relationalDatabaseName": "db2", **DB_SHOT}, database_snapshot
    ),
    "create-relational-database-snapshot": Case("CreateRelationalDatabaseSnapshot", {**DB, **DB_SHOT}, database),
    "delete-auto-snapshot": Case(
        "DeleteAutoSnapshot", {"resourceName": "web", "date": newest_automatic_snapshot}, automatic_snapshots
    ),
    "delete-disk": Case("DeleteDisk", DISK, disk),
    "delete-disk-snapshot": Case("DeleteDiskSnapshot", DISK_SHOT, disk_snapshot),
    "delete-domain": Case("DeleteDomain", DOMAIN, domain),
    "delete-domain-entry": Case("DeleteDomainEntry", {**DOMAIN, "domainEntry": APEX}, domain),
    "delete-instance": Case("DeleteInstance", WEB, disk_attached),
    "delete-instance-snapshot": Case("DeleteInstanceSnapshot", SHOT, instance_snapshot),
    "delete-key-pair": Case("DeleteKeyPair", KEY, key_pair),
    "delete-known-host-keys": Case("DeleteKnownHostKeys", WEB, wordpress),
    "delete-load-balancer": Case("DeleteLoadBalancer", LB, tls_certificate),
    "delete-load-balancer-tls-certificate": Case(
        "DeleteLoadBalancerTlsCertificate", {**LB, **CERTIFICATE}, tls_certificate
    ),
    "delete-relational-database": Case("DeleteRelationalDatabase", DB, database),
    "delete-relational-database-snapshot": Case("DeleteRelationalDatabaseSnapshot", DB_SHOT, database_snapshot),
    "detach-static-ip": Case("DetachStaticIp", IP, static_ip_attached),
    "get-active-names": Case("GetActiveNames", {}, wordpress_and_static_ip),
    "get-auto-snapshots": Case("GetAutoSnapshots", {"resourceName": "web"}, automatic_snapshots),
    "get-blueprints": Case("GetBlueprints", {}),
    "get-bundles": Case("GetBundles", {}),
    "get-cloud-formation-stack-records": Case("GetCloudFormationStackRecords", {}, stack),
    "get-disk": Case("GetDisk", DISK, disk_attached),
    "get-disks": Case("GetDisks", {}, two_disks),
    "get-disk-snapshot": Case("GetDiskSnapshot", DISK_SHOT, disk_snapshot),
    "get-disk-snapshots": Case("GetDiskSnapshots", {}, disk_snapshot),
    "get-domain": Case("GetDomain", DOMAIN, domain),
    "get-domains": Case("GetDomains", {}, proved_domain),
    "get-export-snapshot-record": Case("GetExportSnapshotRecords", {}, exported),
    "get-instance": Case("GetInstance", WEB, wordpress),
    "get-instance-access-details": Case("GetInstanceAccessDetails", WEB, wordpress),
    "get-instance-metric-data": Case("GetInstanceMetricData", {**WEB, **METRIC}, a_day_of_running),
    "get-instance-port-states": Case("GetInstancePortStates", WEB, wordpress),
    "get-instance-snapshot": Case("GetInstanceSnapshot", SHOT, instance_snapshot),
    "get-instance-snapshots": Case("GetInstanceSnapshots", {}, tagged_instance_snapshot),
    "get-instance-state": Case("GetInstanceState", WEB, wordpress),
    "get-instances": Case("GetInstances", {}, disk_attached),
    "get-key-pair": Case("GetKeyPair", KEY, key_pair),
    "get-key-pairs": Case("GetKeyPairs", {}, key_pair),
    "get-load-balancer": Case("GetLoadBalancer", LB, balanced),
    "get-load-balancer-tls-certificates": Case("GetLoadBalancerTlsCertificates", LB, tls_certificate),
    "get-load-balancers": Case("GetLoadBalancers", {}, balanced),
    "get-operation": Case("GetOperation", {"operationId": first_operation}, wordpress),
    "get-operations": Case("GetOperations", {}, running),
    "get-operations-for-resource": Case("GetOperationsForResource", {"resourceName": "lb"}, once_balanced),
    "get-regions": Case("GetRegions", {}),
    "get-relational-database": Case("GetRelationalDatabase", DB, database_without_backups),
    "get-relational-database-blueprints": Case("GetRelationalDatabaseBlueprints", {}),
    "get-relational-database-bundles": Case("GetRelationalDatabaseBundles", {}),
    "get-relational-database-events": Case("GetRelationalDatabaseEvents", DB, database),
    "get-relational-database-log-events": Case(
        "GetRelationalDatabaseLogEvents", {**DB, "logStreamName": "error"}, a_week_of_a_database
    ),
    "get-relational-database-log-streams": Case("GetRelationalDatabaseLogStreams", DB, database),
    "get-relational-database-master-user-password": Case("GetRelationalDatabaseMasterUserPassword", DB, database),
    "get-relational-database-metric-data": Case(
        "GetRelationalDatabaseMetricData", {**DB, **CONNECTIONS}, a_week_of_a_database
    ),
    "get-relational-database-parameters": Case("GetRelationalDatabaseParameters", DB, database),
    "get-relational-database-snapshot": Case("GetRelationalDatabaseSnapshot", DB_SHOT, database_snapshot),
    "get-relational-database-snapshots": Case("GetRelationalDatabaseSnapshots", {}, tagged_database_snapshot),
    "get-relational-databases": Case("GetRelationalDatabases", {}, two_databases),
    "get-static-ip": Case("GetStaticIp", IP, static_ip),
    "get-static-ips": Case("GetStaticIps", {}, static_ip),
    "is-vpc-peered": Case("IsVpcPeered", {}),
    "open-instance-public-ports": Case("OpenInstancePublicPorts", {**WEB, **PORT}, wordpress),
    "peer-vpc": Case("PeerVpc", {}),
    "reboot-instance": Case("RebootInstance", WEB, wordpress),
    "reboot-relational-database": Case("RebootRelationalDatabase", DB, database),
    "release-static-ip": Case("ReleaseStaticIp", IP, static_ip),
    "start-instance": Case("StartInstance", WEB, stopped),
    "start-relational-database": Case("StartRelationalDatabase", DB, stopped_database),
    "stop-instance": Case("StopInstance", WEB, wordpress),
    "stop-relational-database": Case("StopRelationalDatabase", DB, database),
    "unpeer-vpc": Case("UnpeerVpc", {}),
}

_SINCE_2020 = ("cidrs", "ipv6Cidrs", "cidrListAliases")
_ABRIDGED = "the example shows three applications; of many others the recorded facts know no version or page"
_POWER = {".operations[0].operationDetails is extra": 'a later report of real answers has it, as ""'}


def _newer_in_instances(path: str) -> dict[str, str]:
    ports = [f"{path}.networking.ports[].{member} is extra" for member in _SINCE_2020]
    others = [f"{path}.{member} is extra" for member in ("ipAddressType", "ipv6Addresses", "metadataOptions")]
    return dict.fromkeys([*ports, *others], "newer answers, which are published elsewhere, have it")


def _newer_in_load_balancers(path: str) -> dict[str, str]:
    members = ("ipAddressType", "httpsRedirectionEnabled", "tlsPolicyName")
    return {f"{path}.{member} is extra": "in the model since 2021; the example is of 2019" for member in members}


EXPECTED_DIFFERENCES: dict[str, dict[str, str]] = {
    "delete-auto-snapshot": {
        ".operations[0].statusChangedAt is extra": "every other published entry has it; this one looks edited"
    },
    "get-blueprints": {
        f".blueprints[].{name} is missing": _ABRIDGED for name in ("version", "productUrl", "licenseUrl")
    },
    "get-bundles": {".bundles[].publicIpv4AddressCount is extra": "came with plans for IPv6 alone, in 2024"},
    "get-instance": _newer_in_instances(".instance"),
    "get-instances": _newer_in_instances(".instances[]"),
    "get-instance-access-details": {
        ".accessDetails.expiresAt is extra": "in the model's documentation; the example is of 2019 and cut by hand"
    },
    "get-instance-port-states": {
        f".portStates[].{member} is extra": "in the model since 2020; the example is of 2019" for member in _SINCE_2020
    },
    "get-load-balancer": _newer_in_load_balancers(".loadBalancer"),
    "get-load-balancers": _newer_in_load_balancers(".loadBalancers[]"),
    "get-operations-for-resource": {".operations are 4, not 3": "the example leaves out the older ones"},
    "get-relational-database": {
        ".relationalDatabase.caCertificateIdentifier is extra": "in the guide since 2020; the example is of 2019"
    },
    "get-relational-database-parameters": {
        ".parameters[].parameterValue is 'number', not 'text'": "the example shows four; others are sizes in bytes",
        ".parameters[].allowedValues is missing": "the example shows four; others take any text",
        ".parameters[].allowedValues is 'device', not 'text'": "the example shows four; one can only be /dev/null",
        ".nextPageToken is extra": "the CLI joins all pages; the example shows four of some hundreds",
    },
    "get-relational-databases": {
        ".relationalDatabases[].caCertificateIdentifier is extra": "in the guide since 2020; the example is of 2019"
    },
    "start-instance": _POWER,
    "stop-instance": _POWER,
}
"""By example, each difference with its reason."""


# --- comparing --------------------------------------------------------------------------------------------


def differences(published: Any, served: Any, path: str = "") -> Iterator[str]:
    """Where two shapes differ. Of a list, each served element is compared with the published one most like it."""
    if isinstance(published, dict) and isinstance(served, dict):
        yield from (f"{path}.{member} is missing" for member in sorted(published.keys() - served.keys()))
        yield from (f"{path}.{member} is extra" for member in sorted(served.keys() - published.keys()))
        for member in published.keys() & served.keys():
            yield from differences(published[member], served[member], f"{path}.{member}")
    elif isinstance(published, list) and isinstance(served, list):
        if bool(published) != bool(served):
            yield f"{path} is {'empty' if published else 'not empty'}"
        elif path == ".operations":
            if len(published) != len(served):
                yield f"{path} are {len(served)}, not {len(published)}"
            for place, (one, other) in enumerate(zip(published, served, strict=False)):
                yield from differences(one, other, f"{path}[{place}]")
        else:
            for element in served:
                yield from min((list(differences(one, element, f"{path}[]")) for one in published), key=len)
    elif published != served:
        yield f"{path} is {served!r}, not {published!r}"


@pytest.mark.parametrize("example", CASES)
def test_an_answer_has_the_members_and_forms_that_the_published_one_has(bench: Bench, example: str) -> None:
    operation, request, before = CASES[example]
    before(bench)
    served = published_shapes.shape(call(bench, operation, **resolved(bench, request)))
    published = PUBLISHED[example]
    if example == "get-operations":  # entries of load balancers among them: any one form is good
        published, served = {"": published["operations"]}, {"": served["operations"]}
    found = set(differences(published, served))
    assert found == EXPECTED_DIFFERENCES.get(example, {}).keys()


def test_every_example_has_its_scenario() -> None:
    assert CASES.keys() == PUBLISHED.keys()


def test_the_published_shapes_are_those_of_the_aws_cli() -> None:
    try:
        installed = version("awscli")
    except PackageNotFoundError:
        pytest.skip("the AWS CLI is not installed")
    if installed not in ABOUT:
        pytest.skip(f"made from another version: {ABOUT}")
    assert published_shapes.content() == published_shapes.TARGET.read_text(), "python tools/published_shapes.py"


def test_a_difference_is_told() -> None:
    published = {"a": "uuid", "b": [{"c": "integer"}], "d": []}
    served = {"a": "text", "b": [{"c": "integer", "e": "all"}], "d": ["text"], "f": "text"}
    assert set(differences(published, served)) == {
        ".a is 'text', not 'uuid'",
        ".b[].e is extra",
        ".d is not empty",
        ".f is extra",
    }
