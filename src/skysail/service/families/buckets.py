"""Buckets: their bundles, create, look, delete. All done at once (inferred)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from skysail.service import identity
from skysail.service.context import Context
from skysail.service.dispatch import Answer, Family
from skysail.service.journal import about, shown
from skysail.service.nouns import buckets, monthly_bundle
from skysail.service.nouns.bucket_keys import keys_of
from skysail.service.refusals import invalid, unsupported
from skysail.service.resources import Draft, Resource, in_use, resource
from skysail.service.stored import as_stored
from skysail.service.tags import tags
from skysail.store.base import Due, Row

if TYPE_CHECKING:
    from types_boto3_lightsail.type_defs import (
        CreateBucketRequestTypeDef,
        DeleteBucketRequestTypeDef,
        GetBucketBundlesRequestTypeDef,
        GetBucketsRequestTypeDef,
        UpdateBucketBundleRequestTypeDef,
    )

KIND = buckets.BUCKET
PAGE_SIZE = 20
"""Inferred from that of instances."""

_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_MONTH_OVER = "bucket.month_over"

family = Family("buckets")


@family.reads("GetBucketBundles")
def get_bucket_bundles(context: Context, request: GetBucketBundlesRequestTypeDef) -> Answer:
    """What a bucket can be ordered as."""
    bundles = context.catalogue.bucket_bundles()
    return {"bundles": [one for one in bundles if one["isActive"] or request.get("includeInactive")]}


@family.writes("CreateBucket")
def create_bucket(context: Context, request: CreateBucketRequestTypeDef) -> Answer:
    """Make a bucket.

    Raises InvalidInputException: the name is bad or somebody's, the bundle or a tag does not fit, or the quota is
    reached.
    """
    name = request["bucketName"]
    if not 3 <= len(name) <= 54 or not _NAME.fullmatch(name):  # rules from the model and the user guide, text inferred
        raise invalid(
            f"{name} is not a valid bucket name. Bucket names must be 3 to 54 characters long and contain only "
            "lowercase letters, numbers, and hyphens that are not next to each other."
        )
    bundle_id = _bundle(context, request["bundleId"])
    wanted = tags(request.get("tags", ()))
    context.resources.check_free([name])
    holder = buckets.holder_elsewhere(context, name)
    if holder == context.account:
        raise in_use([name])
    if holder is not None:
        raise invalid(f"The requested bucket name is not available: {name}")  # inferred
    context.check_quota(KIND)
    resource_id = context.world.new_id()
    document = {
        "resourceType": KIND,
        "accessRules": {"getObject": "private", "allowPublicOverrides": False},
        "arn": identity.arn(context.place, KIND, resource_id),
        "bundleId": bundle_id,
        "createdAt": round(context.now, 3),
        "url": f"https://{name}.s3.{context.region}.amazonaws.com",
        "location": identity.everywhere(context.place),
        "name": name,
        "supportCode": identity.support_code(context.place, name),
        "tags": wanted,
        "objectVersioning": "Enabled" if request.get("enableObjectVersioning") else "NeverEnabled",
        "ableToUpdateBundle": True,
        "readonlyAccessAccounts": [],
        "resourcesReceivingAccess": [],
        "state": {"code": "OK"},
        "accessLogConfig": {"enabled": False},
    }
    (bucket,) = context.resources.create(KIND, [Draft(resource_id, name, document)])
    buckets.first_made(context)
    records = context.journal.succeeded("CreateBucket", about(bucket))
    return {"bucket": bucket.document, "operations": shown(records)}


@family.reads("GetBuckets")
def get_buckets(context: Context, request: GetBucketsRequestTypeDef) -> Answer:
    """One bucket, or a page of all, newest first; who has access and the CORS rules only where they are asked for.

    Raises NotFoundException. Raises InvalidInputException: CORS rules of more than one.
    """
    name = request.get("bucketName")
    sync = {"accountLevelBpaSync": buckets.public_access_sync(context)}
    if name is not None:
        found = [_shown(request, context.resources.row(KIND, name))]
        return {**context.whole("buckets", request, found), **sync}
    if request.get("includeCors"):  # rule from the model, text inferred
        raise invalid("You can include the CORS configuration only when you specify a bucket name.")
    listed = context.listing(
        "buckets",
        request,
        lambda after, limit: context.resources.page(KIND, after, limit),
        PAGE_SIZE,
        lambda row: _shown(request, row),
    )
    return {**listed, **sync}


@family.writes("UpdateBucketBundle")
def update_bucket_bundle(context: Context, request: UpdateBucketBundleRequestTypeDef) -> Answer:
    """Give it another bundle, once a calendar month.

    Raises NotFoundException. Raises InvalidInputException: there is no such bundle, it has it already, or was given
    another one this month (texts inferred).
    """
    bucket = context.resources.get(KIND, request["bucketName"])
    bundle_id = _bundle(context, request["bundleId"])
    monthly_bundle.change(context, bucket, bundle_id, _MONTH_OVER)
    return {"operations": shown(context.journal.succeeded("UpdateBucketBundle", about(bucket)))}


@family.writes("DeleteBucket")
def delete_bucket(context: Context, request: DeleteBucketRequestTypeDef) -> Answer:
    """Delete a bucket, with its keys; logs that went to it are written no longer (inferred).

    Raises NotFoundException. Raises InvalidInputException: it is used, and forceDelete is not set.
    """
    bucket = context.resources.get(KIND, request["bucketName"])
    if not request.get("forceDelete"):
        _check_unused(context, bucket)
    buckets.deny_all(context, bucket)
    for other in context.resources.all_of(KIND):
        if other.document.get("accessLogConfig", {}).get("destination") == bucket.name != other.name:
            other.document["accessLogConfig"] = {"enabled": False}
            context.resources.save(other)
    context.resources.delete(bucket)
    return {"operations": shown(context.journal.succeeded("DeleteBucket", about(bucket)))}


@family.step(_MONTH_OVER)
def month_over(context: Context, due: Due) -> None:
    """Its bundle can be changed again."""
    monthly_bundle.begin_month(context, KIND, due)


def _bundle(context: Context, bundle_id: str) -> str:
    if bundle_id not in {bundle["bundleId"] for bundle in context.catalogue.bucket_bundles()}:
        raise invalid(f"The specified bundle does not exist in this region: {bundle_id}")
    return bundle_id


def _check_unused(context: Context, bucket: Resource) -> None:
    """Raises InvalidInputException (the reasons from the model, the text inferred)."""
    reasons = {
        "objects": buckets.contents(bucket).objects,
        "access keys": keys_of(bucket),
        "attached instances": buckets.instances_of(bucket),
        "a distribution": buckets.distributions_of(context, bucket),
    }
    found = [reason for reason, there in reasons.items() if there]
    if found:
        raise unsupported(
            f"The bucket can't be deleted because it has {' and '.join(found)}. Set forceDelete to true: {bucket.name}"
        )


def _shown(request: GetBucketsRequestTypeDef, row: Row) -> Any:
    connected, with_cors = request.get("includeConnectedResources"), request.get("includeCors")
    if not connected and not with_cors:
        return as_stored(row)
    bucket = resource(row)
    if connected:
        names = buckets.instances_of(bucket)
        bucket.document["resourcesReceivingAccess"] = [{"name": name, "resourceType": "Instance"} for name in names]
    return {**bucket.document, **({"cors": buckets.cors(bucket)} if with_cors else {})}
