"""What is set of a bucket: who may read it, versions, its access log, CORS rules. Done at once (inferred)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from skysail.service.context import Context
from skysail.service.dispatch import Answer, Family
from skysail.service.journal import about, shown
from skysail.service.nouns import buckets
from skysail.service.nouns.buckets import BUCKET
from skysail.service.refusals import invalid
from skysail.service.resources import Resource

if TYPE_CHECKING:
    from types_boto3_lightsail.type_defs import UpdateBucketRequestTypeDef

MOST_ACCOUNTS, MOST_RULES, LARGEST_CORS = 10, 20, 64 * 1024
"""Source: the model."""

_PREFIX = re.compile(r"[\w/!.*')(-]{1,100}", re.ASCII)
_METHODS = frozenset({"DELETE", "GET", "HEAD", "POST", "PUT"})

family = Family("bucket_settings")


@family.writes("UpdateBucket")
def update_bucket(context: Context, request: UpdateBucketRequestTypeDef) -> Answer:
    """Change who may read it, its versioning, its access log or its CORS rules; what is not named stays.

    Raises NotFoundException. Raises InvalidInputException: a new value does not fit.
    """
    bucket = context.resources.get(BUCKET, request["bucketName"])
    for member, change in _CHANGES.items():
        if member in request:
            change(context, bucket, request[member])  # type: ignore[literal-required]
    context.resources.save(bucket)
    records = context.journal.succeeded("UpdateBucket", about(bucket))
    cors = {"cors": buckets.cors(bucket)} if "cors" in request else {}
    return {"bucket": {**bucket.document, **cors}, "operations": shown(records)}


# --- a member each; texts inferred, rules from the model --------------------------------------------------


def _set_access_rules(context: Context, bucket: Resource, wanted: Mapping[str, Any]) -> None:
    bucket.document["accessRules"] = {**bucket.document.get("accessRules", {}), **wanted}


def _set_versioning(context: Context, bucket: Resource, wanted: str) -> None:
    """Versions can be suspended though they never were enabled, as in S3."""
    if wanted not in ("Enabled", "Suspended"):
        raise invalid(f"The versioning must be Enabled or Suspended: {wanted}")
    bucket.document["objectVersioning"] = wanted


def _set_accounts(context: Context, bucket: Resource, wanted: list[str]) -> None:
    if len(wanted) > MOST_ACCOUNTS:
        raise invalid(f"You can give at most {MOST_ACCOUNTS} accounts access to a bucket: {bucket.name}")
    for account in wanted:
        if not re.fullmatch(r"[0-9]{12}", account):
            raise invalid(f"The account ID is not valid: {account}")
    bucket.document["readonlyAccessAccounts"] = list(dict.fromkeys(wanted))


def _set_access_log(context: Context, bucket: Resource, wanted: Mapping[str, Any]) -> None:
    destination, prefix = wanted.get("destination"), wanted.get("prefix")
    if not wanted["enabled"]:
        if destination is not None or prefix is not None:
            raise invalid("You must omit the destination and the prefix to disable the access log.")
    elif destination is None:
        raise invalid("You must specify a destination to enable the access log.")
    elif destination != bucket.name:
        other = context.resources.find(BUCKET, destination)
        if other is None:
            raise invalid(f"The destination of the access log must be a bucket in the same region: {destination}")
        context.resources.hold(other)
    if prefix is not None and not _PREFIX.fullmatch(prefix):
        raise invalid(f"The prefix of the access log is not valid: {prefix}")
    bucket.document["accessLogConfig"] = dict(wanted)


def _set_cors(context: Context, bucket: Resource, wanted: Mapping[str, Any]) -> None:
    """All rules anew. None take them away."""
    rules = wanted.get("rules", [])
    if len(rules) > MOST_RULES:
        raise invalid(f"You can add up to {MOST_RULES} rules to the CORS configuration.")
    for rule in rules:
        for method in rule["allowedMethods"]:
            if method not in _METHODS:
                raise invalid(f"The method of a CORS rule must be DELETE, GET, HEAD, POST or PUT: {method}")
        if not rule["allowedMethods"] or not rule["allowedOrigins"]:
            raise invalid("Each CORS rule must identify at least one origin and one method.")
        if len(rule.get("id", "")) > 255:
            raise invalid("The ID of a CORS rule can be up to 255 characters long.")
    ids = [rule["id"] for rule in rules if "id" in rule]
    if len(set(ids)) < len(ids):
        raise invalid("The IDs of CORS rules must be unique.")
    if len(msgspec.json.encode(rules)) > LARGEST_CORS:
        raise invalid("The CORS configuration can be up to 64 KB.")
    bucket.private["cors"] = {"rules": rules}


_CHANGES: dict[str, Callable[[Context, Resource, Any], None]] = {
    "accessRules": _set_access_rules,
    "versioning": _set_versioning,
    "readonlyAccessAccounts": _set_accounts,
    "accessLogConfig": _set_access_log,
    "cors": _set_cors,
}
