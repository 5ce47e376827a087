"""A distribution's certificate, both sides alike: the names that it answers to are those of the certificate."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from skysail.service.context import Context
from skysail.service.nouns import certificates, subdomains
from skysail.service.nouns.distributions import DISTRIBUTION
from skysail.service.refusals import invalid, over_quota, wrong_state
from skysail.service.resources import Resource, not_found, resource
from skysail.store.base import EVERY, Row

MOST_NAMES = 10


def check(context: Context, name: str, user: Resource | None) -> None:
    """Whether a distribution, None for a new one, can use a certificate.

    Raises NotFoundException. Raises InvalidInputException: it is not issued, has too many names, or one that another
    distribution of any account has; or the distribution has a subdomain. (Rules from the model and the user guide;
    texts inferred, the last but one CloudFront's.)
    """
    certificate = context.resources.find(certificates.CERTIFICATE, name)
    if certificate is None:
        raise not_found(certificates.CERTIFICATE, name)
    if not certificates.is_issued(certificate):
        raise wrong_state(f"The certificate can't be attached because it is not issued: {name}")
    if user is not None and (subdomain := subdomains.of(context, user)) is not None:
        raise wrong_state(f"The distribution is already associated with a subdomain: {subdomain['name']}")
    names = set(certificate.document["subjectAlternativeNames"])
    if len(names) > MOST_NAMES:
        raise over_quota(f"A distribution can have at most {MOST_NAMES} domain names.")
    own = user.row.id if user is not None else None
    if any(row.id != own and _has_one_of(row, names) for row in _everybodys(context)):
        raise invalid("One or more of the CNAMEs you provided are already associated with a different resource.")


def attach(context: Context, user: Resource, name: str) -> None:
    """Have a distribution use a certificate, in the place of the one that it has; the caller keeps it."""
    detach(context, user)
    certificate = context.resources.get(certificates.CERTIFICATE, name)
    user.document["certificateName"] = name
    user.document["alternativeDomainNames"] = list(certificate.document["subjectAlternativeNames"])
    certificates.use(context, name, user)


def detach(context: Context, user: Resource) -> None:
    """Have it use none; the caller keeps it."""
    former = user.document.pop("certificateName", None)
    user.document["alternativeDomainNames"] = []
    if former is not None:
        certificates.use_no_more(context, former, user)


def _everybodys(context: Context) -> Iterator[Row]:
    """All distributions of all accounts."""
    for place in context.resources.everywhere(DISTRIBUTION):
        yield from context.resources.transaction.page(place, DISTRIBUTION, None, EVERY)


def _has_one_of(row: Row, names: Collection[str]) -> bool:
    """Of many thousand, few are worth reading: those that have the name somewhere."""
    if not any(name.encode() in row.document for name in names):
        return False
    return not set(names).isdisjoint(resource(row).document.get("alternativeDomainNames", ()))
