"""Load balancers' TLS certificates: asked for, issued, attached, rotated, deleted; and the policies."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bench import START, Bench, Refusal, entries, refused
from skysail.server import inspection
from skysail.service.nouns.tls import LIFE_S, RENEWED_BEFORE_S


@pytest.fixture
def lb(bench: Bench) -> Bench:
    bench.client.create_load_balancer(loadBalancerName="lb", instancePort=80)
    return bench


def create(bench: Bench, name: str = "cert", domain: str = "example.com", **more: Any) -> list[tuple[Any, ...]]:
    order = {"loadBalancerName": "lb", "certificateName": name, "certificateDomainName": domain, **more}
    return entries(bench.client.create_load_balancer_tls_certificate(**order)["operations"])


def listed(bench: Bench, balancer: str = "lb") -> list[dict[str, Any]]:
    return list(bench.client.get_load_balancer_tls_certificates(loadBalancerName=balancer)["tlsCertificates"])


def certificate(bench: Bench, name: str = "cert") -> dict[str, Any]:
    (found,) = [one for one in listed(bench) if one["name"] == name]
    return found


def balancer(bench: Bench) -> dict[str, Any]:
    found: dict[str, Any] = bench.client.get_load_balancer(loadBalancerName="lb")["loadBalancer"]
    return found


def attach(bench: Bench, name: str = "cert") -> list[tuple[Any, ...]]:
    answer = bench.client.attach_load_balancer_tls_certificate(loadBalancerName="lb", certificateName=name)
    return entries(answer["operations"])


def delete(bench: Bench, name: str = "cert", **more: Any) -> list[tuple[Any, ...]]:
    answer = bench.client.delete_load_balancer_tls_certificate(loadBalancerName="lb", certificateName=name, **more)
    return entries(answer["operations"])


def issued(bench: Bench, *names: str) -> None:
    for name in names:
        create(bench, name)
    bench.settle()


def faults(bench: Bench) -> list[str]:
    with bench.lightsail.store.begin(write=False) as transaction:
        return [f"{fault.about}: {fault.what}" for fault in inspection(transaction).faults()]


def test_a_new_certificate_waits_for_its_names_to_be_proved(lb: Bench) -> None:
    assert create(lb, certificateAlternativeNames=["www.example.com", "example.com"]) == [
        ("LoadBalancerTlsCertificate", "cert", "CreateLoadBalancerTlsCertificate", "lb", "Succeeded"),
        ("LoadBalancer", "lb", "CreateLoadBalancerTlsCertificate", "cert", "Succeeded"),
    ]
    found = certificate(lb)
    assert re.fullmatch(r"arn:aws:lightsail:us-east-1:\d{12}:LoadBalancerTlsCertificate/[0-9a-f-]{36}", found["arn"])
    assert re.fullmatch(r"\d{12}/arn:aws:acm:us-east-1:\d{12}:certificate/[0-9a-f-]{36}", found["supportCode"])
    for record, name in zip(found["domainValidationRecords"], ("example.com", "www.example.com"), strict=True):
        assert re.fullmatch(rf"_[0-9a-f]{{32}}\.{re.escape(name)}\.", record["name"])
        assert re.fullmatch(r"_[0-9a-f]{32}\.[a-z]{10}\.acm-validations\.aws\.", record["value"])
        assert (record["type"], record["domainName"]) == ("CNAME", name)
        assert record["validationStatus"] == "PENDING_VALIDATION"
    rest = {
        member: value
        for member, value in found.items()
        if member not in ("arn", "supportCode", "domainValidationRecords")
    }
    assert rest == {
        "name": "cert",
        "createdAt": datetime.fromtimestamp(START, UTC),
        "location": {"availabilityZone": "all", "regionName": "us-east-1"},
        "resourceType": "LoadBalancerTlsCertificate",
        "loadBalancerName": "lb",
        "isAttached": False,
        "status": "PENDING_VALIDATION",
        "domainName": "example.com",
        "issuer": "Amazon",
        "keyAlgorithm": "RSA-2048",
        "signatureAlgorithm": "SHA256WITHRSA",
        "subject": "CN=example.com",
        "subjectAlternativeNames": ["example.com", "www.example.com"],
    }
    assert balancer(lb)["tlsCertificateSummaries"] == [{"name": "cert", "isAttached": False}]


def test_it_is_issued_some_time_later(lb: Bench) -> None:
    create(lb)
    before = certificate(lb)
    lb.settle()
    new = {member: value for member, value in certificate(lb).items() if before.get(member) != value}
    assert re.fullmatch(r"([0-9a-f]{2}:){15}[0-9a-f]{2}", new.pop("serial"))
    assert [one["validationStatus"] for one in new.pop("domainValidationRecords")] == ["SUCCESS"]
    midnight = datetime(2023, 11, 14, tzinfo=UTC)
    assert new == {
        "status": "ISSUED",
        "issuedAt": datetime.fromtimestamp(START + 1, UTC),
        "notBefore": midnight,
        "notAfter": midnight + timedelta(days=198) - timedelta(seconds=1),
    }


def test_one_of_no_public_domain_fails_and_shows_that_in_its_record(lb: Bench) -> None:
    create(lb, domain="shop.test")
    lb.settle()
    found = certificate(lb)
    assert (found["status"], found["failureReason"]) == ("FAILED", "INVALID_PUBLIC_DOMAIN")
    assert found["domainValidationRecords"] == [{"domainName": "shop.test", "validationStatus": "FAILED"}]


def test_an_attached_one_makes_the_load_balancer_speak_https(lb: Bench) -> None:
    issued(lb, "cert")
    assert attach(lb) == [
        ("LoadBalancer", "lb", "AttachLoadBalancerTlsCertificate", "cert", "Succeeded"),
        ("LoadBalancerTlsCertificate", "cert", "AttachLoadBalancerTlsCertificate", "lb", "Succeeded"),
    ]
    found = balancer(lb)
    assert (found["protocol"], found["publicPorts"]) == ("HTTP_HTTPS", [80, 443])
    assert found["tlsCertificateSummaries"] == [{"name": "cert", "isAttached": True}]
    assert certificate(lb)["isAttached"] is True
    for value in ("true", "false", "true"):
        lb.client.update_load_balancer_attribute(
            loadBalancerName="lb", attributeName="HttpsRedirectionEnabled", attributeValue=value
        )
        assert balancer(lb)["httpsRedirectionEnabled"] is (value == "true")


def test_another_one_takes_its_place(lb: Bench) -> None:
    issued(lb, "old", "new")
    attach(lb, "old")
    attach(lb, "new")
    assert {one["name"]: one["isAttached"] for one in listed(lb)} == {"new": True, "old": False}
    assert balancer(lb)["tlsCertificateSummaries"] == [
        {"name": "old", "isAttached": False},
        {"name": "new", "isAttached": True},
    ]
    delete(lb, "old")
    assert (balancer(lb)["protocol"], faults(lb)) == ("HTTP_HTTPS", [])


def test_only_one_that_is_issued_and_the_load_balancers_own_can_be_attached(lb: Bench) -> None:
    create(lb)
    assert refused(attach, bench=lb) == Refusal(
        "InvalidInputException", "InvalidState", "The certificate can't be attached because it is not issued: cert"
    )
    lb.client.create_load_balancer(
        loadBalancerName="other", instancePort=80, certificateName="theirs", certificateDomainName="example.com"
    )
    lb.settle()
    for name in ("theirs", "none", "lb"):
        assert refused(attach, bench=lb, name=name) == Refusal(
            "NotFoundException", "DoesNotExist", f"The LoadBalancerTlsCertificate does not exist: {name}"
        )
        assert refused(delete, bench=lb, name=name).kind == "NotFoundException"
    assert balancer(lb)["protocol"] == "HTTP"


def test_a_load_balancer_has_two(lb: Bench) -> None:
    issued(lb, "one", "two")
    assert refused(create, bench=lb, name="three") == Refusal(
        "InvalidInputException",
        "LimitExceeded",
        "Sorry, you've reached the maximum number of certificates for this load balancer.",
    )
    delete(lb, "one")
    create(lb, "three")
    assert [one["name"] for one in listed(lb)] == ["three", "two"], "newest first"


def test_a_deleted_one_is_shown_no_more_and_its_name_is_free_a_little_later(lb: Bench) -> None:
    issued(lb, "cert")
    assert delete(lb) == [
        ("LoadBalancerTlsCertificate", "cert", "DeleteLoadBalancerTlsCertificate", None, "Started"),
        ("LoadBalancer", "lb", "DeleteLoadBalancerTlsCertificate", None, "Started"),
    ]
    assert (listed(lb), balancer(lb)["tlsCertificateSummaries"]) == ([], [])
    assert refused(create, bench=lb).message == "Some names are already in use: cert"
    assert refused(delete, bench=lb).kind == "NotFoundException"
    assert faults(lb) == []
    lb.settle()
    assert [one["status"] for one in lb.operations("cert")][-1] == "Succeeded"
    create(lb)
    assert faults(lb) == []


def test_the_attached_one_of_a_load_balancer_with_instances_is_deleted_by_force_alone(lb: Bench) -> None:
    issued(lb, "cert", "spare")
    attach(lb)
    lb.client.update_load_balancer_attribute(
        loadBalancerName="lb", attributeName="HttpsRedirectionEnabled", attributeValue="true"
    )
    lb.instance()
    lb.client.attach_instances_to_load_balancer(loadBalancerName="lb", instanceNames=["web"])
    in_use = "You can't delete this certificate because it is in use: cert"
    for more in ({}, {"force": False}):
        assert refused(delete, bench=lb, **more) == Refusal("InvalidInputException", "InvalidState", in_use)
    delete(lb, "spare")
    delete(lb, force=True)
    found = balancer(lb)
    assert (found["protocol"], found["publicPorts"], found["httpsRedirectionEnabled"]) == ("HTTP", [80], False)
    assert faults(lb) == []


def test_without_instances_the_attached_one_is_deleted_as_any(lb: Bench) -> None:
    issued(lb, "cert")
    attach(lb)
    delete(lb)
    assert balancer(lb)["protocol"] == "HTTP"


@pytest.mark.parametrize("is_attached", [True, False])
def test_the_attached_one_is_renewed_and_another_expires(lb: Bench, is_attached: bool) -> None:
    issued(lb, "cert")
    if is_attached:
        attach(lb)
    first = certificate(lb)
    lb.clock.advance(LIFE_S - RENEWED_BEFORE_S)
    second = certificate(lb)
    assert (second["serial"] != first["serial"]) is is_attached
    if is_attached:
        assert second["renewalSummary"] == {
            "renewalStatus": "SUCCESS",
            "domainValidationOptions": [{"domainName": "example.com", "validationStatus": "SUCCESS"}],
        }
    lb.clock.advance(RENEWED_BEFORE_S)
    assert certificate(lb)["status"] == ("ISSUED" if is_attached else "EXPIRED")


def test_it_takes_tags_at_its_creation_alone(lb: Bench) -> None:
    create(lb, tags=[{"key": "a"}])
    assert certificate(lb)["tags"] == [{"key": "a"}]
    said = refused(lb.client.tag_resource, resourceName="cert", tags=[{"key": "b"}])
    assert said.message == "The resource type, LoadBalancerTlsCertificate, is not taggable."


@pytest.mark.parametrize(
    ("order", "message"),
    [
        ({"domain": "*.example.com"}, "Wildcard domain names are not supported: *.example.com"),
        ({"certificateAlternativeNames": ["a"]}, "The domain name is not valid: a"),
        ({"tags": [{"key": "aws:x"}]}, "Tag keys can't start with aws:"),
        ({"name": "lb"}, "Some names are already in use: lb"),
        ({"loadBalancerName": "none"}, "The LoadBalancer does not exist: none"),
    ],
)
def test_what_cannot_be_asked_for(lb: Bench, order: dict[str, Any], message: str) -> None:
    assert refused(create, bench=lb, **order).message == message
    assert listed(lb) == []


def test_certificates_of_a_load_balancer_that_is_not_there_are_not_found(bench: Bench) -> None:
    text = "The LoadBalancer does not exist: lb"
    for call in (listed, attach, delete):
        assert refused(call, bench=bench) == Refusal("NotFoundException", "DoesNotExist", text)


def test_the_policies_are_those_of_the_user_guide(bench: Bench) -> None:
    policies = bench.client.get_load_balancer_tls_policies()["tlsPolicies"]
    shown = [(one["name"], one["isDefault"], one["protocols"], len(one["ciphers"])) for one in policies]
    assert shown == [
        ("TLS-2016-08", True, ["TLSv1", "TLSv1.1", "TLSv1.2"], 18),
        ("TLS-FS-1-2-Res-2019-08", False, ["TLSv1.2"], 8),
    ]
    assert set(policies[1]["ciphers"]) < set(policies[0]["ciphers"])
    assert all(one["description"] for one in policies)
    assert refused(bench.client.get_load_balancer_tls_policies, pageToken="none").kind == "InvalidInputException"
