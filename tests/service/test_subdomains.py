"""Subdomains: availability and reservations over accounts, states by the clock, distributions, nesting, the end."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest

from bench import START, Bench, Refusal, entries, refused
from modelled import misfits
from skysail.server import inspection

DAY_S = 86_400


@pytest.fixture
def cdn(bench: Bench) -> Bench:
    """With the distributions "one", "two" and, with a certificate of its own, "three"."""
    client = bench.client
    client.create_load_balancer(loadBalancerName="lb", instancePort=80)
    client.create_certificate(certificateName="cert", domainName="example.com")
    bench.settle()
    order = {"bundleId": "small_1_0", "origin": {"name": "lb"}, "defaultCacheBehavior": {"behavior": "cache"}}
    for name, more in (("one", {}), ("two", {}), ("three", {"certificateName": "cert"})):
        client.create_distribution(distributionName=name, **order, **more)
    bench.settle()
    return bench


def arn(bench: Bench, name: str) -> str:
    listed = bench.client.get_distributions()["distributions"]
    return next((str(one["arn"]) for one in listed if one["name"] == name), f"arn:{name}")


def create(bench: Bench, name: str = "mysite", client: Any = None, **more: Any) -> dict[str, Any]:
    return dict((client or bench.client).create_subdomain(subdomainName=name, **more)["subdomain"])


def check(bench: Bench, name: str = "mysite", client: Any = None, **more: Any) -> dict[str, Any]:
    answer = (client or bench.client).check_subdomain_availability(subdomainName=name, **more)
    return {member: value for member, value in answer.items() if member != "ResponseMetadata"}


def get(bench: Bench, name: str = "mysite") -> dict[str, Any]:
    return dict(bench.client.get_subdomains(subdomainName=name)["subdomains"][0])


def associate(bench: Bench, action: str, target: str | None = None, name: str = "mysite") -> dict[str, Any]:
    more = {} if target is None else {"targetResourceArn": arn(bench, target)}
    answer = bench.client.update_subdomain_association(subdomainName=name, action=action, **more)
    return dict(answer["subdomain"])


def delete(bench: Bench, name: str = "mysite") -> dict[str, Any]:
    return dict(bench.client.delete_subdomain(subdomainName=name))


def other_account(bench: Bench) -> Any:
    return bench.lightsail.client(bench.region, access_key_id="222222222222")


def test_a_new_subdomain_has_the_members_of_the_model(bench: Bench) -> None:
    found = create(bench, tags=[{"key": "a"}])
    assert re.fullmatch(r"arn:aws:lightsail:us-east-1:\d{12}:Subdomain/[0-9a-f-]{36}", found.pop("arn"))
    assert found == {
        "subdomainName": "mysite",
        "fqdn": "mysite.amazonlightsail.com",
        "depth": 1,
        "location": {"availabilityZone": "all", "regionName": "us-east-1"},
        "state": "CREATING",
        "createdAt": datetime.fromtimestamp(START, UTC),
    }
    bench.settle()
    assert (get(bench)["state"], get(bench)["tags"]) == ("UNATTACHED", [{"key": "a"}])
    assert entries(bench.operations()) == [("Subdomain", "mysite", "CreateSubdomain", None, "Succeeded")]
    bench.client.tag_resource(resourceName="mysite", tags=[{"key": "b"}])
    assert get(bench)["tags"] == [{"key": "a"}, {"key": "b"}]
    for request in ({}, {"subdomainName": "mysite"}):
        assert misfits("GetSubdomains", bench.send(request, "GetSubdomains")) == []


def test_it_is_the_same_in_every_region_and_no_name_that_other_kinds_share(bench: Bench) -> None:
    create(bench)
    assert bench.lightsail.client("eu-west-1").get_subdomains()["subdomains"][0]["subdomainName"] == "mysite"
    bench.instance("mysite")
    assert bench.client.get_active_names()["activeNames"] == ["mysite"]


def test_nested_ones_make_their_top_level_known_and_are_listed_in_it(bench: Bench) -> None:
    create(bench, "blog.mysite")
    create(bench, "another")
    implicit = {
        "subdomainName": "mysite",
        "fqdn": "mysite.amazonlightsail.com",
        "depth": 1,
        "location": {"availabilityZone": "all", "regionName": "us-east-1"},
        "state": "IMPLICIT",
    }
    assert get(bench) == implicit
    another, mysite = bench.client.get_subdomains()["subdomains"]
    assert another["children"] == []
    (blog,) = mysite.pop("children")
    assert mysite == implicit
    assert (blog["depth"], blog["parentFqdn"]) == (2, "mysite.amazonlightsail.com")
    create(bench)
    bench.settle()
    assert get(bench)["state"] == "UNATTACHED"
    assert delete(bench)["subdomain"] == implicit
    assert "subdomain" not in delete(bench, "blog.mysite")
    assert refused(get, bench=bench) == Refusal(
        "NotFoundException", "DoesNotExist", "The Subdomain does not exist: mysite"
    )


def test_top_level_ones_come_in_pages_by_name() -> None:
    bench = Bench(page_size=2)
    for name in ("ccc", "aaa", "bb.bbb"):
        create(bench, name)
    first = bench.client.get_subdomains()
    rest = bench.client.get_subdomains(pageToken=first["nextPageToken"])
    assert [one["subdomainName"] for one in first["subdomains"] + rest["subdomains"]] == ["aaa", "bbb", "ccc"]
    assert "nextPageToken" not in rest
    both = {"subdomainName": "aaa", "pageToken": first["nextPageToken"]}
    assert refused(bench.client.get_subdomains, **both).message == (
        "You can't specify a subdomain name together with a page token."
    )


# --- whose a name is --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["mysite", "blog.mysite", "other.mysite"])
def test_a_name_is_one_accounts_with_all_that_is_below_it(bench: Bench, name: str) -> None:
    create(bench, "blog.mysite")
    theirs = other_account(bench)
    assert check(bench, name, theirs) == {"available": False, "subdomainName": name}
    assert refused(create, bench=bench, name=name, client=theirs).message == f"The subdomain is not available: {name}"


def test_a_reservation_keeps_others_away_for_a_quarter_of_an_hour(bench: Bench) -> None:
    theirs = other_account(bench)
    assert check(bench) == {"available": True, "subdomainName": "mysite"}
    until = datetime.fromtimestamp(START + 900, UTC)
    reserved = {"available": True, "reservationExpiresAt": until}
    assert check(bench, "blog.mysite", reserve=True) == {**reserved, "subdomainName": "blog.mysite"}
    bench.clock.advance(60)
    assert check(bench, reserve=True) == {**reserved, "subdomainName": "mysite"}, "it is not extended"
    assert check(bench, client=theirs)["available"] is False
    bench.clock.advance(840)
    assert check(bench, client=theirs)["available"] is True
    assert check(bench) == {"available": True, "subdomainName": "mysite"}


def test_five_reservations_are_active_at_most_and_what_is_created_needs_none(bench: Bench) -> None:
    for number in range(5):
        check(bench, f"site-{number}", reserve=True)
    assert refused(check, bench=bench, reserve=True).message == (
        "You've reached the maximum number of active reservations: 5"
    )
    create(bench, "site-0")
    assert "reservationExpiresAt" in check(bench, reserve=True)
    assert check(bench, "site-0") == {"available": False, "subdomainName": "site-0"}


def test_what_was_attached_once_is_kept_from_others_for_a_month(cdn: Bench) -> None:
    theirs = other_account(cdn)
    create(cdn)
    create(cdn, "unused")
    cdn.settle()
    associate(cdn, "ASSOCIATE", "one")
    cdn.settle()
    associate(cdn, "DISASSOCIATE")
    cdn.settle()
    delete(cdn)
    delete(cdn, "unused")
    assert [check(cdn, name, theirs)["available"] for name in ("mysite", "unused")] == [False, True]
    assert check(cdn)["available"] is True, "to the account itself"
    cdn.clock.advance(30 * DAY_S)
    assert check(cdn, client=theirs)["available"] is True


@pytest.mark.parametrize("name", ["Mysite", "-a", "a-", "a.b.c", "xn--a", "b.xn--a", "a" * 40, "", "a..b"])
def test_a_name_that_is_none_is_refused(bench: Bench, name: str) -> None:
    for call in (check, create):
        found = refused(call, bench=bench, name=name)
        assert found.message.startswith(f"{name} is not a valid subdomain. ")


def test_some_names_are_nobodys(bench: Bench) -> None:
    assert check(bench, "www")["available"] is False
    assert check(bench, "blog.aws")["available"] is False


# --- distributions ----------------------------------------------------------------------------------------


def test_a_subdomain_is_tied_transferred_and_untied_by_the_clock(cdn: Bench) -> None:
    create(cdn)
    cdn.settle()
    shown = associate(cdn, "ASSOCIATE", "one")
    assert (shown["state"], shown["attachingResource"]["name"]) == ("ATTACHING", "one")
    cdn.settle()
    assert get(cdn)["state"] == "ATTACHED"
    assert "attachingResource" not in get(cdn)
    shown = associate(cdn, "TRANSFER", "two")
    assert shown["state"] == "TRANSFERRING"
    assert (shown["attachedResource"]["name"], shown["attachingResource"]["name"]) == ("one", "two")
    cdn.settle()
    assert get(cdn)["attachedResource"]["name"] == "two"
    assert refused(associate, bench=cdn, action="TRANSFER", target="one").message == (
        "You can transfer a subdomain only once in a 24-hour period: mysite"
    )
    cdn.clock.advance(DAY_S)
    associate(cdn, "TRANSFER", "one")
    cdn.settle()
    assert associate(cdn, "DISASSOCIATE")["state"] == "DETACHING"
    cdn.settle()
    assert get(cdn)["state"] == "UNATTACHED"
    assert "attachedResource" not in get(cdn)
    details = [entry[2:] for entry in entries(cdn.operations("mysite"))][1:]
    assert details == [
        ("UpdateSubdomainAssociation", action, "Succeeded")
        for action in ("ASSOCIATE", "TRANSFER", "TRANSFER", "DISASSOCIATE")
    ]


def test_a_distribution_that_is_gone_meanwhile_leaves_the_subdomain_as_it_was(cdn: Bench) -> None:
    create(cdn)
    cdn.settle()
    cdn.client.delete_distribution(distributionName="one")
    cdn.clock.advance(0.5)
    associate(cdn, "ASSOCIATE", "one")
    cdn.settle()
    assert get(cdn)["state"] == "UNATTACHED"
    assert cdn.operations("mysite")[-1]["errorCode"] == "TargetDeleted"


@pytest.mark.parametrize(
    ("action", "target", "message"),
    [
        ("ASSOCIATE", None, "You must specify the ARN of the resource to associate the subdomain with."),
        ("ASSOCIATE", "nil", "The resource does not exist: arn:nil"),
        ("ASSOCIATE", "three", "The distribution uses a custom domain: three"),
        ("ASSOCIATE", "two", "The distribution is already associated with a subdomain: other"),
        (
            "DISASSOCIATE",
            None,
            "You can't disassociate this subdomain right now. The state of this subdomain is: UNATTACHED",
        ),
        ("TRANSFER", "one", "You can't transfer this subdomain right now. The state of this subdomain is: UNATTACHED"),
    ],
)
def test_what_cannot_be_tied_is_refused(cdn: Bench, action: str, target: str | None, message: str) -> None:
    create(cdn)
    create(cdn, "other")
    cdn.settle()
    associate(cdn, "ASSOCIATE", "two", "other")
    assert refused(associate, bench=cdn, action=action, target=target).message == message
    assert refused(delete, bench=cdn, name="other").message == (
        "You can't delete this subdomain right now. The state of this subdomain is: ATTACHING"
    )


def test_nothing_is_wrong_in_a_store_with_subdomains(bench: Bench) -> None:
    create(bench, "blog.mysite")
    check(bench, "mine", reserve=True)
    with bench.lightsail.store.begin(write=False) as transaction:
        assert list(inspection(transaction).faults()) == []
