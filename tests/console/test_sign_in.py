"""A service that lists its keys: its console is shut to those who know none, and shows each key what it may see."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from bench import Bench
from console.browsing import FROM_HERE, Browsing, text
from skysail.protocol.sigv4 import Key
from skysail.service.accounts import AccessKey, Accounts

KEYS = {
    "AKADMIN": AccessKey("111122223333", "admin-secret", administers=True),
    "AKREAD": AccessKey("111122223333", "read-secret", only_reads=True),
    "AKTEMP": AccessKey("444455556666", "temporary-secret", session_token="token-1"),
}


@pytest.fixture
def bench() -> Iterator[Bench]:
    bench = Bench(accounts=Accounts(KEYS))
    bench.client = bench.lightsail.client("us-east-1", "AKADMIN", "admin-secret")
    yield bench
    bench.close()


def signed_in(browsing: Browsing, key: str, secret: str, **more: str) -> dict[str, str]:
    done = browsing.post("sign-in", key=key, secret=secret, back="/console/time", **more)
    assert done.status == 303, text(done)
    assert done.headers["location"] == "/console/time"
    cookie = done.headers["set-cookie"]
    assert "; HttpOnly; SameSite=Strict" in cookie
    assert secret not in cookie
    return {"cookie": cookie.partition(";")[0]}


def test_nobody_comes_in_without_a_key(bench: Bench, browsing: Browsing) -> None:
    bench.create("hidden-one")
    for address in ("instances", "instances/us-east-1/hidden-one", "calls", "calls/events", "time", "resources"):
        response = browsing.get(address)
        assert response.status == 303
        assert response.headers["location"].startswith("/console/sign-in")
    assert browsing.post("instances/us-east-1/hidden-one/delete", confirm="hidden-one").status == 303
    assert bench.names() == ["hidden-one"]
    shown = browsing.page("sign-in")
    assert "hidden" not in shown
    assert "111122223333" not in shown


@pytest.mark.parametrize(
    ("key", "secret"), [("AKADMIN", "wrong"), ("AKNONE", "admin-secret"), ("", ""), ("AKTEMP", "temporary-secret")]
)
def test_a_wrong_secret_is_refused(browsing: Browsing, key: str, secret: str) -> None:
    response = browsing.post("sign-in", key=key, secret=secret)
    assert (response.status, "does not let that key in" in text(response)) == (403, True)
    assert "set-cookie" not in response.headers
    assert "wrong" not in response.body.decode()


def test_each_key_sees_and_does_what_it_may(bench: Bench, browsing: Browsing) -> None:
    bench.instance()
    admin = signed_in(browsing, "AKADMIN", "admin-secret")
    assert "web" in text(browsing.get("instances", **admin))
    assert browsing.get("time", **admin).status == 200
    assert "Sign out" in text(browsing.get("instances", **admin))
    reader = signed_in(browsing, "AKREAD", "read-secret")
    assert "web" in text(browsing.get("instances?region=us-east-1", **reader))
    assert browsing.get("instances", **reader).status == 200
    assert browsing.get("instances/us-east-1/web/metrics", **reader).status == 200
    assert browsing.get("time", **reader).status == 403
    from_reader = {"content-type": "application/x-www-form-urlencoded", "sec-fetch-site": "same-origin", **reader}
    denied = browsing.post("instances/us-east-1/web/stop", {"host": "localhost:4570", **from_reader})
    assert (denied.status, "AccessDeniedException" in text(denied)) == (400, True)
    assert bench.state() == "running"
    other = signed_in(browsing, "AKTEMP", "temporary-secret", token="token-1")
    assert "No instances" in text(browsing.get("instances?region=us-east-1&account=111122223333", **other))


def test_a_session_ends_and_cannot_be_made_up(bench: Bench, browsing: Browsing) -> None:
    mine = signed_in(browsing, "AKADMIN", "admin-secret")
    assert browsing.get("instances", **mine).status == 200
    name, _, value = mine["cookie"].partition("=")
    for wrong in (
        value.replace("AKADMIN", "AKREAD"),
        re.sub(r"\|\d+\|", "|99999999999|", value),
        value[:-1] + ("0" if value[-1] != "0" else "1"),
        "AKADMIN",
        "|||",
        '"',
    ):
        assert browsing.get("instances", cookie=f"{name}={wrong}").status == 303
    bench.clock.advance(12 * 3_600 + 1)
    assert browsing.get("instances", **mine).status == 303
    out = browsing.post("sign-out", x="1")
    assert "Max-Age=0" in out.headers["set-cookie"]


@pytest.mark.parametrize("other", ['a={"b": 1}', "a", "a=b c", "[x]=é", "=", "", "a=1;;"])
def test_a_cookie_of_another_program_s_on_this_machine_spoils_no_session(browsing: Browsing, other: str) -> None:
    mine = signed_in(browsing, "AKADMIN", "admin-secret")["cookie"]
    for both in (f"{other}; {mine}", f"{mine}; {other}"):
        assert browsing.get("time", cookie=both).status == 200


def test_behind_tls_the_cookie_is_for_tls_alone(browsing: Browsing) -> None:
    headers = {
        "host": "lightsail.example",
        "content-type": "application/x-www-form-urlencoded",
        "sec-fetch-site": "same-origin",
        "x-forwarded-proto": "https",
    }
    done = browsing.post("sign-in", headers, key="AKADMIN", secret="admin-secret")
    assert done.headers["set-cookie"].endswith("; Secure")


@pytest.mark.parametrize(
    ("host", "proto", "is_warned"),
    [
        ("10.0.0.5:4570", "", True),
        ("lightsail.example", "http", True),
        ("lightsail.example", "https", False),
        ("localhost:4570", "", False),
        ("[::1]:4570", "", False),
    ],
)
def test_who_types_a_secret_where_others_can_read_it_is_warned(
    browsing: Browsing, host: str, proto: str, is_warned: bool
) -> None:
    page = text(browsing.get("sign-in", host=host, **({"x-forwarded-proto": proto} if proto else {})))
    assert ("came without TLS" in page) == is_warned


def test_the_key_s_repr_hides_its_secret() -> None:
    assert "admin-secret" not in repr(Key("AKADMIN", "admin-secret"))


def test_a_service_with_keys_is_not_filled_from_its_pages(bench: Bench, browsing: Browsing) -> None:
    cookie = signed_in(browsing, "AKADMIN", "admin-secret")
    page = text(browsing.get("instances", **cookie))
    assert "No instances yet" in page
    assert "Load the demo" not in page
    assert "not filled from its console" in text(browsing.post("demo", headers=FROM_HERE | cookie))
    assert bench.names() == []
