"""Certificates for distributions and container services: create, look, delete.

States and their ways: PENDING_VALIDATION → ISSUED → EXPIRED, or FAILED; a deleted certificate is gone at once
(inferred). A load balancer's certificates are a kind of their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from skysail.service import identity
from skysail.service.context import Context
from skysail.service.dispatch import Answer, Family
from skysail.service.journal import about, shown
from skysail.service.nouns import tls
from skysail.service.nouns.certificates import CERTIFICATE, users
from skysail.service.refusals import wrong_state
from skysail.service.resources import Draft, resource
from skysail.service.stored import document
from skysail.service.tags import tags
from skysail.store.base import Due, Position, Row

if TYPE_CHECKING:
    from types_boto3_lightsail.type_defs import (
        CreateCertificateRequestTypeDef,
        DeleteCertificateRequestTypeDef,
        GetCertificatesRequestTypeDef,
    )

KIND = CERTIFICATE
PAGE_SIZE = 20
"""Inferred from that of instances."""

family = Family("certificates")


def _renewal(context: Context, certificate: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "domainValidationRecords": certificate["domainValidationRecords"],
        "renewalStatus": "Success",
        "updatedAt": round(context.now, 3),
    }


FORM = tls.Form(
    validated="certificate.validated",
    ending="certificate.ending",
    serial="serialNumber",
    failure="requestFailureReason",
    renewal=_renewal,
    is_used=lambda certificate: bool(users(certificate)),
)


@family.writes("CreateCertificate")
def create_certificate(context: Context, request: CreateCertificateRequestTypeDef) -> Answer:
    """Ask for a certificate, which is issued once somebody has proved its names.

    Raises InvalidInputException: the name, a domain name or a tag does not fit, or the quota is reached.
    """
    name = request["certificateName"]
    names = tls.domain_names(request["domainName"], request.get("subjectAlternativeNames", ()))
    wanted = tags(request.get("tags", ()))
    context.resources.check_free([name])
    context.check_quota(KIND)
    resource_id = context.world.new_id()
    detail = {
        "arn": identity.arn(context.place, KIND, resource_id),
        "name": name,
        **tls.requested(names, context.now),
        "domainValidationRecords": [
            {
                "domainName": proof.domain,
                **({} if proof.record is None else {"resourceRecord": proof.record}),
                **proof.state,
            }
            for proof in tls.proofs(context, names)
        ],
        "inUseResourceCount": 0,
        "issuerCA": "Amazon",
        "eligibleToRenew": "INELIGIBLE",
        "tags": wanted,
        "supportCode": identity.support_arn(context.place, "acm", f"certificate/{identity.inner_uuid(resource_id)}"),
    }
    (certificate,) = context.resources.create(KIND, [Draft(resource_id, name, detail)])
    tls.begin(context, certificate, FORM)
    records = context.journal.succeeded("CreateCertificate", about(certificate))  # inferred
    return {"certificate": _shown(certificate.row, True), "operations": shown(records)}


@family.reads("GetCertificates")
def get_certificates(context: Context, request: GetCertificatesRequestTypeDef) -> Answer:
    """One page of the certificates, newest first: all, those in certain states, or one by its name.

    With their details where these are asked for, and of one by its name unless they are asked not to be (another tool's
    use). A name that is none gives an empty list (seen).
    """
    with_details = request.get("includeCertificateDetails", "certificateName" in request)
    return context.listing(
        "certificates",
        request,
        lambda after, limit: _fitting(context, request, after, limit),
        PAGE_SIZE,
        lambda row: _shown(row, with_details),
    )


@family.writes("DeleteCertificate")
def delete_certificate(context: Context, request: DeleteCertificateRequestTypeDef) -> Answer:
    """Delete a certificate that nothing uses, in whatever state.

    Raises NotFoundException. Raises InvalidInputException: it is in use.
    """
    certificate = context.resources.get(KIND, request["certificateName"])
    if users(certificate):
        raise wrong_state(f"The certificate is in use: {certificate.name}")  # text inferred
    context.resources.delete(certificate)
    return {"operations": shown(context.journal.succeeded("DeleteCertificate", about(certificate)))}


@family.step(FORM.validated)
def certificate_validated(context: Context, due: Due) -> None:
    """Somebody has proved its names, where that can be done."""
    tls.validated(context, context.resources.get(KIND, due.name), FORM)


@family.step(FORM.ending)
def certificate_ending(context: Context, due: Due) -> None:
    """It is renewed, or expires."""
    tls.ending(context, context.resources.get(KIND, due.name), FORM)


def _fitting(context: Context, request: GetCertificatesRequestTypeDef, after: Position | None, limit: int) -> list[Row]:
    """At most so many rows behind a position that fit the request's filters."""
    if "certificateName" in request:
        one = context.resources.find(KIND, request["certificateName"])
        found = [one.row] if one is not None and (after is None or one.row.number < after.number) else []
        return [row for row in found if _is_wanted(row, request)]
    fitting: list[Row] = []
    while len(fitting) < limit and (rows := context.resources.page(KIND, after, limit)):
        fitting += [row for row in rows if _is_wanted(row, request)]
        after = rows[-1].position
    return fitting[:limit]


def _is_wanted(row: Row, request: GetCertificatesRequestTypeDef) -> bool:
    wanted = request.get("certificateStatuses")
    return not wanted or resource(row).document["status"] in wanted


def _shown(row: Row, with_details: bool) -> dict[str, Any]:
    detail = document(row)
    return {
        "certificateArn": detail["arn"],
        "certificateName": detail["name"],
        "domainName": detail["domainName"],
        **({"certificateDetail": detail} if with_details else {}),
        "tags": detail["tags"],
    }
