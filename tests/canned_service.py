"""A service that answers every operation with the same few bodies: clients of ours and of botocore's can walk them."""

from __future__ import annotations

import json
from typing import Any

import botocore.session
from botocore.awsrequest import AWSPreparedRequest, AWSResponse

from bench import as_ours, carried
from skysail.caller.aio import AsyncClient
from skysail.caller.credentials import FixedKey
from skysail.caller.settings import Settings
from skysail.caller.sync import Client
from skysail.protocol.message import Request, Response
from skysail.protocol.sigv4 import Key
from skysail.world import manual_world

HEADERS = {"x-amzn-requestid": "4b1c", "content-type": "application/x-amz-json-1.1"}
KEY = Key("AKIDEXAMPLE", "secret")
SETTINGS = Settings("us-east-1", "local:", "us-east-1", FixedKey(KEY))


class CannedService:
    """Answers a request without a token with the first body, and one with the token "3" with the fourth.

    Is a transport, and gives clients that use it. `asked` are the arguments of all requests.
    """

    def __init__(self, *bodies: Any) -> None:
        self.asked: list[dict[str, Any]] = []
        self.put(*bodies)

    def put(self, *bodies: Any) -> None:
        """From now on answer with these: bytes as they are; documents with the token of the next one."""
        self.asked.clear()
        self._bodies = [
            body if isinstance(body, bytes) else json.dumps(self._with_token(body, number, len(bodies))).encode()
            for number, body in enumerate(bodies)
        ]

    def _with_token(self, document: Any, number: int, count: int) -> Any:
        if not isinstance(document, dict):
            return document
        rest = {name: value for name, value in document.items() if name != "nextPageToken"}
        return rest if number + 1 == count else {**rest, "nextPageToken": str(number + 1)}

    def send(self, request: Request) -> Response:
        arguments = json.loads(request.body or b"{}")
        self.asked.append(arguments)
        return Response(200, dict(HEADERS), self._bodies[int(arguments.get("pageToken", 0))])

    def close(self) -> None:
        """Nothing is held."""

    def client(self) -> Client:
        return Client(SETTINGS, self, manual_world())

    def async_client(self) -> AsyncClient:
        return AsyncClient(SETTINGS, _Awaited(self), manual_world())

    def botocore(self) -> Any:
        client = botocore.session.Session().create_client(
            "lightsail",
            region_name="us-east-1",
            aws_access_key_id=KEY.access_key_id,
            aws_secret_access_key=KEY.secret_access_key,
        )
        client.meta.events.register("before-send", self._answer_botocore)
        return client

    def _answer_botocore(self, request: AWSPreparedRequest, **_: Any) -> AWSResponse:
        return carried(self.send(as_ours(request)), request.url)


class _Awaited:
    def __init__(self, service: CannedService) -> None:
        self._service = service

    async def send(self, request: Request) -> Response:
        return self._service.send(request)

    async def close(self) -> None:
        """Nothing is held."""
