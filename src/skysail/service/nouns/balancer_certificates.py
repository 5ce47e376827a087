"""A load balancer's TLS certificates: at most two, of which one is attached. Both sides are changed here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from skysail.service import identity
from skysail.service.context import Context
from skysail.service.journal import about
from skysail.service.nouns import tls
from skysail.service.refusals import over_quota
from skysail.service.resources import Draft, Resource, not_found
from skysail.service.tags import tags
from skysail.store.base import Record

TLS_CERTIFICATE = "LoadBalancerTlsCertificate"
MOST_OF_A_BALANCER = 2
DELETED_STEP = "tls_certificate.deleted"


def _renewal(context: Context, certificate: Mapping[str, Any]) -> dict[str, Any]:
    proved = ("domainName", "validationStatus")
    return {
        "renewalStatus": "SUCCESS",
        "domainValidationOptions": [
            {member: record[member] for member in proved} for record in certificate["domainValidationRecords"]
        ],
    }


FORM = tls.Form(
    validated="tls_certificate.validated",
    ending="tls_certificate.ending",
    serial="serial",
    failure="failureReason",
    renewal=_renewal,
    is_used=lambda certificate: bool(certificate.document["isAttached"]),
)


def certificates(context: Context, balancer: Resource) -> list[Resource]:
    """Those of a load balancer, oldest first."""
    shown = balancer.document["tlsCertificateSummaries"]
    return [context.resources.get(TLS_CERTIFICATE, summary["name"]) for summary in shown]


def certificate_of(context: Context, balancer: Resource, name: str) -> Resource:
    """One of them. Raises NotFoundException: another load balancer's too."""
    found = [one for one in certificates(context, balancer) if one.name == name]
    if not found:
        raise not_found(TLS_CERTIFICATE, name)
    return found[0]


class Order:
    """What is asked for, checked before anything is made.

    Raises InvalidInputException: domain names or tags do not fit, the name is taken, or the quota is reached.
    """

    def __init__(
        self, context: Context, name: str, domain: str, alternatives: Iterable[str], wanted: Iterable[Mapping[str, Any]]
    ) -> None:
        self.name = name
        self.names = tls.domain_names(domain, alternatives)
        self.tags = tags(wanted)
        context.resources.check_free([name])
        context.check_quota(TLS_CERTIFICATE)


def create(context: Context, balancer: Resource, order: Order) -> list[Record]:
    """Make a certificate for a load balancer; gives the journal's entries. Saves both.

    Raises InvalidInputException: it has two already.
    """
    if len(balancer.document["tlsCertificateSummaries"]) >= MOST_OF_A_BALANCER:  # text inferred
        raise over_quota("Sorry, you've reached the maximum number of certificates for this load balancer.")
    (certificate,) = context.resources.create(TLS_CERTIFICATE, [_draft(context, balancer, order)])
    tls.begin(context, certificate, FORM)
    balancer.document["tlsCertificateSummaries"].append({"name": certificate.name, "isAttached": False})
    context.resources.save(balancer)
    subjects = about(certificate, balancer.name), about(balancer, certificate.name)
    return context.journal.succeeded("CreateLoadBalancerTlsCertificate", *subjects)


def attach(context: Context, balancer: Resource, certificate: Resource) -> None:
    """Have a load balancer use a certificate, in the place of another one where it has one. Saves all."""
    for one in certificates(context, balancer):
        one.document["isAttached"] = one.name == certificate.name
        context.resources.save(one)
    for summary in balancer.document["tlsCertificateSummaries"]:
        summary["isAttached"] = summary["name"] == certificate.name
    balancer.document |= {"protocol": "HTTP_HTTPS", "publicPorts": [80, 443]}
    context.resources.save(balancer)


def remove(context: Context, balancer: Resource, certificate: Resource) -> list[Record]:
    """Take a certificate from a load balancer and begin to delete it; gives the journal's entries. Saves both.

    It is shown no more, and gone a little later (seen as Started).
    """
    document = balancer.document
    shown = [one for one in document["tlsCertificateSummaries"] if one["name"] != certificate.name]
    document["tlsCertificateSummaries"] = shown
    if certificate.document["isAttached"]:  # HTTP alone is left (inferred)
        document |= {"protocol": "HTTP", "publicPorts": [80], "httpsRedirectionEnabled": False}
    certificate.document["isAttached"] = False
    certificate.private["isDeleted"] = True
    context.resources.save(balancer)
    context.resources.save(certificate)
    context.resources.not_any_more(certificate)
    records = context.journal.started("DeleteLoadBalancerTlsCertificate", about(certificate), about(balancer))
    context.resources.later(certificate, DELETED_STEP, context.timing.tls_deletion_s, records)
    return records


def _draft(context: Context, balancer: Resource, order: Order) -> Draft:
    resource_id = context.world.new_id()
    document = {
        "name": order.name,
        "arn": identity.arn(context.place, TLS_CERTIFICATE, resource_id),
        "supportCode": identity.support_arn(context.place, "acm", f"certificate/{identity.inner_uuid(resource_id)}"),
        "location": identity.everywhere(context.place),
        "resourceType": TLS_CERTIFICATE,
        **({"tags": order.tags} if order.tags else {}),  # without any, there is no such member (seen)
        "loadBalancerName": balancer.name,
        "isAttached": False,
        **tls.requested(order.names, context.now),
        "domainValidationRecords": [
            {**(proof.record or {}), **proof.state, "domainName": proof.domain}
            for proof in tls.proofs(context, order.names)
        ],
        "issuer": "Amazon",
        "signatureAlgorithm": "SHA256WITHRSA",
        "subject": f"CN={order.names[0]}",
    }
    return Draft(resource_id, order.name, document)
