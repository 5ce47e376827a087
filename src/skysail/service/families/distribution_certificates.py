"""Certificates of distributions: attach, detach. The distribution is InProgress, then Deployed again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from skysail.service.context import Context
from skysail.service.dispatch import Answer, Family
from skysail.service.journal import shown
from skysail.service.nouns.distribution_certificates import attach, check, detach
from skysail.service.nouns.distributions import change, idle
from skysail.service.refusals import wrong_state

if TYPE_CHECKING:
    from types_boto3_lightsail.type_defs import (
        AttachCertificateToDistributionRequestTypeDef,
        DetachCertificateFromDistributionRequestTypeDef,
    )

family = Family("distribution_certificates")


@family.writes("AttachCertificateToDistribution")
def attach_certificate(context: Context, request: AttachCertificateToDistributionRequestTypeDef) -> Answer:
    """Have a distribution use a certificate, in the place of another one where it has one (inferred).

    Raises NotFoundException: no such certificate. Raises InvalidInputException: another region, there is none of that
    name, it is not deployed, or the certificate does not go with it.
    """
    changed = idle(context, request["distributionName"])
    name = request["certificateName"]
    check(context, name, changed)
    attach(context, changed, name)
    return {"operation": shown(change(context, changed, "AttachCertificateToDistribution", name))[0]}


@family.writes("DetachCertificateFromDistribution")
def detach_certificate(context: Context, request: DetachCertificateFromDistributionRequestTypeDef) -> Answer:
    """Have a distribution use CloudFront's own certificate again.

    Raises InvalidInputException: another region, there is none of that name, it is not deployed, or has no certificate
    (text inferred).
    """
    changed = idle(context, request["distributionName"])
    name = changed.document.get("certificateName")
    if not name:
        raise wrong_state(f"The distribution has no certificate attached: {changed.name}")
    detach(context, changed)
    return {"operation": shown(change(context, changed, "DetachCertificateFromDistribution", name))[0]}
