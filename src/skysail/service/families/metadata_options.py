"""How an instance's metadata can be asked for from within it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from skysail.service.context import Context
from skysail.service.dispatch import Answer, Family
from skysail.service.journal import about, shown
from skysail.service.nouns.attaching import INSTANCE
from skysail.service.nouns.new_instance import METADATA_OPTIONS
from skysail.service.refusals import invalid, not_now, unsupported
from skysail.store.base import Due

if TYPE_CHECKING:
    from types_boto3_lightsail.type_defs import UpdateInstanceMetadataOptionsRequestTypeDef

LARGEST_HOP_LIMIT = 64
"""EC2's limit (inferred for Lightsail)."""
REGION_WITH_IPV6 = "eu-north-1"
"""The one region in which httpProtocolIpv6 can be set (source: model)."""

family = Family("metadata_options")


@family.writes("UpdateInstanceMetadataOptions")
def update_instance_metadata_options(context: Context, request: UpdateInstanceMetadataOptionsRequestTypeDef) -> Answer:
    """Change the options: pending, then applied; at once where the instance is stopped.

    What is not said stays, but for httpTokens, which is optional then (both by the model). The journal's entry has
    succeeded at once (inferred).
    Raises NotFoundException. Raises InvalidInputException: neither running nor stopped, or options that do not fit.
    """
    instance = context.resources.get(INSTANCE, request["instanceName"])
    if instance.state not in ("running", "stopped"):  # inferred
        raise not_now("change the metadata options", "this instance", instance.state)
    former: dict[str, Any] = {**METADATA_OPTIONS, **instance.document.get("metadataOptions", {})}
    asked = {member: value for member, value in request.items() if member in METADATA_OPTIONS}
    options = former | {"httpTokens": "optional"} | asked
    _check(context, asked, options)
    is_running = instance.state == "running"
    instance.document["metadataOptions"] = options | {"state": "pending" if is_running else "applied"}
    context.resources.save(instance)
    if is_running:
        context.resources.later(instance, "metadata_options.applied", context.timing.metadata_s)
    (record,) = context.journal.succeeded("UpdateInstanceMetadataOptions", about(instance, ""))
    return {"operation": shown([record])[0]}


@family.step("metadata_options.applied")
def metadata_options_applied(context: Context, due: Due) -> None:
    """The instance answers by the new options."""
    instance = context.resources.get(INSTANCE, due.name)
    instance.document["metadataOptions"]["state"] = "applied"
    context.resources.save(instance)


def _check(context: Context, asked: Mapping[str, Any], options: Mapping[str, Any]) -> None:
    """Raises InvalidInputException (texts inferred)."""
    hop_limit = options["httpPutResponseHopLimit"]
    if not 1 <= hop_limit <= LARGEST_HOP_LIMIT:
        raise invalid(f"The HTTP PUT response hop limit must be between 1 and {LARGEST_HOP_LIMIT}: {hop_limit}")
    if "httpProtocolIpv6" not in asked:
        return
    if context.region != REGION_WITH_IPV6:
        raise unsupported(f"The httpProtocolIpv6 parameter is only available in the {REGION_WITH_IPV6} Region.")
    if options["httpProtocolIpv6"] == "enabled" and options["httpEndpoint"] == "disabled":
        raise invalid("The IPv6 endpoint can't be enabled while the HTTP metadata endpoint is disabled.")
