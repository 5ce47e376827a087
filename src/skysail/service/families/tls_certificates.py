"""Load balancers' TLS certificates, and the policies by which TLS is spoken.

States and their ways: PENDING_VALIDATION → ISSUED → EXPIRED, or FAILED. One that is deleted is shown no more, and gone
a little later (seen as Started).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from skysail.service.context import Context
from skysail.service.dispatch import Answer, Family
from skysail.service.journal import about, shown
from skysail.service.nouns import balancing, tls
from skysail.service.nouns.balancer_certificates import (
    DELETED_STEP,
    FORM,
    TLS_CERTIFICATE,
    Order,
    attach,
    certificate_of,
    certificates,
    create,
    remove,
)
from skysail.service.refusals import wrong_state
from skysail.store.base import Due

if TYPE_CHECKING:
    from types_boto3_lightsail.type_defs import (
        AttachLoadBalancerTlsCertificateRequestTypeDef,
        CreateLoadBalancerTlsCertificateRequestTypeDef,
        DeleteLoadBalancerTlsCertificateRequestTypeDef,
        GetLoadBalancerTlsCertificatesRequestTypeDef,
        GetLoadBalancerTlsPoliciesRequestTypeDef,
    )

KIND = TLS_CERTIFICATE

family = Family("tls_certificates")


@family.writes("CreateLoadBalancerTlsCertificate")
def create_tls_certificate(context: Context, request: CreateLoadBalancerTlsCertificateRequestTypeDef) -> Answer:
    """Ask for a certificate for a load balancer, which is issued once somebody has proved its names.

    Raises NotFoundException. Raises InvalidInputException: a name or a tag does not fit, the load balancer has two, or
    the quota is reached.
    """
    order = Order(
        context,
        request["certificateName"],
        request["certificateDomainName"],
        request.get("certificateAlternativeNames", ()),
        request.get("tags", ()),
    )
    balancer = context.resources.get(balancing.LOAD_BALANCER, request["loadBalancerName"])
    return {"operations": shown(create(context, balancer, order))}


@family.reads("GetLoadBalancerTlsCertificates")
def get_tls_certificates(context: Context, request: GetLoadBalancerTlsCertificatesRequestTypeDef) -> Answer:
    """All certificates of a load balancer, newest first (inferred). Raises NotFoundException."""
    balancer = context.resources.get(balancing.LOAD_BALANCER, request["loadBalancerName"])
    return {"tlsCertificates": [one.document for one in reversed(certificates(context, balancer))]}


@family.writes("AttachLoadBalancerTlsCertificate")
def attach_tls_certificate(context: Context, request: AttachLoadBalancerTlsCertificateRequestTypeDef) -> Answer:
    """Have a load balancer take HTTPS with a certificate, in the place of another one where it has one; done at once.

    Raises NotFoundException. Raises InvalidInputException: it is not issued.
    """
    balancer = context.resources.get(balancing.LOAD_BALANCER, request["loadBalancerName"])
    certificate = certificate_of(context, balancer, request["certificateName"])
    if certificate.document["status"] != tls.ISSUED:  # inferred
        raise wrong_state(f"The certificate can't be attached because it is not issued: {certificate.name}")
    attach(context, balancer, certificate)
    subjects = about(balancer, certificate.name), about(certificate, balancer.name)
    return {"operations": shown(context.journal.succeeded("AttachLoadBalancerTlsCertificate", *subjects))}


@family.writes("DeleteLoadBalancerTlsCertificate")
def delete_tls_certificate(context: Context, request: DeleteLoadBalancerTlsCertificateRequestTypeDef) -> Answer:
    """Begin to delete a certificate.

    Raises NotFoundException. Raises InvalidInputException: it is attached and there are instances, and `force` is not
    there (source: the model; text inferred).
    """
    balancer = context.resources.get(balancing.LOAD_BALANCER, request["loadBalancerName"])
    certificate = certificate_of(context, balancer, request["certificateName"])
    if certificate.document["isAttached"] and balancing.targets(balancer) and not request.get("force"):
        raise wrong_state(f"You can't delete this certificate because it is in use: {certificate.name}")
    return {"operations": shown(remove(context, balancer, certificate))}


@family.reads("GetLoadBalancerTlsPolicies")
def get_tls_policies(context: Context, request: GetLoadBalancerTlsPoliciesRequestTypeDef) -> Answer:
    """The policies that a load balancer can have."""
    return context.whole("tlsPolicies", request, context.catalogue.tls_policies())


@family.step(FORM.validated)
def certificate_validated(context: Context, due: Due) -> None:
    """Somebody has proved its names, where that can be done."""
    tls.validated(context, context.resources.get(KIND, due.name), FORM)


@family.step(FORM.ending)
def certificate_ending(context: Context, due: Due) -> None:
    """It is renewed, or expires."""
    tls.ending(context, context.resources.get(KIND, due.name), FORM)


@family.step(DELETED_STEP)
def certificate_deleted(context: Context, due: Due) -> None:
    """It is gone, and its name is free."""
    context.resources.delete(context.resources.get(KIND, due.name))
    context.journal.finish(due)
