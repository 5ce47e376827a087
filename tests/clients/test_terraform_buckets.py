"""Terraform's AWS provider against the local Lightsail: buckets, their keys, and the instances that may use them."""

from __future__ import annotations

from typing import Any

import pytest

from clients.terraform_buckets import Bucket, BucketAccessKey, BucketResourceAccess
from clients.terraform_calls import Instance, Kind, Provider, State
from clients.terraform_cases import Case, check

BUCKET, KEY, ACCESS, INSTANCE = Bucket(), BucketAccessKey(), BucketResourceAccess(), Instance()
SHOP = {"name": "shop", "bundle_id": "small_1_0"}
LOGS = {"name": "logs", "bundle_id": "small_1_0"}
WEB = {"name": "web", "availability_zone": "us-east-1a", "blueprint_id": "amazon_linux_2023", "bundle_id": "nano_3_0"}


def keys(api: Any) -> Any:
    return api.get_bucket_access_keys(bucketName="logs")["accessKeys"]


def receiving(api: Any) -> Any:
    (found,) = api.get_buckets(bucketName="shop", includeConnectedResources=True)["buckets"]
    return found["resourcesReceivingAccess"]


CASES = {
    "bucket, its tags and its bundle": Case(
        BUCKET,
        {**SHOP, "tags": {"stage": "test", "old": "yes"}},
        {**SHOP, "bundle_id": "medium_1_0", "tags": {"stage": "live", "new": ""}},
        False,
        lambda api: api.get_buckets(bucketName="shop"),
    ),
    "bucket, another name": Case(BUCKET, LOGS, SHOP, True, lambda api: api.get_buckets(bucketName="shop")),
    "access key, another bucket's": Case(
        KEY, {"bucket_name": "shop"}, {"bucket_name": "logs"}, True, keys, [(BUCKET, SHOP), (BUCKET, LOGS)]
    ),
    "resource access, another instance's": Case(
        ACCESS,
        {"bucket_name": "shop", "resource_name": "web"},
        {"bucket_name": "shop", "resource_name": "other"},
        True,
        receiving,
        [(BUCKET, SHOP), (INSTANCE, WEB), (INSTANCE, {**WEB, "name": "other"})],
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_each_is_applied_changed_and_destroyed_and_no_plan_in_between_shows_a_difference(
    provider: Provider, case: Case
) -> None:
    check(provider, case)


@pytest.mark.parametrize(
    ("kind", "state"),
    [(BUCKET, {"id": "shop"}), (KEY, {"id": "shop,AKIAIOSFODNN7EXAMPLE"}), (ACCESS, {"id": "shop,web"})],
    ids=lambda value: value.name if isinstance(value, Kind) else "",
)
def test_one_that_never_was_is_read_as_gone(provider: Provider, kind: Kind, state: State) -> None:
    assert provider.refresh(kind, state) is None


def test_a_whole_stack_stands_without_a_difference_and_is_destroyed_in_the_other_order(provider: Provider) -> None:
    config: list[tuple[Kind, State]] = [
        (INSTANCE, WEB),
        (BUCKET, {**SHOP, "tags": {"stage": "test"}}),
        (KEY, {"bucket_name": "shop"}),
        (KEY, {"bucket_name": "shop"}),
        (ACCESS, {"bucket_name": "shop", "resource_name": "web"}),
    ]
    states = [provider.apply(kind, wanted) for kind, wanted in config]
    for (kind, wanted), state in zip(config, states, strict=True):
        refreshed = provider.refresh(kind, state)
        assert refreshed == state or kind is INSTANCE
        assert provider.plan(kind, wanted, refreshed or {}) == {}
    secrets = {state["secret_access_key"] for state in states[2:4]}
    assert len(secrets) == 2
    for (kind, _), state in reversed(list(zip(config, states, strict=True))):
        provider.destroy(kind, state)
        assert provider.refresh(kind, state) is None


def test_a_bucket_with_keys_is_destroyed_where_force_delete_is_set(provider: Provider) -> None:
    state = provider.apply(BUCKET, SHOP)
    key = provider.apply(KEY, {"bucket_name": "shop"})
    with pytest.raises(provider.api.exceptions.InvalidInputException, match="it has access keys"):
        provider.destroy(BUCKET, state)
    state = provider.apply(BUCKET, {**SHOP, "force_delete": True}, state)
    provider.destroy(BUCKET, state)
    assert provider.refresh(KEY, key) is None
