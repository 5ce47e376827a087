"""The page of the fleet: what it shows, and that its address says all of it."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest

from bench import Bench
from console.browsing import Browsing, links, text
from skysail.service.identity import account_number
from skysail.store.base import Place


def names(browsing: Browsing, address: str) -> list[str]:
    """Of the instances that a page lists, in its order."""
    response = browsing.get(address)
    assert response.status == 200
    body = response.body.decode()
    return [row.partition("</a>")[0].rpartition(">")[2] for row in body.split('<th scope="row">')[1:]]


def test_the_pages_follow_one_another_by_true_tokens(bench: Bench, browsing: Browsing) -> None:
    for number in range(0, 130, 10):
        bench.create(*(f"web-{one}" for one in range(number, number + 10)))
        bench.clock.advance(1)
    whole, address = [], "instances?region=us-east-1"
    while True:
        whole.append(names(browsing, address))
        older = links(browsing.get(address), "Older")
        if not older:
            break
        [address] = older
        # The token is one of a paginator's: any client goes on with it, right behind the page's last row.
        token = parse_qs(urlsplit(address).query)["after"][0]
        pages = bench.client.get_paginator("get_instances").paginate(
            PaginationConfig={"MaxItems": 1, "StartingToken": token}
        )
        following = [one["name"] for page in pages for one in page["instances"]]
        assert following == names(browsing, address)[:1]
    assert [len(part) for part in whole] == [50, 50, 30]
    assert [name for part in whole for name in part] == bench.names()


def test_all_regions_are_one_listing(bench: Bench, browsing: Browsing) -> None:
    for region in ("us-east-1", "eu-central-1", "eu-west-1"):
        client = bench.lightsail.client(region)
        for part in range(2):
            client.create_instances(
                instanceNames=[f"{region}-{part}-{one}" for one in range(20)],
                availabilityZone=f"{region}a",
                blueprintId="debian_12",
                bundleId="nano_3_0",
            )
    first = names(browsing, "instances")
    response = browsing.get("instances")
    assert len(first) == 50
    [older] = links(response, "Older")
    assert "region=all" in older
    everything = first + names(browsing, older)
    on = links(browsing.get(older), "Older")
    everything += names(browsing, on[0])
    assert len(set(everything)) == len(everything) == 120
    assert [name.rpartition("-")[0].rpartition("-")[0] for name in everything[::40]] == [
        "eu-central-1",
        "eu-west-1",
        "us-east-1",
    ]


@pytest.mark.parametrize(
    ("query", "found"),
    {
        "q=WEB": ["web"],
        "q=10.0": [],
        "state=stopped": ["old"],
        "tag=role": ["web"],
        "tag=role%3Dweb": ["web"],
        "tag=role%3Ddb": [],
        "blueprint=debian_12": ["old"],
        "sort=name": ["db", "old", "web"],
        "sort=-name": ["web", "old", "db"],
        "sort=age": ["web", "db", "old"],
        "sort=tags": ["web", "db", "old"],
        "sort=state.code,-name": ["web", "db", "old"],
    }.items(),
)
def test_filters_and_orders(bench: Bench, browsing: Browsing, query: str, found: list[str]) -> None:
    bench.instance("old", "stopped", blueprintId="debian_12")
    bench.instance("db")
    bench.instance("web", tags=[{"key": "role", "value": "web"}])
    assert names(browsing, f"instances?region=us-east-1&{query}") == found


def test_a_filter_looks_through_a_thousand_and_offers_to_go_on(bench: Bench, browsing: Browsing) -> None:
    bench.create("needle")
    for number in range(21):
        bench.create(*(f"hay-{number}-{one}" for one in range(50)))
    response = browsing.get("instances?region=us-east-1&q=needle")
    assert names(browsing, "instances?region=us-east-1&q=needle") == []
    [on] = links(response, "Look on")
    assert names(browsing, on) == ["needle"]
    assert "1,000 instances and more" in browsing.page("instances?region=us-east-1")


def test_an_order_is_of_the_whole_fleet_up_to_a_thousand(bench: Bench, browsing: Browsing) -> None:
    for number in range(20):
        bench.create(*(f"hay-{number:02}-{one:02}" for one in range(50)))
    first = browsing.get("instances?region=us-east-1&sort=-name")
    assert names(browsing, "instances?region=us-east-1&sort=-name")[:2] == ["hay-19-49", "hay-19-48"]
    [on] = links(first, "Next")
    assert names(browsing, on)[:1] == ["hay-18-49"]
    assert "51 to 100 of 1,000, in order" in browsing.page(on)
    assert len(names(browsing, "instances?region=us-east-1&sort=name&from=980")) == 20
    bench.create("one-more")
    page = browsing.get("instances?region=us-east-1&sort=name")
    assert names(browsing, "instances?region=us-east-1&sort=name")[-1] == "one-more", "the newest page alone"
    assert "In order is this page alone" in text(page)
    assert links(page, "Older")


@pytest.mark.parametrize(
    ("cols", "heads"),
    {
        "": ["Name", "State", "Public IP", "Plan", "Blueprint", "Tags", "Age", "USD/month"],
        "cols=age,state": ["Name", "Age", "State"],
        "cols=age&cols=&cols=state.code": ["Name", "Age", "state.code"],
        "cols=%2Bram,-tags,-age": ["Name", "State", "Public IP", "Plan", "Blueprint", "USD/month", "RAM, GB"],
    }.items(),
)
def test_columns_are_chosen_as_on_the_command_line(
    bench: Bench, browsing: Browsing, cols: str, heads: list[str]
) -> None:
    bench.create("web")
    body = browsing.get(f"instances?region=us-east-1&{cols}").body.decode()
    head = body.partition("<thead>")[2].partition("</thead>")[0]
    assert [part.partition("<")[0].strip() for part in head.split('">') if "</a>" in part] == heads


def test_chosen_columns_are_told_to_programs_too(bench: Bench, browsing: Browsing) -> None:
    bench.create("web")
    rows = browsing.get("instances?format=csv&cols=ram,state.name").body.decode().splitlines()
    assert rows == ["NAME,RAM,state.name", "web,0.5,pending"]
    refused = browsing.get("instances?cols=blueprnt")
    assert refused.status == 400
    assert "no column blueprnt; did you mean blueprint" in text(refused)


def test_a_plan_that_is_no_longer_to_be_had_still_costs(bench: Bench, browsing: Browsing) -> None:
    bench.create("old", bundleId="nano_1_0")
    assert "5.00 USD/month" in browsing.page("instances?region=us-east-1")
    assert "5.00 USD/month" in browsing.page("instances/us-east-1/old")
    assert "nano_1_0" not in browsing.get("instances/new").body.decode()


def test_looking_leaves_no_trace(bench: Bench, browsing: Browsing) -> None:
    bench.create(*(f"web-{one}" for one in range(10)))
    bench.lightsail.calls.clear()
    bench.lightsail.faults.throttle()
    browsing.page("instances")
    browsing.page("instances/us-east-1/web-1")
    assert bench.lightsail.calls() == []
    assert bench.lightsail.unread_pages() == []


def test_all_regions_say_how_many_are_where(bench: Bench, browsing: Browsing) -> None:
    bench.create("web", "db")
    page = browsing.page("regions")
    assert "us-east-1 Virginia 2 Create" in page
    assert "eu-west-1 Ireland 0 Create" in page
    assert page.index("us-east-1") < page.index("ap-south-1"), "those with instances come first"
    [there] = links(browsing.get("regions"), "eu-west-1")
    assert "2 in us-east-1" in browsing.page(there)
    assert links(browsing.get("instances"), "Other regions") == ["/console/regions"]


def test_names_are_escaped(bench: Bench, browsing: Browsing) -> None:
    bench.create("web", tags=[{"key": "role", "value": "web"}])
    with bench.lightsail.store.begin(write=True) as transaction:  # as a mirror's store may have it
        row = transaction.get(Place(account_number("local"), "us-east-1"), "web")
        assert row is not None
        odd = row.document.replace(b'"role"', b'"<script>alert(1)</script>"').replace(b'"web"}', rb'"\"><img src=x>"}')
        assert odd != row.document
        transaction.update(replace(row, document=odd))
    for address in ("instances", "instances?q=%3Cscript%3Ealert(2)%22", "instances/us-east-1/web/tags"):
        body = browsing.get(address).body.decode()
        assert "<script>alert" not in body
        assert "<img" not in body


def test_an_open_service_shows_each_account_its_own(bench: Bench, browsing: Browsing) -> None:
    for account in ("111122223333", "444455556666"):
        client = bench.lightsail.client("eu-west-1", account)
        client.create_instances(
            instanceNames=[f"of-{account}"],
            availabilityZone="eu-west-1a",
            blueprintId="debian_12",
            bundleId="nano_3_0",
        )
    assert names(browsing, "instances") == ["of-111122223333"], "the first that has any, where the usual one has none"
    assert names(browsing, "instances?account=444455556666") == ["of-444455556666"]
    response = browsing.get("instances?account=444455556666")
    assert all("account=444455556666" in link for link in links(response, "of-"))


def test_a_page_is_there_for_programs_too(bench: Bench, browsing: Browsing) -> None:
    bench.create("web", tags=[{"key": "role", "value": "web"}])
    bench.create("db", tags=[{"key": "=cmd", "value": "x"}])
    answer = json.loads(browsing.get("instances?region=us-east-1&format=json&q=web").body)
    assert [one["name"] for one in answer["instances"]] == ["web"]
    assert json.loads(browsing.get("instances/us-east-1/web?format=json").body)["arn"] == bench.get()["arn"]
    rows = list(csv.DictReader(browsing.get("instances?format=csv&sort=name").body.decode().splitlines()))
    assert [(row["name"], row["state"], row["tags"]) for row in rows] == [
        ("db", "pending", "'=cmd=x"),
        ("web", "pending", "role=web"),
    ]
