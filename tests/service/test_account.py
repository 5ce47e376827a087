"""The account's own: the names in use."""

from __future__ import annotations

from typing import Any

from bench import Bench


def active(bench: Bench) -> list[list[str]]:
    """All pages."""
    pages: list[list[str]] = []
    asked: dict[str, Any] = {}
    while True:
        answer = bench.client.get_active_names(**asked)
        pages.append(answer["activeNames"])
        if "nextPageToken" not in answer:
            return pages
        asked = {"pageToken": answer["nextPageToken"]}


def test_the_names_of_all_kinds_are_listed_once_they_are_there_and_until_they_are_gone(bench: Bench) -> None:
    assert active(bench) == [[]]
    bench.create("web", "app")
    bench.client.allocate_static_ip(staticIpName="ip")
    bench.client.create_key_pair(keyPairName="pair")
    assert active(bench) == [["app", "ip", "pair", "web"]]
    bench.client.delete_instance(instanceName="web")
    assert active(bench) == [["app", "ip", "pair"]]


def test_they_come_in_pages(bench: Bench) -> None:
    bench.client.download_default_key_pair()
    names = [f"n{number:02}" for number in range(41)] + ["A1"]
    for name in names:
        bench.client.allocate_static_ip(staticIpName=name)
    pages = active(bench)
    assert [len(page) for page in pages] == [20, 20, 2]
    assert [name for page in pages for name in page] == sorted(names), "the default key pair is not among them"


def test_names_of_other_nouns_are_among_them_and_those_in_name_spaces_of_their_own_are_not(bench: Bench) -> None:
    bench.client.create_container_service(serviceName="shop", power="nano", scale=1)
    bench.client.create_load_balancer(loadBalancerName="lb", instancePort=80)
    bench.client.create_certificate(certificateName="cert", domainName="example.com")
    bench.client.create_contact_method(protocol="Email", contactEndpoint="a@example.com")
    bench.client.peer_vpc()
    assert active(bench) == [["cert", "lb", "shop"]]


def test_the_account_is_in_no_partner_program(bench: Bench) -> None:
    assert bench.client.get_profile()["profileType"] == "Lightsailor"
