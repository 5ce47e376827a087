"""Answers and errors, read by botocore's parser and by ours: the same values of the same types, the same refusals.

What is drawn is far worse than what any service sends. What differs on purpose is left out, and stands with its own
tests in docs/differences.md.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.parsers import create_parser
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from skysail.errors import SERVICE_ERRORS, AnswerError
from skysail.protocol.arguments import botocore_model
from skysail.protocol.codec import decode_answer, decode_error
from skysail.protocol.message import Response
from skysail.protocol.model import service_model

MODEL = service_model()
OPERATIONS = [
    "GetInstances",
    "GetInstance",
    "GetOperations",
    "GetInstanceMetricData",
    "GetContainerServices",
    "GetContainerImages",
    "GetDistributions",
    "GetInstanceAccessDetails",
    "GetRelationalDatabaseMasterUserPassword",
    "GetBucketBundles",
    "GetActiveNames",
    "IsVpcPeered",
    "GetDomain",
    "DeleteAlarm",
    "GetCostEstimate",
]
HEADERS = {"x-amzn-requestid": "4b1c", "content-type": "application/x-amz-json-1.1"}

# --- what is drawn ----------------------------------------------------------------------------------------

MOMENTS = st.datetimes(datetime(1972, 1, 1), datetime(2500, 1, 1))
ISO = st.sampled_from(["", "Z", "+00:00", "+05:30", "-11:00"])
timestamps = st.one_of(
    st.floats(0, 4e9, allow_nan=False).map(lambda seconds: round(seconds, 3)),
    st.integers(-(10**9), 4 * 10**9),
    st.integers(0, 4 * 10**9).map(str),
    st.builds(lambda at, zone: at.isoformat() + zone, MOMENTS, ISO),
    st.builds(lambda at, zone: at.isoformat(timespec="seconds") + zone, MOMENTS, ISO),
    MOMENTS.map(lambda at: at.strftime("%a, %d %b %Y %H:%M:%S GMT")),
    MOMENTS.map(lambda at: at.strftime("%Y-%m-%d")),
    st.booleans(),
)
scalars = st.one_of(
    st.text(max_size=6),
    st.sampled_from(["null", "true", "1", "1.5", "NaN", "é😀", "2020-01-01T00:00:00Z", ""]),
    st.booleans(),
    st.integers(),
    st.integers(-(2**70), 2**70),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from([0, 1, 1.0, -0.0, 1e300]),
)
anything = st.recursive(
    st.none() | scalars,
    lambda values: st.lists(values, max_size=2) | st.dictionaries(st.text(max_size=4), values, max_size=2),
    max_leaves=4,
)
NULL = st.none()


def answers_of(name: str) -> st.SearchStrategy[Any]:
    """JSON for a shape: members may be missing, null or unknown, scalars of any JSON kind; lists and structures fit."""
    shape = MODEL.shape(name)
    if shape.type == "structure":
        known = {member: NULL | st.deferred(lambda of=of: answers_of(of.shape)) for member, of in shape.members.items()}
        some = st.lists(st.sampled_from(sorted(known)), unique=True, max_size=6) if known else st.just([])
        chosen = some.flatmap(lambda names: st.fixed_dictionaries({name: known[name] for name in names}))
        unknown = st.dictionaries(st.sampled_from(["__type", "x", "Instances"]), anything, max_size=1)
        return st.builds(lambda members, others: {**others, **members}, chosen, unknown)
    if shape.type == "list":
        assert shape.member is not None
        return st.lists(NULL | answers_of(shape.member.shape), max_size=3)
    if shape.type == "map":
        assert shape.value_ is not None
        value = MODEL.shape(shape.value_.shape)
        # botocore fails at a null where a map's value is a list
        nulls = st.nothing() if value.type in ("list", "map", "timestamp") else NULL
        return st.dictionaries(st.text(max_size=4), nulls | answers_of(shape.value_.shape), max_size=2)
    return timestamps if shape.type == "timestamp" else scalars


ANSWERS = {name: answers_of(str(MODEL.operation(name).output)) for name in OPERATIONS}
drawn_answers = st.sampled_from(OPERATIONS).flatmap(lambda name: st.tuples(st.just(name), ANSWERS[name]))


def comparable(value: Any) -> Any:
    """A value with the type of each scalar beside it; times as instants, or as they stand where they have no zone."""
    if isinstance(value, dict):
        return {key: comparable(element) for key, element in value.items()}
    if isinstance(value, list):
        return [comparable(element) for element in value]
    if isinstance(value, datetime):
        return ("naive", value) if value.tzinfo is None else ("instant", value.astimezone(UTC).replace(tzinfo=None))
    return (type(value).__name__, repr(value))


def botocores(operation: str, response: Response) -> Any:
    shape = botocore_model().operation_model(operation).output_shape
    found = {"status_code": response.status, "headers": response.headers, "body": response.body}
    parsed = create_parser("json").parse(found, shape)
    parsed["ResponseMetadata"]["RetryAttempts"] = 0
    return parsed


@given(drawn_answers)
@settings(max_examples=300)
@example(("GetInstances", {"instances": [{"createdAt": "Wed, 01 Jan 2020 00:00:00 GMT"}]}))
@example(("GetInstances", {"instances": [None, {"tags": None}, {"hardware": {"disks": [{"createdAt": 1.5e9}]}}]}))
@example(("GetActiveNames", {"activeNames": ["null", "NULL", None, 5, 1.0, True, 2**64]}))
def test_an_answer_is_read_as_botocore_reads_it(drawn: tuple[str, Any]) -> None:
    name, body = drawn
    response = Response(200, HEADERS, json.dumps(body).encode())
    found = decode_answer(MODEL.operation(name), response)
    assert comparable(found) == comparable(botocores(name, response))
    assert list(found)[-1] == "ResponseMetadata"


@given(st.floats(-1e9, 4e9, allow_nan=False))
@example(1700000000.0000005)
@example(1.590771192493e9)
def test_a_time_of_any_precision_is_the_same_microsecond(seconds: float) -> None:
    response = Response(200, HEADERS, json.dumps({"instance": {"createdAt": seconds}}).encode())
    found = decode_answer(MODEL.operation("GetInstance"), response)
    assert comparable(found) == comparable(botocores("GetInstance", response))


ODD_BODIES = {
    "nothing": b"",
    "an empty object": b"{}",
    "white space": b" {\n} ",
    "an infinite number": b'{"isPeered":1e999}',
    "NaN": b'{"isPeered":NaN}',
    "a member twice": b'{"isPeered":true,"isPeered":false}',
    "a lone surrogate": b'{"isPeered":"\\ud800"}',
    "an escaped pair": b'{"isPeered":"\\ud83d\\ude00"}',
}


@pytest.mark.parametrize("why", ODD_BODIES)
def test_an_odd_body_is_read_as_botocore_reads_it(why: str) -> None:
    response = Response(200, HEADERS, ODD_BODIES[why])
    found = decode_answer(MODEL.operation("IsVpcPeered"), response)
    assert comparable(found) == comparable(botocores("IsVpcPeered", response))


def test_metadata_is_botocores_without_a_request_id_too() -> None:
    for headers in ({}, {"x-amzn-requestid": ""}, {"x-amz-request-id": "other"}, HEADERS | {"x": "1, 2"}):
        response = Response(200, headers, b"{}")
        found = decode_answer(MODEL.operation("GetInstances"), response)
        assert found == botocores("GetInstances", response)


# --- where we differ --------------------------------------------------------------------------------------

BROKEN = {
    "a page for people": b"<html><body>Welcome</body></html>",
    "text": b"well",
    "half of it": b'{"instances":[{"name":"we',
    "no UTF-8": b'{"instances":[{"name":"\xff"}]}',
    "no UTF-8 in an unknown member": b'{"x":"\xff","instances":null}',
    "far too deep": b'{"instances":' + b"[" * 200_000,
    "far too deep in an unknown member": b'{"instances":null,"x":' + b"[" * 200_000,
    "a list": b"[]",
    "a text as JSON": b'"well"',
    "a number": b"5",
    "null": b"null",
    "a text for a list": b'{"instances":"web"}',
    "a structure for a list": b'{"instances":{"name":"web"}}',
    "a text for a structure": b'{"instances":["web"]}',
    "a list for a structure": b'{"instances":[["web"]]}',
    "a time that is none": b'{"instances":[{"createdAt":"soon"}]}',
    "a time beyond all bounds": b'{"instances":[{"createdAt":1e300}]}',
    "a time in another millennium": b'{"instances":[{"createdAt":1e13}]}',
    "an infinite time": b'{"instances":[{"createdAt":1e999}]}',
    "a structure for a time": b'{"instances":[{"createdAt":{}}]}',
}


@pytest.mark.parametrize("why", BROKEN)
def test_a_body_that_breaks_the_protocol_is_one_error_of_ours(why: str) -> None:
    """botocore takes a body that is no JSON for an empty answer, and fails at the others as it happens."""
    with pytest.raises(AnswerError, match="Unable to parse response: GetInstances answered"):
        decode_answer(MODEL.operation("GetInstances"), Response(200, HEADERS, BROKEN[why]))


def test_botocore_takes_a_page_for_people_for_an_empty_answer() -> None:
    parsed = botocores("GetInstances", Response(200, HEADERS, BROKEN["a page for people"]))
    assert set(parsed) == {"ResponseMetadata"}


def test_times_are_in_utc() -> None:
    """botocore gives them in the machine's time zone, with a class of dateutil's for it."""
    response = Response(200, HEADERS, b'{"instance":{"createdAt":1700000000.5}}')
    created_at = decode_answer(MODEL.operation("GetInstance"), response)["instance"]["createdAt"]
    assert created_at.tzinfo is UTC
    assert created_at.utcoffset() == timedelta(0)


# --- errors -----------------------------------------------------------------------------------------------

STATUSES = [301, 400, 401, 403, 404, 413, 429, 499, 500, 501, 502, 503, 504]
KINDS = [
    *SERVICE_ERRORS,
    "ThrottlingException",
    "com.amazonaws.lightsail#NotFoundException",
    "NotFoundException:http://internal.amazon.com/",
    "aws.x#y#InvalidInputException:z",
    "#",
    ":",
    "",
    None,
]
members = {
    "__type": st.sampled_from(KINDS),
    "message": st.text(max_size=8) | st.none(),
    "Message": st.text(max_size=8) | st.none(),
    "code": anything,
    "docs": anything,
    "tip": st.text(max_size=4) | st.none(),
    "x": anything,
}
error_bodies = st.one_of(
    st.fixed_dictionaries({}, optional=members).map(lambda drawn: json.dumps(drawn).encode()),
    st.sampled_from(
        [b"", b" ", b"<html><body>Bad</body></html>", b"<html>", b"\n<html>x", b"Bad Gateway", b"{", b"{}"]
    ),
    st.text(max_size=10).map(str.encode),
)


def botocores_error(operation: str, response: Response) -> Any:
    """The parsed error as botocore's endpoint makes it: generic members, then those of the error's own shape."""
    parser = create_parser("json")
    model = botocore_model()
    found = {"status_code": response.status, "headers": response.headers, "body": response.body}
    parsed = parser.parse(found, model.operation_model(operation).output_shape)
    shape = model.shape_for_error_code(parsed["Error"].get("Code"))
    if shape is not None:
        parsed.update(parser.parse(found, shape))
    parsed["ResponseMetadata"]["RetryAttempts"] = 0
    return parsed


@given(st.sampled_from(STATUSES), error_bodies)
@settings(max_examples=300)
@example(400, b'{"__type":null,"message":"x"}')
@example(503, b'{"__type":"ServiceException"}')
def test_an_error_is_read_as_botocore_reads_it(status: int, body: bytes) -> None:
    response = Response(status, HEADERS, body)
    try:
        expected = botocores_error("GetInstances", response)
    except (AttributeError, TypeError, UnicodeDecodeError):
        assume(False)  # where botocore fails, an error of its own would help nobody
    error = decode_error(MODEL.operation("GetInstances"), response)
    expected["ResponseMetadata"].setdefault("RequestId", "4b1c")  # see below
    assert error.response == expected
    code = expected["Error"]["Code"]
    assert type(error).__name__ == (code if code in SERVICE_ERRORS else "ServiceError")


FAILS = {
    "a list": b"[]",
    "a text": b'"no"',
    "null": b"null",
    "no UTF-8": b"\xff\xfe",
    "far too deep": b"[" * 200_000,
    "a type that is a number": b'{"__type":5,"message":"x"}',
    "a type that is a list": b'{"__type":["x"],"message":"x"}',
    "a byte order mark": b'\xef\xbb\xbf{"__type":"NotFoundException"}',
}


@pytest.mark.parametrize("why", FAILS)
def test_an_error_that_cannot_be_read_is_still_an_error_of_the_service(why: str) -> None:
    error = decode_error(MODEL.operation("GetInstances"), Response(400, HEADERS, FAILS[why]))
    assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert error.kind
    assert str(error)


@pytest.mark.parametrize("body", [b"", b"<html>Bad</html>"])
def test_an_error_without_a_body_of_the_services_keeps_its_request_id(body: bytes) -> None:
    """botocore leaves it out there, where one would want to ask AWS about it."""
    response = Response(503, HEADERS, body)
    assert decode_error(MODEL.operation("GetInstances"), response).request_id == "4b1c"
    assert "RequestId" not in botocores_error("GetInstances", response)["ResponseMetadata"]


def test_a_page_for_people_with_a_doctype_is_one_too() -> None:
    """botocore has the whole page for a message."""
    for start in (b"<!DOCTYPE html>", b"<!DOCTYPE html PUBLIC"):
        error = decode_error(MODEL.operation("GetInstances"), Response(502, HEADERS, start + b"<html>Bad</html>"))
        assert (error.kind, error.message) == ("502", "Bad Gateway")
        assert botocores_error("GetInstances", Response(502, HEADERS, start))["Error"]["Message"] == start.decode()


def test_a_code_of_an_older_protocol_in_a_header_is_left_aside() -> None:
    """Lightsail never had one; botocore would take its word for the error's code."""
    response = Response(400, HEADERS | {"x-amzn-query-error": "Old.Code;Sender"}, b'{"__type":"NotFoundException"}')
    assert decode_error(MODEL.operation("GetInstances"), response).kind == "NotFoundException"
    assert botocores_error("GetInstances", response)["Error"]["Code"] == "Old.Code"
