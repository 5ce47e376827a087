"""Signing is what AWS's published vectors and botocore's signer say it is."""

from datetime import UTC, datetime
from hashlib import sha256
from urllib.parse import quote

import botocore.auth
import pytest
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import given
from hypothesis import strategies as st

from sigv4_cases import DEFAULTS, VECTORS, epoch, joined, table
from skysail.errors import UsageError
from skysail.protocol.message import Request
from skysail.protocol.sigv4 import Key, canonical_request, sign, signing_key, timestamp

NOW = 1_795_435_200.0  # 2026-11-23, 12:00
KEY = Key("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
URL = "https://lightsail.us-east-1.amazonaws.com/"


@pytest.mark.parametrize("case", table(VECTORS["suite"]))
def test_the_published_suite_is_signed_as_published(case):
    headers = joined(case["headers"])
    body = case["body"].encode()
    if case["sign_body"]:
        headers["x-amz-content-sha256"] = sha256(body).hexdigest()
    token = case["session_token"] if case.get("session_token_signed") else None
    key = Key(DEFAULTS["access_key_id"], DEFAULTS["secret_access_key"], token)
    url = f"https://{DEFAULTS['host']}{case['target']}"
    request = Request(case["method"], url, headers, body)
    signed = sign(request, key, DEFAULTS["region"], DEFAULTS["service"], epoch(DEFAULTS["date"]))
    expected = case["header"]
    names = expected["signed_headers"].split(";")
    assert canonical_request(signed, names, sha256(body).hexdigest()) == expected["canonical_request"]
    assert signed.headers["authorization"] == expected["authorization"]


@pytest.mark.parametrize("case", table([row for row in VECTORS["lightsail"] if row["form"] == "header"]))
def test_lightsail_requests_are_signed_as_botocore_signed_them(case):
    listed = set(case["signed_headers"].split(";")) - {"host", "x-amz-date", "x-amz-security-token"}
    headers = {name: value for name, value in joined(case["headers"]).items() if name in listed}
    key = Key(case["access_key_id"], case["secret_access_key"], case.get("session_token"))
    request = Request(case["method"], case["url"], headers, case["body"].encode())
    signed = sign(request, key, case["region"], case["service"], epoch(case["date"]))
    assert signed.headers["authorization"] == case["authorization"]
    assert signed.headers["host"] == joined(case["headers"])["host"]


def test_the_signing_key_is_the_documented_one():
    case = VECTORS["signing_key_example"]
    assert signing_key(case["secret"], case["date"], case["region"], case["service"]).hex() == case["hex"]


@pytest.mark.parametrize(
    ("now", "text"),
    [
        (0.0, "19700101T000000Z"),
        (NOW + 0.999, "20261123T120000Z"),
        (951_782_400, "20000229T000000Z"),
        (4_102_444_799.5, "20991231T235959Z"),
    ],
)
def test_a_time_is_written_to_the_second(now, text):
    assert timestamp(now) == text


TOKEN_CHARACTERS = st.sampled_from("abcdefghijklmnopqrstuvwxyz0123456789-_")
NAMES = (
    st.text(TOKEN_CHARACTERS, min_size=1, max_size=12)
    | st.sampled_from(sorted(botocore.auth.SIGNED_HEADERS_BLACKLIST))
    | st.sampled_from(["content-type", "content-length", "x-amz-target", "amz-sdk-request"])
).filter(lambda name: name not in ("date", "host", "authorization"))
VALUES = st.text(st.characters(min_codepoint=32, max_codepoint=0x2FF) | st.just("\t"))
SEGMENTS = st.sampled_from(["", ".", "..", "a", "a%20b", "%E2%82%AC", "$delete", "(x)", "~-._", "é"])
PATHS = st.lists(SEGMENTS, max_size=6).map(lambda segments: "".join(f"/{segment}" for segment in segments))
ENCODED = st.text(max_size=6).map(lambda text: quote(text, safe=""))
PAIRS = ENCODED | st.builds("{}={}".format, ENCODED, ENCODED)
QUERIES = st.lists(PAIRS, max_size=5).map("&".join)
HOSTS = st.sampled_from(
    [
        "lightsail.us-east-1.amazonaws.com",
        "LightSail.eu-west-1.amazonaws.com:443",
        "localhost:80",
        "127.0.0.1:4599",
        "[::1]:4599",
        "[::1]",
        "user:password@localhost:8443",
    ]
)
TIMES = st.builds(lambda second, eighths: second + eighths / 8, st.integers(0, 4_102_444_799), st.integers(0, 7))
KEYS = st.builds(Key, st.sampled_from(["AKIDEXAMPLE", "ASIDEXAMPLE"]), st.text(min_size=1), st.none() | ENCODED)
SCOPES = st.sampled_from(["us-east-1", "eu-central-1", "ap-southeast-2"])


@st.composite
def requests(draw):
    path, query = draw(PATHS), draw(QUERIES)
    headers = draw(st.dictionaries(NAMES, VALUES, max_size=5))
    body = draw(st.binary(max_size=40))
    if draw(st.booleans()):
        headers["x-amz-content-sha256"] = sha256(body).hexdigest()
    if draw(st.booleans()):
        headers["host"] = draw(HOSTS)
    url = f"{draw(st.sampled_from(['http', 'https']))}://{draw(HOSTS)}{path}{'?' if query else ''}{query}"
    return Request(draw(st.sampled_from(["GET", "POST", "post", "PUT"])), url, headers, body)


def signed_by_botocore(request, key, region, service, now):
    """The headers botocore would send, by lower-case name."""
    theirs = AWSRequest(request.method, request.url, dict(request.headers), data=request.body)
    credentials = Credentials(key.access_key_id, key.secret_access_key, key.session_token)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(botocore.auth, "get_current_datetime", lambda: datetime.fromtimestamp(now, UTC))
        botocore.auth.SigV4Auth(credentials, service, region).add_auth(theirs)
    return {name.lower(): value for name, value in theirs.headers.items()}


@given(requests(), KEYS, SCOPES, st.sampled_from(["lightsail", "sts"]), TIMES)
def test_signatures_are_botocores_signatures(request, key, region, service, now):
    ours = sign(request, key, region, service, now)
    theirs = signed_by_botocore(request, key, region, service, now)
    host = {"host": ours.headers["host"]}  # botocore leaves it to its HTTP client
    assert dict(ours.headers) == host | theirs


@given(requests(), KEYS, TIMES, TIMES)
def test_a_request_signed_before_is_signed_as_if_it_were_new(request, key, earlier, now):
    again = sign(sign(request, key, "us-east-1", "lightsail", earlier), key, "eu-west-1", "lightsail", now)
    assert again == sign(request, key, "eu-west-1", "lightsail", now)


def test_signing_leaves_the_request_as_it_was():
    headers = {"content-type": "application/x-amz-json-1.1"}
    sign(Request("POST", URL, headers, b"{}"), KEY, "us-east-1", "lightsail", NOW)
    assert headers == {"content-type": "application/x-amz-json-1.1"}


@pytest.mark.parametrize("name", sorted(botocore.auth.SIGNED_HEADERS_BLACKLIST))
def test_headers_that_may_change_on_the_way_travel_unsigned(name):
    signed = sign(Request("POST", URL, {name: "x"}, b"{}"), KEY, "us-east-1", "lightsail", NOW)
    assert "SignedHeaders=host;x-amz-date," in signed.headers["authorization"]
    assert signed.headers[name] == "x"


@pytest.mark.parametrize("url", ["/", "https:///x", "lightsail"])
def test_a_request_without_a_host_cannot_be_signed(url):
    with pytest.raises(UsageError, match="absolute URL or a host header"):
        sign(Request("POST", url, {}, b""), KEY, "us-east-1", "lightsail", NOW)


def test_a_key_shows_its_id_and_hides_the_rest():
    assert repr(Key("AKIDEXAMPLE", "hidden one", "hidden two")) == "Key(access_key_id='AKIDEXAMPLE')"
