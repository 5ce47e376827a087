"""Certificates as those see them who use them: distributions and container services.

A certificate knows who uses it, which is changed here alone. One that is used cannot be deleted, and is renewed before
its end. It is found by `context.resources`; whether it is good for somebody, and what is said otherwise, is theirs.
"""

from __future__ import annotations

from collections.abc import Iterable

from skysail.service.context import Context
from skysail.service.nouns.tls import ISSUED
from skysail.service.resources import Resource

CERTIFICATE = "Certificate"


def is_issued(certificate: Resource) -> bool:
    return bool(certificate.document["status"] == ISSUED)


def not_covered(certificate: Resource, names: Iterable[str]) -> list[str]:
    """Those of some domain names that the certificate is not for."""
    return [name for name in names if name not in certificate.document["subjectAlternativeNames"]]


def users(certificate: Resource) -> list[tuple[str, str]]:
    """Kind and name of all that use it."""
    return [(kind, name) for kind, name in certificate.private.get("users", ())]


def use(context: Context, name: str, user: Resource) -> None:
    """A resource uses the certificate of that name from now on. Raises NotFoundException.

    The certificate is read anew and kept: one that the caller has in hand is out of date then.
    """
    certificate = context.resources.get(CERTIFICATE, name)
    _set_users(context, certificate, [*(one for one in users(certificate) if one != _key(user)), _key(user)])


def use_no_more(context: Context, name: str, user: Resource) -> None:
    """A resource, which may be about to be deleted, uses the certificate no longer."""
    certificate = context.resources.find(CERTIFICATE, name)
    if certificate is not None:
        _set_users(context, certificate, [one for one in users(certificate) if one != _key(user)])


def _key(user: Resource) -> tuple[str, str]:
    return user.row.kind, user.name


def _set_users(context: Context, certificate: Resource, found: list[tuple[str, str]]) -> None:
    certificate.private["users"] = found
    certificate.document["inUseResourceCount"] = len(found)
    certificate.document["eligibleToRenew"] = "ELIGIBLE" if found else "INELIGIBLE"  # as in ACM
    context.resources.save(certificate)
