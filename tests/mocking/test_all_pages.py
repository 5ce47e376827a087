"""mock(all_pages=True): code that reads the first page alone does not pass."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import boto3
import pytest

import skysail
from skysail.errors import UnreadPagesError

NEW = {"availabilityZone": "us-east-1a", "blueprintId": "ubuntu_24_04", "bundleId": "nano_3_0"}


def create(*names: str) -> None:
    boto3.client("lightsail").create_instances(instanceNames=list(names), **NEW)


def first_page() -> Any:
    return boto3.client("lightsail").get_instances()["instances"]


def all_pages() -> list[Any]:
    return [*boto3.client("lightsail").get_paginator("get_instances").paginate()]


def page_by_page() -> int:
    client, token, pages = boto3.client("lightsail"), {}, 0
    while True:
        answer = client.get_instances(**token)
        pages += 1
        if "nextPageToken" not in answer:
            return pages
        token = {"pageToken": answer["nextPageToken"]}


def test_a_block_that_left_a_page_ends_with_its_line() -> None:
    with pytest.raises(UnreadPagesError) as raised, skysail.mock(all_pages=True):
        create("web-1", "web-2")
        first_page()
        first_page()
    text = str(raised.value)
    assert text.startswith("2 answers said that there is more")
    assert f"{__file__}:{first_page.__code__.co_firstlineno + 1}: GetInstances, in first_page" in text
    assert text.count("in first_page") == 1, "a line that was met twice"
    assert "(2 times)" in text


@pytest.mark.parametrize("read", [all_pages, page_by_page])
def test_one_that_read_them_all_does_not(read: Callable[[], Any]) -> None:
    with skysail.mock(all_pages=True):
        create("web-1", "web-2", "web-3")
        read()


def test_a_decorated_test_fails_too() -> None:
    @skysail.mock(all_pages=True, page_size=2)
    def test() -> None:
        create("web-1", "web-2", "web-3")
        assert len(first_page()) == 2

    with pytest.raises(AssertionError, match="in first_page"):
        test()


def test_what_failed_before_is_not_hidden() -> None:
    with pytest.raises(ZeroDivisionError), skysail.mock(all_pages=True):
        create("web-1", "web-2")
        first_page()
        raise ZeroDivisionError


def test_nothing_is_said_unless_it_was_asked_for() -> None:
    with skysail.mock(page_size=1):
        create("web-1", "web-2")
        first_page()
