"""Domains: what a new zone is like, its records and their order, refusals, regions, and certificates' proofs in it."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest

from bench import START, Bench, Refusal, entries, refused
from modelled import misfits
from skysail.server import LocalLightsail, inspection

BALANCER = "0a1b-123.us-east-1.elb.amazonaws.com"


def create(bench: Bench, name: str = "example.com", **more: Any) -> dict[str, Any]:
    bench.client.create_domain(domainName=name, **more)
    return domain(bench, name)


def domain(bench: Bench, name: str = "example.com") -> dict[str, Any]:
    found: dict[str, Any] = bench.client.get_domain(domainName=name)["domain"]
    return found


def record(type: str, target: str, name: str = "www.example.com", **more: Any) -> dict[str, Any]:
    return {"name": name, "type": type, "target": target, **more}


def add(bench: Bench, type: str, target: str, name: str = "www.example.com", **more: Any) -> None:
    bench.client.create_domain_entry(domainName="example.com", domainEntry=record(type, target, name, **more))


def own(bench: Bench) -> list[tuple[str, str, str]]:
    """The zone's records but those that it began with."""
    shown = domain(bench)["domainEntries"]
    return [(one["name"], one["type"], one["target"]) for one in shown if "awsdns" not in one["target"]]


def faults(bench: Bench) -> list[str]:
    with bench.lightsail.store.begin(write=False) as transaction:
        return [f"{fault.about}: {fault.what}" for fault in inspection(transaction).faults()]


def test_a_new_domain_has_the_members_and_records_that_published_answers_show(bench: Bench) -> None:
    found = create(bench, tags=[{"key": "a"}])
    assert re.fullmatch(r"arn:aws:lightsail:global:\d{12}:Domain/[0-9a-f-]{36}", found.pop("arn"))
    assert re.fullmatch(r"\d{12}//hostedzone/Z[0-9A-Z]{13}", found.pop("supportCode"))
    records = found.pop("domainEntries")
    assert found == {
        "name": "example.com",
        "createdAt": datetime.fromtimestamp(START, UTC),
        "location": {"availabilityZone": "all", "regionName": "global"},
        "resourceType": "Domain",
        "tags": [{"key": "a"}],
    }
    assert all(-(2**31) <= int(one.pop("id")) < 2**31 for one in records)
    assert [one["type"] for one in records] == ["NS"] * 4 + ["SOA"]
    for one, tld in zip(records, ("com", "co.uk", "net", "org"), strict=False):
        assert re.fullmatch(rf"ns-\d{{1,4}}\.awsdns-\d\d\.{re.escape(tld)}", one["target"])
        assert (one["name"], one["isAlias"]) == ("example.com", False)
    tail = ". awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400"
    assert records[-1] == record("SOA", records[1]["target"] + tail, "example.com", isAlias=False)
    assert misfits("GetDomain", bench.send({"domainName": "example.com"}, "GetDomain")) == []


def test_records_stand_in_route_53s_order_and_are_kept_in_its_form(bench: Bench) -> None:
    create(bench)
    add(bench, "CNAME", "b.example.net.", "B.a.example.com.")
    add(bench, "TXT", '"one" "two"', "a.example.com")
    add(bench, "A", "192.0.2.2", "a.example.com")
    add(bench, "A", "192.0.2.1", "a.example.com")
    add(bench, "AAAA", "2001:db8::1", "*.example.com")
    add(bench, "A", "192.0.2.3", "example.com")
    add(bench, "MX", "10 mail.example.com.", "example.com")
    add(bench, "SRV", "1 10 5269 xmpp.example.com", "_xmpp._tcp.example.com")
    add(bench, "A", BALANCER, "www.example.com", isAlias=True)
    assert own(bench) == [
        ("example.com", "A", "192.0.2.3"),
        ("example.com", "MX", "10 mail.example.com"),
        (r"\052.example.com", "AAAA", "2001:db8::1"),
        ("_xmpp._tcp.example.com", "SRV", "1 10 5269 xmpp.example.com"),
        ("a.example.com", "A", "192.0.2.2"),
        ("a.example.com", "A", "192.0.2.1"),
        ("a.example.com", "TXT", '"one" "two"'),
        ("b.a.example.com", "CNAME", "b.example.net"),
        ("www.example.com", "A", BALANCER),
    ]
    assert [one["type"] for one in domain(bench)["domainEntries"]][:7] == ["A", "MX", *["NS"] * 4, "SOA"]
    assert domain(bench)["domainEntries"][-1]["isAlias"] is True
    assert len({one["id"] for one in domain(bench)["domainEntries"]}) == 14
    assert misfits("GetDomains", bench.send({}, "GetDomains")) == []
    assert faults(bench) == []


def test_a_record_is_changed_by_its_id_and_deleted_by_what_it_says(bench: Bench) -> None:
    create(bench)
    add(bench, "A", "192.0.2.1")
    (old,) = [one for one in domain(bench)["domainEntries"] if one["type"] == "A"]
    changed = {**old, "target": "192.0.2.9"}
    operations = bench.client.update_domain_entry(domainName="example.com", domainEntry=changed)["operations"]
    assert entries(operations) == [("Domain", "example.com", "UpdateDomainEntry", None, "Succeeded")]
    assert own(bench) == [("www.example.com", "A", "192.0.2.9")]
    (new,) = [one for one in domain(bench)["domainEntries"] if one["type"] == "A"]
    assert new["id"] != old["id"]
    bench.client.update_domain_entry(domainName="example.com", domainEntry={**new, "type": "CNAME", "target": "a.org."})
    assert own(bench) == [("www.example.com", "CNAME", "a.org")]
    bench.client.delete_domain_entry(domainName="example.com", domainEntry=record("CNAME", "a.org."))
    assert own(bench) == []
    start = domain(bench)["domainEntries"][-1]
    longer = {**start, "target": start["target"].replace("86400", "60")}
    bench.client.update_domain_entry(domainName="example.com", domainEntry=longer)
    assert domain(bench)["domainEntries"][-1]["target"].endswith(" 1209600 60")


def test_a_changed_record_fits_beside_the_others_also_at_the_apex(bench: Bench) -> None:
    create(bench)
    for target in ("192.0.2.1", "192.0.2.2"):
        add(bench, "A", target, "example.com")
    add(bench, "MX", "65535 mail.example.com", "example.com")
    before = domain(bench)["domainEntries"]
    (second,) = [one for one in before if one["target"] == "192.0.2.2"]
    text = "Tried to create resource record set [name='example.com.', type='A'] but it already exists"
    for changed in ({**second, "target": "192.0.2.1"}, {**second, "target": BALANCER, "isAlias": True}):
        found = refused(bench.client.update_domain_entry, domainName="example.com", domainEntry=changed)
        assert found == Refusal("InvalidInputException", "InvalidParams", text)
    assert domain(bench)["domainEntries"] == before
    bench.client.update_domain_entry(domainName="example.com", domainEntry={**second, "target": "192.0.2.3"})
    assert [one["target"] for one in domain(bench)["domainEntries"][:2]] == ["192.0.2.1", "192.0.2.3"]


def test_the_journal_has_an_entry_a_call_at_no_place(bench: Bench) -> None:
    create(bench)
    add(bench, "A", "192.0.2.1")
    bench.client.delete_domain_entry(domainName="example.com", domainEntry=record("A", "192.0.2.1"))
    bench.client.delete_domain(domainName="example.com")
    operations = bench.operations("example.com")
    assert entries(operations) == [
        ("Domain", "example.com", operation, None, "Succeeded")
        for operation in ("CreateDomain", "CreateDomainEntry", "DeleteDomainEntry", "DeleteDomain")
    ]
    assert all(one["location"] == {"availabilityZone": "all", "regionName": "global"} for one in operations)
    assert bench.client.get_domains()["domains"] == []


@pytest.mark.parametrize(
    ("entry", "text"),
    [
        (record("A", "192.0.2.1", ""), "Input error: Name should not be empty"),
        (record("A", "192.0.2.1", "www.example.org"), "RRSet with DNS name www.example.org. is not permitted in zone "),
        (record("A", "192.0.2.1", "www"), "RRSet with DNS name www. is not permitted in zone example.com."),
        (record("A", "192.0.2.1", "a b.example.com"), "Input error: Name should be a valid domain name: a b.example"),
        (record("PTR", "x.org"), "Input error: Type should be one of A, AAAA, CNAME, MX, NS, SOA, SRV, TXT: PTR"),
        (record("A", "192.0.2.256"), "Input error: Target should be a valid IPv4 address: 192.0.2.256"),
        (record("AAAA", "192.0.2.1"), "Input error: Target should be a valid IPv6 address: 192.0.2.1"),
        (record("AAAA", "fe80::1%eth0"), "Input error: Target should be a valid IPv6 address: fe80::1%eth0"),
        (record("CNAME", "a b"), "Input error: Target should be a valid domain name: a b"),
        (record("MX", "mail.example.com"), "Input error: Target should be a priority and a domain name: mail.example"),
        (record("MX", "65536 a.org"), "Input error: Target should be a priority and a domain name: 65536 a.org"),
        (record("MX", "\u0661 a.org"), "Input error: Target should be a priority and a domain name: \u0661 a.org"),
        (record("CNAME", "\u212a.org"), "Input error: Target should be a valid domain name: \u212a.org"),
        (record("SRV", "1 2 host"), "Input error: Target should be a priority, a weight, a port and a domain name: 1 "),
        (record("SOA", "x"), "Input error: Target should be two domain names and five numbers: x"),
        (record("TXT", "plain"), "Input error: Target should be enclosed in quotation marks: plain"),
        (record("MX", BALANCER, isAlias=True), "Input error: Type should be A or AAAA for an alias: MX"),
        (
            record("A", "x.example.net", isAlias=True),
            "Input error: Target should be a load balancer's, distribution's or container service's domain name: x.exa",
        ),
        (
            record("CNAME", "x.org", "example.com"),
            "RRSet of type CNAME with DNS name example.com. is not permitted at ",
        ),
        (
            record("CNAME", "x.org", "a.example.com"),
            "RRSet of type CNAME with DNS name a.example.com. is not permitted as it conflicts with other records with "
            "the same DNS name in zone example.com.",
        ),
        (
            record("A", "192.0.2.1", "c.example.com"),
            "RRSet of type A with DNS name c.example.com. is not permitted as ",
        ),
        (
            record("A", "192.0.2.1", "A.example.com"),
            "Tried to create resource record set [name='a.example.com.', type='A'] but it already exists",
        ),
        (
            record("A", BALANCER, "a.example.com", isAlias=True),
            "Tried to create resource record set [name='a.example.com.', type='A'] but it already exists",
        ),
        (
            record("SOA", "a.org. b.org. 1 2 3 4 5", "example.com"),
            "Tried to create resource record set [name='example.com.', type='SOA'] but it already exists",
        ),
    ],
)
def test_a_record_that_does_not_fit_is_refused(bench: Bench, entry: dict[str, Any], text: str) -> None:
    create(bench)
    add(bench, "A", "192.0.2.1", "a.example.com")
    add(bench, "CNAME", "x.org", "c.example.com")
    before = domain(bench)
    found = refused(bench.client.create_domain_entry, domainName="example.com", domainEntry=entry)
    assert (found.kind, found.code, found.message[: len(text)]) == ("InvalidInputException", "InvalidParams", text)
    assert domain(bench) == before


def test_what_is_not_there_cannot_be_changed_or_deleted(bench: Bench) -> None:
    gone = Refusal("NotFoundException", "DoesNotExist", "The Domain does not exist: example.com")
    entry = record("A", "192.0.2.1", id="5")
    asked = {"domainName": "example.com", "domainEntry": entry}
    for call in (bench.client.get_domain, bench.client.delete_domain):
        assert refused(call, domainName="example.com") == gone
    changes = bench.client.create_domain_entry, bench.client.update_domain_entry, bench.client.delete_domain_entry
    for change in changes:
        assert refused(change, **asked) == gone
    create(bench)
    add(bench, "A", BALANCER, isAlias=True)
    assert refused(bench.client.update_domain_entry, **asked) == Refusal(
        "OperationFailureException", "DoesNotExist", "The DomainEntry does not exist: 5"
    )
    text = "Tried to delete resource record set [name='www.example.com.', type='A'] but it was not found"
    missing = Refusal("OperationFailureException", "DoesNotExist", text)
    assert refused(bench.client.delete_domain_entry, **asked) == missing
    alias = record("A", BALANCER)
    assert refused(bench.client.delete_domain_entry, domainName="example.com", domainEntry=alias) == missing
    without_id = {"domainName": "example.com", "domainEntry": record("A", "192.0.2.1")}
    assert refused(bench.client.update_domain_entry, **without_id).message == "Input error: Id should not be empty"


def test_no_zone_is_without_its_start_and_a_name_server(bench: Bench) -> None:
    *servers, start = create(bench)["domainEntries"]
    for one in servers[1:]:
        bench.client.delete_domain_entry(domainName="example.com", domainEntry=one)
    for one, text in (
        (servers[0], "A HostedZone must contain at least one NS record for the zone itself."),
        (start, "A HostedZone must contain exactly one SOA record."),
    ):
        found = refused(bench.client.delete_domain_entry, domainName="example.com", domainEntry=one)
        assert found == Refusal("InvalidInputException", "InvalidParams", text)
        turned = {**one, "type": "A", "target": "192.0.2.1"}
        assert refused(bench.client.update_domain_entry, domainName="example.com", domainEntry=turned) == found


@pytest.mark.parametrize(
    ("name", "code", "text"),
    [
        ("com", "InvalidParams", "The domain name is not valid: com"),
        ("a_b.com", "InvalidParams", "The domain name is not valid: a_b.com"),
        ("taken.com", "NameExists", "Some names are already in use: taken.com"),
    ],
)
def test_a_name_that_is_no_domains_or_is_in_use_is_refused(bench: Bench, name: str, code: str, text: str) -> None:
    bench.instance("taken.com")
    found = refused(bench.client.create_domain, domainName=name)
    assert found == Refusal("InvalidInputException", code, text)


def test_an_account_can_have_six(bench: Bench) -> None:
    with LocalLightsail(world=bench.lightsail.world, quotas="real") as lightsail:
        client = lightsail.client()
        for count in range(6):
            client.create_domain(domainName=f"{count}.example.com")
        text = "Sorry, you've reached the maximum number of domains for your account."
        found = refused(client.create_domain, domainName="7.example.com")
        assert found == Refusal("InvalidInputException", "LimitExceeded", text)


@pytest.mark.parametrize(
    ("operation", "request_"),
    [
        ("create_domain", {"domainName": "example.com"}),
        ("get_domain", {"domainName": "example.com"}),
        ("get_domains", {}),
        ("delete_domain", {"domainName": "example.com"}),
        ("create_domain_entry", {"domainName": "example.com", "domainEntry": record("A", "192.0.2.1")}),
        ("update_domain_entry", {"domainName": "example.com", "domainEntry": record("A", "192.0.2.1", id="1")}),
        ("delete_domain_entry", {"domainName": "example.com", "domainEntry": record("A", "192.0.2.1")}),
    ],
)
def test_other_regions_refuse_with_the_real_text(operation: str, request_: dict[str, Any]) -> None:
    bench = Bench(region="eu-west-1")
    assert refused(getattr(bench.client, operation), **request_) == Refusal(
        "InvalidInputException",
        "UnsupportedOperation",
        "Domain-related APIs are only available in the us-east-1 Region. Please set your Region configuration to "
        "us-east-1 to create, view, or edit domain resources.",
    )


def test_domains_are_listed_newest_first_in_pages() -> None:
    bench = Bench(page_size=2)
    for name in "abc":
        create(bench, f"{name}.com")
    found = [page["domains"] for page in bench.client.get_paginator("get_domains").paginate()]
    assert [[one["name"] for one in page] for page in found] == [["c.com", "b.com"], ["a.com"]]


def test_tags_are_put_on_and_taken_off(bench: Bench) -> None:
    create(bench, tags=[{"key": "a", "value": "1"}])
    bench.client.tag_resource(resourceName="example.com", tags=[{"key": "b"}])
    bench.client.untag_resource(resourceName="example.com", tagKeys=["a"])
    assert domain(bench)["tags"] == [{"key": "b"}]
    assert faults(bench) == []


# --- certificates' proofs ---------------------------------------------------------------------------------


def test_certificates_put_their_proofs_into_the_accounts_zones_whatever_their_region(bench: Bench) -> None:
    create(bench)
    abroad = bench.lightsail.client("eu-west-1")
    abroad.create_certificate(
        certificateName="cert", domainName="example.com", subjectAlternativeNames=["w.example.com", "example.org"]
    )
    (certificate,) = abroad.get_certificates(certificateName="cert")["certificates"]
    shown = certificate["certificateDetail"]["domainValidationRecords"]
    states = [one.get("dnsRecordCreationState") for one in shown]
    assert states == [{"code": "SUCCEEDED"}, {"code": "SUCCEEDED"}, None]
    proofs = [(one["resourceRecord"]["name"][:-1], "CNAME", one["resourceRecord"]["value"][:-1]) for one in shown[:2]]
    assert sorted(own(bench)) == sorted(proofs)
    bench.client.create_load_balancer(
        loadBalancerName="lb", instancePort=80, certificateName="tls", certificateDomainName="example.com"
    )
    (tls,) = bench.client.get_load_balancer_tls_certificates(loadBalancerName="lb")["tlsCertificates"]
    assert tls["domainValidationRecords"][0]["dnsRecordCreationState"] == {"code": "SUCCEEDED"}
    assert sorted(own(bench)) == sorted(proofs)
    request = {"loadBalancerName": "lb"}
    answer = bench.send(request, "GetLoadBalancerTlsCertificates")
    assert misfits("GetLoadBalancerTlsCertificates", answer) == []


def test_a_proof_that_cannot_be_put_into_the_zone_says_why(bench: Bench) -> None:
    bench.client.create_certificate(certificateName="first", domainName="example.com")
    (first,) = bench.client.get_certificates(certificateName="first")["certificates"]
    proof = first["certificateDetail"]["domainValidationRecords"][0]["resourceRecord"]["name"]
    create(bench)
    add(bench, "A", "192.0.2.1", proof)
    bench.client.create_certificate(certificateName="second", domainName="example.com")
    (second,) = bench.client.get_certificates(certificateName="second")["certificates"]
    state = second["certificateDetail"]["domainValidationRecords"][0]["dnsRecordCreationState"]
    assert state["code"] == "FAILED"
    assert "conflicts with other records" in state["message"]
    assert len(own(bench)) == 1
