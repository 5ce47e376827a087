"""The catalogue: what is shown by default, with inactive entries, by category, and in regions of their own."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.regions import EndpointResolver
from botocore.session import get_session

from bench import Bench
from skysail.errors import InvalidInputException
from skysail.protocol.model import service_model
from skysail.service.catalogue import Catalogue


def ids(entries: list[dict[str, Any]], member: str) -> list[str]:
    return [entry[member] for entry in entries]


@pytest.mark.parametrize(
    ("call", "member", "key"),
    [("get_bundles", "bundles", "bundleId"), ("get_blueprints", "blueprints", "blueprintId")],
)
def test_inactive_entries_are_shown_where_they_are_asked_for(bench: Bench, call: str, member: str, key: str) -> None:
    ask = getattr(bench.client, call)
    active, everything = ask()[member], ask(includeInactive=True)[member]
    assert all(entry["isActive"] for entry in active)
    assert [entry for entry in everything if entry["isActive"]] == active
    assert len(everything) > len(active) > 0
    assert len(set(ids(everything, key))) == len(everything)
    assert ask(includeInactive=False)[member] == active


@pytest.mark.parametrize(("call", "member"), [("get_bundles", "bundles"), ("get_blueprints", "blueprints")])
def test_a_listing_of_the_catalogue_is_on_one_page_and_no_token_leads_on(bench: Bench, call: str, member: str) -> None:
    answer = getattr(bench.client, call)()
    assert set(answer) == {member, "ResponseMetadata"}
    with pytest.raises(InvalidInputException, match="The page token is not valid"):
        getattr(bench.client, call)(pageToken="AQAA")


@pytest.mark.parametrize(("call", "member"), [("get_bundles", "bundles"), ("get_blueprints", "blueprints")])
def test_entries_of_an_app_category_are_shown_where_they_are_asked_for(bench: Bench, call: str, member: str) -> None:
    assert getattr(bench.client, call)(appCategory="LfR")[member] == [], "no id of theirs has been seen yet"


def test_nothing_about_the_facts_themselves_is_in_an_answer(bench: Bench) -> None:
    for operation, body in (
        ("GetBundles", {"includeInactive": True}),
        ("GetBlueprints", {"includeInactive": True}),
        ("GetRegions", {"includeAvailabilityZones": True}),
    ):
        assert b'"_' not in bench.send(body, operation).body


@pytest.mark.parametrize(
    ("operation", "listed"), [("GetBundles", "bundles"), ("GetBlueprints", "blueprints"), ("GetRegions", "regions")]
)
def test_every_member_is_one_of_the_models(bench: Bench, operation: str, listed: str) -> None:
    """A client drops what the model does not have, so this looks at the bytes."""
    import msgspec

    body = msgspec.json.decode(bench.send(b"{}", operation).body)
    output = service_model().operation(operation).output
    assert output is not None
    element = service_model().shape(service_model().shape(output).members[listed].shape).member
    assert element is not None
    members = service_model().shape(element.shape).members
    for entry in body[listed]:
        assert set(entry) <= set(members)


def test_a_published_bundle_is_as_published(bench: Bench) -> None:
    (nano,) = [one for one in bench.client.get_bundles()["bundles"] if one["bundleId"] == "nano_3_0"]
    assert nano == {
        "price": 5.0,
        "cpuCount": 2,
        "diskSizeInGb": 20,
        "bundleId": "nano_3_0",
        "instanceType": "nano",
        "isActive": True,
        "name": "Nano",
        "power": 298,
        "ramSizeInGb": 0.5,
        "transferPerMonthInGb": 1024,
        "supportedPlatforms": ["LINUX_UNIX"],
        "publicIpv4AddressCount": 1,
    }


VARIANTS = {"us-east-1": "0", "eu-west-1": "0", "us-west-1": "0", "ap-south-1": "1", "sa-east-1": "1"}
VARIANTS |= {"ap-east-1": "1", "ap-southeast-2": "2"}


@pytest.mark.parametrize("region", VARIANTS)
def test_the_last_digit_of_a_bundles_id_is_the_regions(region: str) -> None:
    catalogue = Catalogue()
    digits = {bundle_id[-1] for bundle_id in ids(catalogue.bundles(region), "bundleId")}
    assert digits == {VARIANTS[region]}
    for bundle in catalogue.bundles(region):
        assert catalogue.bundle(region, bundle["bundleId"]) == bundle
        for digit in "0123456789":
            other = bundle["bundleId"][:-1] + digit
            assert (catalogue.bundle(region, other) is not None) == (digit == VARIANTS[region])


def test_asking_for_a_region_with_half_the_transfer_does_not_change_the_others() -> None:
    catalogue = Catalogue()
    for _ in range(2):
        transfers = {region: catalogue.bundles(region)[0]["transferPerMonthInGb"] for region in VARIANTS}
        assert transfers == dict.fromkeys(VARIANTS, 1024) | {"ap-south-1": 512, "ap-southeast-2": 512}


@pytest.mark.parametrize("bundle_id", ["", "_", "nano", "0", "nano_3_", "nano_3_00", "nano_3_0 ", "NANO_3_0"])
def test_what_is_no_bundle_is_none(bundle_id: str) -> None:
    assert Catalogue().bundle("us-east-1", bundle_id) is None


# --- regions ----------------------------------------------------------------------------------------------


def test_zones_are_an_empty_list_unless_they_are_asked_for(bench: Bench) -> None:
    zones, database_zones = "availabilityZones", "relationalDatabaseAvailabilityZones"
    for asked in ({}, {"includeAvailabilityZones": False}):
        for region in bench.client.get_regions(**asked)["regions"]:
            assert region[zones] == region[database_zones] == []
    for region in bench.client.get_regions(includeAvailabilityZones=True)["regions"]:
        assert [zone["zoneName"][:-1] for zone in region[zones]] == [region["name"]] * len(region[zones])
        assert region[zones]
        assert region[database_zones] == []
    for region in bench.client.get_regions(includeRelationalDatabaseAvailabilityZones=True)["regions"]:
        assert region[zones] == []


def test_the_regions_are_those_of_the_model() -> None:
    catalogue = Catalogue()
    names = ids(catalogue.regions(zones=False, database_zones=False), "name")
    assert sorted(names) == sorted(service_model().shape("RegionName").enum)
    assert all(catalogue.is_region(name) for name in names)
    assert not catalogue.is_region("us-east-9")
    assert not catalogue.is_region("")


def test_botocores_regions_for_lightsail_are_all_here() -> None:
    resolver = EndpointResolver(get_session().get_data("endpoints"))
    for name in resolver.get_available_endpoints("lightsail"):
        assert Catalogue().is_region(name)
