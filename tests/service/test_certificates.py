"""Certificates: what a new one is like, how it is proved, issued, renewed or not, found, and deleted."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bench import START, Bench, Refusal, entries, refused
from skysail.server import LocalLightsail, inspection
from skysail.service.nouns.tls import LIFE_S, RENEWED_BEFORE_S
from skysail.world import ManualClock, manual_world

DAY_S = 86_400


def create(bench: Bench, name: str = "shop", domain: str = "example.com", **others: Any) -> dict[str, Any]:
    answer = bench.client.create_certificate(certificateName=name, domainName=domain, **others)
    return dict(answer["certificate"]["certificateDetail"])


def detail(bench: Bench, name: str = "shop") -> dict[str, Any]:
    (found,) = bench.client.get_certificates(certificateName=name)["certificates"]
    return dict(found["certificateDetail"])


def names(bench: Bench, **filters: Any) -> list[str]:
    return [one["certificateName"] for one in bench.client.get_certificates(**filters)["certificates"]]


@pytest.fixture
def used(bench: Bench) -> Bench:
    """A certificate that the distribution "edge" uses."""
    bench.client.create_load_balancer(loadBalancerName="lb", instancePort=80)
    create(bench)
    bench.settle()
    bench.client.create_distribution(
        distributionName="edge",
        origin={"name": "lb"},
        defaultCacheBehavior={"behavior": "cache"},
        bundleId="small_1_0",
        certificateName="shop",
    )
    bench.settle()
    return bench


def test_a_new_certificate_waits_for_its_names_to_be_proved(bench: Bench) -> None:
    answer = bench.client.create_certificate(
        certificateName="shop",
        domainName="example.com",
        subjectAlternativeNames=["www.example.com", "example.com"],
        tags=[{"key": "stage", "value": "test"}],
    )
    assert entries(answer["operations"]) == [("Certificate", "shop", "CreateCertificate", None, "Succeeded")]
    summary = answer["certificate"]
    found = summary.pop("certificateDetail")
    assert summary == {
        "certificateArn": found["arn"],
        "certificateName": "shop",
        "domainName": "example.com",
        "tags": [{"key": "stage", "value": "test"}],
    }
    assert found == detail(bench)
    assert re.fullmatch(r"arn:aws:lightsail:us-east-1:\d{12}:Certificate/[0-9a-f-]{36}", found.pop("arn"))
    arn = r"\d{12}/arn:aws:acm:us-east-1:\d{12}:certificate/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    assert re.fullmatch(arn, found.pop("supportCode"))
    for record, name in zip(found.pop("domainValidationRecords"), ("example.com", "www.example.com"), strict=True):
        resource_record = record.pop("resourceRecord")
        assert re.fullmatch(rf"_[0-9a-f]{{32}}\.{re.escape(name)}\.", resource_record.pop("name"))
        assert re.fullmatch(r"_[0-9a-f]{32}\.[a-z]{10}\.acm-validations\.aws\.", resource_record.pop("value"))
        assert (record, resource_record) == (
            {"domainName": name, "validationStatus": "PENDING_VALIDATION"},
            {"type": "CNAME"},
        )
    assert found == {
        "name": "shop",
        "domainName": "example.com",
        "status": "PENDING_VALIDATION",
        "subjectAlternativeNames": ["example.com", "www.example.com"],
        "inUseResourceCount": 0,
        "keyAlgorithm": "RSA-2048",
        "createdAt": datetime.fromtimestamp(START, UTC),
        "issuerCA": "Amazon",
        "eligibleToRenew": "INELIGIBLE",
        "tags": [{"key": "stage", "value": "test"}],
    }


def test_it_is_issued_some_time_later_for_198_days(bench: Bench) -> None:
    before = create(bench)
    bench.settle()
    after = detail(bench)
    new = {member: value for member, value in after.items() if before.get(member) != value}
    assert re.fullmatch(r"([0-9a-f]{2}:){15}[0-9a-f]{2}", new.pop("serialNumber"))
    assert [one["validationStatus"] for one in new.pop("domainValidationRecords")] == ["SUCCESS"]
    midnight = datetime(2023, 11, 14, tzinfo=UTC)
    assert new == {
        "status": "ISSUED",
        "issuedAt": datetime.fromtimestamp(START + 1, UTC),
        "notBefore": midnight,
        "notAfter": midnight + timedelta(days=198) - timedelta(seconds=1),
    }


def test_in_real_time_a_certificate_takes_three_quarters_of_a_minute() -> None:
    bench = Bench(pace="real")
    create(bench)
    bench.clock.advance(44)
    assert detail(bench)["status"] == "PENDING_VALIDATION"
    bench.clock.advance(1)
    assert detail(bench)["status"] == "ISSUED"
    bench.close()


def test_the_record_that_proves_a_domain_is_the_same_in_all_certificates_of_an_account(bench: Bench) -> None:
    one, two, other = (
        create(bench, name, domain)["domainValidationRecords"][0]["resourceRecord"]
        for name, domain in (("one", "example.com"), ("two", "example.com"), ("other", "example.org"))
    )
    assert one == two
    assert one["value"] != other["value"]


@pytest.mark.parametrize(
    ("domain", "reason", "has_record"),
    [
        ("shop.test", "INVALID_PUBLIC_DOMAIN", False),
        ("shop.invalid", "INVALID_PUBLIC_DOMAIN", False),
        ("d111111abcdef8.cloudfront.net", "ADDITIONAL_VERIFICATION_REQUIRED", True),
    ],
)
def test_names_that_nobody_can_prove_fail(bench: Bench, domain: str, reason: str, has_record: bool) -> None:
    create(bench, domain=domain)
    bench.settle()
    found = detail(bench)
    assert (found["status"], found["requestFailureReason"]) == ("FAILED", reason)
    (record,) = found["domainValidationRecords"]
    assert (record["validationStatus"], "resourceRecord" in record) == ("FAILED", has_record)
    assert "notAfter" not in found


def test_one_that_nothing_uses_expires_at_its_end(bench: Bench) -> None:
    create(bench)
    bench.settle()
    bench.clock.advance(LIFE_S - DAY_S)
    assert detail(bench)["status"] == "ISSUED"
    bench.clock.advance(DAY_S)
    assert detail(bench)["status"] == "EXPIRED"
    assert names(bench, certificateStatuses=["EXPIRED"]) == ["shop"]


def test_one_that_is_used_is_renewed_before_its_end_for_as_long_as_it_is_used(used: Bench) -> None:
    bench = used
    first = detail(bench)
    assert (first["inUseResourceCount"], first["eligibleToRenew"]) == (1, "ELIGIBLE")
    bench.clock.advance(LIFE_S - RENEWED_BEFORE_S)
    second = detail(bench)
    assert second["serialNumber"] != first["serialNumber"]
    assert second["notBefore"] == first["notAfter"] + timedelta(seconds=1) - timedelta(days=46)
    renewed_at = datetime.fromtimestamp(first["notAfter"].timestamp() - RENEWED_BEFORE_S, UTC)
    assert second["renewalSummary"] == {
        "domainValidationRecords": second["domainValidationRecords"],
        "renewalStatus": "Success",
        "updatedAt": renewed_at,
    }
    assert (second["status"], second["issuedAt"]) == ("ISSUED", first["issuedAt"])
    bench.client.detach_certificate_from_distribution(distributionName="edge")
    assert detail(bench)["inUseResourceCount"] == 0
    bench.clock.advance(3 * LIFE_S)
    assert detail(bench)["status"] == "EXPIRED"


def test_one_that_is_used_cannot_be_deleted(used: Bench) -> None:
    client = used.client
    client.create_container_service(
        serviceName="api", power="nano", scale=1, publicDomainNames={"shop": ["example.com"]}
    )
    used.settle()
    assert detail(used)["inUseResourceCount"] == 2
    client.attach_certificate_to_distribution(distributionName="edge", certificateName="shop")
    used.settle()
    assert detail(used)["inUseResourceCount"] == 2, "twice is once"
    client.delete_container_service(serviceName="api")
    used.settle()
    assert refused(client.delete_certificate, certificateName="shop") == Refusal(
        "InvalidInputException", "InvalidState", "The certificate is in use: shop"
    )
    client.detach_certificate_from_distribution(distributionName="edge")
    operations = client.delete_certificate(certificateName="shop")["operations"]
    assert entries(operations) == [("Certificate", "shop", "DeleteCertificate", None, "Succeeded")]
    assert names(used) == []
    used.settle()
    assert refused(client.delete_certificate, certificateName="shop") == Refusal(
        "NotFoundException", "DoesNotExist", "The Certificate does not exist: shop"
    )


def test_a_deleted_one_leaves_nothing_to_come_and_its_name(bench: Bench) -> None:
    old = create(bench)
    bench.client.delete_certificate(certificateName="shop")
    bench.client.allocate_static_ip(staticIpName="shop")
    bench.client.release_static_ip(staticIpName="shop")
    assert create(bench)["arn"] != old["arn"]
    bench.settle()
    assert detail(bench)["status"] == "ISSUED"


MANY = [f"n{count}.example.com" for count in range(10)]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"domainName": "*.example.com"}, "Wildcard domain names are not supported: *.example.com"),
        ({"subjectAlternativeNames": ["*.a.org"]}, "Wildcard domain names are not supported: *.a.org"),
        ({"domainName": "localhost"}, "The domain name is not valid: localhost"),
        ({"domainName": "a..com"}, "The domain name is not valid: a..com"),
        ({"domainName": "-a.com"}, "The domain name is not valid: -a.com"),
        ({"domainName": "a.com."}, "The domain name is not valid: a.com."),
        ({"domainName": f"{'a' * 64}.com"}, f"The domain name is not valid: {'a' * 64}.com"),
        (
            {"subjectAlternativeNames": MANY},
            "You can specify at most 9 alternate domain names in addition to the primary domain.",
        ),
        ({"tags": [{"key": "aws:x"}]}, "Tag keys can't start with aws:"),
        (
            {"certificateName": "a"},
            "a is not a valid resource name. Resource names must be at least 2 characters long and contain only "
            "alphanumerics, -, _, and .",
        ),
    ],
)
def test_what_cannot_be_asked_for(bench: Bench, arguments: dict[str, Any], message: str) -> None:
    order = {"certificateName": "shop", "domainName": "example.com", **arguments}
    assert refused(bench.client.create_certificate, **order) == Refusal(
        "InvalidInputException", "InvalidParams", message
    )
    assert names(bench) == []
    assert bench.operations() == []


def test_a_name_is_unique_over_all_kinds(bench: Bench) -> None:
    bench.client.allocate_static_ip(staticIpName="shop")
    assert refused(create, bench=bench) == Refusal(
        "InvalidInputException", "NameExists", "Some names are already in use: shop"
    )


def test_nine_alternatives_that_repeat_the_domain_fit(bench: Bench) -> None:
    found = create(bench, domain=MANY[0], subjectAlternativeNames=[*MANY, *MANY])
    assert found["subjectAlternativeNames"] == MANY


def test_large_letters_make_no_other_name(bench: Bench) -> None:
    bench.client.create_certificate(
        certificateName="cert", domainName="Example.com", subjectAlternativeNames=["example.COM", "WWW.example.com"]
    )
    bench.settle()
    (found,) = bench.client.get_certificates(certificateName="cert")["certificates"]
    assert found["domainName"] == "example.com"
    assert found["certificateDetail"]["subjectAlternativeNames"] == ["example.com", "www.example.com"]
    served = {"cert": ["WWW.Example.com"]}
    shown = bench.client.create_container_service(serviceName="shop", power="nano", scale=1, publicDomainNames=served)
    assert shown["containerService"]["publicDomainNames"] == {"cert": ["www.example.com"]}


def test_listings_are_newest_first_and_a_summary_has_no_details(bench: Bench) -> None:
    for name in ("one", "two", "three"):
        create(bench, name)
    assert names(bench) == ["three", "two", "one"]
    summary = {"certificateArn", "certificateName", "domainName", "tags"}
    for one in bench.client.get_certificates()["certificates"]:
        assert set(one) == summary
    for one in bench.client.get_certificates(includeCertificateDetails=True)["certificates"]:
        assert set(one) == {*summary, "certificateDetail"}
    (plain,) = bench.client.get_certificates(certificateName="two", includeCertificateDetails=False)["certificates"]
    assert set(plain) == summary


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, ["young", "failed", "old"]),
        ({"certificateStatuses": ["ISSUED"]}, ["old"]),
        ({"certificateStatuses": ["FAILED", "ISSUED"]}, ["failed", "old"]),
        ({"certificateStatuses": []}, ["young", "failed", "old"]),
        ({"certificateStatuses": ["REVOKED"]}, []),
        ({"certificateName": "old"}, ["old"]),
        ({"certificateName": "none"}, []),
        ({"certificateName": "ip"}, []),
        ({"certificateName": "old", "certificateStatuses": ["FAILED"]}, []),
    ],
)
def test_certificates_are_found_by_name_and_status(bench: Bench, filters: dict[str, Any], expected: list[str]) -> None:
    bench.client.allocate_static_ip(staticIpName="ip")
    create(bench, "old")
    create(bench, "failed", "shop.test")
    bench.settle()
    create(bench, "young")
    assert names(bench, **filters) == expected


def test_pages_go_on_where_they_ended_whatever_is_filtered() -> None:
    bench = Bench(page_size=2)
    for count in range(9):
        create(bench, f"n{count}", "shop.test" if count % 3 == 1 else "example.com")
    bench.settle()
    pages = bench.client.get_paginator("get_certificates").paginate(certificateStatuses=["ISSUED"])
    found = [[one["certificateName"] for one in page["certificates"]] for page in pages]
    assert found == [["n8", "n6"], ["n5", "n3"], ["n2", "n0"]]
    bench.close()


def test_tags_are_added_and_taken_away(bench: Bench) -> None:
    create(bench)
    bench.client.tag_resource(resourceName="shop", tags=[{"key": "a", "value": "1"}])
    assert detail(bench)["tags"] == [{"key": "a", "value": "1"}]
    bench.client.untag_resource(resourceName="shop", tagKeys=["a"])
    assert bench.client.get_certificates()["certificates"][0]["tags"] == []


def test_a_certificate_is_of_its_region(bench: Bench) -> None:
    create(bench)
    elsewhere = bench.lightsail.client("eu-west-1")
    assert elsewhere.get_certificates()["certificates"] == []
    elsewhere.create_certificate(certificateName="shop", domainName="example.com")


def test_an_account_has_ten_where_quotas_are_minded() -> None:
    clock = ManualClock(START)
    with LocalLightsail(world=manual_world(clock=clock), quotas="real") as lightsail:
        client = lightsail.client("us-east-1")
        for count in range(10):
            client.create_certificate(certificateName=f"n{count}", domainName="example.com")
        one_more = {"certificateName": "n10", "domainName": "example.com"}
        assert refused(client.create_certificate, **one_more) == Refusal(
            "InvalidInputException",
            "LimitExceeded",
            "Sorry, you've requested too many certificates for your account.",
        )
        client.delete_certificate(certificateName="n0")
        client.create_certificate(certificateName="n10", domainName="example.com")


def test_a_user_that_is_not_there_is_a_fault_of_the_store(used: Bench) -> None:
    def faults() -> list[str]:
        with used.lightsail.store.begin(write=False) as transaction:
            found = inspection(transaction).faults()
            return [fault.what for fault in found if fault.about == "Certificate shop"]

    assert faults() == []
    with used.lightsail.store.begin(write=True) as transaction:
        (place,) = transaction.places("Distribution")
        row = transaction.get(place, "edge")
        assert row is not None
        transaction.delete(row)
    assert faults() == ["is used by the Distribution edge, which is not there"]
