"""Values to bytes and back, for requests, answers and errors of AWS JSON 1.1, on both sides.

The quick ways go through msgspec. What they cannot take goes an exact, slower way: on the caller's side arguments
that do not plainly fit are botocore's to judge and to write; answers with oddities are read member by member as
botocore reads them; on the service's side `faults.py` says what is wrong.
"""

from __future__ import annotations

import gc
import http.client
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from skysail.errors import SERVICE_ERRORS, AnswerError, ServiceError
from skysail.protocol.faults import refusal
from skysail.protocol.members import ALL, Members
from skysail.protocol.message import Response
from skysail.protocol.model import Operation, service_model
from skysail.protocol.types import narrowed_decoder, request_decoder

CONTENT_TYPE = "application/x-amz-json-1.1"
_PLAIN: dict[str, Any] = {"string": str, "boolean": bool, "integer": int, "long": int}
_UNREADABLE = (msgspec.MsgspecError, RecursionError, UnicodeDecodeError)
"""What msgspec raises for bytes that are not the JSON it was asked for."""


# --- requests ---------------------------------------------------------------------------------------------


def encode_request(operation: Operation, arguments: Mapping[str, Any], check: bool = True) -> bytes:
    """The body for a call. Raises ParameterError with botocore's report where the arguments do not fit.

    Without `check` they are written as they are, for the service to judge.
    """
    if operation.input is None or _fits(operation.input, arguments):
        try:
            return msgspec.json.encode(arguments)
        except UnicodeEncodeError:  # half of a surrogate pair, which botocore writes as an escape
            pass
    # Late: botocore's validator and serializer cost some 100 ms to load, and few calls need them.
    from skysail.protocol.arguments import encode_exactly

    return encode_exactly(operation, arguments, check)


def _fits(name: str, value: Any) -> bool:
    """Whether a value plainly fits a shape: if not, it may still be right, or need converting."""
    shape = service_model().shape(name)
    if shape.type == "structure":
        members = shape.members
        return (
            type(value) is dict
            and value.keys() <= members.keys()
            and all(member in value for member in shape.required)
            and all(_fits(members[member].shape, element) for member, element in value.items())
        )
    if shape.type in _PLAIN and type(value) is _PLAIN[shape.type]:
        size: float = len(value) if isinstance(value, str) else value
        return shape.min is None or size >= shape.min
    if shape.type == "list" and shape.member and type(value) is list:
        of = shape.member.shape
        return len(value) >= (shape.min or 0) and all(_fits(of, element) for element in value)
    return False


def decode_request(operation: Operation, body: bytes) -> dict[str, Any]:
    """The arguments of a call, as the service takes them. Raises ServiceError (SerializationException,
    InvalidInputException)."""
    if operation.input is None:
        return {}
    text = body or b"{}"
    try:
        return request_decoder(operation.input).decode(text)
    except _UNREADABLE:
        pass
    try:
        value = _without_nulls(msgspec.json.decode(text))
    except _UNREADABLE:
        raise ServiceError.because(
            "The request body is not valid JSON; send a JSON object.", kind="SerializationException"
        ) from None
    try:
        arguments: dict[str, Any] = msgspec.convert(value, request_decoder(operation.input).type)
    except msgspec.ValidationError:
        raise refusal(operation.input, value) from None
    return arguments


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_nulls(member) for name, member in value.items() if member is not None}
    if isinstance(value, list):
        return [_without_nulls(element) for element in value]
    return value


# --- answers ----------------------------------------------------------------------------------------------


def encode_answer(answer: Mapping[str, Any]) -> bytes:
    """The body for an answer. Members may be `msgspec.Raw`: documents that are stored ready to send."""
    return msgspec.json.encode(answer)


def decode_answer(operation: Operation, response: Response, retries: int = 0, members: Members = ALL) -> dict[str, Any]:
    """An answer as boto3 gives it, ResponseMetadata last. Raises AnswerError where the body is not JSON.

    Of an answer of which only some members are wanted the others are not looked at: nothing is wrong with them then.
    """
    if operation.output is None:
        answer: dict[str, Any] = {}
    else:
        try:
            with _Uncollected():
                answer = narrowed_decoder(operation.output, members).decode(response.body or b"{}")
        except _UNREADABLE:
            answer = _decode_exactly(operation, response, members)
    answer["ResponseMetadata"] = _metadata(response, retries)
    return answer


class _Uncollected:
    """Keeps the garbage collector from looking while an answer is decoded.

    Some 5,000 containers come into being then, and none goes: four searches for nothing, a tenth of a page's cost. The
    decoder holds the interpreter's lock throughout, so no other thread's garbage has to wait for it.
    """

    def __enter__(self) -> None:
        self._was_on = gc.isenabled()
        gc.disable()

    def __exit__(self, *_: object) -> None:
        if self._was_on:
            gc.enable()


def _decode_exactly(operation: Operation, response: Response, members: Members) -> dict[str, Any]:
    assert operation.output is not None
    try:
        value = json.loads(response.body)
        parsed = _parse(operation.output, value, members)
    except (ValueError, TypeError, AttributeError, OverflowError, RuntimeError) as error:
        start = response.body[:80].decode("utf-8", "replace")
        raise AnswerError(error=f"{operation.name} answered {start!r}: {error}") from error
    if not isinstance(parsed, dict):
        raise AnswerError(error=f"{operation.name} answered with {type(value).__name__}, not a JSON object")
    return parsed


def _parse(name: str, value: Any, members: Members = ALL) -> Any:
    """A value as botocore's parser reads it: nulls dropped from structures, kept in lists."""
    shape = service_model().shape(name)
    if value is None:
        return None
    if shape.type == "structure":
        if shape.members and not isinstance(value, dict):
            raise TypeError(f"expected an object, got {type(value).__name__}")
        wanted = members.named
        return {
            member: _parse(of.shape, value[member], ALL if wanted is None else wanted[member])
            for member, of in shape.members.items()
            if (wanted is None or member in wanted) and value.get(member) is not None
        }
    if shape.type == "list" and shape.member:
        if not isinstance(value, list):
            raise TypeError(f"expected a list, got {type(value).__name__}")
        return [_parse(shape.member.shape, element, members) for element in value]
    if shape.type == "map" and shape.value_:
        return {key: _parse(shape.value_.shape, element) for key, element in value.items()}
    return _timestamp(value) if shape.type == "timestamp" else value


def _timestamp(value: Any) -> datetime:
    try:
        return datetime.fromtimestamp(float(value), UTC)
    except ValueError:
        # Late: no answer of Lightsail's has been seen with a time in words.
        from botocore.utils import parse_timestamp

        return parse_timestamp(value)


def _metadata(response: Response, retries: int) -> dict[str, Any]:
    headers = dict(response.headers)
    metadata: dict[str, Any] = {}
    request_id = headers.get("x-amzn-requestid")
    if request_id is not None:
        metadata["RequestId"] = request_id
    metadata["HTTPStatusCode"] = response.status
    metadata["HTTPHeaders"] = headers
    metadata["RetryAttempts"] = retries
    return metadata


# --- errors -----------------------------------------------------------------------------------------------


def encode_error(error: ServiceError, request_id: str) -> Response:
    """An error as the service sends it: `__type`, then Lightsail's own members that have a value."""
    members = {name: error.response[name] for name in ("code", "message", "docs", "tip") if name in error.response}
    return Response(
        error.status or 400,
        {"content-type": CONTENT_TYPE, "x-amzn-requestid": request_id},
        encode_any_text({"__type": error.kind, **members}),
    )


def encode_any_text(members: Mapping[str, Any]) -> bytes:
    """JSON that may repeat what was sent: half of a surrogate pair, which is no Unicode, goes as an escape."""
    try:
        return msgspec.json.encode(members)
    except UnicodeEncodeError:
        return json.dumps(members).encode()


def decode_error(operation: Operation, response: Response, retries: int = 0) -> ServiceError:
    """The error that an answer of status 301 and more stands for, read as botocore reads it."""
    parsed = _generic_error(response) or _json_error(response)
    error_class = SERVICE_ERRORS.get(parsed["Error"]["Code"], ServiceError)
    parsed["ResponseMetadata"] = _metadata(response, retries)
    return error_class(parsed, operation.name)


def _generic_error(response: Response) -> dict[str, Any] | None:
    """What something in front of the service says: no body, or a page for people."""
    body = response.body.strip()
    if response.status < 500 or (body and not body.startswith((b"<html>", b"<!DOCTYPE html"))):
        return None
    text = http.client.responses.get(response.status, "")
    return {"Error": {"Code": str(response.status), "Message": text}}


def _json_error(response: Response) -> dict[str, Any]:
    try:
        body = json.loads(response.body) if response.body else {}
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        body = {"message": response.body.decode("utf-8", "replace")}
    kind = body.get("__type", response.status)
    code = "" if kind is None else str(kind).split(":", 1)[0].rpartition("#")[2]
    parsed: dict[str, Any] = {"Error": {"Message": body.get("message", body.get("Message", "")), "Code": code}}
    if code in SERVICE_ERRORS:
        parsed.update(_parse(code, body))
    return parsed
