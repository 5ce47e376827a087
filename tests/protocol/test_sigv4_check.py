"""What is accepted, what is refused, and in which words."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from urllib.parse import quote

import botocore.auth
import pytest
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import given
from hypothesis import strategies as st

from sigv4_cases import DEFAULTS, SKIPPED, VECTORS, epoch, joined, table
from skysail.errors import ServiceError
from skysail.protocol.message import Request
from skysail.protocol.sigv4 import Key, canonical_request, sign, signature
from skysail.protocol.sigv4_check import MISMATCH, KnownKey, authenticate

SKIPPED_IN_QUERY = SKIPPED | {
    "post-sts-header-after": "a token added to the query after signing is refused, see its own test",
}

NOW = 1_795_435_200.0  # 2026-11-23, 12:00
STAMP = "20261123T120000Z"
KEY = Key("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
TEMPORARY = Key("ASIDEXAMPLE", "another secret", "the token/+=")
KNOWN = {
    KEY.access_key_id: KnownKey(KEY.secret_access_key),
    TEMPORARY.access_key_id: KnownKey(TEMPORARY.secret_access_key, TEMPORARY.session_token),
}
SCOPED = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261123/us-east-1/lightsail/aws4_request"
UNRECOGNISED = "The security token included in the request is invalid."


def check(request, now=NOW, keys=KNOWN, regions=("us-east-1",), services=("lightsail", "sts"), **options):
    return authenticate(
        request,
        now=now,
        secret_of=lambda key_id, token: keys.get(key_id),
        is_region=regions.__contains__,
        services=services,
        **options,
    )


def refusal(request, **options):
    """Kind, status and message of the refusal."""
    with pytest.raises(ServiceError) as caught:
        check(request, **options)
    return caught.value.kind, caught.value.status, caught.value.message


def signed(key=KEY, now=NOW, headers=(), region="us-east-1", service="lightsail", body=b"{}", path="/"):
    """A request as it comes out of a server's socket."""
    given_headers = {"x-amz-target": "Lightsail_20161128.GetInstances", **dict(headers)}
    url = f"https://lightsail.us-east-1.amazonaws.com{path}"
    request = sign(Request("POST", url, given_headers, body), key, region, service, now)
    return replace(request, url=request.target)


def presigned(path="/?Action=GetInstances", key=KEY, expires=60, now=NOW):
    theirs = AWSRequest("GET", f"https://lightsail.us-east-1.amazonaws.com{path}")
    credentials = Credentials(key.access_key_id, key.secret_access_key, key.session_token)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(botocore.auth, "get_current_datetime", lambda: datetime.fromtimestamp(now, UTC))
        botocore.auth.SigV4QueryAuth(credentials, "lightsail", "us-east-1", expires).add_auth(theirs)
    target = Request("GET", theirs.url, {}, b"").target
    return Request("GET", target, {"host": "lightsail.us-east-1.amazonaws.com"}, b"")


def with_headers(request, **changes):
    """The request with headers changed, or left out for None; underscores stand for hyphens."""
    headers = {**request.headers, **{name.replace("_", "-"): value for name, value in changes.items()}}
    return replace(request, headers={name: value for name, value in headers.items() if value is not None})


SUITE_OPTIONS = {
    "now": epoch(DEFAULTS["date"]),
    "regions": (DEFAULTS["region"],),
    "services": (DEFAULTS["service"],),
}


def suite_keys(case):
    known = KnownKey(DEFAULTS["secret_access_key"], case.get("session_token"))
    return {DEFAULTS["access_key_id"]: known}


@pytest.mark.parametrize("case", table(VECTORS["suite"]))
def test_the_published_suite_is_accepted_in_its_header_form(case):
    body = case["body"].encode()
    sent = {"x-amz-date": DEFAULTS["date"], "authorization": case["header"]["authorization"]}
    if "session_token" in case:
        sent["x-amz-security-token"] = case["session_token"]
    if case["sign_body"]:
        sent["x-amz-content-sha256"] = sha256(body).hexdigest()
    request = Request(case["method"], case["target"], joined(case["headers"]) | sent, body)
    claim = check(request, keys=suite_keys(case), **SUITE_OPTIONS)
    assert claim.signed_headers == tuple(case["header"]["signed_headers"].split(";"))
    assert (claim.form, claim.session_token) == ("header", case.get("session_token"))


QUERY_CASES = [case for case in VECTORS["suite"] if "query" in case]


@pytest.mark.parametrize("case", table(QUERY_CASES, SKIPPED_IN_QUERY))
def test_the_published_suite_is_accepted_in_its_query_form(case):
    expected = case["query"]
    body = case["body"].encode()
    request = Request(case["method"], expected["signed_target"], joined(case["headers"]), body)
    names = expected["signed_headers"].split(";")
    assert canonical_request(request, names, sha256(body).hexdigest()) == expected["canonical_request"]
    claim = check(request, keys=suite_keys(case), **SUITE_OPTIONS)
    assert (claim.form, claim.expires_s) == ("query", expected["expires"])
    assert (claim.signature, claim.session_token) == (expected["signature"], case.get("session_token"))


def test_a_token_added_to_the_query_after_signing_is_refused():
    case = next(case for case in QUERY_CASES if case["name"] == "post-sts-header-after")
    request = Request(case["method"], case["query"]["signed_target"], joined(case["headers"]), b"")
    assert refusal(request, keys=suite_keys(case), **SUITE_OPTIONS)[2] == MISMATCH


# This one claims a payload that was not hashed; it stands in a test of its own.
ACCEPTED = [case for case in VECTORS["lightsail"] if case["name"] != "ls-unsigned-payload"]


def lightsail_request(case):
    sent = joined(case["headers"])
    if "authorization" in case:
        sent["authorization"] = case["authorization"]
    return Request(case["method"], case["target"], sent, case["body"].encode())


def lightsail_options(case):
    known = KnownKey(case["secret_access_key"], case.get("session_token"))
    return {
        "keys": {case["access_key_id"]: known},
        "now": epoch(case["date"]),
        "regions": (case["region"],),
    }


@pytest.mark.parametrize("case", table(ACCEPTED))
def test_lightsail_requests_signed_by_botocore_are_accepted(case):
    claim = check(lightsail_request(case), **lightsail_options(case))
    assert claim.access_key_id == case["access_key_id"]
    assert (claim.timestamp, claim.date) == (case["date"], case["date"][:8])
    assert (claim.region, claim.service, claim.terminator) == (case["region"], "lightsail", "aws4_request")
    assert ";".join(claim.signed_headers) == case["signed_headers"]
    assert (claim.form, claim.expires_s) == (case["form"], case.get("expires"))


def test_an_unhashed_payload_is_refused_though_its_signature_is_right():
    case = next(case for case in VECTORS["lightsail"] if case["name"] == "ls-unsigned-payload")
    request = lightsail_request(case)
    names = case["signed_headers"].split(";")
    assert canonical_request(request, names, "UNSIGNED-PAYLOAD") == case["canonical_request"]
    assert refusal(request, **lightsail_options(case))[2] == MISMATCH


def test_a_payload_header_that_lies_is_refused_though_the_signature_covers_the_body():
    request = with_headers(signed(), x_amz_content_sha256=sha256(b"another body").hexdigest())
    names = ("host", "x-amz-content-sha256", "x-amz-date", "x-amz-target")
    canonical = canonical_request(request, names, sha256(request.body).hexdigest())
    proof = signature(KEY.secret_access_key, STAMP, "us-east-1", "lightsail", canonical)
    text = f"{SCOPED}, SignedHeaders={';'.join(names)}, Signature={proof}"
    assert refusal(with_headers(request, authorization=text))[2] == MISMATCH


def negative_request(case):
    sent = case["request"]
    return Request(sent["method"], sent["target"], joined(sent["headers"]), sent["body"].encode())


REFUSED = [case for case in VECTORS["negative"] if case["error"]]
CONTROLS = [case for case in VECTORS["negative"] if not case["error"]]


@pytest.mark.parametrize("case", table(REFUSED))
def test_a_faulty_request_is_refused_in_aws_words(case):
    answer = refusal(negative_request(case), now=epoch(case["server_now"]), skew_s=case["skew_seconds"])
    assert answer == (case["error"], case["http"], case["message"])


@pytest.mark.parametrize("case", table(CONTROLS))
def test_the_same_request_without_the_fault_is_accepted(case):
    check(negative_request(case), now=epoch(case["server_now"]), skew_s=case["skew_seconds"])


def authorized(text):
    return with_headers(signed(), authorization=text)


def credential(text):
    return authorized(f"AWS4-HMAC-SHA256 Credential={text}, SignedHeaders=host;x-amz-date;x-amz-target, Signature=0")


REQUIRED = {
    name: f"Authorization header requires '{name}' parameter." for name in ("Credential", "Signature", "SignedHeaders")
}
REQUIRED_ALL = " ".join(REQUIRED.values())
REQUIRED_DATE = "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header."

MORE_REFUSALS = {
    "algorithm only": (authorized("AWS4-HMAC-SHA256"), f"{REQUIRED_ALL} Authorization=AWS4-HMAC-SHA256"),
    "no part and no date": (
        with_headers(signed(), authorization="x", x_amz_date=None),
        f"{REQUIRED_ALL} {REQUIRED_DATE} Authorization=x",
    ),
    "names of the parts in lower case": (
        authorized("AWS4-HMAC-SHA256 credential=a, Signature=b, SignedHeaders=host"),
        f"{REQUIRED['Credential']} Authorization=AWS4-HMAC-SHA256 credential=a, Signature=b, SignedHeaders=host",
    ),
    "empty header": (authorized(""), f"{REQUIRED_ALL} Authorization="),
    "another algorithm": (
        authorized(signed().headers["authorization"].replace("SHA256", "SHA1", 1)),
        "Unsupported AWS 'algorithm': 'AWS4-HMAC-SHA1'.",
    ),
    "no SignedHeaders in the list": (
        authorized("AWS4-HMAC-SHA256 Credential=a, SignedHeaders=, Signature=b"),
        "'Host' must be a 'SignedHeader' in the AWS Authorization.",
    ),
    "the date unsigned": (
        authorized("AWS4-HMAC-SHA256 Credential=a, SignedHeaders=host, Signature=b"),
        "'X-Amz-Date' must be a 'SignedHeader' in the AWS Authorization.",
    ),
    "the operation unsigned": (
        authorized("AWS4-HMAC-SHA256 Credential=a, SignedHeaders=host;x-amz-date, Signature=b"),
        "'X-Amz-Target' must be a 'SignedHeader' in the AWS Authorization.",
    ),
    "an operation added to a presigned URL": (
        with_headers(presigned(), x_amz_target="Lightsail_20161128.DeleteInstance"),
        "'X-Amz-Target' must be a 'SignedHeader' in the AWS Authorization.",
    ),
    "two signatures": (
        authorized(f"{signed().headers['authorization']},{signed().headers['authorization']}"),
        "'AWS4-HMAC-SHA256' not a valid key=value pair (missing equal-sign) in Authorization header: "
        f"'{signed().headers['authorization']},{signed().headers['authorization']}'.",
    ),
    "two dates": (
        with_headers(signed(), x_amz_date=f"{STAMP},{STAMP}"),
        f"Date must be in ISO-8601 'basic format'. Got '{STAMP},{STAMP}'. See http://en.wikipedia.org/wiki/ISO_8601",
    ),
    "a signature of the asymmetric kind": (
        with_headers(
            signed(),
            authorization="AWS4-ECDSA-P256-SHA256 Credential=AKIDEXAMPLE/20261123/lightsail/aws4_request, "
            "SignedHeaders=host;x-amz-date;x-amz-region-set;x-amz-target, Signature=3045",
            x_amz_region_set="*",
        ),
        "Unsupported AWS 'algorithm': 'AWS4-ECDSA-P256-SHA256'.",
    ),
    "a body in signed chunks": (
        signed(headers={"x-amz-content-sha256": "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"}),
        MISMATCH,
    ),
    "a signature in capitals": (
        authorized(re.sub("[0-9a-f]{64}", lambda found: found[0].upper(), signed().headers["authorization"])),
        MISMATCH,
    ),
    "a header listed twice": (
        authorized("AWS4-HMAC-SHA256 Credential=a, SignedHeaders=host;host;x-amz-date;x-amz-target, Signature=b"),
        MISMATCH,
    ),
    "empty credential": (
        credential(""),
        "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got ''",
    ),
    "six elements": (
        credential("a/b/c/d/e/f"),
        "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, "
        "got 'a/b/c/d/e/f'",
    ),
    "empty signature": (credential("AKIDEXAMPLE/20261123/us-east-1/lightsail/aws4_request"), MISMATCH),
    "no such day": (
        with_headers(signed(), x_amz_date="20260230T120000Z"),
        "Date must be in ISO-8601 'basic format'. Got '20260230T120000Z'. See http://en.wikipedia.org/wiki/ISO_8601",
    ),
    "digits that are not ASCII": (
        with_headers(signed(), x_amz_date="2026112\u00b3T120000Z"),
        "Date must be in ISO-8601 'basic format'. Got '2026112\u00b3T120000Z'. "
        "See http://en.wikipedia.org/wiki/ISO_8601",
    ),
    "header and query form at once": (
        replace(signed(), url=presigned().url),
        "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header.",
    ),
    "a signature alone in the query": (
        replace(presigned(), url="/?X-Amz-Signature=0"),
        "AWS query-string parameters must include 'X-Amz-Algorithm'. "
        "AWS query-string parameters must include 'X-Amz-Credential'. "
        "AWS query-string parameters must include 'X-Amz-SignedHeaders'. "
        "AWS query-string parameters must include 'X-Amz-Date'. Re-examine the query-string parameters.",
    ),
    "eight days": (
        presigned(expires=691_200),
        "X-Amz-Expires must be a number of seconds between 1 and 604800, got '691200'",
    ),
    "no time at all": (
        presigned(expires=0),
        "X-Amz-Expires must be a number of seconds between 1 and 604800, got '0'",
    ),
    "more digits than Python reads": (
        replace(presigned(), url=presigned().url.replace("Expires=60", f"Expires={'9' * 5000}")),
        f"X-Amz-Expires must be a number of seconds between 1 and 604800, got '{'9' * 5000}'",
    ),
    "a query that was not signed": (replace(signed(), url="/?x"), MISMATCH),
    "a presigned query with more in it": (replace(presigned(), url=presigned().url + "&x=y"), MISMATCH),
    "a token that is not the key's": (signed(replace(TEMPORARY, session_token="é")), UNRECOGNISED),
    "an empty token with a long-lived key": (with_headers(signed(), x_amz_security_token=""), UNRECOGNISED),
    "a temporary key without its token": (signed(replace(TEMPORARY, session_token=None)), UNRECOGNISED),
    "a presigned token that is not the key's": (presigned(key=replace(KEY, session_token="x")), UNRECOGNISED),
    "an unknown key with a wrong signature": (
        credential("AKIDUNKNOWN/20261123/us-east-1/lightsail/aws4_request"),
        UNRECOGNISED,
    ),
}


@pytest.mark.parametrize(("request_", "message"), MORE_REFUSALS.values(), ids=list(MORE_REFUSALS))
def test_a_refusal_names_the_first_fault(request_, message):
    assert refusal(request_)[1:] == (400, message)


def at(stamp):
    """A request whose date, and nothing else of time, is `stamp`; everything else is wrong, too."""
    return with_headers(credential("a/b"), x_amz_date=stamp)


ORDER = {
    "form before date": (with_headers(at("x"), authorization="x y"), "'y' not a valid key=value pair"),
    "parts before date": (with_headers(at("x"), authorization="x"), "Authorization header requires"),
    "date before host": (
        with_headers(at("x"), authorization="x Credential=a SignedHeaders=b Signature=c"),
        "Date must be in ISO-8601",
    ),
    "host before age": (
        with_headers(at("20200101T000000Z"), authorization="x Credential=a SignedHeaders=b Signature=c"),
        "'Host' must be",
    ),
    "age before credential": (at("20200101T000000Z"), "Signature expired"),
    "youth before credential": (at("20300101T000000Z"), "Signature not yet current"),
    "credential before scope": (at(STAMP), "Credential must have exactly 5"),
    "scope before key": (
        credential("no/20261123/mars/lightsail/aws4_request"),
        "Credential should be scoped",
    ),
}


@pytest.mark.parametrize(("request_", "start"), ORDER.values(), ids=list(ORDER))
def test_of_several_faults_the_earlier_check_answers(request_, start):
    assert refusal(request_)[2].startswith(start)


EXPIRED = "Signature expired: 20261123T120000Z is now earlier than {} ({} - {} min.)"
EARLY = "Signature not yet current: 20261123T120000Z is still later than {} ({} + {} min.)"
OUTSIDE = {
    "five minutes": (301, {}, EXPIRED.format("20261123T120001Z", "20261123T120501Z", 5)),
    "fifteen minutes": (901, {"skew_s": 900}, EXPIRED.format("20261123T120001Z", "20261123T121501Z", 15)),
    "half a minute": (31, {"skew_s": 30}, EXPIRED.format("20261123T120001Z", "20261123T120031Z", 0.5)),
    "early": (-301, {}, EARLY.format("20261123T115959Z", "20261123T115459Z", 5)),
    "very early": (-901, {"skew_s": 900}, EARLY.format("20261123T115959Z", "20261123T114459Z", 15)),
}


@pytest.mark.parametrize(("later_s", "options", "message"), OUTSIDE.values(), ids=list(OUTSIDE))
def test_a_second_outside_the_window_is_refused(later_s, options, message):
    assert refusal(signed(), now=NOW + later_s, **options)[2] == message


@pytest.mark.parametrize(("later_s", "skew_s"), [(300, 300), (300.9, 300), (-300, 300), (900, 900), (-900, 900)])
def test_the_bounds_of_the_window_pass(later_s, skew_s):
    check(signed(), now=NOW + later_s, skew_s=skew_s)


@pytest.mark.parametrize("later_s", [-300, 0, 60])
def test_a_presigned_request_is_good_until_it_expires(later_s):
    assert check(presigned(expires=60), now=NOW + later_s).expires_s == 60


@pytest.mark.parametrize(("later_s", "start"), [(61, "Signature expired"), (-301, "Signature not yet current")])
def test_a_presigned_request_is_good_for_no_second_longer(later_s, start):
    assert refusal(presigned(expires=60), now=NOW + later_s)[2].startswith(start)


@pytest.mark.parametrize("separator", [",", " ", ", ", " , "])
def test_the_parts_may_be_separated_by_commas_or_spaces(separator):
    request = signed()
    check(with_headers(request, authorization=request.headers["authorization"].replace(", ", separator)))


def test_of_a_repeated_part_the_last_counts():
    text = signed().headers["authorization"].replace(" Credential=", " Credential=x, Credential=")
    check(authorized(text))


def test_a_date_header_is_used_where_there_is_no_other():
    request = with_headers(signed(), date=STAMP, x_amz_date=None)
    names = "date;host;x-amz-target"
    authorization = request.headers["authorization"].replace("host;x-amz-date;x-amz-target", names)
    message = refusal(with_headers(request, authorization=authorization))[2]
    assert message == MISMATCH  # and not that a date is missing


def test_unsigned_headers_may_change_on_the_way():
    check(with_headers(signed(headers={"user-agent": "x"}), user_agent="y", via="z"))


def test_a_second_service_is_accepted():
    assert check(signed(service="sts")).service == "sts"


def test_a_temporary_key_is_accepted_with_its_token():
    assert check(signed(TEMPORARY)).session_token == TEMPORARY.session_token


def test_the_keys_owner_is_asked_with_key_and_token():
    asked = []

    def secret_of(key_id, token):
        asked.append((key_id, token))
        return KNOWN[key_id]

    authenticate(
        signed(TEMPORARY),
        now=NOW,
        secret_of=secret_of,
        is_region=lambda region: True,
        services=("lightsail",),
    )
    assert asked == [("ASIDEXAMPLE", "the token/+=")]


OPEN = {"AKIDEXAMPLE": KnownKey(None), "ASIDEXAMPLE": KnownKey(None)}


@pytest.mark.parametrize(
    "request_",
    [
        signed(replace(KEY, secret_access_key="anything")),
        signed(TEMPORARY),
        signed(replace(KEY, session_token="any token")),
        replace(signed(), body=b"another"),
    ],
)
def test_an_open_server_takes_any_signature_and_token(request_):
    assert check(request_, keys=OPEN).form == "header"


@pytest.mark.parametrize(
    ("request_", "options"),
    [
        (signed(now=NOW - 301), {}),
        (signed(), {"regions": ("eu-west-1",)}),
        (signed(), {"services": ("ec2",)}),
        (signed(replace(KEY, access_key_id="AKIDUNKNOWN")), {}),
        (authorized("Basic x"), {}),
    ],
)
def test_an_open_server_still_checks_form_time_and_scope(request_, options):
    refusal(request_, keys=OPEN, **options)


def test_claims_and_known_keys_hide_their_secrets():
    claim = check(signed(TEMPORARY))
    known = KNOWN[TEMPORARY.access_key_id]
    shown = repr(claim) + repr(known)
    assert claim.access_key_id in shown
    assert not any(text in shown for text in (claim.signature, known.secret, known.session_token))


PATHS = st.lists(st.sampled_from(["", ".", "..", "a", "a%20b", "%E2%82%AC", "$"]), max_size=4).map(
    lambda segments: "/" + "/".join(segments)
)
QUERY_TEXTS = st.text(st.characters(max_codepoint=0x2FF), max_size=6) | st.just("http://a/b")
QUERIES = st.lists(st.tuples(QUERY_TEXTS, QUERY_TEXTS), max_size=3).map(
    lambda pairs: "&".join(f"{quote(name, safe='/:')}={quote(value, safe='/:+')}" for name, value in pairs)
)
TARGETS = st.builds(lambda path, query: f"{path}{'?' if query else ''}{query}", PATHS, QUERIES)
TEXTS = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=8)
HEADERS = st.dictionaries(st.sampled_from(["content-type", "x-amz-meta-a", "x-b"]), TEXTS, min_size=1)
SIGNED = st.builds(
    signed,
    key=st.sampled_from([KEY, TEMPORARY]),
    now=st.floats(NOW - 299, NOW + 299),
    headers=HEADERS,
    body=st.binary(max_size=20),
    path=TARGETS,
)


@given(SIGNED)
def test_what_is_signed_is_accepted(request):
    claim = check(request)
    assert f"{claim.access_key_id}/{claim.date}/us-east-1" in request.headers["authorization"]


@given(st.sampled_from([KEY, TEMPORARY]), st.integers(1, 604_800), st.sampled_from(["/", "/?a=b", "/a%20b?c"]))
def test_what_botocore_presigns_is_accepted(key, expires, path):
    assert check(presigned(path, key, expires)).expires_s == expires


CHANGES = {
    "the body": lambda request, text: replace(request, body=request.body + text.encode()),
    "the path": lambda request, text: with_target(request, "{}/zz?{}"),
    "the query": lambda request, text: with_target(request, "{}?zz&{}"),
    "the method": lambda request, text: replace(request, method="PUT"),
    "the host": lambda request, text: with_headers(request, host=f"{text}.example.com"),
    "the target": lambda request, text: with_headers(request, x_amz_target=text),
    "a header": lambda request, text: changed_value(request, text),
    "a header gone": lambda request, text: with_headers(request, **{signed_name(request): None}),
    "the signature": lambda request, text: with_headers(
        request, authorization=request.headers["authorization"] + text.replace(",", "x")
    ),
    "the key": lambda request, text: in_authorization(request, "EXAMPLE/", "OTHER/"),
    "the region": lambda request, text: in_authorization(request, "/us-east-1/", "/eu-west-1/"),
    "the service": lambda request, text: in_authorization(request, "/lightsail/", "/sts/"),
    "a signed name gone": lambda request, text: in_authorization(request, f"{signed_name(request)};", ""),
}


def with_target(request, pattern):
    path, _, query = request.url.partition("?")
    return replace(request, url=pattern.format(path, query))


def signed_name(request):
    return next(name for name in ("content-type", "x-amz-meta-a", "x-b") if name in request.headers)


def changed_value(request, text):
    name = signed_name(request)
    return replace(request, headers={**request.headers, name: request.headers[name] + text})


def in_authorization(request, old, new):
    text = request.headers["authorization"].replace(old, new)
    if text == request.headers["authorization"]:
        text = text.replace(f";{old.rstrip(';')},", ",")
    return with_headers(request, authorization=text)


@pytest.mark.parametrize("change", CHANGES.values(), ids=list(CHANGES))
@given(request_=SIGNED, text=TEXTS)
def test_any_change_after_signing_is_refused(change, request_, text):
    changed = change(request_, text)
    assert changed != request_
    _, _, message = refusal(changed, regions=("us-east-1", "eu-west-1"))
    assert message in (MISMATCH, UNRECOGNISED)


ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=40)
FRAGMENTS = st.sampled_from(
    [
        "AWS4-HMAC-SHA256", " ", ", ", "=", "/", ";", "Credential=", "SignedHeaders=", "Signature=",
        "AKIDEXAMPLE/20261123/us-east-1/lightsail/aws4_request", "AKIDEXAMPLE/20261123/\udc80/lightsail/x",
        "host;x-amz-date", "host", "x-amz-date", "\udc80", "é", "0" * 64,
    ]
)  # fmt: skip
NEARLY = st.lists(FRAGMENTS, max_size=14).map("".join)
NEARLY_RIGHT = st.permutations(
    [
        "Credential=AKIDEXAMPLE/20261123/us-east-1/lightsail/aws4_request",
        "SignedHeaders=host;x-amz-date",
        "Signature=",
    ]
)
AUTHORIZATIONS = (
    ANY_TEXT
    | st.binary(max_size=40).map(lambda octets: octets.decode("latin-1"))
    | NEARLY
    | st.builds(lambda parts, tail: f"AWS4-HMAC-SHA256 {','.join(parts)}{tail}", NEARLY_RIGHT, ANY_TEXT)
)
WIRE_HEADERS = st.fixed_dictionaries(
    {"authorization": AUTHORIZATIONS, "host": ANY_TEXT},
    optional={
        "x-amz-date": st.just(STAMP) | ANY_TEXT,
        "date": ANY_TEXT,
        "x-amz-security-token": ANY_TEXT,
        "x-amz-content-sha256": ANY_TEXT,
    },
)


@given(WIRE_HEADERS, st.just("/") | ANY_TEXT, ANY_TEXT, st.binary(max_size=20))
def test_no_header_raises_anything_but_a_refusal(headers, url, method, body):
    with pytest.raises(ServiceError):
        check(Request(method, url, headers, body))


SURROGATE = "\udc80"  # what a server may make of a byte that is not UTF-8
UNWRITABLE = {
    "host": with_headers(signed(), host=SURROGATE),
    "token": with_headers(signed(), x_amz_security_token=SURROGATE),
    "path": replace(signed(), url=f"/{SURROGATE}"),
    "query": replace(signed(), url=f"/?{SURROGATE}={SURROGATE}"),
    "region": credential(f"AKIDEXAMPLE/20261123/{SURROGATE}/lightsail/aws4_request"),
    "signature": authorized(f"{SCOPED}, SignedHeaders=host;x-amz-date;x-amz-target, Signature={SURROGATE}"),
    "signed name": authorized(f"{SCOPED}, SignedHeaders=host;x-amz-date;x-amz-target;{SURROGATE}, Signature=0"),
}


@pytest.mark.parametrize("request_", UNWRITABLE.values(), ids=list(UNWRITABLE))
def test_text_that_is_no_unicode_is_refused_too(request_):
    assert refusal(request_, regions=("us-east-1", SURROGATE))[2] in (MISMATCH, UNRECOGNISED)


AMZ = {
    "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
    "X-Amz-Credential": "AKIDEXAMPLE/20261123/us-east-1/lightsail/aws4_request",
    "X-Amz-Date": STAMP,
    "X-Amz-SignedHeaders": "host",
    "X-Amz-Expires": "60",
    "X-Amz-Signature": "0",
    "X-Amz-Security-Token": "x",
}
AMZ_PAIRS = st.fixed_dictionaries({}, optional={name: st.just(text) | ANY_TEXT for name, text in AMZ.items()}).map(
    lambda pairs: "&".join(f"{name}={text}" for name, text in pairs.items())
)


@given(AMZ_PAIRS | ANY_TEXT)
def test_no_query_raises_anything_but_a_refusal(query):
    with pytest.raises(ServiceError):
        check(Request("GET", f"/?{query}", {"host": "localhost"}, b""))
