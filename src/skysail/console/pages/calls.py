"""The calls that programs made, as they come; and one of them, with what it asked and the same as code."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from skysail.console.answers import SAFE_HEADERS, Answer, Page
from skysail.console.visit import Visit
from skysail.errors import UsageError
from skysail.protocol.message import Response
from skysail.protocol.model import service_model

_WANTED = 100
_RETRY_MS = 1_000
"""A stream of events is what has come since, and ends; the browser asks for what comes next after so long. So nobody's
connection is held, and any worker can answer.
"""

Call = Mapping[str, Any]


def calls(visit: Visit) -> Answer:
    query = visit.asked.query
    found = _found(visit, None)
    values = {
        "calls": found[::-1],
        "asked": query,
        "operations": list(service_model()),
        "regions": visit.regions,
        "events": visit.address("calls", "events", **_filter(visit), after=str(found[-1]["id"]) if found else ""),
    }
    return Page("calls.html", "calls", values)


def events(visit: Visit, text: Callable[[str, Mapping[str, Any]], str]) -> Answer:
    """What has come since, as server-sent events: rows of the page's table. `text` fills in a template."""
    after = visit.asked.headers.get("last-event-id") or visit.asked.query.one("after") or None
    parts = [f"retry: {_RETRY_MS}\n\n"]
    for call in _found(visit, after):
        row = json.dumps(text("call_row.html", {"call": call, "visit": visit}))
        parts.append(f"id: {call['id']}\ndata: {row}\n\n")
    headers = {"content-type": "text/event-stream; charset=utf-8", "cache-control": "no-store", **SAFE_HEADERS}
    return Response(200, headers, "".join(parts).encode())


def call(visit: Visit, id: str) -> Answer:
    """Raises UsageError: the service does not remember it."""
    found = next(iter(visit.server.calls(id=id)), None)
    if found is None:
        raise UsageError("The service does not remember that call: it keeps the last 10,000 of a process.")
    made = visit.codes_of(found)
    values = {
        "call": found,
        "arguments": _written(found["arguments"]),
        "answer": _written(found.get("answer")),
        **({"codes": made} if made else {}),
    }
    return Page("call.html", f"{found.get('operation', 'call')}", values)


def _written(value: Any) -> str:
    """As JSON; "" for what there is not."""
    return json.dumps(value, indent=2, ensure_ascii=False) if value else ""


def _found(visit: Visit, after: str | None) -> list[dict[str, Any]]:
    """Those that fit, the oldest first."""
    wanted = _filter(visit)
    is_failed, program = wanted.pop("failed", ""), wanted.pop("program", "").lower()
    limit = 1_000 if is_failed or program else _WANTED
    found = visit.server.calls(wanted.pop("operation", None), limit=limit, after=after, **wanted)
    found = [one for one in found if program in one.get("agent", "").lower()]
    if visit.asked.query.one("account"):
        found = [one for one in found if one.get("account") == visit.account]
    return [one for one in found if not is_failed or one["status"] >= 400][-_WANTED:]


def _filter(visit: Visit) -> dict[str, str]:
    query = visit.asked.query
    return {name: query.one(name) for name in ("operation", "region", "error", "program", "failed") if query.one(name)}
