"""The public domain names of a container service, by the certificates that prove them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from skysail.service.context import Context
from skysail.service.nouns import certificates
from skysail.service.nouns.containers import CONTAINER_SERVICE
from skysail.service.nouns.tls import ISSUED
from skysail.service.refusals import invalid, over_quota, wrong_state
from skysail.service.resources import Resource

MOST = 4
"""Domain names of a service (source: the model)."""

Domains = Mapping[str, Sequence[str]]


def joined(context: Context, service: str, former: Domains, wanted: Domains) -> dict[str, list[str]]:
    """The names by certificate as they are to be: a certificate that is not mentioned keeps its names, one without
    names is detached.

    Raises InvalidInputException: a certificate is not there, not issued or not for a name, a name is another service's,
    or they are too many. (The first two texts are seen, the others inferred.)
    """
    asked = {**former, **wanted}
    found = {one: list(dict.fromkeys(name.lower() for name in names)) for one, names in asked.items() if names}
    new = [name for name in wanted if name in found]
    unknown = [name for name in new if context.resources.find(certificates.CERTIFICATE, name) is None]
    if unknown:
        quoted = ", ".join(f'"{name}"' for name in unknown)
        raise invalid(f'Certificates {quoted} provided for service "{service}" do not exist.')
    for name in new:
        certificate = context.resources.get(certificates.CERTIFICATE, name)
        status = certificate.document["status"]
        if status != ISSUED:
            raise wrong_state(
                f'Certificate "{name}" provided for service "{service}" has {status} status, required status: ISSUED.'
            )
        if others := certificates.not_covered(certificate, found[name]):
            raise invalid(f'Certificate "{name}" provided for service "{service}" does not cover domain "{others[0]}".')
    names = [name for several in found.values() for name in several]
    if len(set(names)) > MOST:
        raise over_quota(f'Service "{service}" can have at most {MOST} public domain names.')
    if new:
        _check_free(context, service, {name for certificate in new for name in found[certificate]})
    return found


def set_to(context: Context, service: Resource, found: dict[str, list[str]]) -> None:
    """Give a service these names, and tell the certificates; the service is for the caller to keep."""
    former = service.document.pop("publicDomainNames", {})
    if found:
        service.document["publicDomainNames"] = found
    for name in former.keys() - found.keys():
        certificates.use_no_more(context, name, service)
    for name in sorted(found.keys() - former.keys()):
        certificates.use(context, name, service)


def _check_free(context: Context, service: str, names: set[str]) -> None:
    context.resources.guard(CONTAINER_SERVICE)
    for other in context.resources.all_of(CONTAINER_SERVICE):
        theirs = {name for several in other.document.get("publicDomainNames", {}).values() for name in several}
        if other.name != service and names & theirs:
            raise invalid(f'Domain "{min(names & theirs)}" is already in use by service "{other.name}".')
