"""Tags on every kind that takes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from skysail.errors import NotFoundException
from skysail.protocol.model import service_model
from skysail.service.context import Context
from skysail.service.dispatch import Answer, Family
from skysail.service.journal import about, shown
from skysail.service.nouns import attaching
from skysail.service.refusals import invalid, unsupported
from skysail.service.resources import Resource
from skysail.service.tags import MOST, tags

if TYPE_CHECKING:
    from types_boto3_lightsail.type_defs import TagResourceRequestTypeDef, UntagResourceRequestTypeDef

TAGGABLE = frozenset(
    {
        *("Instance", "Disk", "InstanceSnapshot", "DiskSnapshot", "KeyPair", "Domain", "Distribution", "Bucket"),
        *("LoadBalancer", "Certificate", "ContainerService"),
        *("RelationalDatabase", "RelationalDatabaseSnapshot"),
        *("Alarm", "ContactMethod", "Subdomain"),  # not in the guide; but the model shows them with tags
    }
)
"""Source: the user guide; static IPs have none, nor have a load balancer's certificates (seen)."""

_NAME_SPACES = ("", "Alarm", "ContactMethod", "Subdomain")

family = Family("tags")


@family.writes("TagResource")
def tag_resource(context: Context, request: TagResourceRequestTypeDef) -> Answer:
    """Add tags to a resource; a key that it has gets the new value and keeps its place (inferred).

    Raises NotFoundException. Raises InvalidInputException: a tag is bad, they would be too many, the ARN is another's
    or the kind takes no tags.
    """
    wanted = tags(request["tags"])
    tagged = _subject(context, request)
    by_key = {tag["key"]: tag for tag in tagged.document.get("tags", ())}
    by_key |= {tag["key"]: tag for tag in wanted}
    if len(by_key) > MOST:
        raise invalid(f"You've reached the maximum number of tags for this resource: {MOST}")
    return _retagged(context, "TagResource", tagged, list(by_key.values()))


@family.writes("UntagResource")
def untag_resource(context: Context, request: UntagResourceRequestTypeDef) -> Answer:
    """Take tags from a resource by their keys; a key that it does not have is passed over (inferred).

    Raises NotFoundException. Raises InvalidInputException: the ARN is another's or the kind takes no tags.
    """
    untagged = _subject(context, request)
    left = [tag for tag in untagged.document.get("tags", ()) if tag["key"] not in request["tagKeys"]]
    return _retagged(context, "UntagResource", untagged, left)


def _subject(context: Context, request: Any) -> Resource:
    """What is to be tagged. Of an alarm, say, and an instance of one name, the ARN says which; else the instance."""
    name, arn = request["resourceName"], request.get("resourceArn")
    transaction = context.resources.transaction
    rows = [row for space in _NAME_SPACES if (row := transaction.get(context.place, name, space)) is not None]
    if not rows:
        raise NotFoundException.because(f"The resource does not exist: {name}", "DoesNotExist")  # inferred
    found = [context.resources.get(row.kind, name, row.name_space) for row in rows]
    fitting = [one for one in found if arn is None or one.document.get("arn") == arn]
    if not fitting:
        raise invalid(f"The resource ARN is not that of {name}: {arn}")  # inferred
    if fitting[0].row.kind not in TAGGABLE:
        raise unsupported(f"The resource type, {fitting[0].row.kind}, is not taggable.")  # seen of another kind
    return fitting[0]


def _retagged(context: Context, operation: str, changed: Resource, left: list[dict[str, str]]) -> Answer:
    changed.document["tags"] = left
    attaching.save(context, changed)
    # The enumeration of operation types does not have these two: then the entry has no type (inferred), rather than
    # one that a strict reader refuses.
    known = operation if operation in service_model().shape("OperationType").enum else None
    return {"operations": shown(context.journal.succeeded(known, about(changed)))}
