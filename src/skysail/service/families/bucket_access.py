"""Who gets into a bucket: its access keys, and the instances that need none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from skysail.service.context import Context
from skysail.service.dispatch import Answer, Family
from skysail.service.journal import about, shown
from skysail.service.nouns import buckets
from skysail.service.nouns.attaching import INSTANCE
from skysail.service.nouns.bucket_keys import MOST, keys_of, new_key
from skysail.service.refusals import not_now, over_quota
from skysail.service.resources import not_found

if TYPE_CHECKING:
    from types_boto3_lightsail.type_defs import (
        CreateBucketAccessKeyRequestTypeDef,
        DeleteBucketAccessKeyRequestTypeDef,
        GetBucketAccessKeysRequestTypeDef,
        SetResourceAccessForBucketRequestTypeDef,
    )

family = Family("bucket_access")


@family.writes("CreateBucketAccessKey")
def create_bucket_access_key(context: Context, request: CreateBucketAccessKeyRequestTypeDef) -> Answer:
    """Make a key; its secret is in this answer alone.

    Raises NotFoundException. Raises InvalidInputException: the bucket has two.
    """
    bucket = context.resources.get(buckets.BUCKET, request["bucketName"])
    if len(keys_of(bucket)) >= MOST:
        raise over_quota(f"You have reached the limit of access keys for {bucket.name}")  # seen
    key = new_key(context, bucket)
    context.resources.save(bucket)
    records = context.journal.succeeded("CreateBucketAccessKey", about(bucket, key["accessKeyId"]))
    return {"accessKey": key, "operations": shown(records)}


@family.reads("GetBucketAccessKeys")
def get_bucket_access_keys(context: Context, request: GetBucketAccessKeysRequestTypeDef) -> Answer:
    """A bucket's keys, in the order in which they were made (inferred); nobody uses them. Raises NotFoundException."""
    bucket = context.resources.get(buckets.BUCKET, request["bucketName"])
    unused = {"region": "N/A", "serviceName": "N/A"}
    return {"accessKeys": [{**key, "lastUsed": unused} for key in keys_of(bucket)]}


@family.writes("DeleteBucketAccessKey")
def delete_bucket_access_key(context: Context, request: DeleteBucketAccessKeyRequestTypeDef) -> Answer:
    """Delete a key. Raises NotFoundException: no such bucket, or it has no such key (text inferred)."""
    bucket = context.resources.get(buckets.BUCKET, request["bucketName"])
    key_id = request["accessKeyId"]
    left = [key for key in keys_of(bucket) if key["accessKeyId"] != key_id]
    if len(left) == len(keys_of(bucket)):
        raise not_found("BucketAccessKey", key_id)
    bucket.private["accessKeys"] = left
    context.resources.save(bucket)
    return {"operations": shown(context.journal.succeeded("DeleteBucketAccessKey", about(bucket, key_id)))}


@family.writes("SetResourceAccessForBucket")
def set_resource_access(context: Context, request: SetResourceAccessForBucketRequestTypeDef) -> Answer:
    """Let an instance of the region use a bucket, or no longer; what is so already stays so (inferred).

    Raises NotFoundException. Raises InvalidInputException: the instance is neither running nor stopped.
    """
    bucket = context.resources.get(buckets.BUCKET, request["bucketName"])
    instance = context.resources.get(INSTANCE, request["resourceName"])
    if instance.state not in ("running", "stopped"):  # rule from the model, text inferred
        raise not_now("set the access of this instance", "this instance", instance.state)
    change = buckets.allow if request["access"] == "allow" else buckets.deny
    change(context, bucket, instance)
    records = context.journal.succeeded(
        "SetResourceAccessForBucket", about(bucket, instance.name), about(instance, bucket.name)
    )
    return {"operations": shown(records)}
