"""A bucket's access keys. Their secrets are made, shown once, and kept nowhere: there is no S3 that would ask."""

from __future__ import annotations

from base64 import b32encode, b64encode
from typing import Any

from skysail.service.context import Context
from skysail.service.nouns import default_key_pair
from skysail.service.nouns.key_material import secret_bytes
from skysail.service.resources import Resource

MOST = 2
"""Source: the model."""

Key = dict[str, Any]


def keys_of(bucket: Resource) -> list[Key]:
    """In the order in which they were made: accessKeyId, status, createdAt."""
    found: list[Key] = bucket.private.get("accessKeys", [])
    return found


def new_key(context: Context, bucket: Resource) -> Key:
    """A key with its secret, which the bucket forgets at once. The bucket is for the caller to keep."""
    seed = default_key_pair.seed(context)
    key = {
        "accessKeyId": f"AKIA{b32encode(secret_bytes(f'{seed} id', 10)).decode()}",
        "status": "Active",
        "createdAt": round(context.now, 3),
    }
    bucket.private["accessKeys"] = [*keys_of(bucket), key]
    return {**key, "secretAccessKey": b64encode(secret_bytes(f"{seed} secret", 30)).decode()}
