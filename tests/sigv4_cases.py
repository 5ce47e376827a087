"""The vectors of Signature Version 4 as tables, for the tests of either side."""

import json
from datetime import datetime
from pathlib import Path

import pytest

VECTORS = json.loads((Path(__file__).parent / "protocol" / "sigv4_vectors.json").read_text())
DEFAULTS = VECTORS["suite_defaults"]

UNNORMALISED = "the path is taken as sent, as only S3 does; every other service normalises it"
SKIPPED = {
    "get-relative-relative-unnormalized": UNNORMALISED,
    "get-relative-unnormalized": UNNORMALISED,
    "get-slash-dot-slash-unnormalized": UNNORMALISED,
    "get-slash-pointless-dot-unnormalized": UNNORMALISED,
    "get-slash-unnormalized": UNNORMALISED,
    "get-slashes-unnormalized": UNNORMALISED,
    "get-space-unnormalized": UNNORMALISED,
}


def table(rows, skipped=SKIPPED):
    """Parameters named after the rows; `skipped` has reasons by name."""
    marks = {name: pytest.mark.skip(reason=reason) for name, reason in skipped.items()}
    return [pytest.param(row, id=row["name"], marks=marks.get(row["name"], ())) for row in rows]


def joined(headers):
    """Header pairs as a server hands them over: lower case, stripped, repeated ones joined."""
    together = {}
    for name, value in headers:
        together.setdefault(name.lower(), []).append(value.strip())
    return {name: ",".join(values) for name, values in together.items()}


def epoch(stamp):
    """Seconds since 1970 of YYYYMMDDTHHMMSSZ."""
    return datetime.strptime(stamp + "+0000", "%Y%m%dT%H%M%SZ%z").timestamp()
