"""The console: a request of a browser's in, a page out. It checks who asks, finds the page, and tells what is wrong."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from skysail.console import asked as asking
from skysail.console import routes, sessions
from skysail.console.answers import SAFE_HEADERS, Answer, Elsewhere, Page, html, redirect
from skysail.console.asked import Asked
from skysail.console.pages import calls, likings
from skysail.console.rendering import Templates
from skysail.console.sessions import KeyOf
from skysail.console.visit import Visit, Ways
from skysail.errors import ServiceError, SkysailError, StoreError, TransportError, UsageError
from skysail.protocol.browsers import is_for_a_strangers_page
from skysail.protocol.message import Request, Response
from skysail.version import VERSION

_LOG = logging.getLogger("skysail.console")
_FAILED = "<!doctype html><title>skysail</title><p>skysail failed to make this page; its log has the traceback.</p>"
_STATIC = Path(__file__).with_name("static")
_TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}
_OPEN = ("sign-in", "sign-out", "likings", "help")
"""Pages for those too who have not signed in."""


class Console:
    """`check_host` refuses names that are somebody else's; `key_of` gives the listed keys, None where any key does."""

    def __init__(self, ways: Ways, check_host: Callable[[str | None], None] | None, key_of: KeyOf | None) -> None:
        self._ways = ways
        self._check_host = check_host
        self._key_of = key_of
        self._templates = Templates()
        self._files = {path.name: path.read_bytes() for path in sorted(_STATIC.iterdir())}
        self._version = hashlib.sha256(b"".join(self._files.values())).hexdigest()[:12]

    def answer(self, request: Request) -> Response:
        """Refusals are pages too; and so is a bug, whose traceback the log has."""
        try:
            return self._answered(request)
        except Exception:
            _LOG.exception("no page for %s %s", request.method, request.url.partition("?")[0])
            return html(
                "<!doctype html><title>skysail</title><p>skysail failed to make this page; its log says why.</p>", 500
            )

    def _answered(self, request: Request) -> Response:
        try:
            if self._check_host is not None:
                self._check_host(request.headers.get("host"))
            if is_for_a_strangers_page(request.headers):
                raise UsageError("A page of another site may not ask for that.")
            asked = asking.read(request)
        except (ServiceError, UsageError) as error:
            return html(f"<!doctype html><title>skysail</title><p>{_escaped(str(error))}</p>", 403)
        if asked.parts[:1] == ("static",):
            return self._file(asked)
        visit = Visit(asked, self._ways, self._login(asked))
        try:
            made = self._made(visit)
        except SkysailError as error:
            made = _refusal(error)
        if isinstance(made, Page):
            response = html(self._templates.text(made.template, self._around(visit, made)), made.status)
        else:
            response = redirect(made) if isinstance(made, Elsewhere) else made
        return replace(response, delay_s=visit.late_s) if visit.late_s else response

    def _made(self, visit: Visit) -> Answer:
        asked = visit.asked
        if asked.method == "POST" and not asking.comes_from_here(asked):
            return Page("refused.html", "refused", {"what": "This form came from another page; it was not done."}, 403)
        if self._key_of is not None and visit.login is None and asked.parts[:1] not in [(one,) for one in _OPEN]:
            return Elsewhere(visit.address("sign-in", back=asked.address if asked.method == "GET" else ""))
        if asked.parts in ((), ("",)):
            return Elsewhere(visit.address("instances"))
        if asked.parts == ("calls", "events"):
            return calls.events(visit, self._templates.text)
        route = routes.found(asked.method, asked.parts)
        if route is None:
            return Page("refused.html", "not found", {"heading": "Not found", "what": "There is no such page."}, 404)
        make, given = route
        return make(visit, *given)

    def _login(self, asked: Asked) -> Any:
        if self._key_of is None:
            return None
        return sessions.key_in(asked.cookies.get(sessions.COOKIE, ""), self._key_of, self._ways.world.now())

    def _around(self, visit: Visit, page: Page) -> dict[str, Any]:
        """What every page has: the frame's own values, and the page's."""
        return {
            "visit": visit,
            "url": visit.address,
            "page_title": page.title,
            "liked": likings.liked(visit),
            "themes": likings.THEMES,
            "is_open": self._key_of is None,
            "static": lambda name: f"/console/static/{self._version}/{name}",
            "version": VERSION,
            "form": visit.asked.form,
            "error": None,
            **page.values,
        }

    def _file(self, asked: Asked) -> Response:
        """A file of ours, by its version: it can be kept for ever."""
        name = asked.parts[-1]
        content = self._files.get(name)
        if content is None or len(asked.parts) != 3 or asked.method != "GET":
            return Response(404, {"content-type": "text/plain", **SAFE_HEADERS}, b"not here")
        kept = "public, max-age=31536000, immutable" if asked.parts[1] == self._version else "no-cache"
        headers = {"content-type": _TYPES[Path(name).suffix], "cache-control": kept, **SAFE_HEADERS}
        return Response(200, headers, content)


def _refusal(error: SkysailError) -> Page:
    """A page that tells what was refused, in the service's own words."""
    if isinstance(error, ServiceError):
        status = 404 if error.kind == "NotFoundException" else error.status or 400
        values = {"what": error.message, "kind": error.kind, "request_id": request_id(error)}
        if status == 404:
            return Page("refused.html", "not found", {"heading": "Not found", **values}, status)
        return Page("refused.html", "refused", values, status)
    if isinstance(error, UsageError | TransportError | StoreError):
        return Page("refused.html", "refused", {"what": str(error)}, 400 if isinstance(error, UsageError) else 502)
    raise error


def request_id(error: ServiceError) -> str:
    return str(error.response.get("ResponseMetadata", {}).get("RequestId", ""))


def _escaped(text: str) -> str:
    from html import escape

    return escape(text)
