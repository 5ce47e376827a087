"""Calls of the nouns around the instance's world, drawn at random: together with those of world_calls.py."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from world_calls import ANY_TAGS, BEGINNING, CHANGES, INSTANCES, LOOKS, Arguments, call, of

LOAD_BALANCERS = ["balancer-1", "balancer-2"]
TLS_CERTIFICATES = ["tls-1", "tls-2"]
CERTIFICATES = ["certificate-1", "web-3"]
SERVICES = ["service-1", "batch"]
SUBDOMAINS = ["mysite", "blog.mysite"]
DOMAINS = ["example.com", "www.example.com"]
BUCKETS = ["files", "batch", "log-files"]
DNS_ZONES = ["example.com", "web-1.test"]
DATABASES = ["database-1", "database-2"]
DATABASE_SNAPSHOTS = ["database-shot-1", "database-shot-2"]
DISTRIBUTIONS = ["edge-1", "edge-2"]
OWN_IMAGES = [f":{service}.web.{number}" for service in SERVICES for number in (1, 2)]
PRIVATE_IMAGE = "111122223333.dkr.ecr.us-east-1.amazonaws.com/shop:1"
DIGEST = f"sha256:{'0' * 64}"

_DEPLOYMENT = st.fixed_dictionaries(
    {
        "containers": st.dictionaries(
            of("web", "api"),
            st.fixed_dictionaries(
                {"image": st.sampled_from(["nginx", PRIVATE_IMAGE, *OWN_IMAGES]), "ports": st.just({"80": "HTTP"})}
            ),
        )
    },
    optional={"publicEndpoint": st.just({"containerName": "web", "containerPort": 80})},
)
_OF_SERVICES = {
    "publicDomainNames": st.dictionaries(
        st.sampled_from(CERTIFICATES), st.lists(st.sampled_from(DOMAINS), max_size=2, unique=True)
    ),
    "privateRegistryAccess": [{"ecrImagePullerRole": {"isActive": is_active}} for is_active in (True, False)],
}
_MYSQL = {
    "relationalDatabaseBlueprintId": "mysql_8_0",
    "relationalDatabaseBundleId": "micro_2_0",
    "masterDatabaseName": "main",
    "masterUsername": "main_user",
}
_TARGETS = st.lists(st.sampled_from(INSTANCES), min_size=1, max_size=2, unique=True)

A_RECORD = {"type": "A", "name": "www.example.com", "target": "192.0.2.1"}
_RECORD = st.one_of(
    st.just(A_RECORD),
    call(type=["A", "CNAME", "TXT"], name=["www.example.com", "api.web-1.test"], target=["192.0.2.7", '"text"']),
)
_LOG = st.one_of(st.just({"enabled": False}), call(enabled=True, destination=BUCKETS))

_DISTRIBUTED = {
    "origin": [{"name": name, "regionName": "us-east-1"} for name in ("balancer-1", "service-1", "files", "web-1")],
    "defaultCacheBehavior": [{"behavior": "cache"}, {"behavior": "dont-cache"}],
    "enableWaf": [True, False],
}
_IN_FRONT_OF = {"distributionName": "edge-1", "origin": {"name": "balancer-1"}, "bundleId": "medium_1_0"}

BEGINNING_WITH_OTHERS: list[tuple[str, dict[str, Any]]] = [
    *BEGINNING,
    (
        "CreateCertificate",
        {"certificateName": "certificate-1", "domainName": DOMAINS[0], "subjectAlternativeNames": DOMAINS},
    ),
    ("CreateLoadBalancer", {"loadBalancerName": "balancer-1", "instancePort": 80}),
    ("AttachInstancesToLoadBalancer", {"loadBalancerName": "balancer-1", "instanceNames": ["web-1"]}),
    (
        "CreateContainerService",
        {
            "serviceName": "service-1",
            "power": "nano",
            "scale": 1,
            "publicDomainNames": {"certificate-1": DOMAINS},
            "deployment": {"containers": {"web": {"image": "nginx"}}},
        },
    ),
    ("RegisterContainerImage", {"serviceName": "service-1", "label": "web", "digest": DIGEST}),
    ("CreateSubdomain", {"subdomainName": "blog.mysite"}),
    ("CreateBucket", {"bucketName": "files", "bundleId": "small_1_0"}),
    ("SetResourceAccessForBucket", {"bucketName": "files", "resourceName": "web-1", "access": "allow"}),
    ("CreateBucketAccessKey", {"bucketName": "files"}),
    ("CreateDomain", {"domainName": "example.com"}),
    ("CreateDomainEntry", {"domainName": "example.com", "domainEntry": A_RECORD}),
    ("CreateRelationalDatabase", {"relationalDatabaseName": "database-1", **_MYSQL}),
    (
        "CreateDistribution",
        {**_IN_FRONT_OF, "defaultCacheBehavior": {"behavior": "cache"}, "subdomainName": "shop"},
    ),
    ("PeerVpc", {}),
]

SILENT = frozenset(
    {
        *("CreateContainerService", "UpdateContainerService", "DeleteContainerService"),
        *("CreateContainerServiceDeployment", "RegisterContainerImage", "DeleteContainerImage"),
        *("CreateContainerServiceRegistryLogin", "CheckSubdomainAvailability", "TagResource", "UntagResource"),
    }
)
"""What changes something, and may show no entry of the journal."""

OTHERS: dict[str, Arguments] = {
    "CreateLoadBalancer": call(
        {"tags": ANY_TAGS, "certificateName": TLS_CERTIFICATES, "certificateDomainName": DOMAINS},
        loadBalancerName=LOAD_BALANCERS,
        instancePort=80,
    ),
    "DeleteLoadBalancer": call(loadBalancerName=LOAD_BALANCERS),
    "AttachInstancesToLoadBalancer": call(loadBalancerName=LOAD_BALANCERS, instanceNames=_TARGETS),
    "DetachInstancesFromLoadBalancer": call(loadBalancerName=LOAD_BALANCERS, instanceNames=_TARGETS),
    "UpdateLoadBalancerAttribute": call(
        loadBalancerName=LOAD_BALANCERS,
        attributeName=["HttpsRedirectionEnabled", "SessionStickinessEnabled"],
        attributeValue=["true", "false"],
    ),
    "CreateLoadBalancerTlsCertificate": call(
        loadBalancerName=LOAD_BALANCERS, certificateName=TLS_CERTIFICATES, certificateDomainName=DOMAINS
    ),
    "AttachLoadBalancerTlsCertificate": call(loadBalancerName=LOAD_BALANCERS, certificateName=TLS_CERTIFICATES),
    "DeleteLoadBalancerTlsCertificate": call(
        {"force": [True]}, loadBalancerName=LOAD_BALANCERS, certificateName=TLS_CERTIFICATES
    ),
    "CreateCertificate": call(
        {"tags": ANY_TAGS, "subjectAlternativeNames": st.just(DOMAINS)},
        certificateName=CERTIFICATES,
        domainName=DOMAINS,
    ),
    "DeleteCertificate": call(certificateName=CERTIFICATES),
    "CreateContainerService": call(
        {"tags": ANY_TAGS, "deployment": _DEPLOYMENT, **_OF_SERVICES}, serviceName=SERVICES, power="nano", scale=1
    ),
    "UpdateContainerService": call(
        {"isDisabled": [True, False], "scale": [1, 20], "power": ["nano", "xlarge"], **_OF_SERVICES},
        serviceName=SERVICES,
    ),
    "DeleteContainerService": call(serviceName=SERVICES),
    "CreateContainerServiceDeployment": st.tuples(call(serviceName=SERVICES), _DEPLOYMENT).map(
        lambda both: both[0] | both[1]
    ),
    "RegisterContainerImage": call(serviceName=SERVICES, label=["web"], digest=DIGEST),
    "DeleteContainerImage": call(serviceName=SERVICES, image=OWN_IMAGES),
    "CreateContainerServiceRegistryLogin": call(),
    "CreateSubdomain": call({"tags": ANY_TAGS}, subdomainName=SUBDOMAINS),
    "DeleteSubdomain": call(subdomainName=SUBDOMAINS),
    "CheckSubdomainAvailability": call({"reserve": [True]}, subdomainName=["other", *SUBDOMAINS]),
    "CreateBucket": call(
        {"tags": ANY_TAGS, "enableObjectVersioning": [True]}, bucketName=BUCKETS, bundleId=["small_1_0", "none"]
    ),
    "UpdateBucket": call(
        {
            "accessRules": [{"getObject": "public"}, {"allowPublicOverrides": True}],
            "versioning": ["Enabled", "Suspended", "Never"],
            "readonlyAccessAccounts": [[], ["111122223333"]],
            "accessLogConfig": _LOG,
            "cors": [{"rules": []}, {"rules": [{"allowedMethods": ["GET"], "allowedOrigins": ["*"]}]}],
        },
        bucketName=BUCKETS,
    ),
    "UpdateBucketBundle": call(bucketName=BUCKETS, bundleId=["small_1_0", "medium_1_0"]),
    "DeleteBucket": call({"forceDelete": [True, False]}, bucketName=BUCKETS),
    "CreateBucketAccessKey": call(bucketName=BUCKETS),
    "DeleteBucketAccessKey": call(bucketName=BUCKETS, accessKeyId="AKIAIOSFODNN7EXAMPLE"),
    "SetResourceAccessForBucket": call(bucketName=BUCKETS, resourceName=INSTANCES, access=["allow", "deny"]),
    "CreateDomain": call({"tags": ANY_TAGS}, domainName=DNS_ZONES),
    "DeleteDomain": call(domainName=DNS_ZONES),
    "CreateDomainEntry": call(domainName=DNS_ZONES, domainEntry=_RECORD),
    "DeleteDomainEntry": call(domainName=DNS_ZONES, domainEntry=_RECORD),
    "CreateRelationalDatabase": call({"tags": ANY_TAGS}, relationalDatabaseName=DATABASES, **_MYSQL),
    "CreateRelationalDatabaseFromSnapshot": call(
        relationalDatabaseName=DATABASES, relationalDatabaseSnapshotName=DATABASE_SNAPSHOTS
    ),
    "CreateRelationalDatabaseSnapshot": call(
        {"tags": ANY_TAGS}, relationalDatabaseName=DATABASES, relationalDatabaseSnapshotName=DATABASE_SNAPSHOTS
    ),
    "DeleteRelationalDatabase": call({"skipFinalSnapshot": [True]}, relationalDatabaseName=DATABASES),
    "DeleteRelationalDatabaseSnapshot": call(relationalDatabaseSnapshotName=DATABASE_SNAPSHOTS),
    "RebootRelationalDatabase": call(relationalDatabaseName=DATABASES),
    "StartRelationalDatabase": call(relationalDatabaseName=DATABASES),
    "StopRelationalDatabase": call(
        {"relationalDatabaseSnapshotName": DATABASE_SNAPSHOTS}, relationalDatabaseName=DATABASES
    ),
    "UpdateRelationalDatabase": call(
        {
            "applyImmediately": [True],
            "disableBackupRetention": [True],
            "rotateMasterUserPassword": [True],
            "relationalDatabaseBlueprintId": ["mysql_8_4"],
            "preferredMaintenanceWindow": ["wed:01:00-wed:01:30"],
        },
        relationalDatabaseName=DATABASES,
    ),
    "UpdateRelationalDatabaseParameters": call(
        relationalDatabaseName=DATABASES,
        parameters=[[{"parameterName": name, "parameterValue": "100"}] for name in ("back_log", "datadir")],
    ),
    "UpdateDomainEntry": call(domainName=DNS_ZONES, domainEntry=_RECORD.map(lambda entry: {**entry, "id": "5"})),
    "CreateDistribution": call(
        {
            "tags": ANY_TAGS,
            "certificateName": CERTIFICATES,
            "subdomainName": SUBDOMAINS,
            "enableWaf": _DISTRIBUTED["enableWaf"],
        },
        distributionName=DISTRIBUTIONS,
        bundleId=["small_1_0", "large_1_0"],
        origin=_DISTRIBUTED["origin"],
        defaultCacheBehavior=_DISTRIBUTED["defaultCacheBehavior"],
    ),
    "UpdateDistribution": call(
        {
            **_DISTRIBUTED,
            "isEnabled": [True, False],
            "certificateName": CERTIFICATES,
            "useDefaultCertificate": [True, False],
        },
        distributionName=DISTRIBUTIONS,
    ),
    "UpdateDistributionBundle": call(distributionName=DISTRIBUTIONS, bundleId=["small_1_0", "large_1_0"]),
    "AttachCertificateToDistribution": call(distributionName=DISTRIBUTIONS, certificateName=CERTIFICATES),
    "DetachCertificateFromDistribution": call(distributionName=DISTRIBUTIONS),
    "ResetDistributionCache": call(distributionName=DISTRIBUTIONS),
    "DeleteDistribution": call(distributionName=DISTRIBUTIONS),
    "PeerVpc": call(),
    "UnpeerVpc": call(),
    "TagResource": call(
        resourceName=[
            *LOAD_BALANCERS,
            *TLS_CERTIFICATES,
            *CERTIFICATES,
            *SERVICES,
            *SUBDOMAINS,
            *BUCKETS,
            *DNS_ZONES,
            *DATABASES,
            *DISTRIBUTIONS,
        ],
        tags=ANY_TAGS,
    ),
}

OTHER_LOOKS: dict[str, Arguments] = {
    "GetLoadBalancers": call(),
    "GetLoadBalancerTlsCertificates": call(loadBalancerName=LOAD_BALANCERS),
    "GetCertificates": call(includeCertificateDetails=True),
    "GetContainerServices": call(),
    "GetContainerServiceDeployments": call(serviceName=SERVICES),
    "GetContainerImages": call(serviceName=SERVICES),
    "GetContainerLog": call(serviceName=SERVICES, containerName=["web", "api"]),
    "GetRelationalDatabases": call(),
    "GetRelationalDatabaseSnapshots": call(),
    "GetRelationalDatabaseEvents": call(relationalDatabaseName=DATABASES),
    "GetRelationalDatabaseLogEvents": call(relationalDatabaseName=DATABASES, logStreamName=["error", "general"]),
    "GetRelationalDatabaseMasterUserPassword": call(
        {"passwordVersion": ["PREVIOUS", "PENDING"]}, relationalDatabaseName=DATABASES
    ),
    "GetRelationalDatabaseParameters": call(relationalDatabaseName=DATABASES),
    "GetSubdomains": call(),
    "GetBuckets": call(includeConnectedResources=True),
    "GetBucketAccessKeys": call(bucketName=BUCKETS),
    "GetBucketMetricData": call(
        bucketName=BUCKETS,
        metricName="NumberOfObjects",
        startTime=1_700_000_000,
        endTime=1_700_300_000,
        period=86_400,
        statistics=[["Average"]],
        unit="Count",
    ),
    "GetDomains": call(),
    "GetDomain": call(domainName=DNS_ZONES),
    "GetDistributions": call({"distributionName": DISTRIBUTIONS}),
    "GetDistributionLatestCacheReset": call({"distributionName": DISTRIBUTIONS}),
    "GetDistributionBundles": call(),
    "GetDistributionMetricData": call(
        distributionName=DISTRIBUTIONS,
        metricName=["Requests", "WafBlockedRequests", "TotalErrorRate"],
        startTime=1_700_000_000,
        endTime=1_700_003_600,
        period=300,
        statistics=[["Sum"]],
        unit=["None", "Percent"],
    ),
    "IsVpcPeered": call(),
    "GetCostEstimate": call(resourceName=INSTANCES, startTime=1_700_000_000, endTime=1_700_100_000),
}


@st.composite
def calls_of_all(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    """Two of three are of the other nouns."""
    if draw(st.integers(0, 2)):
        operation = draw(st.sampled_from([*OTHERS, *OTHER_LOOKS]))
        return operation, draw((OTHERS | OTHER_LOOKS)[operation])
    operation = draw(st.sampled_from([*CHANGES, *LOOKS]))
    return operation, draw((CHANGES | LOOKS)[operation])
