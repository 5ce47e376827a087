"""What must hold of every answer, whatever was asked."""

from __future__ import annotations

import json
from xml.etree import ElementTree

from skysail.protocol.message import Request, Response

LONGEST_S = 1.0
MAKES_KEYS = {
    "CreateKeyPair", "DownloadDefaultKeyPair", "GetInstanceAccessDetails", "CreateInstances",
    "CreateInstancesFromSnapshot",
}  # fmt: skip
"""Some of these search for primes, which takes as long as it takes."""


class Found(AssertionError):
    """Something that must not be."""


def check_answer(request: Request, response: Response, seconds: float) -> None:
    """Raises Found: the answer is none in AWS's form, or took too long."""
    operation = response.notes.get("operation", "")
    if seconds > LONGEST_S and operation not in MAKES_KEYS:
        raise Found(f"{seconds:.1f} s for {operation} with {len(request.body)} bytes")
    check_form(response)
    if response.status >= 500 and response.status != 501:
        raise Found(f"status {response.status}: {response.body[:300]!r}")


def check_form(response: Response) -> None:
    kind = response.headers.get("content-type", "")
    if kind == "text/xml":
        ElementTree.fromstring(response.body)
        return
    body = json.loads(response.body.decode("utf-8"))
    if not isinstance(body, dict):
        raise Found(f"no JSON object: {response.body[:100]!r}")
    if response.status >= 400 and not (isinstance(body.get("__type"), str) and isinstance(body.get("message"), str)):
        raise Found(f"no error in AWS's form: {response.body[:100]!r}")
    if kind == "application/x-amz-json-1.1" and not response.headers.get("x-amzn-requestid"):
        raise Found("no request id")
