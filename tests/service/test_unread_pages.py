"""Next pages that nobody asked for: which are listed, whose line asked, and what is no loss."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable
from typing import Any

import boto3
import pytest

import skysail
from bench import ORDER, Bench
from skysail.errors import UsageError
from skysail.service.unread_pages import UnreadPages
from skysail.store.base import Place

PLACE = Place("111122223333", "us-east-1")


def first_page_alone(client: Any) -> list[str]:
    return [instance["name"] for instance in client.get_instances()["instances"]]


def all_pages(client: Any) -> list[str]:
    pages = client.get_paginator("get_instances").paginate()
    return [instance["name"] for page in pages for instance in page["instances"]]


def up_to_three(client: Any) -> int:
    pages = client.get_paginator("get_instances").paginate(PaginationConfig={"MaxItems": 3})
    return sum(len(page["instances"]) for page in pages)


def one_after_the_other(client: Any) -> int:
    answer, number = client.get_instances(), 1
    while "nextPageToken" in answer:
        answer, number = client.get_instances(pageToken=answer["nextPageToken"]), number + 1
    return number


CLIENTS: dict[str, Callable[[], Any]] = {"boto3": lambda: boto3.client("lightsail"), "skysail": skysail.client}


@pytest.fixture(params=CLIENTS)
def client(request: pytest.FixtureRequest) -> Any:
    with skysail.mock(page_size=2) as lightsail:
        lightsail.client().create_instances(**ORDER | {"instanceNames": [f"web-{number}" for number in range(5)]})
        client = CLIENTS[request.param]()
        client.lightsail = lightsail
        yield client


def test_code_that_forgets_the_second_page_is_named_with_its_line(client: Any) -> None:
    assert len(first_page_alone(client)) == 2
    [page] = client.lightsail.unread_pages()
    line = inspect.getsourcelines(first_page_alone)[1] + 1
    assert page.site[:3] == (__file__, line, "first_page_alone")
    assert (page.operation, page.account, page.region, page.items) == ("GetInstances", "123456789012", "us-east-1", 2)
    assert str(page) == (
        f"{__file__}:{line} in first_page_alone: "
        "GetInstances gave 2 items and a nextPageToken that nobody used (us-east-1)"
    )


@pytest.mark.parametrize("walk", [all_pages, up_to_three, one_after_the_other])
def test_who_reads_on_or_stops_on_purpose_has_lost_nothing(client: Any, walk: Callable[[Any], Any]) -> None:
    walk(client)
    assert client.lightsail.unread_pages() == []


def test_a_walk_that_breaks_off_leaves_its_last_page(client: Any) -> None:
    for _ in client.get_paginator("get_instances").paginate():
        break
    assert [page.site.function for page in client.lightsail.unread_pages()] == [
        "test_a_walk_that_breaks_off_leaves_its_last_page"
    ]


def test_each_answer_counts_for_itself(client: Any) -> None:
    first_page_alone(client)
    all_pages(client)
    assert len(client.lightsail.unread_pages()) == 1
    client.lightsail.unread_pages.clear()
    assert client.lightsail.unread_pages() == []


def test_the_asynchronous_client_has_its_line_too() -> None:
    async def seen() -> None:
        with skysail.mock(page_size=1) as opened:
            async with skysail.async_client("lightsail") as client:
                await client.create_instances(**ORDER | {"instanceNames": ["web-1", "web-2"]})
                await client.get_instances()
            assert [page.site.function for page in opened.unread_pages()] == ["seen"]

    asyncio.run(seen())


def test_listings_without_instances_count_as_well(bench: Bench) -> None:
    lightsail = bench.lightsail
    lightsail.page_size = 1
    client = lightsail.client()
    client.allocate_static_ip(staticIpName="ip-1")
    client.allocate_static_ip(staticIpName="ip-2")
    client.get_static_ips()
    client.get_operations()
    assert [page.operation for page in lightsail.unread_pages()] == ["GetStaticIps", "GetOperations"]
    assert [page.operation for page in lightsail.unread_pages("GetOperations")] == ["GetOperations"]
    lightsail.reset()
    assert lightsail.unread_pages() == []


def test_an_answer_that_never_arrived_is_not_counted(bench: Bench) -> None:
    lightsail = bench.lightsail
    lightsail.page_size = 1
    bench.create("web-1", "web-2")
    lightsail.faults.cut("GetInstances", when="after", first=1)
    list(lightsail.client().get_paginator("get_instances").paginate())
    assert lightsail.unread_pages() == []


def test_only_the_last_are_kept_and_the_others_counted() -> None:
    pages = UnreadPages(most=2)
    for number in range(5):
        pages.note("GetDisks", {}, {"disks": [], "nextPageToken": "same"}, PLACE, float(number), "id")
    assert ([page.at for page in pages()], pages.dropped) == ([3.0, 4.0], 3)
    for _ in range(2):
        pages.note("GetDisks", {"pageToken": "same"}, {"disks": []}, PLACE, 9.0, "id")
    assert pages() == []
    pages.note("GetDisks", {"pageToken": "same"}, {"disks": []}, PLACE, 9.0, "id")


def test_a_page_has_an_item(bench: Bench) -> None:
    with pytest.raises(UsageError, match="a page has at least 1 item, not 0"):
        bench.lightsail.page_size = 0
