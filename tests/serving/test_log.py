"""A line a request: what is in it, what never is, and that a log that cannot be written keeps nobody from an answer."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable

import pytest

from skysail.protocol.message import Request, Response
from skysail.serving.log import Form, RequestLog, logs

NOW = 1_795_662_711.6543
NOTES = {
    "id": "7d7c", "operation": "GetInstance", "account": "111122223333", "region": "us-east-1",
    "error": "NotFoundException",
}  # fmt: skip
SECRETS = {"authorization": "AWS4-HMAC-SHA256 Signature=cafe", "x-amz-security-token": "cafe"}


def line(form: Form, request: Request, response: Response) -> str:
    reading, writing = os.pipe()
    RequestLog(form, writing, lambda: NOW).watch(request, response, 0.0012345)
    os.close(writing)
    with open(reading, encoding="ascii") as pipe:
        return pipe.read()


def asked(url: str = "/") -> Request:
    return Request("POST", url, SECRETS, b'{"userData": "cafe"}')


CASES: dict[str, tuple[Request, Response, str, str]] = {
    "a refusal": (
        asked(), Response(404, {}, b"12345", notes=NOTES),
        '{"time": "2026-11-26T03:11:51.654Z", "method": "POST", "id": "7d7c", "operation": "GetInstance", '
        '"account": "111122223333", "region": "us-east-1", "error": "NotFoundException", '
        '"status": 404, "ms": 1.234, "bytes": 5}',
        "2026-11-26T03:11:51.654Z POST GetInstance 404 NotFoundException 111122223333 us-east-1 1.2ms 5B 7d7c",
    ),
    "a path of ours, without its query": (
        asked("/_skysail/calls?token=cafe"), Response(200, {}, b""),
        '{"time": "2026-11-26T03:11:51.654Z", "method": "POST", "path": "/_skysail/calls", '
        '"status": 200, "ms": 1.234, "bytes": 0}',
        "2026-11-26T03:11:51.654Z POST /_skysail/calls 200 - - - 1.2ms 0B -",
    ),
    "a path of nobody, which may be anything": (
        asked("/cafe?X-Amz-Signature=cafe"), Response(400, {}, b"", notes={"id": "1"}),
        '{"time": "2026-11-26T03:11:51.654Z", "method": "POST", "id": "1", "status": 400, "ms": 1.234, "bytes": 0}',
        "2026-11-26T03:11:51.654Z POST - 400 - - - 1.2ms 0B 1",
    ),
    "what would be seen as another line or word": (
        asked("/_skysail/\x1b[2J\u00e9"), Response(400, {}, b"", notes={"error": "a b\n2026"}),
        '{"time": "2026-11-26T03:11:51.654Z", "method": "POST", "error": "a b\\n2026", '
        '"path": "/_skysail/\\u001b[2J\\u00e9", "status": 400, "ms": 1.234, "bytes": 0}',
        "2026-11-26T03:11:51.654Z POST /_skysail/?[2J? 400 a?b?2026 - - 1.2ms 0B -",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_a_request_is_a_line_without_anything_that_its_sender_wrote(case: str) -> None:
    request, response, as_json, as_text = CASES[case]
    assert line("json", request, response) == as_json + "\n"
    assert line("text", request, response) == as_text + "\n"
    assert "cafe" not in as_json + as_text


def closed(reading: int, writing: int) -> None:
    os.close(reading)


def full(reading: int, writing: int) -> None:
    os.set_blocking(writing, False)
    while True:
        try:
            os.write(writing, b"x" * 65_536)
        except BlockingIOError:
            return


@pytest.mark.parametrize("trouble", [closed, full])
def test_a_log_that_cannot_be_written_keeps_nobody_from_an_answer(trouble: Callable[[int, int], None]) -> None:
    reading, writing = os.pipe()
    log = RequestLog("text", writing, lambda: NOW)
    trouble(reading, writing)
    log.watch(asked(), Response(200, {}, b""), 0.0)
    log.watch(asked(), Response(200, {}, b""), 0.0)


def test_messages_have_the_form_of_the_lines(capsys: pytest.CaptureFixture[str]) -> None:
    logger = logging.getLogger("skysail.serving")
    with logs("json"):
        try:
            raise ZeroDivisionError
        except ZeroDivisionError:
            logger.exception("no answer to %s", "POST /")
    with logs("text"):
        logger.warning("a worker ended")
    as_json, as_text = capsys.readouterr().err.splitlines()
    told = json.loads(as_json)
    assert (told["level"], told["message"]) == ("ERROR", "no answer to POST /")
    assert "ZeroDivisionError" in told["traceback"]
    assert as_text.endswith("Z WARNING a worker ended")
