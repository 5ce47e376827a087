"""Buckets: whose names they are, which instances may use them, and what is said to be in them.

A name belongs to one account of all, in one region, as everywhere in S3. There is no S3 here: a bucket is empty, unless
its tags `skysail:objects` and `skysail:bytes` say how much it holds. A bucket and an instance that may use it know one
another; that is changed here alone.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from skysail.service.context import Context
from skysail.service.home_region import HOME
from skysail.service.nouns.attaching import INSTANCE
from skysail.service.nouns.distributions import DISTRIBUTION
from skysail.service.resources import Draft, Resource

BUCKET = "Bucket"
OBJECTS_TAG, BYTES_TAG = "skysail:objects", "skysail:bytes"
_SYNC = "BucketSync"
"""Kind, name and name space of what keeps when an account's first bucket was made; no call shows it."""
_SYNC_S = 3600
"""How long after the first bucket the account's settings are looked at (source: the model, "approximately 1 hour")."""


class Contents(NamedTuple):
    objects: int
    size: int
    """Bytes."""


def contents(bucket: Resource) -> Contents:
    """What its tags say is in it; what is no whole number counts as nothing."""
    tags = {tag["key"]: tag.get("value", "") for tag in bucket.document.get("tags", ())}
    objects, size = (_number(tags.get(key, "")) for key in (OBJECTS_TAG, BYTES_TAG))
    return Contents(objects, size if objects else 0)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() else 0


def cors(bucket: Resource) -> dict[str, Any]:
    """Its CORS rules; none where they were never set (inferred)."""
    found: dict[str, Any] = bucket.private.get("cors", {"rules": []})
    return found


def holder_elsewhere(context: Context, name: str) -> str | None:
    """The account that has a bucket of that name in another place. Nobody else makes one at the same time."""
    transaction = context.resources.transaction
    for place in context.resources.everywhere(BUCKET):
        row = transaction.get(place, name) if place != context.place else None
        if row is not None and row.kind == BUCKET:
            return place.account
    return None


def distributions_of(context: Context, bucket: Resource) -> list[str]:
    """The names of the distributions that a bucket is the origin of; they stand in one region for all."""
    return [
        one.name
        for one in context.in_region(HOME).resources.all_of(DISTRIBUTION)
        if (origin := one.document.get("origin", {})).get("name") == bucket.name
        and (origin.get("resourceType"), origin.get("regionName")) == (BUCKET, context.region)
    ]


# --- instances that may use it ----------------------------------------------------------------------------


def instances_of(bucket: Resource) -> list[str]:
    """The names of the instances that may use a bucket, in the order in which they were allowed to."""
    names: list[str] = bucket.private.get("instances", [])
    return names


def buckets_of(instance: Resource) -> list[str]:
    """The names of the buckets that an instance may use."""
    names: list[str] = instance.private.get("buckets", [])
    return names


def allow(context: Context, bucket: Resource, instance: Resource) -> None:
    """Let an instance use a bucket; saves both sides."""
    _set(context, bucket, instance, allowed=True)


def deny(context: Context, bucket: Resource, instance: Resource) -> None:
    """Let an instance use a bucket no longer; saves both sides."""
    _set(context, bucket, instance, allowed=False)


def deny_all(context: Context, bucket: Resource) -> None:
    """No instance uses a bucket that is about to be deleted."""
    for name in instances_of(bucket):
        deny(context, bucket, context.resources.get(INSTANCE, name))


def leave_all(context: Context, instance: Resource) -> None:
    """An instance that is about to be deleted uses no bucket any more. No entry tells of it (inferred)."""
    for name in buckets_of(instance):
        deny(context, context.resources.get(BUCKET, name), instance)


def _set(context: Context, bucket: Resource, instance: Resource, allowed: bool) -> None:
    for holder, member, other in ((bucket, "instances", instance.name), (instance, "buckets", bucket.name)):
        names = [name for name in holder.private.get(member, ()) if name != other]
        holder.private[member] = [*names, other] if allowed else names
        context.resources.save(holder)


# --- S3's settings of the account -------------------------------------------------------------------------


def first_made(context: Context) -> None:
    """Remember when the account's first bucket was made, if this is the one."""
    home = context.in_region(HOME)
    if home.resources.find(_SYNC, _SYNC, _SYNC) is None:
        home.resources.create(
            _SYNC, [Draft(context.world.new_id(), _SYNC, {}, {"since": round(context.now, 3)})], _SYNC
        )


def public_access_sync(context: Context) -> dict[str, Any]:
    """Whether the account's block of public access is known: not before an hour after the first bucket.

    It never is one that matters here. (Members and times from the model.)
    """
    found = context.in_region(HOME).resources.find(_SYNC, _SYNC, _SYNC)
    synced_at = found.private["since"] + _SYNC_S if found is not None else None
    if synced_at is None or context.now < synced_at:
        return {"status": "NeverSynced", "message": "SYNC_ON_HOLD", "bpaImpactsLightsail": False}
    return {"status": "InSync", "lastSyncedAt": synced_at, "bpaImpactsLightsail": False}
