"""mock(chaos=…): a bad day, and the same one for the same seed."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from botocore.config import Config

import skysail
from skysail.errors import SkysailError, UsageError

NEW = {"availabilityZone": "us-east-1a", "blueprintId": "ubuntu_24_04", "bundleId": "nano_3_0"}
MANY = 600
_ONE_TRY = Config(retries={"total_max_attempts": 1})


def day(chaos: float, random_seed: int | None) -> list[Any]:
    """What each of many calls met."""
    with skysail.mock(chaos=chaos, random_seed=random_seed):
        client = skysail.client(config=_ONE_TRY)
        return [_met(client) for _ in range(MANY)]


def _met(client: Any) -> Any:
    try:
        return client.get_bundles()["ResponseMetadata"]["RequestId"]
    except SkysailError as error:
        return type(error).__name__


def test_a_share_of_the_calls_goes_wrong_in_three_ways() -> None:
    met = Counter(outcome for outcome in day(0.3, 7) if "-" not in outcome)
    assert len(met) == 3, met
    for times in met.values():
        assert MANY * 0.05 < times < MANY * 0.15, met


def test_a_seed_makes_it_the_same_day() -> None:
    assert day(0.3, 7) == day(0.3, 7)
    assert day(0.3, 7) != day(0.3, 8)
    assert day(0.3, None) != day(0.3, None)


def test_pages_are_of_any_size_and_still_hold_everything_once() -> None:
    with skysail.mock(chaos=0.001, random_seed=1) as lightsail:
        client = skysail.client()
        names = [f"web-{number}" for number in range(20)]
        client.create_instances(instanceNames=names, **NEW)
        pages = [page["instances"] for page in client.get_paginator("get_instances").paginate()]
        assert sorted(instance["name"] for page in pages for instance in page) == sorted(names)
        assert len({len(page) for page in pages}) > 1
        lightsail.page_size = 3
        assert len(client.get_instances()["instances"]) == 3


@pytest.mark.parametrize("share", [-0.1, 1.0, 5])
def test_a_share_that_is_none_is_refused(share: float) -> None:
    with pytest.raises(UsageError, match="share of calls"):
        skysail.mock(chaos=share)
