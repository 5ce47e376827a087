"""A client and a local Lightsail in one process, with a clock that is moved by hand: what most room tests stand on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

import botocore.session
import msgspec
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.config import Config

from skysail.errors import ServiceError
from skysail.protocol.message import Request, Response
from skysail.protocol.sigv4 import Key, sign
from skysail.server import LocalLightsail
from skysail.service.accounts import Accounts
from skysail.service.timing import Pace
from skysail.store.base import Store
from skysail.world import ManualClock, manual_world

START = 1_700_000_000.0
URL = "http://local/"
ORDER = {"availabilityZone": "us-east-1a", "blueprintId": "amazon_linux_2023", "bundleId": "nano_3_0"}
"""The rest of a CreateInstances beside the names."""


class Bench:
    """`client` calls `lightsail`; both live by `clock`, and draw the same ids in every run."""

    def __init__(
        self,
        store: Store | str | Path | None = None,
        *,
        region: str = "us-east-1",
        accounts: Accounts | None = None,
        pace: Pace = "brisk",
        page_size: int | None = None,
        seed: int = 0,
        clock: ManualClock | None = None,
    ) -> None:
        self.clock = clock or ManualClock(START)
        self.region = region
        self.lightsail = LocalLightsail(
            store, world=manual_world(seed=seed, clock=self.clock), accounts=accounts, pace=pace, page_size=page_size
        )
        self.client = self.lightsail.client(region)

    # --- instances in any state ---------------------------------------------------------------------------

    def create(self, *names: str, **order: Any) -> list[dict[str, Any]]:
        """Instances, pending; gives the operations."""
        operations: list[dict[str, Any]] = self.client.create_instances(
            instanceNames=list(names), **{**ORDER, "availabilityZone": f"{self.region}a", **order}
        )["operations"]
        return operations

    def instance(self, name: str = "web", state: str = "running", **order: Any) -> str:
        """An instance in that state; gives its name."""
        self.create(name, **order)
        if state != "pending":
            self.settle()
        if state in ("stopping", "stopped"):
            self.client.stop_instance(instanceName=name)
        if state == "stopped":
            self.settle()
        assert self.state(name) == state
        return name

    def settle(self) -> None:
        """Let time pass until nothing changes any more, at the pace "brisk"."""
        self.clock.advance(60)

    # --- looking ------------------------------------------------------------------------------------------

    def get(self, name: str = "web", **options: Any) -> dict[str, Any]:
        instance: dict[str, Any] = self.client.get_instance(instanceName=name, **options)["instance"]
        return instance

    def state(self, name: str = "web") -> str:
        return str(self.get(name)["state"]["name"])

    def names(self) -> list[str]:
        """The names of all instances, through all pages."""
        return [
            instance["name"]
            for page in self.client.get_paginator("get_instances").paginate()
            for instance in page["instances"]
        ]

    def operations(self, name: str | None = None) -> list[dict[str, Any]]:
        """The journal of one name or of all, through all pages, oldest first."""
        found: list[dict[str, Any]] = []
        asked: dict[str, Any] = {} if name is None else {"resourceName": name}
        call = self.client.get_operations if name is None else self.client.get_operations_for_resource
        while True:
            answer = call(**asked)
            found += answer["operations"]
            if "nextPageToken" not in answer:
                return found[::-1]
            asked["pageToken"] = answer["nextPageToken"]

    # --- beside the client --------------------------------------------------------------------------------

    def send(
        self,
        body: bytes | Mapping[str, Any] = b"{}",
        operation: str | None = "GetInstances",
        **others: Any,
    ) -> Response:
        """The answer to a request as bytes, signed."""
        return self.lightsail.service.answer(self.signed(body, operation, **others))

    def signed(
        self,
        body: bytes | Mapping[str, Any] = b"{}",
        operation: str | None = "GetInstances",
        *,
        headers: Mapping[str, str] | None = None,
        key: Key | None = None,
        region: str | None = None,
        service: str = "lightsail",
        method: str = "POST",
        url: str = URL,
    ) -> Request:
        """A request as bytes, signed."""
        given = {"content-type": "application/x-amz-json-1.1", **(headers or {})}
        if operation is not None:
            given["x-amz-target"] = f"Lightsail_20161128.{operation}"
        content = body if isinstance(body, bytes) else msgspec.json.encode(body)
        request = Request(method, url, given, content)
        return sign(request, key or Key("local", "local"), region or self.region, service, self.clock.now())

    def botocore(self, service: str = "lightsail", key: Key | None = None, **config: Any) -> Any:
        """A client of botocore's, whose requests go to the same service; its clock is the machine's."""
        key = key or Key("local", "local")
        client = botocore.session.Session().create_client(
            service,
            region_name=self.region,
            aws_access_key_id=key.access_key_id,
            aws_secret_access_key=key.secret_access_key,
            aws_session_token=key.session_token,
            config=Config(**config),
        )
        client.meta.events.register("before-send", self._answer_botocore)
        return client

    def _answer_botocore(self, request: AWSPreparedRequest, **_: Any) -> AWSResponse:
        return carried(self.lightsail.service.answer(as_ours(request)), request.url)

    def close(self) -> None:
        self.lightsail.close()


def as_ours(request: AWSPreparedRequest) -> Request:
    """A request of botocore's as a server hands it over."""
    headers = {
        name.lower(): value if isinstance(value, str) else value.decode() for name, value in request.headers.items()
    }
    body = request.body or b""
    return Request(request.method, request.url, headers, body.encode() if isinstance(body, str) else body)


def carried(response: Response, url: str) -> AWSResponse:
    """A response as botocore's own transport would give it."""
    return AWSResponse(url, response.status, dict(response.headers), _Body(response.body))


class _Body(BytesIO):
    def stream(self, *_: Any) -> Any:
        yield self.read()


class Refusal(msgspec.Struct, frozen=True):
    """What a caller sees of an error."""

    kind: str
    code: str | None
    message: str
    status: int | None = 400


def refusal(error: ServiceError) -> Refusal:
    return Refusal(error.kind, error.code, error.message, error.status)


def refused(call: Callable[..., Any], **arguments: Any) -> Refusal:
    """What a call that must be refused is told."""
    try:
        call(**arguments)
    except ServiceError as error:
        return refusal(error)
    raise AssertionError(f"it was not refused: {arguments}")


def entries(operations: Iterable[Mapping[str, Any]]) -> list[tuple[Any, ...]]:
    """Entries of the journal by what they are about: type, name, operation, details, status."""
    members = ("resourceType", "resourceName", "operationType", "operationDetails", "status")
    return [tuple(one.get(member) for member in members) for one in operations]


def refusal_in(response: Response) -> Refusal:
    """The same, of a response as bytes."""
    body = msgspec.json.decode(response.body)
    return Refusal(body["__type"], body.get("code"), body.get("message", ""), response.status)
