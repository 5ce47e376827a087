"""Whatever comes in, a page goes out: no address, form or cookie makes the console fall over."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote, urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench import Bench
from console.browsing import FROM_HERE, HERE
from skysail.console.acts import ACTS
from skysail.console.door import Door
from skysail.console.nouns import nouns
from skysail.console.routes import ROUTES
from skysail.protocol.message import Request

PLACES = ["us-east-1", "zz-1", "web", "web/../x", "instances", "all", "new", "GetInstances", "-age"]
WORDS = st.sampled_from([*PLACES, *ACTS, *list(nouns())[:5]])
HOSTILE = ["<script>", "' OR 1=1", "\x00", "%00", "é", "9" * 40, "-1", "0.5", "22/tcp@x"]
ODD = st.text(max_size=12) | st.sampled_from(HOSTILE)
VALUES = WORDS | ODD
FIELDS = (
    *("region", "after", "at", "q", "state", "tag", "sort", "account", "span"),
    *("edit", "add", "rule", "before", "protocol", "port", "sources", "kind", "operation"),
    *("first", "every", "share", "seconds", "status", "code", "when", "id", "by"),
    *("to", "rate", "confirm", "name", "blueprint", "bundle", "zone", "tags", "user_data"),
    *("key", "value", "snapshot", "disk", "path", "static_ip", "did", "format", "theme"),
    *("keys", "live", "back", "act", "on", "failed", "error", "off", "preview"),
    *("secret", "token"),
)
NAMES = st.sampled_from(FIELDS)
PATHS = st.sampled_from(["/".join(pattern.split("/")) for _, pattern, _ in ROUTES]) | st.lists(VALUES, max_size=5).map(
    lambda parts: "/".join(quote(part, safe="") for part in parts)
)


@pytest.fixture(scope="module")
def door() -> Iterator[Door]:
    bench = Bench()
    bench.instance("web")
    yield bench.lightsail.with_console()
    bench.close()


@settings(max_examples=150)
@given(
    st.sampled_from(["GET", "POST", "HEAD", "PUT"]),
    PATHS,
    st.lists(st.tuples(NAMES, VALUES), max_size=5),
    st.lists(st.tuples(NAMES, VALUES), max_size=5),
    st.lists(VALUES, min_size=3, max_size=3),
    ODD,
)
def test_a_page_goes_out(
    door: Door,
    method: str,
    path: str,
    query: list[tuple[str, str]],
    form: list[tuple[str, str]],
    parts: list[str],
    cookie: str,
) -> None:
    for name, part in zip(("{region}", "{name}", "{tab}"), ("us-east-1", parts[1], parts[2]), strict=True):
        path = path.replace(name, quote(part, safe=""))
    for name in ("{act}", "{kind}", "{id}"):
        path = path.replace(name, quote(parts[0], safe=""))
    headers = (FROM_HERE if method == "POST" else HERE) | {
        "cookie": f"skysail_theme={cookie}; skysail_session={cookie}"
    }
    body = urlencode(form).encode() if method == "POST" else b""
    response = door.answer(Request(method, f"/console/{path}?{urlencode(query)}", headers, body))
    assert response.status in (200, 303, 400, 403, 404, 405, 502), response.body[:300]
    assert "<script>" not in response.body.decode()
    for value in response.headers.values():
        assert "\n" not in value
        assert value.isascii()
