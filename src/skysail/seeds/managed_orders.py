"""What a seed says of domains, certificates, load balancers, buckets, databases, container services and distributions,
as the calls that make it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from skysail.seeds.format import (
    Bucket,
    Certificate,
    ContainerService,
    Database,
    Distribution,
    Domain,
    LoadBalancer,
    Region,
    names,
    numbered,
)
from skysail.seeds.ordering import At, Order, tags_of


def managed(at: At, region: Region) -> Iterator[Order]:
    """Those of a region, in the order in which one can need another. Raises SeedError."""
    ages = {
        name: age_s
        for place, one in enumerate(region.instances)
        for (_, name), age_s in zip(names(one), at.item("instances", place).ages(one.age, one.count), strict=True)
    }
    certified = {one.name: at.item("certificates", place).age(one.age) for place, one in enumerate(region.certificates)}
    for place, domain in enumerate(region.domains):
        yield from _domain(at.item("domains", place), domain)
    for place, certificate in enumerate(region.certificates):
        yield from _certificate(at.item("certificates", place), certificate)
    for place, balancer in enumerate(region.load_balancers):
        yield from _load_balancer(at.item("load_balancers", place), balancer, ages)
    for place, bucket in enumerate(region.buckets):
        yield from _bucket(at.item("buckets", place), bucket, ages)
    for place, database in enumerate(region.databases):
        yield from _database(at.item("databases", place), database)
    for place, service in enumerate(region.container_services):
        yield from _container_service(at.item("container_services", place), service, certified)
    for place, distribution in enumerate(region.distributions):
        yield from _distribution(at.item("distributions", place), distribution, certified)


def _domain(at: At, domain: Domain) -> Iterator[Order]:
    age_s = at.age(domain.age)
    yield at.order(age_s, "CreateDomain", domainName=domain.name, tags=tags_of(domain.tags))
    for record in domain.records:
        name = f"{record.name}.{domain.name}" if record.name else domain.name
        entry = {"name": name, "type": record.type, "target": record.target, "isAlias": record.alias}
        yield at.order(age_s, "CreateDomainEntry", domainName=domain.name, domainEntry=entry)


def _certificate(at: At, certificate: Certificate) -> Iterator[Order]:
    yield at.order(
        at.age(certificate.age),
        "CreateCertificate",
        certificateName=certificate.name,
        domainName=certificate.domain,
        subjectAlternativeNames=list(certificate.also),
        tags=tags_of(certificate.tags),
    )


def _load_balancer(at: At, balancer: LoadBalancer, ages: Mapping[str, float]) -> Iterator[Order]:
    age_s, of = at.age(balancer.age), {"loadBalancerName": balancer.name}
    yield at.order(
        age_s,
        "CreateLoadBalancer",
        **of,
        instancePort=balancer.port,
        healthCheckPath=balancer.health_check,
        ipAddressType=balancer.ip_address_type,
        tlsPolicyName=balancer.tls_policy,
        tags=tags_of(balancer.tags),
    )
    for certificate in balancer.certificates:
        named = {**of, "certificateName": numbered(certificate.name, 1, balancer.name)}
        yield at.order(
            age_s,
            "CreateLoadBalancerTlsCertificate",
            **named,
            certificateDomainName=certificate.domain,
            certificateAlternativeNames=list(certificate.also),
            tags=tags_of(certificate.tags),
        )
        if certificate.attached:
            yield at.order(age_s, "AttachLoadBalancerTlsCertificate", **named)
    attributes = {"HttpsRedirectionEnabled": "true"} if balancer.redirect else {}
    if balancer.sticky_s is not None:
        attributes |= {
            "SessionStickinessEnabled": "true",
            "SessionStickiness_LB_CookieDurationSeconds": str(balancer.sticky_s),
        }
    for name, value in attributes.items():
        yield at.order(age_s, "UpdateLoadBalancerAttribute", **of, attributeName=name, attributeValue=value)
    yield from _for_each(
        balancer.instances,
        age_s,
        ages,
        lambda age, name: at.order(age, "AttachInstancesToLoadBalancer", **of, instanceNames=[name]),
    )
    for alarm in balancer.alarms:
        yield at.alarm(age_s, alarm, numbered(alarm.name, 1, balancer.name), balancer.name)


def _bucket(at: At, bucket: Bucket, ages: Mapping[str, float]) -> Iterator[Order]:
    age_s, of = at.age(bucket.age), {"bucketName": bucket.name}
    yield at.order(
        age_s,
        "CreateBucket",
        **of,
        bundleId=bucket.bundle,
        enableObjectVersioning=bucket.versioning or None,
        tags=tags_of(bucket.tags),
    )
    rules = {"getObject": "public", "allowPublicOverrides": False} if bucket.public else None
    if rules or bucket.accounts:
        yield at.order(age_s, "UpdateBucket", **of, accessRules=rules, readonlyAccessAccounts=list(bucket.accounts))
    yield from _for_each(
        bucket.instances,
        age_s,
        ages,
        lambda age, name: at.order(age, "SetResourceAccessForBucket", **of, resourceName=name, access="allow"),
    )


def _for_each(
    instances: Iterable[str], age_s: float, ages: Mapping[str, float], order: Callable[[float, str], Order]
) -> Iterator[Order]:
    """Once both are there."""
    for name in instances:
        yield order(min(age_s, ages.get(name, age_s)), name)


def _database(at: At, database: Database) -> Iterator[Order]:
    age_s, of = at.age(database.age), {"relationalDatabaseName": database.name}
    yield at.order(
        age_s,
        "CreateRelationalDatabase",
        **of,
        relationalDatabaseBundleId=database.bundle,
        relationalDatabaseBlueprintId=database.blueprint,
        masterDatabaseName=database.database,
        masterUsername=database.user,
        masterUserPassword=database.password,
        availabilityZone=at.zone(database.zone),
        publiclyAccessible=database.public or None,
        preferredBackupWindow=database.backup_window,
        preferredMaintenanceWindow=database.maintenance_window,
        tags=tags_of(database.tags),
    )
    if not database.backups:
        yield at.order(age_s, "UpdateRelationalDatabase", **of, disableBackupRetention=True, applyImmediately=True)
    for snapshot in database.snapshots:
        name = numbered(snapshot.name, 1, database.name)
        yield at.order(
            at.since(age_s, snapshot.age, name, database.name),
            "CreateRelationalDatabaseSnapshot",
            **of,
            relationalDatabaseSnapshotName=name,
            tags=tags_of(snapshot.tags),
        )
    for alarm in database.alarms:
        yield at.alarm(age_s, alarm, numbered(alarm.name, 1, database.name), database.name)
    if database.state == "stopped":
        # What is stopped has no snapshots made of it, and begins by itself after seven days.
        yield at.order(0.0, "StopRelationalDatabase", **of)


def _container_service(at: At, service: ContainerService, certified: Mapping[str, float]) -> Iterator[Order]:
    age_s = at.age(service.age)
    deployment = {"containers": service.containers, "publicEndpoint": service.endpoint}
    yield at.order(
        age_s,
        "CreateContainerService",
        serviceName=service.name,
        power=service.power,
        scale=service.scale,
        deployment=_given(deployment) or None,
        tags=tags_of(service.tags),
    )
    if service.domains:
        since_s = min([age_s, *(certified[name] for name in service.domains if name in certified)])
        yield at.order(since_s, "UpdateContainerService", serviceName=service.name, publicDomainNames=service.domains)
    if service.disabled:
        yield at.order(age_s, "UpdateContainerService", serviceName=service.name, isDisabled=True)


def _distribution(at: At, distribution: Distribution, certified: Mapping[str, float]) -> Iterator[Order]:
    age_s, certificate = at.age(distribution.age), distribution.certificate
    settings: dict[str, Any] = dict(distribution.settings)
    origin = {"name": distribution.origin, "regionName": distribution.region or at.region, **settings.pop("origin", {})}
    yield at.order(
        age_s,
        "CreateDistribution",
        distributionName=distribution.name,
        origin=origin,
        bundleId=distribution.bundle,
        defaultCacheBehavior={"behavior": distribution.behavior},
        tags=tags_of(distribution.tags),
        **settings,
    )
    if certificate is not None:
        since_s = min(age_s, certified.get(certificate, age_s))
        of = {"distributionName": distribution.name, "certificateName": certificate}
        yield at.order(since_s, "AttachCertificateToDistribution", **of)
    if not distribution.enabled:
        yield at.order(age_s, "UpdateDistribution", distributionName=distribution.name, isEnabled=False)


def _given(members: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value}
