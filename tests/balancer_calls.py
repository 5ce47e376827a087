"""Calls of load balancers, of their certificates, and of the instances behind them, drawn at random."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from world_calls import ANY_TAGS, INSTANCES, SOME_INSTANCES, Arguments, call, of
from world_calls import CHANGES as OF_INSTANCES

BALANCERS = ["lb-1", "lb-2"]
TLS_CERTIFICATES = ["tls-1", "tls-2", "tls-3"]
CERTIFICATES = ["cert-1", "cert-2"]
ALARMS = ["alarm-1"]
EVERYTHING = [*BALANCERS, *TLS_CERTIFICATES, *CERTIFICATES, *INSTANCES]
DOMAINS = ["example.com", "shop.test"]

_INSTANCE = {"availabilityZone": "us-east-1a", "bundleId": "nano_3_0", "blueprintId": "ubuntu_24_04"}
_TLS = {"loadBalancerName": "lb-1", "certificateName": "tls-1"}
BEGINNING: list[tuple[str, dict[str, Any]]] = [
    ("CreateInstances", {"instanceNames": ["web-1", "web-2"], **_INSTANCE}),
    ("CreateLoadBalancer", {"loadBalancerName": "lb-1", "instancePort": 80}),
    ("CreateLoadBalancer", {"loadBalancerName": "lb-2", "instancePort": 8080}),
    ("AttachInstancesToLoadBalancer", {"loadBalancerName": "lb-1", "instanceNames": ["web-1", "web-2"]}),
    ("AttachInstancesToLoadBalancer", {"loadBalancerName": "lb-2", "instanceNames": ["web-1"]}),
    ("CreateLoadBalancerTlsCertificate", {**_TLS, "certificateDomainName": "example.com"}),
    ("CreateCertificate", {"certificateName": "cert-1", "domainName": "example.com"}),
    ("AttachLoadBalancerTlsCertificate", _TLS),
]

CHANGES: dict[str, Arguments] = {
    **{name: OF_INSTANCES[name] for name in ("CreateInstances", "StartInstance", "StopInstance", "DeleteInstance")},
    "CreateLoadBalancer": call(
        {
            "tags": ANY_TAGS,
            "healthCheckPath": ["/", "up"],
            "certificateName": TLS_CERTIFICATES,
            "certificateDomainName": DOMAINS,
            "certificateAlternativeNames": [[], ["www.example.com"]],
            "tlsPolicyName": ["TLS-2016-08", "none"],
        },
        loadBalancerName=BALANCERS,
        instancePort=80,
    ),
    "DeleteLoadBalancer": call(loadBalancerName=BALANCERS),
    "AttachInstancesToLoadBalancer": call(loadBalancerName=BALANCERS, instanceNames=SOME_INSTANCES),
    "DetachInstancesFromLoadBalancer": call(loadBalancerName=BALANCERS, instanceNames=SOME_INSTANCES),
    "UpdateLoadBalancerAttribute": call(
        loadBalancerName=BALANCERS,
        attributeName=["HttpsRedirectionEnabled", "SessionStickinessEnabled", "HealthCheckPath"],
        attributeValue=["true", "false", "/up"],
    ),
    "CreateLoadBalancerTlsCertificate": call(
        {"tags": ANY_TAGS},
        loadBalancerName=BALANCERS,
        certificateName=TLS_CERTIFICATES,
        certificateDomainName=DOMAINS,
    ),
    "AttachLoadBalancerTlsCertificate": call(loadBalancerName=BALANCERS, certificateName=TLS_CERTIFICATES),
    "DeleteLoadBalancerTlsCertificate": call(
        {"force": [True, False]}, loadBalancerName=BALANCERS, certificateName=TLS_CERTIFICATES
    ),
    "CreateCertificate": call(
        {"tags": ANY_TAGS, "subjectAlternativeNames": [[], ["www.example.com"], ["*.example.com"]]},
        certificateName=CERTIFICATES,
        domainName=DOMAINS,
    ),
    "DeleteCertificate": call(certificateName=CERTIFICATES),
    "SetIpAddressType": call(
        resourceType="LoadBalancer", resourceName=BALANCERS, ipAddressType=["ipv4", "dualstack", "ipv6"]
    ),
    "TagResource": call(resourceName=EVERYTHING, tags=ANY_TAGS),
    "UntagResource": call(resourceName=EVERYTHING, tagKeys=st.lists(of("a", "b"), min_size=1, unique=True)),
    "PutAlarm": call(
        alarmName=ALARMS,
        metricName=["HealthyHostCount", "RequestCount", "CPUUtilization"],
        monitoredResourceName=[*BALANCERS, "web-1"],
        comparisonOperator="LessThanThreshold",
        threshold=1.0,
        evaluationPeriods=1,
    ),
    "DeleteAlarm": call(alarmName=ALARMS),
}


@st.composite
def calls_of_balancers(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    operation = draw(st.sampled_from([*CHANGES]))
    return operation, draw(CHANGES[operation])
