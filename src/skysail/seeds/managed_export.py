"""Domains, certificates, load balancers, buckets, databases, container services and distributions in a seed's words.

What a seed has no words for comes as calls, or is told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Protocol

from skysail.seeds.format import (
    Alarm,
    BalancerCertificate,
    Bucket,
    Certificate,
    ContainerService,
    Database,
    Distribution,
    Domain,
    LoadBalancer,
    Record,
    Snapshot,
)
from skysail.seeds.survey import Document, Survey
from skysail.service.nouns import cache_settings

_VALIDATION = ".acm-validations.aws"
"""What proves a certificate: the service puts it into the domain again."""
_POLICY = "TLS-2016-08"
STICKY_S = 86_400
"""Of a load balancer that does not say how long."""
_USUAL_ORIGIN = {"responseTimeout": 30, "ipAddressType": "ipv4"}
_USUAL_SETTINGS: dict[str, Any] = {
    "cacheBehaviorSettings": cache_settings.settings({}),
    "cacheBehaviors": [],
    "ipAddressType": "dualstack",
    "viewerMinimumTlsProtocolVersion": "TLSv1.2_2021",
    "defaultRootObject": None,
    "customErrorResponses": None,
}


class Exporting(Protocol):
    """What is told of any resource."""

    region: str

    def age(self, document: Document) -> str: ...
    def age_s(self, document: Document) -> float: ...
    def age_with(self, document: Document, other: str) -> str: ...
    def zone(self, document: Document) -> str: ...
    def tags(self, document: Document) -> dict[str, str]: ...
    def alarms_on(self, name: str, age_s: float) -> tuple[Alarm, ...]: ...
    def snapshots_of(self, source: Document, age_s: float) -> tuple[Snapshot, ...]: ...
    def call(self, age_s: float, operation: str, /, **members: Any) -> None: ...
    def leave_out(self, what: str) -> None: ...


def domain(to: Exporting, document: Document) -> Domain:
    return Domain(document["name"], tuple(records(document)), to.age(document), to.tags(document))


def records(document: Document) -> Iterator[Record]:
    """A domain's, but for those that the service puts there."""
    name = document["name"]
    for entry in document.get("domainEntries", ()):
        before = entry["name"].removesuffix(name).removesuffix(".")
        is_services = (not before and entry["type"] in ("NS", "SOA")) or entry["target"].endswith(_VALIDATION)
        if not is_services:
            yield Record(entry["type"], entry["target"], before, bool(entry.get("isAlias")))


def certificate(to: Exporting, document: Document) -> Certificate:
    return Certificate(
        document["name"], document["domainName"], further_names(document), to.age(document), to.tags(document)
    )


def further_names(document: Document) -> tuple[str, ...]:
    """Those that a certificate has beside its own."""
    return tuple(name for name in document.get("subjectAlternativeNames", ()) if name != document["domainName"])


def load_balancer(to: Exporting, document: Document) -> LoadBalancer:
    age_s = to.age_s(document)
    options = document.get("configurationOptions", {})
    is_sticky = options.get("SessionStickinessEnabled") == "true"
    shown = [each["name"] for each in document.get("tlsCertificateSummaries", ())]  # in the order in which they came
    policy, address_type = document.get("tlsPolicyName", _POLICY), document.get("ipAddressType")
    return LoadBalancer(
        document["name"],
        document["instancePort"],
        document.get("healthCheckPath", "/"),
        tuple(each["instanceName"] for each in document.get("instanceHealthSummary", ())),
        tuple(
            BalancerCertificate(
                each["name"], each["domainName"], further_names(each), bool(each.get("isAttached")), to.tags(each)
            )
            for each in sorted(document["certificates"], key=lambda each: [*shown, each["name"]].index(each["name"]))
        ),
        bool(document.get("httpsRedirectionEnabled")),
        int(options.get("SessionStickiness_LB_CookieDurationSeconds", STICKY_S)) if is_sticky else None,
        None if policy == _POLICY else policy,
        "ipv4" if address_type == "ipv4" else None,
        to.age(document),
        to.tags(document),
        to.alarms_on(document["name"], age_s),
    )


def bucket(to: Exporting, document: Document) -> Bucket:
    age_s, name, rules = to.age_s(document), document["name"], document.get("accessRules", {})
    versioning = document.get("objectVersioning", "NeverEnabled")
    further = {
        "accessRules": rules if rules.get("allowPublicOverrides") else None,
        "versioning": versioning if versioning == "Suspended" else None,
        "accessLogConfig": log if (log := document.get("accessLogConfig", {})).get("enabled") else None,
        "cors": cors if (cors := document.get("cors", {})).get("rules") else None,
    }
    if any(further.values()):
        to.call(age_s, "UpdateBucket", bucketName=name, **{member: it for member, it in further.items() if it})
    return Bucket(
        name,
        document["bundleId"],
        versioning != "NeverEnabled",
        rules.get("getObject") == "public",
        tuple(document.get("readonlyAccessAccounts", ())),
        tuple(each["name"] for each in document.get("resourcesReceivingAccess", ())),
        to.age(document),
        to.tags(document),
    )


def database(to: Exporting, document: Document) -> Database:
    age_s = to.age_s(document)
    return Database(
        document["name"],
        document["relationalDatabaseBundleId"],
        document["relationalDatabaseBlueprintId"],
        document["masterDatabaseName"],
        document["masterUsername"],
        None,
        to.zone(document),
        bool(document.get("publiclyAccessible")),
        bool(document.get("backupRetentionEnabled", True)),
        document.get("preferredBackupWindow"),
        document.get("preferredMaintenanceWindow"),
        "stopped" if document.get("state") in ("stopped", "stopping") else "available",
        to.age(document),
        to.tags(document),
        to.snapshots_of(document, age_s),
        to.alarms_on(document["name"], age_s),
    )


def container_service(to: Exporting, document: Document) -> ContainerService:
    age_s, name = to.age_s(document), document["name"]
    runs = document.get("currentDeployment") or document.get("nextDeployment") or {}
    containers = {one: _without_empty(it) for one, it in runs.get("containers", {}).items()}
    if any(str(one["image"]).startswith(":") for one in containers.values()):
        to.leave_out("deployments of images that are only here")
        containers = {}
    if document.get("privateRegistryAccess", {}).get("ecrImagePullerRole", {}).get("isActive"):
        access = {"ecrImagePullerRole": {"isActive": True}}
        to.call(age_s, "UpdateContainerService", serviceName=name, privateRegistryAccess=access)
    return ContainerService(
        name,
        document["power"],
        document["scale"],
        containers,
        dict(runs.get("publicEndpoint", {})) if containers else {},
        {one: list(names) for one, names in document.get("publicDomainNames", {}).items()},
        bool(document.get("isDisabled")),
        to.age(document),
        to.tags(document),
    )


def distribution(to: Exporting, document: Document) -> Distribution:
    origin, waf = document["origin"], document.get("waf", {})
    settings = {name: document[name] for name, usual in _USUAL_SETTINGS.items() if document.get(name, usual) != usual}
    of_origin = _USUAL_ORIGIN | {
        "protocolPolicy": "https-only" if origin.get("resourceType") == "Bucket" else "http-only"
    }
    if unusual := {name: origin[name] for name, usual in of_origin.items() if origin.get(name, usual) != usual}:
        settings["origin"] = unusual
    if origin.get("isPrivateOriginAccessEnabled"):
        settings["enablePrivateOriginAccess"] = True
    if waf.get("isWafEnabled"):
        settings |= {"enableWaf": True, **({"wafRules": waf["wafRules"]} if waf.get("wafRules") else {})}
    if document.get("subdomain"):
        settings["subdomainName"] = document["subdomain"]["name"]
    region = origin.get("regionName")
    return Distribution(
        document["name"],
        origin["name"],
        document["bundleId"],
        None if region == to.region else region,
        document["defaultCacheBehavior"]["behavior"],
        document.get("certificateName"),
        bool(document.get("isEnabled", True)),
        settings,
        to.age_with(document, origin["name"]),
        to.tags(document),
    )


def _without_empty(members: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value}


def managed(to: Exporting, found: Survey, by_name: Any) -> dict[str, tuple[Any, ...]]:
    """Those of a region, by the list of a seed's in which they are. `by_name` sorts."""
    kinds: Iterable[tuple[str, Any]] = (
        ("domains", domain),
        ("certificates", certificate),
        ("load_balancers", load_balancer),
        ("buckets", bucket),
        ("databases", database),
        ("container_services", container_service),
        ("distributions", distribution),
    )
    return {kind: tuple(made(to, each) for each in by_name(getattr(found, kind))) for kind, made in kinds}
