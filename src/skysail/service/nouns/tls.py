"""What both kinds of TLS certificates have in common: for which names, how they are proved, how long they are good.

A local Lightsail looks nothing up: somebody is taken to have proved a domain some time after the certificate was asked
for. Members that the two kinds call differently are told by a `Form`. (Sources: the model, ACM's documentation, and an
example of a load balancer's certificate; the rest is marked.)
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from skysail.service import identity
from skysail.service.context import Context
from skysail.service.nouns import dns_zones
from skysail.service.refusals import invalid
from skysail.service.resources import Resource

PENDING, ISSUED, FAILED, EXPIRED = "PENDING_VALIDATION", "ISSUED", "FAILED", "EXPIRED"
MOST_ALTERNATIVES = 9
DAY_S = 86_400
LIFE_S = 198 * DAY_S - 1
"""From the midnight before the issue (ACM's since February 2026; inferred for Lightsail)."""
RENEWED_BEFORE_S = 45 * DAY_S
"""How long before its end one that is in use is renewed (ACM)."""

_NAME = re.compile(r"(?=.{4,253}$)(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z0-9-]{2,63}")
_NO_PUBLIC_DOMAINS = frozenset({"test", "example", "invalid", "localhost", "local", "internal"})
_AMAZONS = (".amazonaws.com", ".cloudfront.net", ".elasticbeanstalk.com")


@dataclass(frozen=True, slots=True)
class Form:
    """How a kind of certificate calls what both have, and whether one is in use, and so worth renewing."""

    validated: str
    """The name of the due change in which it is validated, and of that in which its end comes near."""
    ending: str
    serial: str
    failure: str
    renewal: Callable[[Context, Mapping[str, Any]], dict[str, Any]]
    is_used: Callable[[Resource], bool]


class Proof(NamedTuple):
    """The DNS record that proves a name, None where it is of no public domain (seen).

    `creation` is how putting it into the account's own zone went, None without one.
    """

    domain: str
    record: dict[str, str] | None
    creation: dict[str, Any] | None

    @property
    def state(self) -> dict[str, Any]:
        """What a certificate's document shows of it beside the record."""
        created = {} if self.creation is None else {"dnsRecordCreationState": self.creation}
        return {**created, "validationStatus": PENDING}


def domain_names(domain: str, alternatives: Iterable[str]) -> list[str]:
    """All names of a certificate in small letters, its domain first, each once (that DNS knows no others: inferred).

    Raises InvalidInputException: too many, no domain names or wildcards (texts inferred).
    """
    names = list(dict.fromkeys(name.lower() for name in (domain, *alternatives)))
    if len(names) > 1 + MOST_ALTERNATIVES:
        raise invalid(
            f"You can specify at most {MOST_ALTERNATIVES} alternate domain names in addition to the primary domain."
        )
    for name in names:
        if name.startswith("*."):
            raise invalid(f"Wildcard domain names are not supported: {name}")
        if not _NAME.fullmatch(name):
            raise invalid(f"The domain name is not valid: {name}")
    return names


def requested(names: Sequence[str], now: float) -> dict[str, Any]:
    """The members that a certificate of either kind begins with."""
    return {
        "status": PENDING,
        "domainName": names[0],
        "subjectAlternativeNames": list(names),
        "keyAlgorithm": "RSA-2048",
        "createdAt": round(now, 3),
    }


def proofs(context: Context, names: Sequence[str]) -> list[Proof]:
    """How each name is to be proved. Where the account has the name's DNS zone, the record is put there.

    A domain has the same record in each of an account's certificates (ACM).
    """
    return [_proof(context, name) for name in names]


def begin(context: Context, certificate: Resource, form: Form) -> None:
    """Have a new certificate validated in its time."""
    context.resources.later(certificate, form.validated, context.timing.certificate_s)


def validated(context: Context, certificate: Resource, form: Form) -> None:
    """The certificate is issued, or can never be. Saves it."""
    document = certificate.document
    reason = _reason_to_fail(document["subjectAlternativeNames"])
    document["status"] = FAILED if reason else ISSUED
    if reason:
        document[form.failure] = reason
    for record in document["domainValidationRecords"]:
        record["validationStatus"] = "FAILED" if reason else "SUCCESS"
    if reason is None:
        document["issuedAt"] = float(int(context.now))  # whole seconds (seen)
        _give_life(context, certificate, form)
    context.resources.save(certificate)


def ending(context: Context, certificate: Resource, form: Form) -> None:
    """The end of a certificate comes near, or is there: one that is in use is renewed, another expires. Saves it."""
    document = certificate.document
    if form.is_used(certificate):
        _give_life(context, certificate, form)
        document["renewalSummary"] = form.renewal(context, document)
    elif context.now < document["notAfter"]:
        context.resources.later(certificate, form.ending, document["notAfter"] - context.now)
    else:
        document["status"] = EXPIRED
    context.resources.save(certificate)


def _give_life(context: Context, certificate: Resource, form: Form) -> None:
    not_before = context.now // DAY_S * DAY_S
    times = certificate.private["issues"] = certificate.private.get("issues", 0) + 1
    certificate.document |= {
        "notBefore": not_before,
        "notAfter": not_before + LIFE_S,
        form.serial: identity.serial(certificate.row.id, times),
    }
    remaining_s = not_before + LIFE_S - RENEWED_BEFORE_S - context.now
    context.resources.later(certificate, form.ending, remaining_s)


def _proof(context: Context, domain: str) -> Proof:
    if not _is_public(domain):
        return Proof(domain, None, None)
    found = _validation_record(context, domain)
    return Proof(domain, found, dns_zones.add_proof(context, found))


def _validation_record(context: Context, domain: str) -> dict[str, str]:
    owner = f"{context.account} {domain}"
    return {
        "name": f"_{identity.hex_digits(owner, 'record', 32)}.{domain}.",
        "type": "CNAME",
        "value": f"_{identity.hex_digits(owner, 'value', 32)}.{identity.letters(owner, 10)}.acm-validations.aws.",
    }


def _reason_to_fail(names: Iterable[str]) -> str | None:
    """Source: the model's documentation of the reasons; which names are public is known of a few alone (inferred)."""
    for name in names:
        if not _is_public(name):
            return "INVALID_PUBLIC_DOMAIN"
        if f".{name.lower()}".endswith(_AMAZONS):
            return "ADDITIONAL_VERIFICATION_REQUIRED"
    return None


def _is_public(name: str) -> bool:
    return name.rpartition(".")[2].lower() not in _NO_PUBLIC_DOMAINS
