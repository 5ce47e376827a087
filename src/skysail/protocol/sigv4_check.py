"""Signature Version 4, the answering side: what a request claims, and whether the claim holds.

The checks run in the order in which AWS's front ends make them and answer in their words, so that a request
with several faults gets the same one named. Who a key belongs to, and what its secret is, the caller knows.
Texts are those public captures of AWS JSON services show; Lightsail's own have been captured for unknown keys
only. What no capture shows is marked `inferred`.
"""

from __future__ import annotations

import hmac
import math
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Literal, NamedTuple
from urllib.parse import unquote

from skysail.errors import ServiceError
from skysail.protocol.message import Request
from skysail.protocol.sigv4 import ALGORITHM, TERMINATOR, as_bytes, canonical_request, signature, timestamp

Form = Literal["header", "query"]

LONGEST_EXPIRY_S = 604_800

MISMATCH = (
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret "
    "Access Key and signing method. Consult the service documentation for details."
)


@dataclass(frozen=True, slots=True)
class KnownKey:
    """What the answering side knows of an access key.

    `secret` is None on an open server, which cannot verify a signature: form, time and scope are checked
    then, and any session token passes. `session_token` is None for a long-lived key, which must come without.
    """

    secret: str | None = field(repr=False)
    session_token: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Claim:
    """Who a request says it is from, and what for. `timestamp` is YYYYMMDDTHHMMSSZ, `date` the scope's.

    `expires_s` is None in the header form, and in a query that does not say.
    """

    access_key_id: str
    timestamp: str
    date: str
    region: str
    service: str
    terminator: str
    signed_headers: tuple[str, ...]
    signature: str = field(repr=False)
    session_token: str | None = field(repr=False)
    expires_s: int | None
    form: Form


def authenticate(
    request: Request,
    *,
    now: float,
    secret_of: Callable[[str, str | None], KnownKey | None],
    is_region: Callable[[str], bool],
    services: tuple[str, ...],
    skew_s: int = 300,
) -> Claim:
    """The request's claim, once it has stood every check. `now` is in seconds since 1970, UTC.

    `secret_of` is given an access key's id and the session token that came with it; None means an unknown
    key. It may raise a ServiceError of its own, such as one for an expired token. `services` are the names a
    scope may hold; a refusal names the first. Clocks may differ by `skew_s` seconds, both ways.

    Raises ServiceError of one of the kinds MissingAuthenticationTokenException, IncompleteSignatureException,
    InvalidSignatureException and UnrecognizedClientException, all with status 400; and nothing else, whatever
    the request holds.
    """
    shown = _presented(request)
    sent_at = _seconds(shown.timestamp)
    _check_signed_headers(shown, request)
    _check_window(shown, sent_at, math.floor(now), skew_s)
    if shown.algorithm != ALGORITHM:
        raise _incomplete(f"Unsupported AWS 'algorithm': '{shown.algorithm}'.")
    claim = _claim(shown)
    _check_scope(claim, is_region, services)
    _check_signature(request, claim, secret_of(claim.access_key_id, claim.session_token))
    return claim


class _Presented(NamedTuple):
    """The parts of a signature as they came, each of them there but not yet judged."""

    form: Form
    algorithm: str
    credential: str
    signed_headers: tuple[str, ...]
    signature: str
    timestamp: str
    session_token: str | None
    expires_s: int | None


def _presented(request: Request) -> _Presented:
    _, _, query = request.target.partition("?")
    parameters = _parameters(query) if query else {}
    authorization = request.headers.get("authorization")
    if authorization is None:
        if "X-Amz-Signature" not in parameters:
            raise _refusal("MissingAuthenticationTokenException", "Missing Authentication Token")
        return _from_query(parameters)
    if "X-Amz-Signature" in parameters:
        raise _invalid(  # inferred: refused for certain, the words are a guess
            "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header."
        )
    return _from_header(request, authorization)


_SEPARATORS = re.compile(r"[,\s]+", re.ASCII)  # AWS splits at spaces as it does at commas


def _from_header(request: Request, authorization: str) -> _Presented:
    algorithm, _, rest = authorization.strip().partition(" ")
    parts: dict[str, str] = {}
    for piece in filter(None, _SEPARATORS.split(rest)):
        name, equals, value = piece.partition("=")
        if not equals:
            raise _incomplete(
                f"'{piece}' not a valid key=value pair (missing equal-sign) in Authorization header: '{authorization}'."
            )
        parts[name] = value  # of repeated ones the last counts
    sent = request.headers.get("x-amz-date", request.headers.get("date"))
    faults = [
        f"Authorization header requires '{name}' parameter."
        for name in ("Credential", "Signature", "SignedHeaders")
        if name not in parts
    ]
    if sent is None:
        faults.append("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.")
    if faults or sent is None:
        raise _incomplete(f"{' '.join(faults)} Authorization={authorization}")
    return _Presented(
        form="header",
        algorithm=algorithm,
        credential=parts["Credential"],
        signed_headers=tuple(parts["SignedHeaders"].split(";")),
        signature=parts["Signature"],
        timestamp=sent,
        session_token=request.headers.get("x-amz-security-token"),
        expires_s=None,
    )


def _parameters(query: str) -> dict[str, str]:
    """Decoded names and values; of repeated ones the last counts, as in the header form."""
    pairs = (pair.partition("=") for pair in query.split("&"))
    return {unquote(name): unquote(value) for name, _, value in pairs}


def _from_query(parameters: dict[str, str]) -> _Presented:
    required = ("X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-SignedHeaders", "X-Amz-Date")
    faults = [f"AWS query-string parameters must include '{name}'." for name in required if name not in parameters]
    if faults:  # inferred: not recorded from a JSON service
        raise _incomplete(f"{' '.join(faults)} Re-examine the query-string parameters.")
    return _Presented(
        form="query",
        algorithm=parameters["X-Amz-Algorithm"],
        credential=parameters["X-Amz-Credential"],
        signed_headers=tuple(parameters["X-Amz-SignedHeaders"].split(";")),
        signature=parameters["X-Amz-Signature"],
        timestamp=parameters["X-Amz-Date"],
        session_token=parameters.get("X-Amz-Security-Token"),
        expires_s=_expiry(parameters.get("X-Amz-Expires")),
    )


def _expiry(text: str | None) -> int | None:
    if text is None:
        return None
    if not re.fullmatch("[0-9]{1,6}", text) or not 1 <= int(text) <= LONGEST_EXPIRY_S:
        raise _incomplete(  # inferred
            f"X-Amz-Expires must be a number of seconds between 1 and {LONGEST_EXPIRY_S}, got '{text}'"
        )
    return int(text)


def _seconds(stamp: str) -> int:
    """Seconds since 1970 of a YYYYMMDDTHHMMSSZ."""
    try:
        if not re.fullmatch("[0-9]{8}T[0-9]{6}Z", stamp):
            raise ValueError
        return int(datetime.fromisoformat(stamp).timestamp())
    except ValueError:
        raise _incomplete(
            f"Date must be in ISO-8601 'basic format'. Got '{stamp}'. See http://en.wikipedia.org/wiki/ISO_8601"
        ) from None


def _check_signed_headers(shown: _Presented, request: Request) -> None:
    """Host must be signed, the date that counts, and the operation. What else is, the client decides.

    AWS's documentation asks for content-type and all of x-amz-*, too; its services let SDKs leave them out. All of
    them sign the target: without it, whoever saw a request or a presigned URL could ask for another operation with it.
    The other x-amz-* that mean something are held against the body or the key itself.
    A list with repeats, which no client sends, would make a canonical form far longer than the request.
    """
    required = {"host": "Host"}
    if shown.form == "header" and "x-amz-date" in request.headers:
        required["x-amz-date"] = "X-Amz-Date"  # inferred: the words for this one
    if "x-amz-target" in request.headers:
        required["x-amz-target"] = "X-Amz-Target"  # inferred
    for name, spelt in required.items():
        if name not in shown.signed_headers:
            raise _invalid(f"'{spelt}' must be a 'SignedHeader' in the AWS Authorization.")
    if len(set(shown.signed_headers)) < len(shown.signed_headers):
        raise _invalid(MISMATCH)  # inferred


def _check_window(shown: _Presented, sent_at: int, now: int, skew_s: int) -> None:
    """Both bounds still pass. A presigned URL is good until it expires, without any skew."""
    lifetime_s = skew_s if shown.expires_s is None else shown.expires_s  # inferred: the latter's words
    if sent_at < now - lifetime_s:
        raise _invalid(
            f"Signature expired: {shown.timestamp} is now earlier than {timestamp(now - lifetime_s)} "
            f"({timestamp(now)} - {lifetime_s / 60:g} min.)"
        )
    if sent_at > now + skew_s:
        raise _invalid(
            f"Signature not yet current: {shown.timestamp} is still later than {timestamp(now + skew_s)} "
            f"({timestamp(now)} + {skew_s / 60:g} min.)"
        )


def _claim(shown: _Presented) -> Claim:
    elements = shown.credential.split("/")
    if len(elements) != 5:
        raise _incomplete(
            "Credential must have exactly 5 slash-delimited elements, "
            f"e.g. keyid/date/region/service/term, got '{shown.credential}'"
        )
    access_key_id, date, region, service, terminator = elements
    return Claim(
        access_key_id=access_key_id,
        timestamp=shown.timestamp,
        date=date,
        region=region,
        service=service,
        terminator=terminator,
        signed_headers=shown.signed_headers,
        signature=shown.signature,
        session_token=shown.session_token,
        expires_s=shown.expires_s,
        form=shown.form,
    )


def _check_scope(claim: Claim, is_region: Callable[[str], bool], services: tuple[str, ...]) -> None:
    """All faults of a scope are one answer."""
    faults = []
    if not is_region(claim.region):
        faults.append(f"Credential should be scoped to a valid region, not '{claim.region}'.")
    if claim.service not in services:
        faults.append(f"Credential should be scoped to correct service: '{services[0]}'.")
    if claim.terminator != TERMINATOR:
        faults.append(f"Credential should be scoped with a valid terminator: '{TERMINATOR}', not '{claim.terminator}'.")
    if claim.date != claim.timestamp[:8]:
        faults.append(
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: "
            f"'{claim.date}' != '{claim.timestamp[:8]}', from '{claim.timestamp}'."
        )
    if faults:
        raise _invalid("".join([f"{fault} " for fault in faults]))  # the space at the end is AWS's


def _check_signature(request: Request, claim: Claim, known: KnownKey | None) -> None:
    """An unknown key costs the same work as a known one, so that time does not tell them apart."""
    if known is not None and known.secret is None:
        return
    secret = known.secret if known is not None and known.secret is not None else "of an unknown key"
    payload_hash = sha256(request.body).hexdigest()
    canonical = canonical_request(request, claim.signed_headers, payload_hash)
    expected = signature(secret, claim.timestamp, claim.region, claim.service, canonical)
    is_genuine = (
        _is_same(expected, claim.signature)
        # UNSIGNED-PAYLOAD and its kin are S3's alone: what the header states must be the body's hash.
        and request.headers.get("x-amz-content-sha256", payload_hash).strip() == payload_hash
    )
    is_recognised = known is not None and _is_same(known.session_token, claim.session_token)
    if not is_recognised:
        raise _refusal("UnrecognizedClientException", "The security token included in the request is invalid.")
    if not is_genuine:
        raise _invalid(MISMATCH)


def _is_same(ours: str | None, theirs: str | None) -> bool:
    if ours is None or theirs is None:
        return ours is theirs
    return hmac.compare_digest(as_bytes(ours), as_bytes(theirs))


def _incomplete(message: str) -> ServiceError:
    return _refusal("IncompleteSignatureException", message)


def _invalid(message: str) -> ServiceError:
    return _refusal("InvalidSignatureException", message)


def _refusal(kind: str, message: str) -> ServiceError:
    return ServiceError.because(message, kind=kind, status=400)
