"""Exports: the way back from a service to a seed, and to Terraform."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bench import Bench
from clients import (
    terraform_balancers,
    terraform_buckets,
    terraform_calls,
    terraform_containers,
    terraform_databases,
    terraform_edge,
)
from skysail.mirroring.comparing import differences, members, side
from skysail.seeds.exporting import Exported, exported
from skysail.seeds.fleets import seed
from skysail.seeds.format import (
    BalancerCertificate,
    Bucket,
    Certificate,
    ContainerService,
    Database,
    Distribution,
    Domain,
    Instance,
    LoadBalancer,
    Record,
    Region,
    Seed,
    Snapshot,
)
from skysail.seeds.reading import parsed
from skysail.seeds.survey import survey
from skysail.seeds.terraform import configuration, left_out, resources
from skysail.seeds.writing import written

FLEET = """
regions:
  us-east-1:
    key_pairs: [{name: deploy, age: 500d}]
    instances:
      - name: web
        count: 3
        bundle: small_3_0
        blueprint: nginx
        zones: [a, b]
        age: 300d..100d
        tags: {role: web, spot: ""}
        key_pair: deploy
        ports: [22/tcp@198.51.100.0/24, 80, 8000-8100/udp, ping, 443/tcp@10.0.0.0/8, "9000@2001:db8::/32"]
        static_ip: "{name}-ip"
        disks: [{name: "{name}-data", gb: 64, snapshots: [{name: "{name}-old", age: 3d}]}]
        snapshots: [{name: "before-{n}", age: 2h, tags: {why: upgrade}}]
        automatic_snapshots: "06:00"
        alarms: [{name: "{name}-hot", metric: CPUUtilization, comparison: GreaterThanThreshold, threshold: 90}]
      - {name: db, bundle: large_3_0, blueprint: ubuntu_24_04, state: stopped, ports: []}
      - {name: six, bundle: nano_ipv6_3_0, blueprint: debian_12, ip_address_type: ipv6}
    disks: [{name: "spare-{n:2}", gb: 8, count: 2, first: 7, snapshots: [{name: "{name}-old"}]}]
    static_ips: [{name: spare-ip}]
    contact_methods: [{protocol: Email, endpoint: ops@example.com, age: 2d}]
    domains:
      - name: example.com
        age: 200d
        tags: {zone: public}
        records:
          - {type: A, target: 192.0.2.1, name: www}
          - {type: TXT, target: '"v=spf1 -all"'}
          - {type: A, target: d123.cloudfront.net, alias: true}
    certificates:
      - {name: shop, domain: example.com, also: [www.example.com], age: 30d}
      - {name: api-cert, domain: api.example.org}
    load_balancers:
      - name: front
        instances: [web-1, web-3]
        health_check: /up
        certificates:
          - {name: tls, domain: example.com, attached: true}
          - {name: old-tls, domain: old.example.org, also: [x.example.org]}
        redirect: true
        sticky_s: 3600
        age: 250d
        alarms: [{name: many, metric: RequestCount, comparison: GreaterThanThreshold, threshold: 9, periods: 2}]
      - {name: plain, port: 8080, tls_policy: TLS-FS-1-2-Res-2019-08, ip_address_type: ipv4, tags: {a: b}}
    buckets:
      - name: shop-files
        bundle: small_1_0
        versioning: true
        public: true
        accounts: ["111122223333"]
        instances: [web-2]
      - {name: shop-logs, bundle: medium_1_0, age: 9d, tags: {kept: ""}}
    databases:
      - name: orders
        bundle: micro_2_0
        blueprint: mysql_8_4
        database: shop
        user: clerk
        zone: b
        public: true
        backups: false
        backup_window: 03:00-03:30
        maintenance_window: sun:05:00-sun:05:30
        age: 3d
        tags: {role: db}
        snapshots: [{name: orders-old, age: 2d}]
        alarms: [{name: busy, metric: CPUUtilization, comparison: GreaterThanThreshold, threshold: 80}]
      - {name: asleep, bundle: micro_2_0, blueprint: postgres_17, database: main, user: main_user, state: stopped}
    container_services:
      - name: api
        power: nano
        scale: 2
        containers: {web: {image: nginx, ports: {"80": HTTP}, environment: {STAGE: live}}}
        endpoint: {containerName: web, containerPort: 80}
        domains: {api-cert: [api.example.org]}
      - {name: off, power: micro, disabled: true}
    distributions:
      - name: edge
        origin: front
        bundle: medium_1_0
        certificate: shop
        age: 20d
        settings:
          cacheBehaviors: [{path: "api/*", behavior: dont-cache}]
          defaultRootObject: index.html
          enableWaf: true
          origin: {responseTimeout: 10}
      - {name: files, origin: shop-files, bundle: small_1_0, behavior: dont-cache, enabled: false}
    calls:
      - operation: UpdateBucket
        members: {bucketName: shop-files, accessLogConfig: {enabled: true, destination: shop-logs}}
      - operation: PutAlarm
        members:
          alarmName: cold
          monitoredResourceName: db
          metricName: NetworkIn
          comparisonOperator: LessThanThreshold
          threshold: 1
          evaluationPeriods: 3
          datapointsToAlarm: 2
        age: 1h
"""


def export(bench: Bench) -> Exported:
    return exported([survey(bench.client, bench.region)], bench.lightsail.clock.now())


def grown(source: Any) -> Bench:
    bench = Bench()
    bench.lightsail.seed(source)
    return bench


@pytest.fixture
def fleet(tmp_path: Path) -> Bench:
    (tmp_path / "fleet.yaml").write_text(FLEET)
    return grown(tmp_path / "fleet.yaml")


def test_what_is_exported_gives_the_same_fleet(fleet: Bench, tmp_path: Path) -> None:
    made = export(fleet)
    assert made.left_out == []
    (tmp_path / "again.yaml").write_text(written([made.seed]))
    again = grown(tmp_path / "again.yaml")
    own = (
        *("arn", "supportCode", "publicIpAddress", "privateIpAddress", "ipv6Addresses", "ipAddress", "fingerprint"),
        *("dnsName", "originPublicDNS", "principalArn", "url", "masterEndpoint", "serial"),
        *("domainValidationRecords", "domainEntries"),
    )
    for each in differences("us-east-1", side(fleet.client), side(again.client)):
        if each.kind == "AutoSnapshot":
            continue
        assert each.what == "changed", each
        if each.kind == "Distribution":
            own = (*own, "domainName")
        told = [member.path for member in each.members if not any(name in member.path for name in own)]
        assert [path for path in told if "Arn" not in path] == [], each
    assert export(again) == made


def test_instances_that_are_alike_are_one_item_again(fleet: Bench) -> None:
    instances = export(fleet).seed.regions["us-east-1"].instances
    assert sorted((each.name, each.count) for each in instances) == [("db", 1), ("six", 1), ("web", 3)]
    (web,) = (each for each in instances if each.name == "web")
    assert (web.age, web.zones, web.static_ip, web.disks[0].name) == (
        "300d..100d",
        ("a", "b"),
        "{name}-ip",
        "{name}-data",
    )
    assert web.ports == ("22/tcp@198.51.100.0/24", 80, "8000-8100/udp", "ping", *web.ports[4:])


@settings(max_examples=5, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 40), st.integers(0, 100))
def test_an_export_of_an_exported_fleet_is_the_same(instances: int, random_seed: int) -> None:
    bench = grown(seed(instances, random_seed=random_seed))
    first = export(bench)
    assert first.left_out == []
    again = grown(first.seed)
    assert export(again).seed == first.seed
    assert sorted(again.names()) == sorted(bench.names())


def some(kind: type, *names: str, **members: Any) -> st.SearchStrategy[tuple[Any, ...]]:
    """Those of some of the names, each with any of the members."""
    drawn = {name: st.sampled_from(values) for name, values in members.items()}
    common = {"age": st.sampled_from(["1d", "3d", "12h1.5s"]), "tags": st.sampled_from([{}, {"a": "", "b": "c"}])}
    each = [st.none() | st.builds(kind, name=st.just(name), **common, **drawn) for name in names]
    return st.tuples(*each).map(lambda found: tuple(one for one in found if one is not None))


WEB = Instance("web", "nano_3_0", "nginx", count=2, age="2d")
ORIGIN = Bucket("origin", "small_1_0", age="5d")
CERTIFICATE = Certificate("api", "api.example.org", age="2d")
CONTAINERS = {"web": {"image": "nginx", "ports": {"80": "HTTP"}}}
REGIONS = st.builds(
    Region,
    instances=st.just((WEB,)),
    domains=some(
        Domain,
        "example.com",
        records=[(), (Record("MX", "10 mail.example.com"), Record("CNAME", "example.com", "www"))],
    ),
    certificates=some(Certificate, "shop", domain=["shop.example.com"], also=[(), ("b.example.org",)]).map(
        lambda some: (*some, CERTIFICATE)
    ),
    load_balancers=some(
        LoadBalancer,
        "front-1",
        "front-2",
        port=[80, 81],
        instances=[(), ("web-2",), ("web-2", "web-1")],
        certificates=[(), (BalancerCertificate("{name}-tls", "example.com", ("b.org",), attached=True),)],
        sticky_s=[None, 60],
        ip_address_type=[None, "ipv4"],
    ),
    buckets=some(
        Bucket,
        "files-1",
        "files-2",
        bundle=["small_1_0", "medium_1_0"],
        versioning=[False, True],
        public=[False, True],
        accounts=[(), ("111122223333",)],
        instances=[(), ("web-1",)],
    ).map(lambda some: (*some, ORIGIN)),
    databases=some(
        Database,
        "orders",
        "users",
        bundle=["micro_2_0", "small_2_0"],
        blueprint=["mysql_8_0", "postgres_16"],
        database=["main"],
        user=["clerk"],
        zone=["a", "c"],
        public=[False, True],
        backups=[False, True],
        state=["available", "stopped"],
        snapshots=[(), (Snapshot("{name}-old", "2h"),)],
    ),
    container_services=some(
        ContainerService,
        "api-1",
        domains=[{}, {"api": ["api.example.org"]}],
        power=["nano", "micro"],
        scale=[1, 3],
        containers=[{}, CONTAINERS],
        disabled=[False, True],
    ),
    distributions=some(
        Distribution,
        "edge-1",
        origin=["origin"],
        certificate=[None, "api"],
        bundle=["small_1_0", "medium_1_0"],
        behavior=["cache", "dont-cache"],
        enabled=[True, False],
        settings=[{}, {"defaultRootObject": "index.html", "viewerMinimumTlsProtocolVersion": "TLSv1.2_2019"}],
    ),
)


@settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow])
@given(REGIONS)
def test_an_export_of_any_nouns_is_the_same_again(region: Region) -> None:
    first = export(grown(Seed({"us-east-1": region})))
    assert first.left_out == []
    made = first.seed.regions["us-east-1"]
    for kind in ("domains", "certificates", "load_balancers", "buckets", "databases", "distributions"):
        assert {one.name for one in getattr(made, kind)} == {one.name for one in getattr(region, kind)}
    assert export(grown(first.seed)) == first


def test_what_a_seed_has_no_words_for_is_told(bench: Bench) -> None:
    bench.instance("web")
    bench.client.create_instances(
        instanceNames=["new"], availabilityZone="us-east-1a", blueprintId="debian_12", bundleId="nano_3_0"
    )
    bench.client.create_instance_snapshot(instanceName="web", instanceSnapshotName="kept")
    bench.client.create_container_service(serviceName="api", power="nano", scale=1)
    bench.settle()
    bench.client.delete_instance(instanceName="web")
    bench.client.register_container_image(serviceName="api", label="web", digest=f"sha256:{'0' * 64}")
    bench.client.create_container_service_deployment(serviceName="api", containers={"web": {"image": ":api.web.1"}})
    bench.settle()
    assert sorted(export(bench).left_out) == [
        "1 deployments of images that are only here",
        "1 snapshots of what is gone",
    ]


def test_a_load_balancer_may_tell_less(fleet: Bench) -> None:
    found = survey(fleet.client, fleet.region)
    (front,) = (each for each in found.load_balancers if each["name"] == "front")
    del front["tlsCertificateSummaries"], front["configurationOptions"]["SessionStickiness_LB_CookieDurationSeconds"]
    made = exported([found], fleet.clock.now()).seed.regions["us-east-1"].load_balancers[0]
    assert ({one.name for one in made.certificates}, made.sticky_s) == ({"tls", "old-tls"}, 86_400)


def test_what_may_not_be_listed_is_told_of_and_no_failure(bench: Bench) -> None:
    bench.instance("web")
    bench.lightsail.faults.error("GetBuckets", code="AccessDeniedException", status=400)
    found = survey(bench.client, bench.region)
    told = ["buckets, which could not be listed"]
    assert exported([found], bench.clock.now()).left_out == told
    assert list(left_out([found])) == told


def test_an_empty_region_is_an_empty_seed(bench: Bench) -> None:
    made = export(bench).seed
    assert parsed(written([made]), "x")[0].seed == made == Seed(made.regions)


def test_terraform_gets_every_resource_with_its_import(fleet: Bench) -> None:
    found = [survey(fleet.client, fleet.region)]
    text = configuration(found, ["a heading"])
    assert text.startswith("# a heading\n")
    for address in (
        "aws_lightsail_instance.web-1",
        "aws_lightsail_static_ip.web-1-ip",
        "aws_lightsail_disk.web-1-data",
        "aws_lightsail_instance_public_ports.",
    ):
        assert f"to = {address}" in text or f'resource "{address.partition(".")[0]}"' in text, address
    for kind in ("static_ip_attachment", "disk_attachment"):
        assert f'resource "aws_lightsail_{kind}"' in text
    assert text.count("{") == text.count("}")
    assert "198.51.100.0/24" in text
    assert any("snapshots" in line for line in left_out(found))


PROVIDERS = {
    kind.name: kind
    for module in (
        terraform_balancers, terraform_buckets, terraform_calls,
        terraform_containers, terraform_databases, terraform_edge,
    )
    for kind in vars(module).values()
    if isinstance(kind, type) and issubclass(kind, terraform_calls.Kind) and kind is not terraform_calls.Kind
}  # fmt: skip


def test_terraform_gets_the_arguments_that_its_provider_takes(fleet: Bench) -> None:
    found = {each.kind: each for each in resources(survey(fleet.client, fleet.region))}
    assert PROVIDERS.keys() - found.keys() == {
        "aws_lightsail_bucket_access_key",
        "aws_lightsail_domain",
        "aws_lightsail_key_pair",
    }
    for kind, each in found.items():
        assert each.arguments.keys() <= PROVIDERS[kind].settable, kind
    (cached,) = found["aws_lightsail_distribution"].arguments["cache_behavior_settings"]
    assert cached["allowed_http_methods"] == "GET,HEAD,OPTIONS,PUT,PATCH,POST,DELETE"
    assert found["aws_lightsail_domain_entry"].identifier in (
        "www,example.com,A,192.0.2.1",
        ",example.com,A,d123.cloudfront.net",
    )
    assert found["aws_lightsail_container_service_deployment_version"].identifier == "api/1"


def test_no_member_differs_in_itself() -> None:
    assert list(members({"a": [1, {"b": 2}]}, {"a": [1, {"b": 2}]})) == []
