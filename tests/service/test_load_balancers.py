"""Load balancers: what a new one is like, its attributes, and the instances behind it through all that befalls them."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest

from bench import START, Bench, Refusal, entries, refused
from skysail.errors import NotFoundException
from skysail.server import LocalLightsail, inspection
from skysail.world import ManualClock, manual_world


def create(bench: Bench, name: str = "lb", **more: Any) -> list[tuple[Any, ...]]:
    answer = bench.client.create_load_balancer(**{"loadBalancerName": name, "instancePort": 80, **more})
    return entries(answer["operations"])


def balancer(bench: Bench, name: str = "lb") -> dict[str, Any]:
    found: dict[str, Any] = bench.client.get_load_balancer(loadBalancerName=name)["loadBalancer"]
    return found


def attach(bench: Bench, *names: str, to: str = "lb") -> list[tuple[Any, ...]]:
    answer = bench.client.attach_instances_to_load_balancer(loadBalancerName=to, instanceNames=list(names))
    return entries(answer["operations"])


def detach(bench: Bench, *names: str, to: str = "lb") -> list[tuple[Any, ...]]:
    answer = bench.client.detach_instances_from_load_balancer(loadBalancerName=to, instanceNames=list(names))
    return entries(answer["operations"])


def update(bench: Bench, name: str, value: str) -> dict[str, Any]:
    answer = bench.client.update_load_balancer_attribute(
        loadBalancerName="lb", attributeName=name, attributeValue=value
    )
    assert entries(answer["operations"]) == [("LoadBalancer", "lb", "UpdateLoadBalancerAttribute", name, "Succeeded")]
    return balancer(bench)


def healths(bench: Bench, name: str = "lb") -> dict[str, str]:
    """Each instance's health, with its reason where there is one."""
    shown = balancer(bench, name)["instanceHealthSummary"]
    return {
        one["instanceName"]: " ".join(filter(None, (one["instanceHealth"], one.get("instanceHealthReason"))))
        for one in shown
    }


def ends(bench: Bench, operation: str) -> list[tuple[Any, ...]]:
    """Who the entries of one type are of, with their ends."""
    found = [one for one in bench.operations() if one.get("operationType") == operation]
    return [(one["resourceName"], one["status"], one.get("errorCode")) for one in found]


def faults(bench: Bench) -> list[str]:
    with bench.lightsail.store.begin(write=False) as transaction:
        return [f"{fault.about}: {fault.what}" for fault in inspection(transaction).faults()]


def real(*names: str) -> Bench:
    """A load balancer and running instances at the real pace."""
    bench = Bench(pace="real")
    create(bench)
    bench.create(*names)
    bench.clock.advance(600)
    return bench


# --- by itself --------------------------------------------------------------------------------------------


def test_a_new_load_balancer_has_the_members_that_published_answers_show(bench: Bench) -> None:
    assert create(bench, tags=[{"key": "a"}]) == [("LoadBalancer", "lb", "CreateLoadBalancer", None, "Started")]
    found = balancer(bench)
    assert re.fullmatch(r"arn:aws:lightsail:us-east-1:\d{12}:LoadBalancer/[0-9a-f-]{36}", found.pop("arn"))
    dns = re.fullmatch(r"([0-9a-f]{32})-\d{10}\.us-east-1\.elb\.amazonaws\.com", found.pop("dnsName"))
    assert dns
    code = rf"\d{{12}}/arn:aws:elasticloadbalancing:us-east-1:\d{{12}}:loadbalancer/app/{dns[1]}/[0-9a-f]{{16}}"
    assert re.fullmatch(code, found.pop("supportCode"))
    assert found == {
        "name": "lb",
        "createdAt": datetime.fromtimestamp(START, UTC),
        "location": {"availabilityZone": "all", "regionName": "us-east-1"},
        "resourceType": "LoadBalancer",
        "tags": [{"key": "a"}],
        "state": "provisioning",
        "protocol": "HTTP",
        "publicPorts": [80],
        "healthCheckPath": "/",
        "instancePort": 80,
        "instanceHealthSummary": [],
        "tlsCertificateSummaries": [],
        "configurationOptions": {
            "SessionStickinessEnabled": "false",
            "SessionStickiness_LB_CookieDurationSeconds": "86400",
        },
        "ipAddressType": "dualstack",
        "httpsRedirectionEnabled": False,
        "tlsPolicyName": "TLS-2016-08",
    }
    bench.settle()
    assert balancer(bench)["state"] == "active"
    assert ends(bench, "CreateLoadBalancer") == [("lb", "Succeeded", None)]


def test_what_is_ordered_is_what_is_made(bench: Bench) -> None:
    create(
        bench,
        instancePort=8080,
        healthCheckPath="/health?deep=1",
        ipAddressType="ipv4",
        tlsPolicyName="TLS-FS-1-2-Res-2019-08",
    )
    found = balancer(bench)
    assert (found["instancePort"], found["healthCheckPath"]) == (8080, "/health?deep=1")
    assert (found["ipAddressType"], found["tlsPolicyName"]) == ("ipv4", "TLS-FS-1-2-Res-2019-08")


def test_a_certificate_can_be_ordered_with_it(bench: Bench) -> None:
    assert create(
        bench,
        certificateName="cert",
        certificateDomainName="example.com",
        certificateAlternativeNames=["www.example.com"],
    ) == [
        ("LoadBalancer", "lb", "CreateLoadBalancer", None, "Started"),
        ("LoadBalancerTlsCertificate", "cert", "CreateLoadBalancerTlsCertificate", "lb", "Succeeded"),
        ("LoadBalancer", "lb", "CreateLoadBalancerTlsCertificate", "cert", "Succeeded"),
    ]
    assert balancer(bench)["tlsCertificateSummaries"] == [{"name": "cert", "isAttached": False}]
    (certificate,) = bench.client.get_load_balancer_tls_certificates(loadBalancerName="lb")["tlsCertificates"]
    assert certificate["subjectAlternativeNames"] == ["example.com", "www.example.com"]


@pytest.mark.parametrize(
    ("order", "message"),
    [
        ({"instancePort": -1}, "The instance port must be between 0 and 65535: -1"),
        ({"healthCheckPath": "health"}, "The health check path must begin with / and have no spaces: health"),
        ({"healthCheckPath": "/a b"}, "The health check path must begin with / and have no spaces: /a b"),
        ({"tlsPolicyName": "TLS-2099-01"}, "The specified TLS policy does not exist: TLS-2099-01"),
        ({"tags": [{"key": "aws:x"}]}, "Tag keys can't start with aws:"),
        (
            {"certificateName": "cert"},
            "You must specify both a certificate name and a certificate domain name, or neither of them.",
        ),
        (
            {"certificateDomainName": "example.com"},
            "You must specify both a certificate name and a certificate domain name, or neither of them.",
        ),
        (
            {"certificateAlternativeNames": ["example.com"]},
            "You can specify alternative names only with a certificate name and a domain name.",
        ),
        (
            {"certificateName": "cert", "certificateDomainName": "*.example.com"},
            "Wildcard domain names are not supported: *.example.com",
        ),
    ],
)
def test_what_cannot_be_ordered(bench: Bench, order: dict[str, Any], message: str) -> None:
    assert refused(create, bench=bench, **order) == Refusal("InvalidInputException", "InvalidParams", message)
    assert bench.client.get_load_balancers()["loadBalancers"] == []
    assert bench.operations() == []


@pytest.mark.parametrize(
    ("order", "taken"),
    [
        ({"name": "ip"}, "ip"),
        ({"certificateName": "ip", "certificateDomainName": "example.com"}, "ip"),
        ({"certificateName": "lb", "certificateDomainName": "example.com"}, "lb"),
    ],
)
def test_names_are_unique_over_all_kinds(bench: Bench, order: dict[str, Any], taken: str) -> None:
    bench.client.allocate_static_ip(staticIpName="ip")
    assert refused(create, bench=bench, **order).message == f"Some names are already in use: {taken}"
    assert bench.client.get_load_balancers()["loadBalancers"] == []


def test_each_attribute_is_set_for_itself(bench: Bench) -> None:
    create(bench)
    assert update(bench, "HealthCheckPath", "/up")["healthCheckPath"] == "/up"
    assert update(bench, "TlsPolicyName", "TLS-FS-1-2-Res-2019-08")["tlsPolicyName"] == "TLS-FS-1-2-Res-2019-08"
    update(bench, "SessionStickinessEnabled", "true")
    assert update(bench, "SessionStickiness_LB_CookieDurationSeconds", "0900")["configurationOptions"] == {
        "SessionStickinessEnabled": "true",
        "SessionStickiness_LB_CookieDurationSeconds": "900",
    }
    assert update(bench, "HttpsRedirectionEnabled", "false")["httpsRedirectionEnabled"] is False


COOKIE = "SessionStickiness_LB_CookieDurationSeconds"


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("HealthCheckPath", "up", "The health check path must begin with / and have no spaces: up"),
        ("TlsPolicyName", "none", "The specified TLS policy does not exist: none"),
        ("SessionStickinessEnabled", "yes", "The value of SessionStickinessEnabled must be true or false: yes"),
        (COOKIE, "0", f"The value of {COOKIE} must be a number from 1 to 604800: 0"),
        (COOKIE, "604801", f"The value of {COOKIE} must be a number from 1 to 604800: 604801"),
        (COOKIE, "\u0664", f"The value of {COOKIE} must be a number from 1 to 604800: \u0664"),
        ("HttpsRedirectionEnabled", "True", "The value of HttpsRedirectionEnabled must be true or false: True"),
        (
            "HttpsRedirectionEnabled",
            "true",
            "You can't enable HTTPS redirection because no certificate is attached to the load balancer: lb",
        ),
    ],
)
def test_a_value_that_does_not_fit_is_refused(bench: Bench, name: str, value: str, message: str) -> None:
    create(bench)
    before = balancer(bench)
    said = refused(update, bench=bench, name=name, value=value)
    assert (said.kind, said.message) == ("InvalidInputException", message)
    assert balancer(bench) == before


def test_load_balancers_are_listed_newest_first_in_pages() -> None:
    bench = Bench(page_size=2)
    for name in ("one", "two", "three"):
        create(bench, name)
    pages = bench.client.get_paginator("get_load_balancers").paginate()
    assert [[one["name"] for one in page["loadBalancers"]] for page in pages] == [["three", "two"], ["one"]]
    bench.close()


def test_one_that_is_not_there_is_not_found(bench: Bench) -> None:
    bench.instance("lb")
    text = "The LoadBalancer does not exist: lb"
    for call in (bench.client.get_load_balancer, bench.client.delete_load_balancer):
        with pytest.raises(NotFoundException, match=text):
            call(loadBalancerName="lb")
    for change in (attach, detach):
        assert refused(lambda change=change: change(bench, "lb")) == Refusal(  # type: ignore[misc]
            "NotFoundException", "DoesNotExist", text
        )
    assert refused(update, bench=bench, name="HealthCheckPath", value="/").message == text


def test_an_account_has_ten_where_quotas_are_minded() -> None:
    with LocalLightsail(world=manual_world(clock=ManualClock(START)), quotas="real") as lightsail:
        client = lightsail.client("us-east-1")
        for count in range(10):
            client.create_load_balancer(loadBalancerName=f"lb{count}", instancePort=80)
        said = refused(client.create_load_balancer, loadBalancerName="lb10", instancePort=80)
        text = "Sorry, you've reached the maximum number of load balancers for your account."
        assert said == Refusal("InvalidInputException", "LimitExceeded", text)


def test_tags_are_added_and_taken_away(bench: Bench) -> None:
    create(bench)
    bench.client.tag_resource(resourceName="lb", tags=[{"key": "a", "value": "1"}])
    assert balancer(bench)["tags"] == [{"key": "a", "value": "1"}]
    bench.client.untag_resource(resourceName="lb", tagKeys=["a"])
    assert balancer(bench)["tags"] == []


# --- with instances ---------------------------------------------------------------------------------------


def test_instances_are_registered_looked_at_and_healthy() -> None:
    bench = real("w2", "w1")
    assert attach(bench, "w2", "w1", "w2") == [
        ("LoadBalancer", "lb", "AttachInstancesToLoadBalancer", "w2", "Started"),
        ("Instance", "w2", "AttachInstancesToLoadBalancer", "lb", "Started"),
        ("LoadBalancer", "lb", "AttachInstancesToLoadBalancer", "w1", "Started"),
        ("Instance", "w1", "AttachInstancesToLoadBalancer", "lb", "Started"),
    ]
    seen = []
    for _ in range(4):
        seen.append(healths(bench))
        bench.clock.advance(30)
    assert [one["w2"] for one in seen] == [
        "initial Lb.RegistrationInProgress",
        "initial Lb.InitialHealthChecking",
        "initial Lb.InitialHealthChecking",
        "healthy",
    ]
    assert [list(one) for one in seen] == [["w2", "w1"]] * 4, "in the order in which they were attached"
    entry = bench.operations("w2")[-1]
    assert entry["location"] == {"availabilityZone": "all", "regionName": "us-east-1"}
    assert (entry["statusChangedAt"] - entry["createdAt"]).total_seconds() == 30
    bench.close()


def test_a_target_is_as_healthy_as_its_instance_is_up() -> None:
    bench = real("web")
    attach(bench, "web")
    bench.clock.advance(600)
    assert healths(bench) == {"web": "healthy"}
    bench.client.stop_instance(instanceName="web")
    assert healths(bench) == {"web": "unused Instance.InvalidState"}
    bench.clock.advance(600)
    assert healths(bench) == {"web": "unused Instance.InvalidState"}
    bench.client.start_instance(instanceName="web")
    assert healths(bench) == {"web": "unused Instance.InvalidState"}
    bench.clock.advance(18)
    assert healths(bench) == {"web": "initial Lb.InitialHealthChecking"}
    bench.clock.advance(60)
    assert healths(bench) == {"web": "healthy"}
    bench.close()


def test_a_detached_instance_is_draining_for_five_minutes_and_then_gone() -> None:
    bench = real("web", "other")
    attach(bench, "web", "other")
    bench.clock.advance(600)
    assert detach(bench, "web") == [
        ("LoadBalancer", "lb", "DetachInstancesFromLoadBalancer", "web", "Started"),
        ("Instance", "web", "DetachInstancesFromLoadBalancer", "lb", "Started"),
    ]
    bench.clock.advance(299)
    assert healths(bench) == {"web": "draining Instance.DeregistrationInProgress", "other": "healthy"}
    bench.clock.advance(1)
    assert healths(bench) == {"other": "healthy"}
    assert ends(bench, "DetachInstancesFromLoadBalancer") == [("lb", "Succeeded", None), ("web", "Succeeded", None)]
    attach(bench, "web")
    bench.clock.advance(600)
    assert healths(bench) == {"other": "healthy", "web": "healthy"}
    assert faults(bench) == []
    bench.close()


def test_what_overlaps_ends_each_at_its_own_time() -> None:
    bench = real("w1", "w2", "w3")
    attach(bench, "w1")
    bench.clock.advance(10)
    attach(bench, "w2")
    bench.clock.advance(10)
    detach(bench, "w2")
    attach(bench, "w3")
    assert faults(bench) == []
    bench.clock.advance(1_000)
    times = {
        (one["resourceName"], one["operationType"][:6], one["status"]): one["statusChangedAt"].timestamp() - START - 600
        for one in bench.operations()
        if one["resourceName"] in ("w1", "w2", "w3") and "LoadBalancer" in one["operationType"]
    }
    assert times == {
        ("w1", "Attach", "Succeeded"): 30,
        ("w2", "Attach", "Failed"): 20,
        ("w3", "Attach", "Succeeded"): 50,
        ("w2", "Detach", "Succeeded"): 320,
    }
    assert set(healths(bench)) == {"w1", "w3"}
    assert faults(bench) == []
    bench.close()


def test_an_instance_can_be_behind_several_load_balancers(bench: Bench) -> None:
    bench.instance()
    for name in ("one", "two"):
        create(bench, name)
        attach(bench, "web", to=name)
    bench.settle()
    detach(bench, "web", to="one")
    bench.settle()
    assert (healths(bench, "one"), healths(bench, "two")) == ({}, {"web": "healthy"})


NO_TARGET = (
    "Sorry, the instance you specified doesn't exist, isn't in the same VPC as the target group, or has an unsupported "
    "instance type."
)
TWICE = "Sorry, you've reached the maximum number of times an instance can be registered with a load balancer."


def test_what_cannot_be_attached(bench: Bench) -> None:
    create(bench)
    bench.instance("web")
    bench.instance("stopped", state="stopped")
    bench.create("young")
    attach(bench, "web")

    def said(*names: str) -> Refusal:
        return refused(lambda: attach(bench, *names))

    before = healths(bench)
    assert said("none") == Refusal("InvalidInputException", "InvalidParams", NO_TARGET)
    assert said("lb").message == NO_TARGET
    for name in ("stopped", "young"):
        assert said(name) == Refusal("InvalidInputException", "InvalidState", NO_TARGET)
    assert said("web") == Refusal("InvalidInputException", "LimitExceeded", TWICE)
    assert said().message == "You must specify at least one instance name."
    bench.instance("other")
    assert said("other", "none").message == NO_TARGET
    assert healths(bench) == before | {"web": "healthy"}, "all of them or none"
    detach(bench, "web")
    assert said("web").message == TWICE, "it is still there"


def test_what_cannot_be_detached(bench: Bench) -> None:
    create(bench)
    bench.instance()
    attach(bench, "web")
    bench.settle()

    def said(*names: str) -> Refusal:
        return refused(lambda: detach(bench, *names))

    assert said("web", "other") == Refusal(
        "InvalidInputException", "InvalidState", "The instance is not attached to the load balancer: other"
    )
    assert said().message == "You must specify at least one instance name."
    assert healths(bench) == {"web": "healthy"}
    detach(bench, "web")
    assert said("web").message == "The instance is already being detached from the load balancer: web"


# --- deleting ---------------------------------------------------------------------------------------------


def test_a_deleted_instance_leaves_all_its_load_balancers_at_once(bench: Bench) -> None:
    bench.instance()
    for name in ("one", "two"):
        create(bench, name)
        attach(bench, "web", to=name)
    operations = entries(bench.client.delete_instance(instanceName="web")["operations"])
    assert operations == [
        ("LoadBalancer", "one", "DetachInstancesFromLoadBalancer", "web", "Succeeded"),
        ("Instance", "web", "DetachInstancesFromLoadBalancer", "one", "Succeeded"),
        ("LoadBalancer", "two", "DetachInstancesFromLoadBalancer", "web", "Succeeded"),
        ("Instance", "web", "DetachInstancesFromLoadBalancer", "two", "Succeeded"),
        ("Instance", "web", "DeleteInstance", None, "Succeeded"),
    ]
    assert (healths(bench, "one"), healths(bench, "two")) == ({}, {})
    bench.settle()
    assert {end[1:] for end in ends(bench, "AttachInstancesToLoadBalancer")} == {("Failed", "InstanceDeleted")}
    assert faults(bench) == []
    bench.instance()
    attach(bench, "web", to="one")
    bench.settle()
    assert healths(bench, "one") == {"web": "healthy"}


def test_of_several_that_are_being_attached_the_others_go_on(bench: Bench) -> None:
    create(bench)
    for name in ("w1", "w2"):
        bench.instance(name)
    attach(bench, "w1", "w2")
    bench.client.delete_instance(instanceName="w1")
    assert faults(bench) == []
    bench.settle()
    assert healths(bench) == {"w2": "healthy"}
    found = [end for end in ends(bench, "AttachInstancesToLoadBalancer") if end[0] != "lb"]
    assert found == [("w1", "Failed", "InstanceDeleted"), ("w2", "Succeeded", None)]


def test_a_deleted_load_balancer_leaves_its_instances_and_takes_its_certificates(bench: Bench) -> None:
    create(bench, certificateName="cert", certificateDomainName="example.com")
    bench.instance()
    attach(bench, "web")
    bench.client.put_alarm(
        alarmName="down",
        metricName="HealthyHostCount",
        monitoredResourceName="lb",
        comparisonOperator="LessThanThreshold",
        threshold=1,
        evaluationPeriods=1,
    )
    assert entries(bench.client.delete_load_balancer(loadBalancerName="lb")["operations"]) == [
        ("LoadBalancer", "lb", "DeleteLoadBalancer", None, "Succeeded"),
        ("LoadBalancerTlsCertificate", "cert", "DeleteLoadBalancerTlsCertificate", None, "Started"),
        ("LoadBalancer", "lb", "DeleteLoadBalancerTlsCertificate", None, "Started"),
    ]
    assert bench.client.get_load_balancers()["loadBalancers"] == []
    assert bench.client.get_alarms()["alarms"] == []
    assert refused(create, bench=bench, name="cert").message == "Some names are already in use: cert"
    assert faults(bench) == []
    bench.settle()
    assert ends(bench, "AttachInstancesToLoadBalancer") == [
        ("lb", "Failed", "LoadBalancerDeleted"),
        ("web", "Failed", "LoadBalancerDeleted"),
    ]
    assert ends(bench, "DeleteLoadBalancerTlsCertificate") == [("cert", "Succeeded", None), ("lb", "Succeeded", None)]
    create(bench, "cert")
    create(bench)
    assert balancer(bench)["tlsCertificateSummaries"] == []
    assert bench.client.delete_instance(instanceName="web")["operations"][0]["operationType"] == "DeleteInstance"
    assert faults(bench) == []


# --- looked into ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lost", "found"),
    [
        (
            "web",
            {"LoadBalancer lb: has the instance web, which does not know it"},
        ),
        (
            "lb",
            {
                "Instance web: is behind the load balancer lb, which does not know it",
                "LoadBalancerTlsCertificate cert: is of the load balancer lb, which does not know it",
            },
        ),
        (
            "cert",
            {
                "LoadBalancer lb: shows the certificate cert otherwise than it is",
            },
        ),
    ],
)
def test_a_side_that_is_missing_is_a_fault_of_the_store(bench: Bench, lost: str, found: set[str]) -> None:
    create(bench, certificateName="cert", certificateDomainName="example.com")
    bench.instance()
    attach(bench, "web")
    bench.settle()
    bench.client.attach_load_balancer_tls_certificate(loadBalancerName="lb", certificateName="cert")
    assert faults(bench) == []
    with bench.lightsail.store.begin(write=True) as transaction:
        (place,) = transaction.places("Instance")
        row = transaction.get(place, lost)
        assert row is not None
        transaction.unschedule(row.id)
        transaction.delete(row)
    assert set(faults(bench)) == found
