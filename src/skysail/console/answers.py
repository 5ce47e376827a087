"""What a page's function gives back: a page to be made, or another address to go to, or bytes as they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from skysail.protocol.message import Response

SAFE_HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "referrer-policy": "same-origin",  # "no-referrer" would hide from us that a form came from here
}


@dataclass(frozen=True, slots=True)
class Page:
    """A page from a template, with what stands in it; `title` is what the browser calls it."""

    template: str
    title: str
    values: Mapping[str, Any] = field(default_factory=dict)
    status: int = 200


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Go there: what was asked for is done, and the page there shows it."""

    address: str
    cookie: str | None = None


Answer = Page | Elsewhere | Response


def html(text: str, status: int = 200) -> Response:
    headers = {"content-type": "text/html; charset=utf-8", "cache-control": "no-store", **SAFE_HEADERS}
    return Response(status, headers, text.encode())


def redirect(elsewhere: Elsewhere) -> Response:
    headers = {"location": elsewhere.address, "cache-control": "no-store", **SAFE_HEADERS}
    if elsewhere.cookie is not None:
        headers["set-cookie"] = elsewhere.cookie
    return Response(303, headers, b"")
