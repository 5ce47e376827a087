"""Buckets: names, keys, who gets in, bundles, logs, CORS rules, and when one cannot be deleted."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bench import START, Bench, Refusal, entries, refusal_in, refused
from modelled import misfits
from skysail.errors import NotFoundException
from skysail.server import LocalLightsail, inspection
from skysail.world import manual_world


def create(bench: Bench, name: str = "shop", **order: Any) -> dict[str, Any]:
    answer: dict[str, Any] = bench.client.create_bucket(bucketName=name, **{"bundleId": "small_1_0", **order})
    return answer


def bucket(bench: Bench, name: str = "shop", **asked: Any) -> dict[str, Any]:
    (found,) = bench.client.get_buckets(bucketName=name, **asked)["buckets"]
    return dict(found)


def names(bench: Bench, **asked: Any) -> list[str]:
    return [one["name"] for one in bench.client.get_buckets(**asked)["buckets"]]


def keys(bench: Bench) -> list[dict[str, Any]]:
    return list(bench.client.get_bucket_access_keys(bucketName="shop")["accessKeys"])


def faults(bench: Bench) -> list[str]:
    with bench.lightsail.store.begin(write=False) as transaction:
        return [f"{fault.about}: {fault.what}" for fault in inspection(transaction).faults()]


def invalid(text: str, code: str = "InvalidParams") -> Refusal:
    return Refusal("InvalidInputException", code, text)


def test_a_new_bucket_is_private_and_whole_at_once(bench: Bench) -> None:
    made = create(bench, tags=[{"key": "team", "value": "a"}])
    assert entries(made["operations"]) == [("Bucket", "shop", "CreateBucket", None, "Succeeded")]
    found = bucket(bench)
    assert made["bucket"] == found
    assert re.fullmatch(r"arn:aws:lightsail:us-east-1:\d{12}:Bucket/[0-9a-f-]{36}", found.pop("arn"))
    assert re.fullmatch(r"\d{12}/shop", found.pop("supportCode"))
    assert found == {
        "resourceType": "Bucket",
        "accessRules": {"getObject": "private", "allowPublicOverrides": False},
        "bundleId": "small_1_0",
        "createdAt": datetime.fromtimestamp(START, UTC),
        "url": "https://shop.s3.us-east-1.amazonaws.com",
        "location": {"availabilityZone": "all", "regionName": "us-east-1"},
        "name": "shop",
        "tags": [{"key": "team", "value": "a"}],
        "objectVersioning": "NeverEnabled",
        "ableToUpdateBundle": True,
        "readonlyAccessAccounts": [],
        "resourcesReceivingAccess": [],
        "state": {"code": "OK"},
        "accessLogConfig": {"enabled": False},
    }
    assert create(bench, "other", enableObjectVersioning=True)["bucket"]["objectVersioning"] == "Enabled"
    assert names(bench) == ["other", "shop"]
    for asked in ({}, {"bucketName": "shop", "includeCors": True, "includeConnectedResources": True}):
        assert misfits("GetBuckets", bench.send(asked, "GetBuckets")) == []


ORDERS = {
    # what is refused: the request, and what is said
    "two": ({"bucketName": "ab"}, "ab is not a valid bucket name."),
    "too long": ({"bucketName": "a" * 55}, f"{'a' * 55} is not a valid bucket name."),
    "a capital": ({"bucketName": "Shop"}, "Shop is not a valid bucket name."),
    "a dot": ({"bucketName": "a.shop"}, "a.shop is not a valid bucket name."),
    "a hyphen first": ({"bucketName": "-shop"}, "-shop is not a valid bucket name."),
    "two hyphens": ({"bucketName": "a--shop"}, "a--shop is not a valid bucket name."),
    "bundle": ({"bundleId": "huge_1_0"}, "The specified bundle does not exist in this region: huge_1_0"),
    "tag": ({"tags": [{"key": "aws:a"}]}, "Tag keys can't start with aws:"),
    "taken": ({"bucketName": "taken"}, "Some names are already in use: taken"),
    "of another kind": ({"bucketName": "home"}, "Some names are already in use: home"),
}


@pytest.mark.parametrize("case", ORDERS)
def test_what_cannot_be_ordered(bench: Bench, case: str) -> None:
    create(bench, "taken")
    bench.client.allocate_static_ip(staticIpName="home")
    order, said = ORDERS[case]
    refusal = refusal_in(bench.send({"bucketName": "shop", "bundleId": "small_1_0", **order}, "CreateBucket"))
    assert refusal.kind == "InvalidInputException"
    assert refusal.message.startswith(said)
    assert names(bench) == ["taken"]


@pytest.mark.parametrize("name", ["a-b", "123", "a" * 54])
def test_the_shortest_and_the_longest_names(bench: Bench, name: str) -> None:
    create(bench, name)
    assert names(bench) == [name]


def test_a_name_is_one_accounts_in_one_region_until_the_bucket_is_deleted(bench: Bench) -> None:
    create(bench)
    elsewhere = [bench.lightsail.client("eu-west-1"), bench.lightsail.client("us-east-1", "999988887777")]
    own = Refusal("InvalidInputException", "NameExists", "Some names are already in use: shop")
    for client, said in zip(elsewhere, (own, invalid("The requested bucket name is not available: shop")), strict=True):
        assert refused(client.create_bucket, bucketName="shop", bundleId="small_1_0") == said
        with pytest.raises(NotFoundException, match="The Bucket does not exist: shop"):
            client.get_buckets(bucketName="shop")
        client.allocate_static_ip(staticIpName="shop")  # another kind's name is nobody else's matter
        client.release_static_ip(staticIpName="shop")
    bench.client.delete_bucket(bucketName="shop")
    elsewhere[1].create_bucket(bucketName="shop", bundleId="small_1_0")
    assert refused(create, bench=bench) == said


def test_the_accounts_public_access_is_known_an_hour_after_its_first_bucket(bench: Bench) -> None:
    unknown = {"status": "NeverSynced", "message": "SYNC_ON_HOLD", "bpaImpactsLightsail": False}
    known_at = datetime.fromtimestamp(START + 3600, UTC)
    known = {"status": "InSync", "lastSyncedAt": known_at, "bpaImpactsLightsail": False}
    create(bench)
    abroad = bench.lightsail.client("eu-west-1")
    for seconds, expected in ((0, unknown), (3599, unknown), (1, known)):
        bench.clock.advance(seconds)
        assert bench.client.get_buckets()["accountLevelBpaSync"] == expected
        assert abroad.get_buckets()["accountLevelBpaSync"] == expected
    bench.client.delete_bucket(bucketName="shop")
    create(bench, "another")
    assert bench.client.get_buckets()["accountLevelBpaSync"] == known


def test_pages_newest_first() -> None:
    bench = Bench(page_size=2)
    for number in range(5):
        create(bench, f"shop-{number}")
    pages, token = [], {}
    while True:
        answer = bench.client.get_buckets(**token)
        pages.append([one["name"] for one in answer["buckets"]])
        if "nextPageToken" not in answer:
            break
        token = {"pageToken": answer["nextPageToken"]}
    assert pages == [["shop-4", "shop-3"], ["shop-2", "shop-1"], ["shop-0"]]
    assert names(bench, bucketName="shop-2") == ["shop-2"]
    said = refused(bench.client.get_buckets, includeCors=True)
    assert said == invalid("You can include the CORS configuration only when you specify a bucket name.")


# --- keys -------------------------------------------------------------------------------------------------


def test_a_keys_secret_is_shown_once_and_kept_nowhere(tmp_path: Path) -> None:
    bench = Bench(tmp_path / "fleet.db")
    create(bench)
    answer = bench.client.create_bucket_access_key(bucketName="shop")
    key = answer["accessKey"]
    assert re.fullmatch(r"AKIA[A-Z2-7]{16}", key["accessKeyId"])
    assert re.fullmatch(r"[A-Za-z0-9+/]{40}", key["secretAccessKey"])
    assert (key["status"], key["createdAt"]) == ("Active", datetime.fromtimestamp(START, UTC))
    assert set(key) == {"accessKeyId", "secretAccessKey", "status", "createdAt"}
    told = ("Bucket", "shop", "CreateBucketAccessKey", key["accessKeyId"], "Succeeded")
    assert entries(answer["operations"]) == [told]
    unused = {"region": "N/A", "serviceName": "N/A"}
    shown = {member: key[member] for member in ("accessKeyId", "status", "createdAt")}
    assert keys(bench) == [{**shown, "lastUsed": unused}]
    bench.close()
    assert key["secretAccessKey"].encode() not in b"".join(path.read_bytes() for path in tmp_path.iterdir())
    again = Bench(tmp_path / "fleet.db")
    assert keys(again) == [{**shown, "lastUsed": unused}]


def test_two_keys_and_no_third(bench: Bench) -> None:
    create(bench)
    first, second = (bench.client.create_bucket_access_key(bucketName="shop")["accessKey"] for _ in range(2))
    assert first["secretAccessKey"] != second["secretAccessKey"]
    said = refused(bench.client.create_bucket_access_key, bucketName="shop")
    assert said == invalid("You have reached the limit of access keys for shop", "LimitExceeded")
    deleted = bench.client.delete_bucket_access_key(bucketName="shop", accessKeyId=first["accessKeyId"])
    told = ("Bucket", "shop", "DeleteBucketAccessKey", first["accessKeyId"], "Succeeded")
    assert entries(deleted["operations"]) == [told]
    assert [key["accessKeyId"] for key in keys(bench)] == [second["accessKeyId"]]
    with pytest.raises(NotFoundException, match=f"The BucketAccessKey does not exist: {first['accessKeyId']}"):
        bench.client.delete_bucket_access_key(bucketName="shop", accessKeyId=first["accessKeyId"])
    third = bench.client.create_bucket_access_key(bucketName="shop")["accessKey"]
    assert [key["accessKeyId"] for key in keys(bench)] == [second["accessKeyId"], third["accessKeyId"]]
    assert misfits("GetBucketAccessKeys", bench.send({"bucketName": "shop"}, "GetBucketAccessKeys")) == []


# --- instances --------------------------------------------------------------------------------------------


def receiving(bench: Bench, name: str = "shop") -> list[str]:
    found = bucket(bench, name, includeConnectedResources=True)["resourcesReceivingAccess"]
    assert all(one["resourceType"] == "Instance" for one in found)
    return [one["name"] for one in found]


def test_instances_get_in_without_a_key_as_long_as_they_are_there_and_allowed(bench: Bench) -> None:
    create(bench)
    bench.instance("web")
    bench.instance("batch", state="stopped")
    for name in ("web", "batch", "web"):
        answer = bench.client.set_resource_access_for_bucket(bucketName="shop", resourceName=name, access="allow")
        assert entries(answer["operations"]) == [
            ("Bucket", "shop", "SetResourceAccessForBucket", name, "Succeeded"),
            ("Instance", name, "SetResourceAccessForBucket", "shop", "Succeeded"),
        ]
    assert receiving(bench) == ["batch", "web"]
    assert bucket(bench)["resourcesReceivingAccess"] == []
    assert faults(bench) == []
    bench.client.delete_instance(instanceName="web")
    assert receiving(bench) == ["batch"]
    bench.client.set_resource_access_for_bucket(bucketName="shop", resourceName="batch", access="deny")
    assert receiving(bench) == []
    bench.client.delete_bucket(bucketName="shop")
    assert faults(bench) == []


def test_which_instances_cannot_be_let_in(bench: Bench) -> None:
    create(bench)
    bench.create("web")
    said = "You can't set the access of this instance right now. The state of this instance is: pending"
    order = {"bucketName": "shop", "access": "allow"}
    refusal = refused(bench.client.set_resource_access_for_bucket, resourceName="web", **order)
    assert refusal == invalid(said, "InvalidState")
    for name in ("nobody", "shop"):
        with pytest.raises(NotFoundException, match=f"The Instance does not exist: {name}"):
            bench.client.set_resource_access_for_bucket(resourceName=name, **order)


# --- changes ----------------------------------------------------------------------------------------------

CORS = {
    "rules": [
        {
            "id": "site",
            "allowedMethods": ["GET", "HEAD"],
            "allowedOrigins": ["https://example.com"],
            "allowedHeaders": ["*"],
            "exposeHeaders": ["ETag"],
            "maxAgeSeconds": 60,
        }
    ]
}
CHANGES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    # what is changed: the request, and what the bucket shows otherwise then
    "public": (
        {"accessRules": {"getObject": "public"}},
        {"accessRules": {"getObject": "public", "allowPublicOverrides": False}},
    ),
    "overrides": (
        {"accessRules": {"allowPublicOverrides": True}},
        {"accessRules": {"getObject": "private", "allowPublicOverrides": True}},
    ),
    "versions": ({"versioning": "Enabled"}, {"objectVersioning": "Enabled"}),
    "no versions": ({"versioning": "Suspended"}, {"objectVersioning": "Suspended"}),
    "accounts": (
        {"readonlyAccessAccounts": ["111122223333", "444455556666", "111122223333"]},
        {"readonlyAccessAccounts": ["111122223333", "444455556666"]},
    ),
    "log": (
        {"accessLogConfig": {"enabled": True, "destination": "logs", "prefix": "shop/"}},
        {"accessLogConfig": {"enabled": True, "destination": "logs", "prefix": "shop/"}},
    ),
    "log into itself": (
        {"accessLogConfig": {"enabled": True, "destination": "shop"}},
        {"accessLogConfig": {"enabled": True, "destination": "shop"}},
    ),
    "CORS": ({"cors": CORS}, {"cors": CORS}),
    "no CORS": ({"cors": {"rules": []}}, {"cors": {"rules": []}}),
    "nothing": ({}, {}),
    "two things": (
        {"versioning": "Enabled", "accessRules": {"getObject": "public"}},
        {"objectVersioning": "Enabled", "accessRules": {"getObject": "public", "allowPublicOverrides": False}},
    ),
}


@pytest.mark.parametrize("case", CHANGES)
def test_what_can_be_changed_and_all_else_stays(bench: Bench, case: str) -> None:
    create(bench, "logs")
    create(bench)
    before = bucket(bench)
    request, shown = CHANGES[case]
    answer = bench.client.update_bucket(bucketName="shop", **request)
    assert answer["bucket"] == before | shown
    assert entries(answer["operations"]) == [("Bucket", "shop", "UpdateBucket", None, "Succeeded")]
    assert bucket(bench) == {member: value for member, value in (before | shown).items() if member != "cors"}
    assert bucket(bench, includeCors=True) == {"cors": {"rules": []}} | before | shown
    assert misfits("UpdateBucket", bench.send({"bucketName": "shop", **request}, "UpdateBucket")) == []
    assert faults(bench) == []


def rule(**changed: Any) -> dict[str, Any]:
    return {"allowedMethods": ["GET"], "allowedOrigins": ["*"], **changed}


WRONG_CHANGES = {
    "versioning": ({"versioning": "Never"}, "The versioning must be Enabled or Suspended: Never"),
    "account": ({"readonlyAccessAccounts": ["shop"]}, "The account ID is not valid: shop"),
    "accounts": (
        {"readonlyAccessAccounts": ["111122223333"] * 11},
        "You can give at most 10 accounts access to a bucket: shop",
    ),
    "log without end": (
        {"accessLogConfig": {"enabled": True}},
        "You must specify a destination to enable the access log.",
    ),
    "log elsewhere": (
        {"accessLogConfig": {"enabled": True, "destination": "nowhere"}},
        "The destination of the access log must be a bucket in the same region: nowhere",
    ),
    "log off": (
        {"accessLogConfig": {"enabled": False, "destination": "shop"}},
        "You must omit the destination and the prefix to disable the access log.",
    ),
    "prefix": (
        {"accessLogConfig": {"enabled": True, "destination": "shop", "prefix": "a b"}},
        "The prefix of the access log is not valid: a b",
    ),
    "method": (
        {"cors": {"rules": [rule(allowedMethods=["PATCH"])]}},
        "The method of a CORS rule must be DELETE, GET, HEAD, POST or PUT: PATCH",
    ),
    "no origin": (
        {"cors": {"rules": [rule(allowedOrigins=[])]}},
        "Each CORS rule must identify at least one origin and one method.",
    ),
    "rules": ({"cors": {"rules": [rule()] * 21}}, "You can add up to 20 rules to the CORS configuration."),
    "rule's id": (
        {"cors": {"rules": [rule(id="a" * 256)]}},
        "The ID of a CORS rule can be up to 255 characters long.",
    ),
    "rules' ids": ({"cors": {"rules": [rule(id="a"), rule(id="a")]}}, "The IDs of CORS rules must be unique."),
    "large": (
        {"cors": {"rules": [rule(allowedOrigins=["a" * 70_000])]}},
        "The CORS configuration can be up to 64 KB.",
    ),
}


@pytest.mark.parametrize("case", WRONG_CHANGES)
def test_what_cannot_be_changed(bench: Bench, case: str) -> None:
    create(bench)
    before = bucket(bench, includeCors=True)
    request, said = WRONG_CHANGES[case]
    valid = {"accessRules": {"getObject": "public"}}
    assert refused(bench.client.update_bucket, bucketName="shop", **valid, **request) == invalid(said)
    assert bucket(bench, includeCors=True) == before


def test_a_bundle_is_changed_once_a_calendar_month(bench: Bench) -> None:
    create(bench)
    change = {"bucketName": "shop", "bundleId": "medium_1_0"}
    answer = bench.client.update_bucket_bundle(**change)
    assert entries(answer["operations"]) == [("Bucket", "shop", "UpdateBucketBundle", None, "Succeeded")]
    assert (bucket(bench)["bundleId"], bucket(bench)["ableToUpdateBundle"]) == ("medium_1_0", False)
    said = refused(bench.client.update_bucket_bundle, bucketName="shop", bundleId="large_1_0")
    once = "You can only update the bundle of a bucket once per monthly billing cycle: shop"
    assert said == invalid(once, "InvalidState")
    december = datetime(2023, 12, 1, tzinfo=UTC).timestamp()
    bench.clock.advance(december - 1 - bench.clock.now())
    assert bucket(bench)["ableToUpdateBundle"] is False
    bench.clock.advance(1)
    assert bucket(bench)["ableToUpdateBundle"] is True
    same = invalid("The bucket already has the specified bundle: medium_1_0")
    assert refused(bench.client.update_bucket_bundle, **change) == same
    unknown = invalid("The specified bundle does not exist in this region: huge_1_0")
    assert refused(bench.client.update_bucket_bundle, bucketName="shop", bundleId="huge_1_0") == unknown
    bench.client.update_bucket_bundle(bucketName="shop", bundleId="large_1_0")
    bench.clock.advance(datetime(2024, 1, 1, tzinfo=UTC).timestamp() - december)
    assert bucket(bench)["ableToUpdateBundle"] is True


def test_bundles(bench: Bench) -> None:
    bundles = bench.client.get_bucket_bundles()["bundles"]
    assert [(one["bundleId"], one["price"], one["storagePerMonthInGb"]) for one in bundles] == [
        ("small_1_0", 1.0, 5),
        ("medium_1_0", 3.0, 100),
        ("large_1_0", 5.0, 250),
    ]
    assert bench.client.get_bucket_bundles(includeInactive=True)["bundles"] == bundles
    assert misfits("GetBucketBundles", bench.send({}, "GetBucketBundles")) == []


# --- the end ----------------------------------------------------------------------------------------------


def _with_key(bench: Bench) -> None:
    bench.client.create_bucket_access_key(bucketName="shop")


def _with_instance(bench: Bench) -> None:
    bench.instance()
    bench.client.set_resource_access_for_bucket(bucketName="shop", resourceName="web", access="allow")


def _with_objects(bench: Bench) -> None:
    bench.client.tag_resource(resourceName="shop", tags=[{"key": "skysail:objects", "value": "3"}])


def _with_distribution(bench: Bench) -> None:
    bench.client.create_certificate(certificateName="cert", domainName="example.com")
    bench.settle()
    bench.client.create_distribution(
        distributionName="edge",
        origin={"name": "shop"},
        defaultCacheBehavior={"behavior": "cache"},
        bundleId="small_1_0",
        certificateName="cert",
    )


USES = {
    "access keys": _with_key,
    "attached instances": _with_instance,
    "objects": _with_objects,
    "a distribution": _with_distribution,
}


@pytest.mark.parametrize("reason", USES)
def test_a_bucket_that_is_used_is_deleted_by_force_alone(bench: Bench, reason: str) -> None:
    create(bench)
    USES[reason](bench)
    for forced in ({}, {"forceDelete": False}):
        said = refused(bench.client.delete_bucket, bucketName="shop", **forced)
        text = f"The bucket can't be deleted because it has {reason}. Set forceDelete to true: shop"
        assert said == invalid(text, "UnsupportedOperation")
    operations = bench.client.delete_bucket(bucketName="shop", forceDelete=True)["operations"]
    assert entries(operations) == [("Bucket", "shop", "DeleteBucket", None, "Succeeded")]
    assert names(bench) == []
    assert faults(bench) == []


def test_a_deleted_bucket_gets_no_logs_any_more(bench: Bench) -> None:
    for name in ("logs", "shop"):
        create(bench, name)
        bench.client.update_bucket(bucketName=name, accessLogConfig={"enabled": True, "destination": "logs"})
    bench.client.delete_bucket(bucketName="logs")
    assert bucket(bench)["accessLogConfig"] == {"enabled": False}
    assert faults(bench) == []


UNKNOWN = {
    "get_buckets": {},
    "update_bucket": {},
    "update_bucket_bundle": {"bundleId": "small_1_0"},
    "delete_bucket": {},
    "create_bucket_access_key": {},
    "get_bucket_access_keys": {},
    "delete_bucket_access_key": {"accessKeyId": "AKIAIOSFODNN7EXAMPLE"},
    "set_resource_access_for_bucket": {"resourceName": "web", "access": "allow"},
    "get_bucket_metric_data": {
        "metricName": "NumberOfObjects",
        "startTime": 0,
        "endTime": 86400,
        "period": 86400,
        "statistics": ["Sum"],
        "unit": "Count",
    },
}


@pytest.mark.parametrize("call", UNKNOWN)
def test_what_is_no_bucket_is_not_found(bench: Bench, call: str) -> None:
    bench.instance()
    for name in ("nobody", "web"):
        with pytest.raises(NotFoundException, match=f"The Bucket does not exist: {name}"):
            getattr(bench.client, call)(bucketName=name, **UNKNOWN[call])


# --- metrics ----------------------------------------------------------------------------------------------


def points(bench: Bench, metric: str, unit: str, statistic: str, **asked: Any) -> list[tuple[datetime, float]]:
    now = datetime.fromtimestamp(bench.clock.now(), UTC)
    midnight = now.replace(hour=0, minute=0, second=0)
    question = {"startTime": midnight - timedelta(days=5), "endTime": now, "period": 86400} | asked
    answer = bench.client.get_bucket_metric_data(
        bucketName="shop", metricName=metric, statistics=[statistic], unit=unit, **question
    )
    return sorted((one["timestamp"], one[statistic.lower()]) for one in answer["metricData"])


def test_an_empty_bucket_has_no_metrics_and_one_that_holds_something_has_a_point_a_day(bench: Bench) -> None:
    create(bench)
    bench.clock.advance(3 * 86400)
    assert points(bench, "NumberOfObjects", "Count", "Average") == []
    held = [{"key": "skysail:objects", "value": "12"}, {"key": "skysail:bytes", "value": "5000"}]
    bench.client.tag_resource(resourceName="shop", tags=held)
    days = [datetime(2023, 11, day, tzinfo=UTC) for day in (15, 16)]
    assert points(bench, "NumberOfObjects", "Count", "Average") == [(day, 12.0) for day in days]
    assert points(bench, "BucketSizeBytes", "Bytes", "Maximum") == [(day, 5000.0) for day in days]
    assert points(bench, "BucketSizeBytes", "Count", "Maximum") == []
    last_day = {"startTime": days[1] - timedelta(hours=1), "endTime": days[1] + timedelta(hours=1), "period": 60}
    assert points(bench, "NumberOfObjects", "Count", "Average", **last_day) == [(days[1], 12.0)]
    bench.client.tag_resource(resourceName="shop", tags=[{"key": "skysail:objects", "value": "many"}])
    assert points(bench, "NumberOfObjects", "Count", "Average") == []


def test_twenty_buckets_an_account_in_all_regions_where_quotas_are_minded(bench: Bench) -> None:
    with LocalLightsail(world=manual_world(clock=bench.clock), quotas="real") as lightsail:
        client, elsewhere = lightsail.client(), lightsail.client("eu-west-1")
        for number in range(20):
            (client, elsewhere)[number % 2].create_bucket(bucketName=f"shop-{number}", bundleId="small_1_0")
        for one in (client, elsewhere):
            said = refused(one.create_bucket, bucketName="shop", bundleId="small_1_0")
            text = "Sorry, you've reached the maximum number of buckets for your account."
            assert said == invalid(text, "LimitExceeded")
        lightsail.client("us-east-1", "999988887777").create_bucket(bucketName="shop", bundleId="small_1_0")


def test_a_look_into_a_store_finds_the_missing_sides(tmp_path: Path) -> None:
    """Written by hand, as no call leaves it so."""
    bench = Bench(tmp_path / "fleet.db")
    create(bench)
    bench.instance()
    bench.client.set_resource_access_for_bucket(bucketName="shop", resourceName="web", access="allow")
    bench.client.update_bucket(bucketName="shop", accessLogConfig={"enabled": True, "destination": "shop"})
    with bench.lightsail.store.begin(write=True) as transaction:
        rows = {row.kind: row for row in transaction.every_row(None, 100)}
        transaction.update(replace(rows["Instance"], private=b"{}"))
        document = rows["Bucket"].document.replace(b'"destination":"shop"', b'"destination":"logs"')
        transaction.update(replace(rows["Bucket"], document=document))
    assert faults(bench) == [
        "Bucket shop: is open to the instance web, which does not know it",
        "Bucket shop: writes its log to the bucket logs, which is not there",
    ]
    with bench.lightsail.store.begin(write=True) as transaction:
        transaction.update(rows["Instance"])
        transaction.update(replace(rows["Bucket"], private=b"{}"))
    assert faults(bench) == ["Instance web: may use the bucket shop, which does not know it"]
