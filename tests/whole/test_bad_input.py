"""What is wrong with a request, the real server says by class, code, status and text; it never fails itself."""

from __future__ import annotations

import http.client
import json
import re
import socket
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import given, settings
from hypothesis import strategies as st

from running_server import REGION, ZONE, RunningServer
from skysail.protocol.model import service_model
from skysail.service.families.index import OPERATIONS

pytestmark = pytest.mark.whole

JSON_1_1 = "application/x-amz-json-1.1"
TARGET = "Lightsail_20161128."
ACCOUNT = "123456789012"
SECRET = "a/secret+of=theirs"
LARGEST_BODY = 1_048_576


class Answer(NamedTuple):
    """What came back: status, headers by lower-case name, body."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def says(self) -> tuple[int, str | None, str | None, str | None]:
        """Status, class, code, text of an error; the form of its answer is checked by the way."""
        assert self.headers["content-type"] == JSON_1_1
        assert re.fullmatch("[0-9a-f-]{36}", self.headers["x-amzn-requestid"])
        assert "date" in self.headers
        body = json.loads(self.body)
        assert set(body) <= {"__type", "code", "message", "docs", "tip"}
        return self.status, body.get("__type"), body.get("code"), body.get("message")


@pytest.fixture(scope="module")
def open_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """It lets every key in, and holds one instance, `web`."""
    with RunningServer(tmp_path_factory.mktemp("open"), "--pace", "instant") as server:
        assert call(server, "CreateInstances", ORDER).status == 200
        yield server


@pytest.fixture(scope="module")
def guarded_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """It lets one key in, and checks its signatures."""
    folder = tmp_path_factory.mktemp("guarded")
    (folder / "keys.toml").write_text(
        f'[[keys]]\naccess_key_id = "AKIAKNOWN"\nsecret_access_key = "{SECRET}"\naccount = "{ACCOUNT}"\n'
    )
    with RunningServer(folder, "--auth", "keys.toml") as server:
        yield server


def signed(
    server: RunningServer,
    operation: str,
    body: bytes,
    headers: Mapping[str, str] | None = None,
    key: tuple[str, str] = (ACCOUNT, "secret"),
    scope: tuple[str, str] = ("lightsail", REGION),
) -> dict[str, str]:
    """The headers of a call, signed by botocore."""
    given = {"Content-Type": JSON_1_1, "X-Amz-Target": f"{TARGET}{operation}", **(headers or {})}
    request = AWSRequest("POST", f"{server.url}/", given, body)
    SigV4Auth(Credentials(*key), *scope).add_auth(request)
    return dict(request.headers)


def send(
    server: RunningServer,
    method: str = "POST",
    path: str = "/",
    headers: Mapping[str, str] | None = None,
    body: bytes | Iterator[bytes] | None = b"{}",
) -> Answer:
    """One request over a connection of its own."""
    connection = http.client.HTTPConnection(*server.address, timeout=30)
    try:
        connection.request(method, path, body=body, headers=dict(headers or {}))
        response = connection.getresponse()
        return Answer(response.status, {name.lower(): value for name, value in response.getheaders()}, response.read())
    finally:
        connection.close()


def call(server: RunningServer, operation: str, arguments: Any, **options: Any) -> Answer:
    """A signed call; `arguments` are JSON, or the bytes of a body."""
    body = arguments if isinstance(arguments, bytes) else json.dumps(arguments).encode()
    return send(server, headers=signed(server, operation, body, **options), body=body)


ORDER = {"instanceNames": ["web"], "availabilityZone": ZONE, "blueprintId": "debian_12", "bundleId": "nano_3_0"}
NEW = ORDER | {"instanceNames": ["new"]}
NOT_A_NAME = (
    " is not a valid resource name. Resource names must be at least 2 characters long and contain only "
    "alphanumerics, -, _, and ."
)
NULL = "Value null at '{}' failed to satisfy constraint: Member must not be null"

# What a request asks for that cannot be: the operation, its arguments; class, code, text. -----------------------

INVALID, NOT_FOUND, SERIALIZATION = "InvalidInputException", "NotFoundException", "SerializationException"

REFUSED: dict[str, tuple[str, Any, str, str | None, str]] = {
    "unknown bundle": (
        "CreateInstances", NEW | {"bundleId": "nano_9_9"},
        INVALID, "InvalidParams", "The specified bundle does not exist in this region: nano_9_9",
    ),
    "unknown blueprint": (
        "CreateInstances", NEW | {"blueprintId": "beos_5"},
        INVALID, "InvalidParams", "The specified blueprint does not exist in this region: beos_5",
    ),
    "unknown zone": (
        "CreateInstances", NEW | {"availabilityZone": "us-east-1z"},
        INVALID, "InvalidParams", "The specified Availability Zone is not valid: us-east-1z",
    ),
    "zone of another region": (
        "CreateInstances", NEW | {"availabilityZone": "eu-west-1a"},
        INVALID, "InvalidParams", "The specified Availability Zone is not valid: eu-west-1a",
    ),
    "name in use": (
        "CreateInstances", ORDER | {"instanceNames": ["new", "web"]},
        INVALID, "NameExists", "Some names are already in use: web",
    ),
    "name that is none": (
        "CreateInstances", NEW | {"instanceNames": ["a b"]},
        INVALID, "InvalidParams", f"a b{NOT_A_NAME}",
    ),
    "unknown key pair": (
        "CreateInstances", NEW | {"keyPairName": "mine"},
        NOT_FOUND, "DoesNotExist", "The KeyPair does not exist: mine",
    ),
    "no such instance": (
        "DeleteInstance", {"instanceName": "nobody"},
        NOT_FOUND, "DoesNotExist", "The Instance does not exist: nobody",
    ),
    "no such operation in the journal": (
        "GetOperation", {"operationId": "0"},
        NOT_FOUND, "DoesNotExist", "The Operation does not exist: 0",
    ),
    "page token of nobody's": (
        "GetInstances", {"pageToken": "AQAA"},
        INVALID, "InvalidParams", "The page token is not valid.",
    ),
    "empty page token": (
        "GetInstances", {"pageToken": ""},
        INVALID, "InvalidParams", "The page token is not valid.",
    ),
    "a member missing": (
        "GetInstance", {},
        INVALID, "InvalidParams", f"1 validation error detected: {NULL.format('instanceName')}",
    ),
    "a null for a member": (
        "GetInstance", {"instanceName": None},
        INVALID, "InvalidParams", f"1 validation error detected: {NULL.format('instanceName')}",
    ),
    "a number for a text": (
        "GetInstance", {"instanceName": 1},
        SERIALIZATION, None, "NUMBER_VALUE can not be converted to a String: instanceName",
    ),
    "a text for a list": (
        "CreateInstances", NEW | {"instanceNames": "new"},
        SERIALIZATION, None, "STRING_VALUE can not be converted to a list: instanceNames",
    ),
    "a list for the whole": (
        "GetInstances", [],
        SERIALIZATION, None, "START_ARRAY can not be converted to a structure",
    ),
    "half of a JSON object": (
        "GetInstances", b'{"pageToken": ',
        SERIALIZATION, None, "The request body is not valid JSON; send a JSON object.",
    ),
    "bytes that are no text": (
        "GetInstances", b'{"pageToken": "\xff\xfe"}',
        SERIALIZATION, None, "The request body is not valid JSON; send a JSON object.",
    ),
    "a number beyond all bounds": (
        "GetInstance", b'{"instanceName": 1e999}',
        SERIALIZATION, None, "The request body is not valid JSON; send a JSON object.",
    ),
    "a number of five thousand digits": (
        "GetInstance", b'{"instanceName": 1' + b"0" * 5000 + b"}",
        SERIALIZATION, None, "The request body is not valid JSON; send a JSON object.",
    ),
    "half of a surrogate pair": (
        "GetInstance", b'{"instanceName": "\\ud800"}',
        SERIALIZATION, None, "The request body is not valid JSON; send a JSON object.",
    ),
    "no body for an operation that needs one": (
        "GetInstance", b"",
        INVALID, "InvalidParams", f"1 validation error detected: {NULL.format('instanceName')}",
    ),
    "brackets ten thousand deep": (
        "GetInstances", b'{"pageToken":' + b"[" * 10_000,
        SERIALIZATION, None, "The request body is not valid JSON; send a JSON object.",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_is_refused_by_class_code_and_text(open_server: RunningServer, case: str) -> None:
    operation, arguments, kind, code, text = REFUSED[case]
    assert call(open_server, operation, arguments).says == (400, kind, code, text)


def test_nothing_of_a_refused_creation_is_there(open_server: RunningServer) -> None:
    call(open_server, "CreateInstances", ORDER | {"instanceNames": ["before", "web", "behind"]})
    instances = json.loads(call(open_server, "GetInstances", {}).body)["instances"]
    assert [instance["name"] for instance in instances] == ["web"]


def test_a_page_token_is_good_for_its_own_listing_only(served: Any) -> None:
    server = served("--page-size", "1")
    call(server, "CreateInstances", NEW | {"instanceNames": ["a1", "a2"]})
    token = json.loads(call(server, "GetInstances", {}).body)["nextPageToken"]
    refused = (400, INVALID, "InvalidParams", "The page token is not valid.")
    assert call(server, "GetInstances", {"pageToken": token}).status == 200
    assert call(server, "GetInstances", {"pageToken": token, "includeHealthStatus": True}).says == refused
    assert call(server, "GetOperations", {"pageToken": token}).says == refused
    assert call(server, "GetInstances", {"pageToken": token}, key=("999999999999", "x")).says == refused
    assert call(server, "GetInstances", {"pageToken": token}, scope=("lightsail", "eu-west-1")).says == refused
    for place in range(0, len(token), 5):
        other = "A" if token[place] != "A" else "B"
        forged = f"{token[:place]}{other}{token[place + 1 :]}"
        assert call(server, "GetInstances", {"pageToken": forged}).says == refused


# Requests that name no operation. --------------------------------------------------------------------------------

UNKNOWN = "UnknownOperationException"
ASK_SO = f"send POST / with X-Amz-Target: {TARGET}<Operation>"
NO_OPERATION: dict[str, tuple[str, str, str | None]] = {
    "no target": ("POST", "/", None),
    "unknown operation": ("POST", "/", f"{TARGET}MakeCoffee"),
    "operation of another service": ("POST", "/", "DynamoDB_20120810.Scan"),
    "unknown path": ("POST", "/instances", None),
    "a known operation at an unknown path": ("POST", "/x", f"{TARGET}GetInstances"),
    "a look with a browser": ("GET", "/", None),
    "another method": ("PUT", "/", None),
    "a path full of percent signs": ("GET", "/%00%ff/../..//%2e", None),
    "a path as long as it may be": ("GET", f"/{'a' * 60_000}", None),
}


@pytest.mark.parametrize("case", NO_OPERATION)
def test_what_names_no_operation_is_told_how_to(open_server: RunningServer, case: str) -> None:
    method, path, target = NO_OPERATION[case]
    asked = f"X-Amz-Target '{target}'" if target else f"{method} {path}"
    text = f"{asked} names no operation of Lightsail's API 2016-11-28; {ASK_SO}"
    answer = send(open_server, method, path, {"X-Amz-Target": target} if target else {})
    assert answer.says == (404, UNKNOWN, None, text)


MODEL = service_model()
MISSING = [
    name
    for name in sorted(set(MODEL) - OPERATIONS.keys())
    if not (asked := MODEL.operation(name).input) or not MODEL.shape(asked).required
]


@pytest.mark.parametrize("operation", MISSING[:1])
def test_what_is_not_there_yet_is_said_to_be_so(open_server: RunningServer, operation: str) -> None:
    status, kind, _, text = call(open_server, operation, {}).says
    assert (status, kind) == (501, "NotImplementedException")
    assert str(text).startswith(f"skysail does not have {operation} yet")


# Signatures. -----------------------------------------------------------------------------------------------------

MISMATCH = (
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key "
    "and signing method. Consult the service documentation for details."
)
INCOMPLETE, INVALID_SIGNATURE = "IncompleteSignatureException", "InvalidSignatureException"


@pytest.fixture(params=["open", "guarded"])
def any_server(request: pytest.FixtureRequest) -> RunningServer:
    server: RunningServer = request.getfixturevalue(f"{request.param}_server")
    return server


def unsigned(authorization: str | None) -> dict[str, str]:
    headers = {"Content-Type": JSON_1_1, "X-Amz-Target": f"{TARGET}GetInstances", "X-Amz-Date": "20260101T000000Z"}
    return headers if authorization is None else headers | {"Authorization": authorization}


NO_SIGNATURE: dict[str, tuple[str | None, str, str]] = {
    "none at all": (None, "MissingAuthenticationTokenException", "Missing Authentication Token"),
    "a bearer token": (
        "Bearer abc", INCOMPLETE,
        "'abc' not a valid key=value pair (missing equal-sign) in Authorization header: 'Bearer abc'.",
    ),
    "the algorithm alone": (
        "AWS4-HMAC-SHA256", INCOMPLETE,
        "Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' parameter. "
        "Authorization header requires 'SignedHeaders' parameter. Authorization=AWS4-HMAC-SHA256",
    ),
    "no signature": (
        "AWS4-HMAC-SHA256 Credential=a/b/c/d/e, SignedHeaders=host", INCOMPLETE,
        "Authorization header requires 'Signature' parameter. "
        "Authorization=AWS4-HMAC-SHA256 Credential=a/b/c/d/e, SignedHeaders=host",
    ),
    "too old": (
        "AWS4-HMAC-SHA256 Credential=a/b/c/d/e, SignedHeaders=host;x-amz-date;x-amz-target, Signature=0",
        INVALID_SIGNATURE,
        "Signature expired: 20260101T000000Z is now earlier than <now> (<now> - 5 min.)",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", NO_SIGNATURE)
def test_a_request_must_be_signed_whoever_it_is_for(any_server: RunningServer, case: str) -> None:
    authorization, kind, text = NO_SIGNATURE[case]
    status, found_kind, code, found = send(any_server, headers=unsigned(authorization)).says
    now_or_then = re.sub(r"(?<!: )\b\d{8}T\d{6}Z", "<now>", str(found))
    assert (status, found_kind, code, now_or_then) == (400, kind, None, text)


SCOPES = {
    "a region that is none": (
        ("lightsail", "mars-north-1"), "Credential should be scoped to a valid region, not 'mars-north-1'. "
    ),
    "another service": (("ec2", REGION), "Credential should be scoped to correct service: 'lightsail'. "),
}  # fmt: skip


@pytest.mark.parametrize("case", SCOPES)
def test_a_signature_must_be_for_this_service_and_a_region(any_server: RunningServer, case: str) -> None:
    scope, text = SCOPES[case]
    answer = call(any_server, "GetInstances", {}, key=("AKIAKNOWN", SECRET), scope=scope)
    assert answer.says == (400, INVALID_SIGNATURE, None, text)


def test_the_right_key_is_let_in(guarded_server: RunningServer) -> None:
    answer = call(guarded_server, "GetInstances", {}, key=("AKIAKNOWN", SECRET))
    assert (answer.status, json.loads(answer.body)) == (200, {"instances": []})


def test_a_wrong_secret_does_not_match(guarded_server: RunningServer) -> None:
    answer = call(guarded_server, "GetInstances", {}, key=("AKIAKNOWN", "wrong"))
    assert answer.says == (400, INVALID_SIGNATURE, None, MISMATCH)


def test_a_body_that_was_changed_on_the_way_does_not_match(guarded_server: RunningServer) -> None:
    headers = signed(guarded_server, "GetInstances", b"{}", key=("AKIAKNOWN", SECRET))
    assert send(guarded_server, headers=headers, body=b"{ }").says == (400, INVALID_SIGNATURE, None, MISMATCH)


def test_an_operation_that_was_changed_on_the_way_does_not_match(guarded_server: RunningServer) -> None:
    headers = signed(guarded_server, "GetInstances", b"{}", key=("AKIAKNOWN", SECRET))
    changed = headers | {"X-Amz-Target": f"{TARGET}GetBundles"}
    assert send(guarded_server, headers=changed).says == (400, INVALID_SIGNATURE, None, MISMATCH)


def test_an_unknown_key_is_not_recognised(guarded_server: RunningServer) -> None:
    answer = call(guarded_server, "GetInstances", {}, key=("AKIAUNKNOWN", SECRET))
    text = "The security token included in the request is invalid."
    assert answer.says == (400, "UnrecognizedClientException", None, text)


def test_sts_refuses_in_its_own_protocol(guarded_server: RunningServer) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
    answer = send(guarded_server, headers=form, body=b"Action=GetCallerIdentity&Version=2011-06-15")
    assert (answer.status, answer.headers["content-type"]) == (403, "text/xml")
    assert b"<Code>MissingAuthenticationToken</Code>" in answer.body


# Too much, and too odd. --------------------------------------------------------------------------------------------

TOO_LARGE = (413, "RequestEntityTooLargeException", None, f"The request body is larger than {LARGEST_BODY} bytes.")


def test_the_largest_body_is_taken_and_one_byte_more_is_not(open_server: RunningServer) -> None:
    largest = b"{}".ljust(LARGEST_BODY)
    assert call(open_server, "GetInstances", largest).status == 200
    assert call(open_server, "GetInstances", largest + b" ").says == TOO_LARGE


def chunks(count: int) -> Iterator[bytes]:
    return (b" " * 65_536 for _ in range(count))


BODIES: dict[str, Callable[[], tuple[bytes | Iterator[bytes], dict[str, str]]]] = {
    "10 MB": lambda: (b" " * 10_000_000, {}),
    "10 MB in chunks of unknown number": lambda: (chunks(153), {}),
    "10 MB on a connection that is to be closed": lambda: (b" " * 10_000_000, {"Connection": "close"}),
    "100 MB": lambda: (chunks(1526), {}),
}


@pytest.mark.parametrize("case", BODIES)
def test_a_body_that_is_far_too_large_is_answered_when_it_has_been_sent(open_server: RunningServer, case: str) -> None:
    body, headers = BODIES[case]()
    assert send(open_server, headers=headers, body=body).says == TOO_LARGE


def test_a_connection_lives_on_behind_a_body_that_was_too_large(open_server: RunningServer) -> None:
    connection = http.client.HTTPConnection(*open_server.address, timeout=30)
    for size in (10_000_000, 80_000_000):
        connection.request("POST", "/", body=chunks(size // 65_536))
        assert connection.getresponse().read()
        connection.request("POST", "/", body=b"{}", headers=signed(open_server, "GetInstances", b"{}"))
        response = connection.getresponse()
        assert (response.status, response.read()[:14]) == (200, b'{"instances":[')
    connection.close()


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="a process's memory is read from /proc")
def test_a_body_that_is_far_too_large_is_never_held(served: Any) -> None:
    server = served()
    assert call(server, "GetInstances", b"{}".ljust(LARGEST_BODY)).status == 200
    before = most_memory(server)
    assert send(server, body=b" " * 50_000_000).status == 413
    assert most_memory(server) - before < 5_000_000


def most_memory(server: RunningServer) -> int:
    """Bytes: the most that the server process has had in memory."""
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    assert found is not None
    return int(found[1]) * 1024


def raw(server: RunningServer, sent: bytes) -> bytes:
    """All that comes back for these bytes until the server closes the connection; we end ours behind them."""
    with socket.create_connection(server.address, timeout=30) as connection:
        connection.sendall(sent)
        connection.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: connection.recv(65_536), b""))


NOT_HTTP = {
    "no HTTP at all": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(64),
    "a header without a colon": b"POST / HTTP/1.1\r\nHost: a\r\ngarbage\r\n\r\n",
    "a header with a control character": b"POST / HTTP/1.1\r\nHost: a\r\nX-Amz-Target: a\x00b\r\n\r\n",
    "two lengths": b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{} ",
    "a length that is no number": b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ten\r\n\r\n{}",
    "a chunk whose size is no number": (
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n"
    ),
    "a folded header of folly": b"POST / HTTP/1.1\r\n Host: a\r\n\r\n",
    "a length and chunks": (
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    ),
    "a coding that is none": b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, identity\r\n\r\n{}",
    "a folded header": b"POST / HTTP/1.1\r\nHost: a\r\nX-Amz-Target: a\r\n b\r\n\r\n",
    "a space before the colon": b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length : 2\r\n\r\n{}",
    "no host": b"POST / HTTP/1.1\r\n\r\n",
    "two hosts": b"POST / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    "an end in the middle of the body": b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n{",
    "an end in the middle of the headers": b"POST / HTTP/1.1\r\nHost: a\r\nX-Amz",
}


@pytest.mark.parametrize("case", NOT_HTTP)
def test_what_is_not_http_is_refused_and_the_server_lives_on(open_server: RunningServer, case: str) -> None:
    assert raw(open_server, NOT_HTTP[case]).startswith(b"HTTP/1.1 400 ")
    assert call(open_server, "GetInstances", {}).status == 200


BEGUN = b"POST / HTTP/1.1\r\nHost: a\r\n"
TOO_MUCH = {
    "a header without end": BEGUN + b"X-Amz-Filler: " + b"a" * 100_000,
    "headers without end": BEGUN + b"X-Amz-Filler: aaaaaaaaaa\r\n" * 101,
    "few that are large": BEGUN + (b"X-Amz-Filler: " + b"a" * 30_000 + b"\r\n") * 3 + b"\r\n",
    "a target without end": b"POST /" + b"a" * 100_000,
}


@pytest.mark.parametrize("case", TOO_MUCH)
def test_more_of_a_head_than_anybody_needs_is_refused(open_server: RunningServer, case: str) -> None:
    assert raw(open_server, TOO_MUCH[case]).startswith(b"HTTP/1.1 431 ")
    assert call(open_server, "GetInstances", {}).status == 200


ODD_HEADERS = {
    "not ASCII": {"X-Amz-Target": "Lightsail_20161128.Gét\xff"},
    "a hundred of them": {f"X-Filler-{number}": "x" * 300 for number in range(100)},
    "of another content type": {"Content-Type": "text/html", "X-Amz-Target": f"{TARGET}GetInstances"},
    "a signature of nonsense": unsigned(
        "AWS4-HMAC-SHA256 Credential=\xe9/\xff/c/d/e, SignedHeaders=;;;, Signature=\xff"
    ),
    "asking for a websocket": {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13"},
    "a body in a form": {"Content-Type": "application/x-www-form-urlencoded"},
    "an encoded body": {"Content-Encoding": "gzip", "X-Amz-Target": f"{TARGET}GetInstances"},
}


@pytest.mark.parametrize("case", ODD_HEADERS)
def test_odd_headers_are_refused_as_any_others(any_server: RunningServer, case: str) -> None:
    answer = send(any_server, headers=ODD_HEADERS[case])
    assert 400 <= answer.status < 500


def test_a_caller_who_leaves_in_the_middle_does_no_harm(open_server: RunningServer) -> None:
    half = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n{"
    assert raw(open_server, half).startswith(b"HTTP/1.1 400 ")
    with socket.create_connection(open_server.address) as connection:
        connection.sendall(half)
    assert call(open_server, "GetInstances", {}).status == 200


def test_who_waits_to_be_told_to_go_on_is_told_so(open_server: RunningServer) -> None:
    headers = signed(open_server, "GetInstances", b"{}") | {"Host": open_server.url.rpartition("/")[2]}
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    head = f"POST / HTTP/1.1\r\n{lines}Expect: 100-continue\r\nContent-Length: 2\r\nConnection: close\r\n\r\n"
    with socket.create_connection(open_server.address, timeout=30) as connection:
        connection.sendall(head.encode())
        assert connection.recv(1000).startswith(b"HTTP/1.1 100 ")
        connection.sendall(b"{}")
        assert connection.recv(1000).startswith(b"HTTP/1.1 200 ")


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=3),
    max_leaves=6,
)
MEMBERS = st.sampled_from([*ORDER, "instanceName", "pageToken", "tags", "userData", "ipAddressType", "operationId"])
ARGUMENTS = st.dictionaries(MEMBERS, JSON_VALUES | st.just("web") | st.just(["web"]), max_size=6)
OPERATIONS = st.sampled_from(
    ["CreateInstances", "GetInstances", "GetInstance", "StopInstance", "GetOperation", "GetBundles"]
)


@settings(max_examples=100)
@given(operation=OPERATIONS, arguments=ARGUMENTS | JSON_VALUES)
def test_whatever_is_asked_for_the_answer_is_never_a_failure(
    guarded_server: RunningServer, operation: str, arguments: Any
) -> None:
    answer = call(guarded_server, operation, arguments, key=("AKIAKNOWN", SECRET))
    assert answer.status in (200, 400)


@settings(max_examples=50)
@given(body=st.binary(max_size=200))
def test_whatever_bytes_come_as_a_body_the_answer_is_never_a_failure(
    guarded_server: RunningServer, body: bytes
) -> None:
    answer = call(guarded_server, "GetInstances", body, key=("AKIAKNOWN", SECRET))
    assert answer.status in (200, 400)
