"""Contact methods: where an alarm's notifications go, one by e-mail and one by SMS in each region.

Nothing is sent from here. That somebody follows the link in the mail is taken for granted after a while (inferred).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from skysail.service import identity
from skysail.service.context import Context
from skysail.service.dispatch import Answer, Family
from skysail.service.journal import about, shown
from skysail.service.refusals import invalid, unsupported, wrong_state
from skysail.service.resources import Draft
from skysail.service.stored import as_stored
from skysail.service.tags import tags
from skysail.store.base import Due

if TYPE_CHECKING:
    from types_boto3_lightsail.type_defs import (
        CreateContactMethodRequestTypeDef,
        DeleteContactMethodRequestTypeDef,
        GetContactMethodsRequestTypeDef,
        SendContactMethodVerificationRequestTypeDef,
    )

KIND = "ContactMethod"
"""The kind, and the name space that contact methods have for themselves: a protocol names one."""
EMAIL, SMS = "Email", "SMS"
SMS_REGIONS = frozenset({"us-east-1", "us-west-2", "eu-west-1", "ap-northeast-1", "ap-southeast-1", "ap-southeast-2"})
"""Source: model."""
_ENDPOINTS = {EMAIL: re.compile(r"[^@\s]+@[^@\s.]+(?:\.[^@\s.]+)+"), SMS: re.compile(r"\+[1-9][0-9]{1,14}")}

family = Family("contact_methods")


@family.writes("CreateContactMethod")
def create_contact_method(context: Context, request: CreateContactMethodRequestTypeDef) -> Answer:
    """Name where notifications go: an e-mail address is verified some time later, a phone number is good at once.

    Raises InvalidInputException: no such address or number, one of the protocol is there, no SMS in the region, or the
    tags do not fit (texts inferred).
    """
    protocol, endpoint = request["protocol"], request["contactEndpoint"]
    if protocol == SMS and context.region not in SMS_REGIONS:
        raise unsupported("SMS is not supported in this Region.")
    if not _ENDPOINTS[protocol].fullmatch(endpoint):
        raise invalid(f"The contact endpoint is not valid: {endpoint}")
    if context.resources.find(KIND, protocol, KIND) is not None:
        raise wrong_state(f"A contact method for this protocol already exists: {protocol}")
    resource_id = context.world.new_id()
    document = {
        "contactEndpoint": endpoint,
        "status": "PendingVerification" if protocol == EMAIL else "Valid",
        "protocol": protocol,
        "name": protocol,  # inferred
        "arn": identity.arn(context.place, KIND, resource_id),
        "createdAt": round(context.now, 3),
        "location": identity.everywhere(context.place),
        "resourceType": KIND,
        "supportCode": identity.support_code(context.place, resource_id),
        "tags": tags(request.get("tags", ())),
    }
    (method,) = context.resources.create(KIND, [Draft(resource_id, protocol, document)], KIND)
    if protocol == EMAIL:
        context.resources.later(method, "contact_method.verified", context.timing.verification_s)
    return {"operations": shown(context.journal.succeeded("CreateContactMethod", about(method)))}


@family.reads("GetContactMethods")
def get_contact_methods(context: Context, request: GetContactMethodsRequestTypeDef) -> Answer:
    """The region's contact methods, or those of the protocols that are asked for."""
    wanted = request.get("protocols") or (EMAIL, SMS)
    rows = [row for row in context.resources.page(KIND, None, len(_ENDPOINTS)) if row.name in wanted]
    return {"contactMethods": [as_stored(row) for row in rows]}


@family.writes("SendContactMethodVerification")
def send_contact_method_verification(context: Context, request: SendContactMethodVerificationRequestTypeDef) -> Answer:
    """Send the link again. Raises NotFoundException. Raises InvalidInputException: it is verified (inferred)."""
    method = context.resources.get(KIND, request["protocol"], KIND)
    if method.document["status"] == "Valid":
        raise wrong_state(f"The contact method is already verified: {method.name}")
    context.resources.later(method, "contact_method.verified", context.timing.verification_s)
    return {"operations": shown(context.journal.succeeded("SendContactMethodVerification", about(method)))}


@family.writes("DeleteContactMethod")
def delete_contact_method(context: Context, request: DeleteContactMethodRequestTypeDef) -> Answer:
    """Delete a contact method; alarms keep its protocol. Raises NotFoundException."""
    method = context.resources.get(KIND, request["protocol"], KIND)
    context.resources.delete(method)
    return {"operations": shown(context.journal.succeeded("DeleteContactMethod", about(method)))}


@family.step("contact_method.verified")
def contact_method_verified(context: Context, due: Due) -> None:
    """Somebody has followed the link."""
    method = context.resources.get(KIND, due.name, KIND)
    method.document["status"] = "Valid"
    context.resources.save(method)
