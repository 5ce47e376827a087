"""Signature Version 4: the canonical form of a request, and signing one with a key.

Both sides of the wire use the canonical form in here; what the answering side checks besides, and in what
order, is `sigv4_check.py`. Only the header form is signed: nothing of ours makes presigned URLs. The rules
are those of every service but S3: paths are normalised and encoded again, payloads are always hashed.
"""

from __future__ import annotations

import hmac
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from urllib.parse import quote, unquote_to_bytes, urlsplit

from skysail.errors import UsageError
from skysail.protocol.message import Request

ALGORITHM = "AWS4-HMAC-SHA256"
TERMINATOR = "aws4_request"

NEVER_SIGNED = frozenset({
    "baggage", "connection", "expect", "keep-alive", "proxy-authenticate", "proxy-authorization", "te",
    "traceparent", "tracestate", "trailer", "transfer-encoding", "upgrade", "user-agent", "x-amzn-trace-id",
})  # fmt: skip
"""Headers that something on the way may add or change. Source: botocore's signer leaves out the same."""


@dataclass(frozen=True, slots=True)
class Key:
    """An access key; a temporary one has a session token too. Its repr shows the id alone."""

    access_key_id: str
    secret_access_key: str = field(repr=False)
    session_token: str | None = field(default=None, repr=False)


def sign(request: Request, key: Key, region: str, service: str, now: float) -> Request:
    """The request with the headers host, x-amz-date, authorization and, for a temporary key, its token.

    `now` is in seconds since 1970. As in botocore, every header is signed but those in NEVER_SIGNED; one that
    is to travel unsigned is added afterwards. A request signed before can be signed again: what the
    signature adds is replaced. A host header that is given is kept.

    Raises UsageError: there is neither a host header nor an absolute URL.
    """
    stamp = timestamp(now)
    headers = {**request.headers, "x-amz-date": stamp}
    headers.pop("authorization", None)
    if key.session_token:
        headers["x-amz-security-token"] = key.session_token
    if "host" not in headers:
        headers["host"] = _host(request.url)
    names = sorted(headers.keys() - NEVER_SIGNED)
    payload_hash = headers.get("x-amz-content-sha256")
    if payload_hash is None:
        payload_hash = sha256(request.body).hexdigest()
    signed = Request(request.method, request.url, headers, request.body)  # its last header comes below
    proof = signature(key.secret_access_key, stamp, region, service, canonical_request(signed, names, payload_hash))
    headers["authorization"] = (
        f"{ALGORITHM} Credential={key.access_key_id}/{stamp[:8]}/{region}/{service}/{TERMINATOR}, "
        f"SignedHeaders={';'.join(names)}, Signature={proof}"
    )
    return signed


def canonical_request(request: Request, signed_headers: Sequence[str], payload_hash: str) -> str:
    """The text whose hash is signed. `signed_headers` are written in their order, an absent one as empty.

    White space in a header's value is cut at both ends and is one space elsewhere, inside quotes too.
    """
    headers = request.headers
    lines = "".join([f"{name}:{' '.join(headers.get(name, '').split())}\n" for name in signed_headers])
    target = canonical_target(request.target)
    return f"{request.method.upper()}\n{target}\n{lines}\n{';'.join(signed_headers)}\n{payload_hash}"


def canonical_target(target: str) -> str:
    """Path and query in their canonical forms, a line each.

    The path is the one on the wire: encoded there already, it is encoded a second time. The query is decoded
    first, so that `~` and `%7E` sign alike; `+` stands for itself, not for a space. X-Amz-Signature is left
    out.
    """
    if target == "/":
        return "/\n"  # all of Lightsail's own requests
    path, _, query = target.partition("?")
    encoded = quote(_without_dots(path), safe="/", errors="surrogatepass")
    return f"{encoded}\n{_canonical_query(query) if query else ''}"


def signature(secret: str, stamp: str, region: str, service: str, canonical: str) -> str:
    """The lower-case hex signature of a canonical request; `stamp` as `timestamp` writes it."""
    digest = sha256(as_bytes(canonical)).hexdigest()
    date = stamp[:8]
    text = f"{ALGORITHM}\n{stamp}\n{date}/{region}/{service}/{TERMINATOR}\n{digest}"
    return hmac.digest(signing_key(secret, date, region, service), as_bytes(text), "sha256").hex()


@lru_cache(maxsize=64)  # four of a signature's five HMACs, the same for a whole day
def signing_key(secret: str, date: str, region: str, service: str) -> bytes:
    """The key of one day (YYYYMMDD), region and service."""
    key = as_bytes(f"AWS4{secret}")
    for part in (date, region, service, TERMINATOR):
        key = hmac.digest(key, as_bytes(part), "sha256")
    return key


def as_bytes(text: str) -> bytes:
    """UTF-8. Surrogates pass: text from the wire is to be refused for its signature, not to fail."""
    return text.encode("utf-8", "surrogatepass")


def timestamp(now: float) -> str:
    """YYYYMMDDTHHMMSSZ, in UTC, of a time in seconds since 1970; fractions of a second are dropped."""
    return _timestamp_of_second(math.floor(now))


@lru_cache(maxsize=16)
def _timestamp_of_second(second: int) -> str:
    at = time.gmtime(second)
    return f"{at.tm_year:04d}{at.tm_mon:02d}{at.tm_mday:02d}T{at.tm_hour:02d}{at.tm_min:02d}{at.tm_sec:02d}Z"


@lru_cache(maxsize=16)
def _host(url: str) -> str:
    """The host as it is signed: lower case, in brackets where it is IPv6, without the scheme's own port."""
    parts = urlsplit(url)
    host = parts.hostname
    if not host:
        raise UsageError("signing a request: it has no host; give an absolute URL or a host header")
    if ":" in host:
        host = f"[{host}]"
    own_port = {"http": 80, "https": 443}.get(parts.scheme)
    return host if parts.port in (None, own_port) else f"{host}:{parts.port}"


def _without_dots(path: str) -> str:
    """The path without empty, `.` and `..` segments; a slash at the very end stays."""
    kept: list[str] = []
    for segment in path.split("/"):
        if segment == "..":
            del kept[-1:]
        elif segment not in ("", "."):
            kept.append(segment)
    return f"/{'/'.join(kept)}{'/' if kept and path.endswith('/') else ''}"


def _canonical_query(query: str) -> str:
    pairs = []
    for pair in query.split("&"):
        name, _, value = pair.partition("=")
        pairs.append((_recoded(name), _recoded(value)))
    return "&".join([f"{name}={value}" for name, value in sorted(pairs) if name != "X-Amz-Signature"])


def _recoded(text: str) -> str:
    return quote(unquote_to_bytes(as_bytes(text)), safe="")
