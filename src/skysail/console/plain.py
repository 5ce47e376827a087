"""A page's instances for programs: the JSON of its answers, or a table as CSV. Pure."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from io import StringIO
from typing import Any

import msgspec

from skysail.console.answers import SAFE_HEADERS
from skysail.console.words import tag
from skysail.protocol.message import Response
from skysail.telling.columns import Column, named, plain

_COLUMNS = ("name", "state", "publicIpAddress", "privateIpAddress", "region", "zone", "bundleId", "blueprintId")


def json(value: Any) -> Response:
    return _response("application/json", msgspec.json.format(msgspec.json.encode(value), indent=2))


def table(instances: Sequence[Mapping[str, Any]], columns: Sequence[Column], now: float) -> Response:
    """A row an instance, with the columns that were chosen, or the usual ones where there are none. A cell that a
    spreadsheet would take for a formula has an apostrophe before it.
    """
    if columns:
        every = [named("name"), *columns]
        heads, rows = [one.header for one in every], ([plain(one, it, now) for one in every] for it in instances)
    else:
        heads, rows = [*_COLUMNS, "tags", "createdAt"], (_usual(it) for it in instances)
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(heads)
    for cells in rows:
        writer.writerow([f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell for cell in cells])
    return _response("text/csv", out.getvalue().encode())


def _usual(one: Mapping[str, Any]) -> list[str]:
    place = one["location"]
    known = {**one, "state": one["state"]["name"], "region": place["regionName"], "zone": place["availabilityZone"]}
    tags = " ".join(map(tag, one.get("tags", ())))
    return [*(str(known.get(column, "")) for column in _COLUMNS), tags, one["createdAt"].isoformat()]


def _response(kind: str, body: bytes) -> Response:
    return Response(200, {"content-type": f"{kind}; charset=utf-8", "cache-control": "no-store", **SAFE_HEADERS}, body)
