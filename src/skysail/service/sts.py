"""GetCallerIdentity of AWS STS, which Terraform and other tools ask before anything else.

A protocol of its own: a form in, XML out. Nothing else of STS is here.
"""

from __future__ import annotations

import re
from html import escape
from urllib.parse import parse_qs

from skysail.errors import ServiceError
from skysail.protocol.message import Request, Response

OPERATION = "GetCallerIdentity"

_NAMESPACE = "https://sts.amazonaws.com/doc/2011-06-15/"
_MOST_FIELDS = 100
_HEADERS = {"content-type": "text/xml"}
_NOT_IN_XML = "[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
"""Compiled when it is needed: that takes 4 ms."""


def is_for_sts(request: Request) -> bool:
    """Whether a request speaks STS's protocol: a form, without a target."""
    kind = request.headers.get("content-type", "")
    return "x-amz-target" not in request.headers and kind.startswith("application/x-www-form-urlencoded")


def answer(request: Request, account: str, request_id: str) -> Response:
    """Who the caller is. Raises ServiceError (InvalidAction) for any other action."""
    try:
        form = parse_qs(request.body.decode("utf-8", "replace"), max_num_fields=_MOST_FIELDS)
    except ValueError:
        form = {}
    action = form.get("Action", [""])[0]
    if action != OPERATION:
        raise ServiceError.because(
            f"skysail answers {OPERATION} of STS alone, not {action or 'a call without Action'}",
            kind="InvalidAction",
        )
    members = f"<Arn>arn:aws:iam::{account}:root</Arn><UserId>{account}</UserId><Account>{account}</Account>"
    body = (
        f'<GetCallerIdentityResponse xmlns="{_NAMESPACE}">'
        f"<GetCallerIdentityResult>{members}</GetCallerIdentityResult>{_metadata(request_id)}"
        "</GetCallerIdentityResponse>"
    )
    return Response(200, _HEADERS | {"x-amzn-requestid": request_id}, body.encode())


def refusal(error: ServiceError, request_id: str) -> Response:
    """An error in the form of the query protocol; its codes go without "Exception"."""
    code = _CODES.get(error.kind, error.kind.removesuffix("Exception"))
    message = re.sub(_NOT_IN_XML, "\ufffd", error.message)  # it may repeat what was sent
    body = (
        f'<ErrorResponse xmlns="{_NAMESPACE}"><Error><Type>Sender</Type><Code>{escape(code, quote=False)}</Code>'
        f"<Message>{escape(message, quote=False)}</Message></Error><RequestId>{request_id}</RequestId></ErrorResponse>"
    )
    status = _STATUSES.get(code, 403)
    return Response(status, _HEADERS | {"x-amzn-requestid": request_id}, body.encode())


_CODES = {
    "InvalidSignatureException": "SignatureDoesNotMatch",
    "UnrecognizedClientException": "InvalidClientTokenId",
    "ExpiredTokenException": "ExpiredToken",
    "MissingAuthenticationTokenException": "MissingAuthenticationToken",
}
_STATUSES = {"InvalidAction": 400, "IncompleteSignature": 400, "RequestEntityTooLarge": 413}


def _metadata(request_id: str) -> str:
    return f"<ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata>"
