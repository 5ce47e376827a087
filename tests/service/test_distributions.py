"""Distributions: what a new one is like, its states by the clock, origins, settings, certificates, caches, metrics."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from bench import START, Bench, Refusal, entries, refused
from modelled import misfits
from skysail.server import LocalLightsail, inspection

CACHE = {"behavior": "cache"}
ORIGIN = {"name": "lb", "regionName": "us-east-1"}
ORDER = {"origin": ORIGIN, "defaultCacheBehavior": CACHE, "bundleId": "small_1_0"}
COMMON, SQLI = {"name": "AWSManagedRulesCommonRuleSet"}, {"name": "AWSManagedRulesSQLiRuleSet"}
LOGIN = {"loginPath": "/in", "payloadType": "JSON", "usernameField": "/user", "passwordField": "/word"}
ATP = {"name": "AWSManagedRulesATPRuleSet", "atpConfig": LOGIN}


@pytest.fixture
def edge(bench: Bench) -> Bench:
    """With a load balancer to be an origin."""
    bench.client.create_load_balancer(loadBalancerName="lb", instancePort=80)
    bench.settle()
    return bench


def create(bench: Bench, name: str = "shop", **more: Any) -> dict[str, Any]:
    return dict(bench.client.create_distribution(distributionName=name, **{**ORDER, **more})["distribution"])


def ready(bench: Bench, name: str = "shop", **more: Any) -> None:
    create(bench, name, **more)
    bench.settle()
    assert shown(bench, name)["status"] == "Deployed"


def shown(bench: Bench, name: str = "shop") -> dict[str, Any]:
    (found,) = bench.client.get_distributions(distributionName=name)["distributions"]
    return dict(found)


def update(bench: Bench, **more: Any) -> dict[str, Any]:
    """What it is like after the update."""
    bench.client.update_distribution(distributionName="shop", **more)
    bench.settle()
    return shown(bench)


def certificate(bench: Bench, name: str = "cert", *names: str, issued: bool = True) -> None:
    domain, *others = names or ("example.com",)
    bench.client.create_certificate(certificateName=name, domainName=domain, subjectAlternativeNames=others)
    if issued:
        bench.settle()


def users(bench: Bench, name: str = "cert") -> int:
    (found,) = bench.client.get_certificates(certificateName=name)["certificates"]
    return int(found["certificateDetail"]["inUseResourceCount"])


def faults(bench: Bench) -> list[str]:
    with bench.lightsail.store.begin(write=False) as transaction:
        return [f"{fault.about}: {fault.what}" for fault in inspection(transaction).faults()]


def invalid(message: str, code: str = "InvalidParams") -> Refusal:
    return Refusal("InvalidInputException", code, message)


def test_a_new_distribution_has_the_members_of_the_model(edge: Bench) -> None:
    found = create(edge, tags=[{"key": "a"}])
    dns = edge.client.get_load_balancer(loadBalancerName="lb")["loadBalancer"]["dnsName"]
    assert re.fullmatch(r"arn:aws:lightsail:us-east-1:\d{12}:Distribution/[0-9a-f-]{36}", found.pop("arn"))
    assert re.fullmatch(r"\d{12}/E[0-9A-Z]{13}", found.pop("supportCode"))
    assert re.fullmatch(r"d[0-9a-z]{13}\.cloudfront\.net", found.pop("domainName"))
    assert found == {
        "name": "shop",
        "createdAt": datetime.fromtimestamp(START + 60, UTC),
        "location": {"availabilityZone": "all", "regionName": "us-east-1"},
        "resourceType": "Distribution",
        "alternativeDomainNames": [],
        "status": "InProgress",
        "isEnabled": True,
        "bundleId": "small_1_0",
        "origin": {
            "name": "lb",
            "resourceType": "LoadBalancer",
            "regionName": "us-east-1",
            "protocolPolicy": "http-only",
            "responseTimeout": 30,
            "ipAddressType": "ipv4",
        },
        "originPublicDNS": dns,
        "defaultCacheBehavior": {"behavior": "cache"},
        "cacheBehaviorSettings": {
            "defaultTTL": 86_400,
            "minimumTTL": 0,
            "maximumTTL": 31_536_000,
            "allowedHTTPMethods": "GET,HEAD,OPTIONS,PUT,PATCH,POST,DELETE",
            "cachedHTTPMethods": "GET,HEAD",
            "forwardedCookies": {"option": "none", "cookiesAllowList": []},
            "forwardedHeaders": {"option": "default", "headersAllowList": []},
            "forwardedQueryStrings": {"option": False, "queryStringsAllowList": []},
        },
        "cacheBehaviors": [],
        "ableToUpdateBundle": True,
        "ipAddressType": "dualstack",
        "tags": [{"key": "a"}],
        "viewerMinimumTlsProtocolVersion": "TLSv1.2_2021",
        "waf": {"isWafEnabled": False, "wafRules": []},
    }
    assert misfits("GetDistributions", edge.send({"distributionName": "shop"}, "GetDistributions")) == []
    request = {"distributionName": "blog", **ORDER}
    assert misfits("CreateDistribution", edge.send(request, "CreateDistribution")) == []


def test_states_go_by_the_clock() -> None:
    bench = Bench(pace="real")
    bench.client.create_load_balancer(loadBalancerName="lb", instancePort=80)
    create(bench)
    seen = []
    for call, seconds in (
        (lambda: None, 300),
        (lambda: bench.client.update_distribution(distributionName="shop", isEnabled=False), 300),
        (lambda: bench.client.delete_distribution(distributionName="shop"), 60),
    ):
        call()
        bench.clock.advance(seconds - 1)
        seen.append((shown(bench)["status"], shown(bench)["isEnabled"]))
        bench.clock.advance(1)
        seen += [(one["status"], one["isEnabled"]) for one in bench.client.get_distributions()["distributions"]]
    assert seen == [
        ("InProgress", True),
        ("Deployed", True),
        ("InProgress", False),
        ("Deployed", False),
        ("InProgress", False),
    ]


def test_the_journal_has_an_entry_a_call(edge: Bench) -> None:
    certificate(edge)
    client = edge.client
    create(edge)
    assert entries(edge.operations("shop")) == [("Distribution", "shop", "CreateDistribution", None, "Started")]
    edge.settle()
    for call in (
        lambda: client.update_distribution(distributionName="shop", defaultCacheBehavior={"behavior": "dont-cache"}),
        lambda: client.update_distribution_bundle(distributionName="shop", bundleId="large_1_0"),
        lambda: client.attach_certificate_to_distribution(distributionName="shop", certificateName="cert"),
        lambda: client.detach_certificate_from_distribution(distributionName="shop"),
        lambda: client.reset_distribution_cache(distributionName="shop"),
        lambda: client.set_ip_address_type(resourceType="Distribution", resourceName="shop", ipAddressType="ipv4"),
        lambda: client.delete_distribution(distributionName="shop"),
    ):
        call()
        edge.settle()
    operations = edge.operations("shop")
    assert entries(operations) == [
        ("Distribution", "shop", operation, details, "Succeeded")
        for operation, details in (
            ("CreateDistribution", None),
            ("UpdateDistribution", None),
            ("UpdateDistributionBundle", None),
            ("AttachCertificateToDistribution", "cert"),
            ("DetachCertificateFromDistribution", "cert"),
            ("ResetDistributionCache", None),
            ("SetIpAddressType", "ipv4"),
            ("DeleteDistribution", None),
        )
    ]
    assert all(one["location"] == {"availabilityZone": "all", "regionName": "us-east-1"} for one in operations)
    assert edge.client.get_distributions()["distributions"] == []
    assert faults(edge) == []


CALLS: dict[str, dict[str, Any]] = {
    "create_distribution": {"distributionName": "shop", **ORDER},
    "get_distributions": {"distributionName": "shop"},
    "get_distribution_bundles": {},
    "get_distribution_latest_cache_reset": {"distributionName": "shop"},
    "get_distribution_metric_data": {
        "distributionName": "shop",
        "metricName": "Requests",
        "startTime": START,
        "endTime": START + 3600,
        "period": 300,
        "unit": "None",
        "statistics": ["Sum"],
    },
    "update_distribution": {"distributionName": "shop", "isEnabled": False},
    "update_distribution_bundle": {"distributionName": "shop", "bundleId": "large_1_0"},
    "attach_certificate_to_distribution": {"distributionName": "shop", "certificateName": "cert"},
    "detach_certificate_from_distribution": {"distributionName": "shop"},
    "reset_distribution_cache": {"distributionName": "shop"},
    "set_ip_address_type": {"resourceType": "Distribution", "resourceName": "shop", "ipAddressType": "ipv4"},
    "delete_distribution": {"distributionName": "shop"},
}
CHANGES = list(CALLS)[5:]


@pytest.mark.parametrize("call", CALLS)
def test_other_regions_refuse(call: str) -> None:
    assert refused(getattr(Bench(region="eu-west-1").client, call), **CALLS[call]) == invalid(
        "Distribution-related APIs are only available in the us-east-1 Region. Please set your Region configuration to "
        "us-east-1 to create, view, or edit these resources.",
        "UnsupportedOperation",
    )


@pytest.mark.parametrize("call", ["get_distributions", *list(CALLS)[3:]])
def test_one_that_is_not_there_is_no_good_input(bench: Bench, call: str) -> None:
    found = refused(getattr(bench.client, call), **CALLS[call])
    assert found == invalid("Requested resource not found: shop", "DoesNotExist")


@pytest.mark.parametrize("call", CHANGES)
def test_one_that_is_not_deployed_cannot_be_changed(edge: Bench, call: str) -> None:
    certificate(edge)
    create(edge)
    before = shown(edge)
    found = refused(getattr(edge.client, call), **CALLS[call])
    assert found == invalid("The distribution is not in a state that allows this operation: shop", "InvalidState")
    assert shown(edge) == before


@pytest.mark.parametrize("call", ["update_distribution_bundle", "delete_distribution"])
def test_a_name_is_needed_though_the_model_does_not_say_so(bench: Bench, call: str) -> None:
    assert refused(getattr(bench.client, call)) == invalid("You must specify the name of the distribution.")


def test_all_are_listed_newest_first_in_pages_without_what_only_one_shows() -> None:
    bench = Bench(page_size=2)
    bench.client.create_load_balancer(loadBalancerName="lb", instancePort=80)
    for name in ("one", "two", "three"):
        create(bench, name, defaultRootObject="index.html", customErrorResponses=[{"errorCode": 404}])
    first = bench.client.get_distributions()
    second = bench.client.get_distributions(pageToken=first["nextPageToken"])
    assert [[one["name"] for one in page["distributions"]] for page in (first, second)] == [["three", "two"], ["one"]]
    assert "nextPageToken" not in second
    found = refused(bench.client.get_distributions, distributionName="one", pageToken=first["nextPageToken"])
    assert found == invalid("The page token is not valid.")
    only_one = {"defaultRootObject", "customErrorResponses"}
    assert shown(bench, "one").keys() - second["distributions"][0].keys() == only_one
    assert shown(bench, "one")["customErrorResponses"] == [{"errorCode": 404, "errorCachingMinTTL": 10}]


def test_tags_are_put_on_and_taken_off(edge: Bench) -> None:
    create(edge, tags=[{"key": "a", "value": "1"}])
    edge.client.tag_resource(resourceName="shop", tags=[{"key": "b"}])
    edge.client.untag_resource(resourceName="shop", tagKeys=["a"])
    assert shown(edge)["tags"] == [{"key": "b"}]


def test_an_account_can_have_twenty(bench: Bench) -> None:
    with LocalLightsail(world=bench.lightsail.world, quotas="real") as lightsail:
        client = lightsail.client()
        client.create_load_balancer(loadBalancerName="lb", instancePort=80)
        for count in range(20):
            client.create_distribution(distributionName=f"shop-{count}", **ORDER)
        text = "Sorry, you've reached the maximum number of distributions for your account."
        found = refused(client.create_distribution, distributionName="one-more", **ORDER)
        assert found == invalid(text, "LimitExceeded")


# --- origins ----------------------------------------------------------------------------------------------


def test_every_kind_of_origin_in_whatever_region_has_its_public_name(edge: Bench) -> None:
    abroad = edge.lightsail.client("eu-west-1")
    abroad.create_container_service(serviceName="api", power="nano", scale=1)
    abroad.create_bucket(bucketName="files", bundleId="small_1_0")
    edge.client.allocate_static_ip(staticIpName="ip")
    edge.instance("web")
    edge.client.attach_static_ip(staticIpName="ip", instanceName="web")
    edge.instance("six", bundleId="nano_ipv6_3_0", ipAddressType="ipv6")
    address = edge.client.get_static_ip(staticIpName="ip")["staticIp"]["ipAddress"].replace(".", "-")
    (service,) = abroad.get_container_services(serviceName="api")["containerServices"]
    seen = {}
    for name, region in (("web", None), ("six", None), ("api", "eu-west-1"), ("files", "eu-west-1")):
        made = create(edge, f"to-{name}", origin={"name": name, **({"regionName": region} if region else {})})
        origin = made["origin"]
        seen[name] = (
            origin["resourceType"],
            origin["protocolPolicy"],
            origin["ipAddressType"],
            made["originPublicDNS"],
        )
    assert re.fullmatch(r"i-[0-9a-f]{17}\.compute-1\.amazonaws\.com", seen["six"][-1])
    assert seen == {
        "web": ("Instance", "http-only", "ipv4", f"ec2-{address}.compute-1.amazonaws.com"),
        "six": ("Instance", "http-only", "ipv6", seen["six"][-1]),
        "api": ("ContainerService", "http-only", "ipv4", service["url"].split("/")[2]),
        "files": ("Bucket", "https-only", "ipv4", "files.s3.eu-west-1.amazonaws.com"),
    }
    assert shown(edge, "to-files")["origin"]["isPrivateOriginAccessEnabled"] is False
    assert faults(edge) == []


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"origin": {}}, "You must specify the name of the origin."),
        ({"origin": {"name": "none"}}, "The specified origin does not exist: none"),
        ({"origin": {"name": "disk"}}, "The specified origin does not exist: disk"),
        ({"origin": {"name": "lb", "regionName": "eu-west-1"}}, "The specified origin does not exist: lb"),
        ({"origin": {**ORIGIN, "responseTimeout": 0}}, "The response timeout must be between 1 and 60 seconds: 0"),
        ({"origin": {**ORIGIN, "responseTimeout": 61}}, "The response timeout must be between 1 and 60 seconds: 61"),
        ({"origin": {"name": "web"}}, "The instance can't be an origin because it has no static IP: web"),
        (
            {"origin": {"name": "four", "ipAddressType": "ipv6"}},
            "The origin does not support the IP address type: ipv6",
        ),
        (
            {"origin": {"name": "files", "protocolPolicy": "http-only"}},
            "The protocol policy of a bucket must be https-only: files",
        ),
        ({"enablePrivateOriginAccess": True}, "You can enable private origin access only for a bucket: lb"),
    ],
)
def test_an_origin_that_does_not_fit_is_refused(edge: Bench, more: dict[str, Any], message: str) -> None:
    edge.client.create_disk(diskName="disk", availabilityZone="us-east-1a", sizeInGb=8)
    edge.client.create_bucket(bucketName="files", bundleId="small_1_0")
    edge.instance("web")
    edge.instance("four", ipAddressType="ipv4")
    assert refused(create, bench=edge, **more).message == message
    assert edge.client.get_distributions()["distributions"] == []


def test_another_origin_takes_the_place_of_the_first_and_a_bucket_can_be_private(edge: Bench) -> None:
    edge.client.create_bucket(bucketName="files", bundleId="small_1_0")
    ready(edge)
    text = "You must specify the origin together with enablePrivateOriginAccess."
    assert refused(update, bench=edge, enablePrivateOriginAccess=True) == invalid(text)
    found = update(edge, origin={"name": "files", "regionName": "us-east-1"}, enablePrivateOriginAccess=True)
    assert found["origin"]["isPrivateOriginAccessEnabled"] is True
    assert found["originPublicDNS"] == "files.s3.us-east-1.amazonaws.com"


# --- settings ---------------------------------------------------------------------------------------------


def test_settings_are_kept_as_they_are_given_and_replaced_as_a_whole(edge: Bench) -> None:
    settings = {
        "defaultTTL": 60,
        "minimumTTL": 10,
        "maximumTTL": 600,
        "allowedHTTPMethods": "GET,HEAD,OPTIONS",
        "cachedHTTPMethods": "GET,HEAD,OPTIONS",
        "forwardedCookies": {"option": "allow-list", "cookiesAllowList": ["session"]},
        "forwardedHeaders": {"option": "allow-list", "headersAllowList": ["Host"]},
        "forwardedQueryStrings": {"option": True, "queryStringsAllowList": ["q"]},
    }
    paths = [{"path": "api/*", "behavior": "dont-cache"}]
    ready(edge, cacheBehaviorSettings=settings, cacheBehaviors=paths)
    assert (shown(edge)["cacheBehaviorSettings"], shown(edge)["cacheBehaviors"]) == (settings, paths)
    found = update(edge, cacheBehaviorSettings={"defaultTTL": 5}, cacheBehaviors=[])
    assert (found["cacheBehaviorSettings"]["defaultTTL"], found["cacheBehaviorSettings"]["maximumTTL"]) == (
        5,
        31_536_000,
    )
    assert found["cacheBehaviorSettings"]["forwardedCookies"] == {"option": "none", "cookiesAllowList": []}
    assert found["cacheBehaviors"] == []


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (
            {"cacheBehaviorSettings": {"minimumTTL": 90_000}},
            "The minimum TTL must be less than or equal to the default TTL, and the default TTL to the maximum TTL of "
            "at most 31536000 seconds: 90000, 86400, 31536000",
        ),
        (
            {"cacheBehaviorSettings": {"allowedHTTPMethods": "GET,POST"}},
            "The allowed HTTP methods are not valid: GET,POST",
        ),
        ({"cacheBehaviorSettings": {"cachedHTTPMethods": "GET"}}, "The cached HTTP methods are not valid: GET"),
        (
            {"cacheBehaviorSettings": {"allowedHTTPMethods": "GET,HEAD", "cachedHTTPMethods": "GET,HEAD,OPTIONS"}},
            "The cached HTTP methods are not valid: GET,HEAD,OPTIONS",
        ),
        (
            {"cacheBehaviorSettings": {"forwardedHeaders": {"option": "all"}, "minimumTTL": 1}},
            "The minimum TTL must be 0 when all headers are forwarded to the origin.",
        ),
        (
            {"cacheBehaviorSettings": {"forwardedCookies": {"option": "allow-list"}}},
            "You must specify cookiesAllowList together with the option allow-list, and not without it.",
        ),
        (
            {"cacheBehaviorSettings": {"forwardedCookies": {"option": "all", "cookiesAllowList": ["a"]}}},
            "You must specify cookiesAllowList together with the option allow-list, and not without it.",
        ),
        (
            {"cacheBehaviorSettings": {"forwardedCookies": {"option": "default"}}},
            "The option of forwardedCookies is not valid: default",
        ),
        (
            {"cacheBehaviorSettings": {"forwardedQueryStrings": {"queryStringsAllowList": ["q"] * 11}}},
            "You can specify at most 10 values in queryStringsAllowList.",
        ),
        ({"defaultCacheBehavior": {}}, "The default cache behavior must be cache or dont-cache."),
        ({"cacheBehaviors": [CACHE]}, "A path is missing."),
        ({"cacheBehaviors": [{"path": "a"}]}, "The path has no cache behavior: a"),
        ({"cacheBehaviors": [{"path": "a", **CACHE}] * 2}, "Each cache behavior must have a path of its own: a"),
        (
            {"cacheBehaviors": [{"path": f"p{count}", **CACHE} for count in range(26)]},
            "You can specify at most 25 cache behaviors.",
        ),
        (
            {"defaultRootObject": "/index.html"},
            "The default root object must not begin with / and have at most 255 characters: /index.html",
        ),
        (
            {"customErrorResponses": [{"errorCode": 200}]},
            "The error code is not valid, or has a custom error response already: 200",
        ),
        (
            {"customErrorResponses": [{"errorCode": 404}, {"errorCode": 404}]},
            "The error code is not valid, or has a custom error response already: 404",
        ),
        (
            {"customErrorResponses": [{"errorCode": 404, "responseCode": "200"}]},
            "A custom error response must have a response code and a page, or neither: 404",
        ),
        (
            {"customErrorResponses": [{"errorCode": 404, "responseCode": "201", "responsePagePath": "/a"}]},
            "The response code is not valid: 201",
        ),
        (
            {"customErrorResponses": [{"errorCode": 404, "responseCode": "200", "responsePagePath": "a"}]},
            "The path of the error page must begin with /: a",
        ),
        (
            {"customErrorResponses": [{"errorCode": 404, "errorCachingMinTTL": -1}]},
            "The minimum TTL of an error must be between 0 and 31536000.",
        ),
        ({"bundleId": "huge_1_0"}, "The specified bundle does not exist: huge_1_0"),
        ({"ipAddressType": "ipv6"}, "A distribution does not support the IP address type: ipv6"),
        ({"subdomainName": "a.b.c"}, "a.b.c is not a valid subdomain. A subdomain has one or two labels of lowercase"),
        (
            {"subdomainName": "mysite", "certificateName": "cert"},
            "You can't specify both a certificate and a subdomain for a distribution.",
        ),
        ({"distributionName": "lb"}, "Some names are already in use: lb"),
    ],
)
def test_what_does_not_fit_is_refused(edge: Bench, more: dict[str, Any], message: str) -> None:
    order = {"distributionName": "shop", **ORDER, **more}
    found = refused(edge.client.create_distribution, **order)
    assert (found.kind, found.message[: len(message)]) == ("InvalidInputException", message)
    assert edge.client.get_distributions()["distributions"] == []


# --- the firewall -----------------------------------------------------------------------------------------


def test_the_firewall_is_switched_on_with_its_rules_and_off_without_them(edge: Bench) -> None:
    ready(edge, bundleId="medium_1_0", enableWaf=True)
    assert shown(edge)["waf"] == {"isWafEnabled": True, "wafRules": []}
    assert update(edge, wafRules=[COMMON])["waf"] == {"isWafEnabled": True, "wafRules": [COMMON]}
    assert update(edge, isEnabled=True)["waf"]["wafRules"] == [COMMON]
    edge.client.update_distribution_bundle(distributionName="shop", bundleId="large_1_0")
    assert update(edge, wafRules=[COMMON, SQLI, ATP])["waf"]["wafRules"] == [COMMON, SQLI, ATP]
    assert misfits("GetDistributions", edge.send({}, "GetDistributions")) == []
    edge.clock.advance(31 * 86_400)
    for bundle, text in (
        ("medium_1_0", "The WAF rule group is not available for the bundle medium_1_0: AWSManagedRulesSQLiRuleSet"),
        ("small_1_0", "WAF is not available for the bundle: small_1_0"),
    ):
        call = edge.client.update_distribution_bundle
        assert refused(call, distributionName="shop", bundleId=bundle).message == text
    assert update(edge, enableWaf=False)["waf"] == {"isWafEnabled": False, "wafRules": []}


def bad(member: str, value: Any) -> list[dict[str, Any]]:
    return [{**ATP, "atpConfig": {**LOGIN, member: value}}]


@pytest.mark.parametrize(
    ("bundle", "more", "message"),
    [
        ("small_1_0", {"enableWaf": True}, "WAF is not available for the bundle: small_1_0"),
        ("large_1_0", {"wafRules": [COMMON]}, "You can specify WAF rules only when WAF is enabled."),
        (
            "medium_1_0",
            {"enableWaf": True, "wafRules": [SQLI]},
            "The WAF rule group is not available for the bundle medium_1_0: AWSManagedRulesSQLiRuleSet",
        ),
        (
            "large_1_0",
            {"enableWaf": True, "wafRules": [SQLI, SQLI]},
            "The WAF rule group is specified twice: AWSManagedRulesSQLiRuleSet",
        ),
        (
            "large_1_0",
            {"enableWaf": True, "wafRules": [{**SQLI, "atpConfig": LOGIN}]},
            "The WAF rule group AWSManagedRulesSQLiRuleSet does not take atpConfig.",
        ),
        (
            "large_1_0",
            {"enableWaf": True, "wafRules": [{"name": ATP["name"]}]},
            "The WAF rule group AWSManagedRulesATPRuleSet needs atpConfig.",
        ),
        (
            "large_1_0",
            {"enableWaf": True, "wafRules": [{**ATP, "atpConfig": {"loginPath": "/in"}}]},
            "The atpConfig needs payloadType.",
        ),
        (
            "large_1_0",
            {"enableWaf": True, "wafRules": bad("loginPath", "in")},
            "The loginPath of atpConfig is not valid: in",
        ),
        (
            "large_1_0",
            {"enableWaf": True, "wafRules": bad("usernameField", "user")},
            "The usernameField of atpConfig is not valid: user",
        ),
        (
            "large_1_0",
            {"enableWaf": True, "wafRules": bad("responseInspection", {"successCodes": [200]})},
            "Success and failure codes must be 1 to 10 numbers from 0 to 999.",
        ),
        (
            "large_1_0",
            {
                "enableWaf": True,
                "wafRules": bad("responseInspection", {"successCodes": [200], "failureCodes": [401, 200]}),
            },
            "A status code can't be a success and a failure: 200",
        ),
    ],
)
def test_rules_that_do_not_fit_are_refused(edge: Bench, bundle: str, more: dict[str, Any], message: str) -> None:
    assert refused(create, bench=edge, bundleId=bundle, **more).message == message


# --- bundles and caches -----------------------------------------------------------------------------------


def test_bundles_are_told_and_changed_once_a_calendar_month(edge: Bench) -> None:
    bundles = edge.client.get_distribution_bundles()["bundles"]
    assert [(one["bundleId"], one["price"], one["transferPerMonthInGb"]) for one in bundles] == [
        ("small_1_0", 2.5, 50),
        ("medium_1_0", 10.0, 200),
        ("large_1_0", 35.0, 500),
    ]
    assert misfits("GetDistributionBundles", edge.send({}, "GetDistributionBundles")) == []
    ready(edge)
    change: Callable[..., Any] = edge.client.update_distribution_bundle
    for bundle, text in (
        ("huge_1_0", "The specified bundle does not exist: huge_1_0"),
        ("small_1_0", "The distribution already has the specified bundle: small_1_0"),
    ):
        assert refused(change, distributionName="shop", bundleId=bundle) == invalid(text)
    change(distributionName="shop", bundleId="medium_1_0")
    assert (shown(edge)["bundleId"], shown(edge)["ableToUpdateBundle"]) == ("medium_1_0", False)
    assert refused(change, distributionName="shop", bundleId="large_1_0") == invalid(
        "You can only update the bundle of a distribution once per monthly billing cycle: shop", "InvalidState"
    )
    edge.clock.advance(17 * 86_400)  # into December
    assert shown(edge)["ableToUpdateBundle"] is True
    change(distributionName="shop", bundleId="large_1_0")


def test_the_last_reset_of_a_cache_is_told_of_one_and_of_all(edge: Bench) -> None:
    def latest(**of: Any) -> Any:
        answer = edge.client.get_distribution_latest_cache_reset(**of)
        return answer.get("status"), answer.get("createTime")

    ready(edge)
    ready(edge, "blog")
    assert latest() == latest(distributionName="shop") == (None, None)
    answer = edge.client.reset_distribution_cache(distributionName="shop")
    began = datetime.fromtimestamp(edge.clock.now(), UTC)
    assert (answer["status"], answer["createTime"]) == ("InProgress", began)
    assert latest() == latest(distributionName="shop") == ("InProgress", began)
    edge.settle()
    assert latest() == ("Completed", began)
    edge.client.reset_distribution_cache(distributionName="blog")
    assert latest() == ("InProgress", began + timedelta(minutes=1))
    assert latest(distributionName="shop") == ("Completed", began)
    request = {"distributionName": "shop"}
    assert misfits("ResetDistributionCache", edge.send(request, "ResetDistributionCache")) == []


# --- certificates -----------------------------------------------------------------------------------------


def test_a_certificates_names_are_the_distributions_until_it_is_taken_off(edge: Bench) -> None:
    certificate(edge, "cert", "example.com", "www.example.com")
    certificate(edge, "other", "example.org")
    ready(edge, certificateName="cert")
    assert shown(edge)["certificateName"] == "cert"
    assert shown(edge)["alternativeDomainNames"] == ["example.com", "www.example.com"]
    assert users(edge) == 1
    assert refused(edge.client.delete_certificate, certificateName="cert").message == "The certificate is in use: cert"
    edge.client.attach_certificate_to_distribution(distributionName="shop", certificateName="other")
    edge.settle()
    assert (users(edge), users(edge, "other")) == (0, 1)
    assert shown(edge)["alternativeDomainNames"] == ["example.org"]
    edge.client.detach_certificate_from_distribution(distributionName="shop")
    edge.settle()
    assert "certificateName" not in shown(edge)
    assert (shown(edge)["alternativeDomainNames"], users(edge, "other")) == ([], 0)
    assert update(edge, certificateName="cert", useDefaultCertificate=False)["certificateName"] == "cert"
    assert "certificateName" not in update(edge, useDefaultCertificate=True)
    assert update(edge, certificateName="cert")["certificateName"] == "cert"
    assert "certificateName" not in update(edge, certificateName="")  # as Terraform takes it off
    update(edge, certificateName="cert")
    assert faults(edge) == []
    edge.client.delete_distribution(distributionName="shop")
    assert users(edge) == 1
    edge.settle()
    assert users(edge) == 0
    edge.client.delete_certificate(certificateName="cert")


def test_a_certificate_that_does_not_know_its_distribution_is_a_fault_of_the_store(edge: Bench) -> None:
    certificate(edge)
    ready(edge, certificateName="cert")
    store = edge.lightsail.store
    with store.begin(write=True) as transaction:
        (place,) = transaction.places("Certificate")
        row = transaction.get(place, "cert")
        assert row is not None
        private = msgspec.json.decode(row.private)
        transaction.update(replace(row, private=msgspec.json.encode({**private, "users": []})))
    assert faults(edge) == ["Distribution shop: uses the certificate cert, which does not know it"]


def test_a_certificate_can_be_a_distributions_and_a_container_services_at_once(edge: Bench) -> None:
    certificate(edge)
    ready(edge, certificateName="cert")
    edge.client.create_container_service(
        serviceName="api", power="nano", scale=1, publicDomainNames={"cert": ["example.com"]}
    )
    assert users(edge) == 2


@pytest.mark.parametrize(
    ("name", "refusal"),
    [
        ("none", Refusal("NotFoundException", "DoesNotExist", "The Certificate does not exist: none")),
        ("new", invalid("The certificate can't be attached because it is not issued: new", "InvalidState")),
        (
            "overlapping",
            invalid("One or more of the CNAMEs you provided are already associated with a different resource."),
        ),
    ],
)
def test_a_certificate_that_does_not_go_with_it_is_refused(edge: Bench, name: str, refusal: Refusal) -> None:
    certificate(edge)
    certificate(edge, "overlapping", "www.example.com", "example.com")
    ready(edge)
    ready(edge, "first", certificateName="cert")
    certificate(edge, "new", "example.net", issued=False)
    attach = edge.client.attach_certificate_to_distribution
    assert refused(attach, distributionName="shop", certificateName=name) == refusal
    assert refused(update, bench=edge, certificateName=name) == refusal
    assert refused(create, bench=edge, name="third", certificateName=name) == refusal


def test_a_name_is_on_one_distribution_of_all_accounts(edge: Bench) -> None:
    theirs = edge.lightsail.client("us-east-1", access_key_id="222233334444")
    theirs.create_load_balancer(loadBalancerName="lb", instancePort=80)
    for client, domain in ((theirs, "Example.COM"), (edge.client, "example.com")):
        client.create_certificate(certificateName="cert", domainName=domain)
    edge.settle()
    theirs.create_distribution(distributionName="shop", **ORDER, certificateName="cert")
    text = "One or more of the CNAMEs you provided are already associated with a different resource."
    assert refused(create, bench=edge, certificateName="cert") == invalid(text)


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (
            {"certificateName": "cert", "useDefaultCertificate": True},
            "You can't specify a certificate together with useDefaultCertificate.",
        ),
        ({"useDefaultCertificate": False}, "You must specify a certificate when useDefaultCertificate is false."),
    ],
)
def test_what_certificate_is_meant_must_be_clear(edge: Bench, more: dict[str, Any], message: str) -> None:
    ready(edge)
    assert refused(update, bench=edge, **more) == invalid(message)
    found = refused(edge.client.detach_certificate_from_distribution, distributionName="shop")
    assert found == invalid("The distribution has no certificate attached: shop", "InvalidState")


# --- subdomains -------------------------------------------------------------------------------------------


def subdomain(bench: Bench, name: str = "mysite") -> dict[str, Any]:
    return dict(bench.client.get_subdomains(subdomainName=name)["subdomains"][0])


def test_a_subdomain_that_comes_with_a_distribution_is_made_when_that_is_deployed(edge: Bench) -> None:
    create(edge, subdomainName="mysite")
    seen = []
    for _ in range(4):
        seen.append((shown(edge)["status"], shown(edge)["subdomain"]["state"], edge.operations("shop")[0]["status"]))
        edge.clock.advance(1)
    assert seen == [
        ("InProgress", "Creating", "Started"),
        ("Deployed", "Creating", "Started"),
        ("Deployed", "Attaching", "Started"),
        ("Deployed", "Attached", "Succeeded"),
    ]
    assert (subdomain(edge)["state"], subdomain(edge)["attachedResource"]["name"]) == ("ATTACHED", "shop")
    assert misfits("GetDistributions", edge.send({}, "GetDistributions")) == []
    certificate(edge)
    assert refused(update, bench=edge, certificateName="cert") == invalid(
        "The distribution is already associated with a subdomain: mysite", "InvalidState"
    )
    edge.client.delete_distribution(distributionName="shop")
    edge.settle()
    assert subdomain(edge)["state"] == "UNATTACHED"
    assert "attachedResource" not in subdomain(edge)
    assert faults(edge) == []


def test_a_subdomain_that_is_somebodys_leaves_the_distribution_without_and_says_so(edge: Bench) -> None:
    edge.client.create_subdomain(subdomainName="mysite")
    ready(edge, subdomainName="mysite")
    assert shown(edge)["subdomain"] == {
        "name": "mysite",
        "state": "Error",
        "errorCode": "InvalidParams",
        "errorDetails": "The subdomain is not available: mysite",
    }
    (entry,) = edge.operations("shop")
    assert (entry["status"], entry["errorDetails"]) == ("Failed", "The subdomain is not available: mysite")


@pytest.mark.parametrize("seconds", range(5))
def test_a_distribution_that_is_deleted_lets_its_new_subdomain_go_however_far_it_is(edge: Bench, seconds: int) -> None:
    create(edge, subdomainName="mysite")
    edge.clock.advance(1 + seconds / 2)
    edge.client.delete_distribution(distributionName="shop")
    edge.settle()
    assert subdomain(edge)["state"] == "UNATTACHED"
    assert all(one["isTerminal"] for one in edge.operations())
    assert faults(edge) == []


@pytest.mark.parametrize(
    ("action", "state"),
    [("ASSOCIATE", "UNATTACHED"), ("DISASSOCIATE", "UNATTACHED"), ("TRANSFER", "ATTACHED"), (None, "UNATTACHED")],
)
def test_a_subdomain_is_let_go_when_its_distribution_goes_in_the_middle_of_a_change(action: Any, state: str) -> None:
    bench = Bench(pace="real")
    bench.client.create_load_balancer(loadBalancerName="lb", instancePort=80)
    for name in ("one", "two"):
        create(bench, name)
    bench.client.create_subdomain(subdomainName="mysite")
    bench.clock.advance(600)

    def associate(action: str, target: str | None) -> None:
        arn = {"targetResourceArn": shown(bench, target)["arn"]} if target else {}
        bench.client.update_subdomain_association(subdomainName="mysite", action=action, **arn)

    if action != "ASSOCIATE":
        associate("ASSOCIATE", "one")
        bench.clock.advance(60)
        assert shown(bench, "one")["subdomain"] == {"name": "mysite", "state": "Attached"}
    bench.client.delete_distribution(distributionName="one")
    bench.clock.advance(30)
    if action:
        associate(action, {"ASSOCIATE": "one", "TRANSFER": "two"}.get(action))
    bench.clock.advance(600)
    assert subdomain(bench)["state"] == state
    assert subdomain(bench).get("attachedResource", {}).get("name") == ("two" if action == "TRANSFER" else None)
    assert all(one["isTerminal"] for one in bench.operations())
    assert faults(bench) == []


# --- metrics ----------------------------------------------------------------------------------------------


def metric(bench: Bench, name: str, start: float, hours: float = 24) -> list[dict[str, Any]]:
    answer = bench.client.get_distribution_metric_data(
        distributionName="shop",
        metricName=name,
        startTime=start,
        endTime=start + hours * 3600,
        period=3600,
        unit="Percent" if name.endswith("Rate") else "None",
        statistics=["Sum", "Average", "Maximum"],
    )
    assert answer["metricName"] == name
    return sorted(answer["metricData"], key=lambda point: point["timestamp"])


def test_metrics_are_there_while_it_is_enabled_and_agree_with_one_another(edge: Bench) -> None:
    ready(edge, bundleId="medium_1_0", enableWaf=True)
    start = edge.clock.now() // 60 * 60
    edge.clock.advance(86_400)
    requests = metric(edge, "Requests", start)
    allowed, blocked = metric(edge, "WafAllowedRequests", start), metric(edge, "WafBlockedRequests", start)
    assert len(requests) == 24
    assert sum(point["sum"] for point in requests) > 0
    for all_, good, bad_ in zip(requests, allowed, blocked, strict=True):
        assert all_["sum"] == good["sum"] + bad_["sum"]
    rates = [metric(edge, name, start) for name in ("TotalErrorRate", "Http4xxErrorRate", "Http5xxErrorRate")]
    for total, client, server in zip(*rates, strict=True):
        assert total["average"] == pytest.approx(client["average"] + server["average"])
        assert 0 <= total["maximum"] <= 100
    assert all(
        point["sum"] >= 0 for name in ("BytesDownloaded", "BytesUploaded") for point in metric(edge, name, start)
    )
    assert metric(edge, "Requests", start) == requests, "the same question has the same answer"
    update(edge, isEnabled=False, enableWaf=False)
    later = edge.clock.now() + 3600
    edge.clock.advance(86_400)
    assert metric(edge, "Requests", start) == requests, "what was said of a time stays true"
    assert metric(edge, "Requests", later, 20) == metric(edge, "WafAllowedRequests", later, 20) == []
    answer = edge.send(CALLS["get_distribution_metric_data"], "GetDistributionMetricData")
    assert misfits("GetDistributionMetricData", answer) == []


def test_the_guides_spelling_of_a_metric_is_refused(edge: Bench) -> None:
    ready(edge)
    found = refused(
        edge.client.get_distribution_metric_data,
        **{**CALLS["get_distribution_metric_data"], "metricName": "4xxErrorRate"},
    )
    assert found.kind == "InvalidInputException"
    assert "Value '4xxErrorRate' at 'metricName' failed to satisfy constraint" in found.message


# --- the addresses of a distribution ----------------------------------------------------------------------


def test_its_address_type_is_changed_and_is_never_ipv6_alone(edge: Bench) -> None:
    ready(edge)
    call = edge.client.set_ip_address_type
    of_it = {"resourceType": "Distribution", "resourceName": "shop"}
    call(**of_it, ipAddressType="ipv4")
    assert (shown(edge)["ipAddressType"], shown(edge)["status"]) == ("ipv4", "InProgress")
    edge.settle()
    assert refused(call, **of_it, ipAddressType="ipv6") == invalid(
        "A distribution does not support the IP address type: ipv6", "UnsupportedOperation"
    )
