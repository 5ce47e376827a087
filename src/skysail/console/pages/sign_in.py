"""Who comes in, where a service lists its keys: whoever knows a key's secret."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from skysail.console import sessions
from skysail.console.answers import Answer, Elsewhere, Page
from skysail.console.pages.likings import local
from skysail.console.visit import USUAL_REGION, Visit
from skysail.errors import ServiceError, UsageError
from skysail.protocol.sigv4 import Key


def form(visit: Visit, *, refused: Mapping[str, Any] | None = None) -> Answer:
    values = {"back": visit.asked.query.one("back") or visit.asked.form.one("back"), **(refused or {})}
    return Page("sign_in.html", "sign in", values, 403 if refused else 200)


def sign_in(visit: Visit) -> Answer:
    """The service itself judges: a call is signed with what was typed."""
    asked = visit.asked.form
    key = Key(asked.one("key"), asked.one("secret"), asked.one("token") or None)
    wrong = {"error": {"what": "The service does not let that key in.", "kind": "", "request_id": ""}}
    if not key.access_key_id or not key.secret_access_key:
        return form(visit, refused=wrong)
    try:
        visit.with_login(key).look(USUAL_REGION).get_regions()
    except (ServiceError, UsageError):
        return form(visit, refused=wrong)
    cookie = sessions.begun(key, visit.machine_time, is_secure=visit.asked.is_secure)
    return Elsewhere(local(asked.one("back")), cookie)


def sign_out(visit: Visit) -> Answer:
    return Elsewhere("/console/sign-in", sessions.ended(is_secure=visit.asked.is_secure))


def accounts(visit: Visit) -> Answer:
    """The accounts that have anything, on a service that lets everybody in."""
    found = visit.inhabited.accounts if visit.inhabited is not None else []
    return Page("accounts.html", "accounts", {"accounts": found})
