"""The asynchronous client: how a call is driven, every operation and paginator beside the synchronous client's."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Callable, Generator
from typing import Any

import pytest

import skysail
from bench import ORDER, Bench
from paged_answers import finish
from skysail.caller.aio import AsyncClient, arun
from skysail.caller.core import Credentials, Send, Sleep
from skysail.caller.credentials import FixedKey
from skysail.caller.settings import Settings
from skysail.caller.sync import Client
from skysail.caller.transport import AsyncInProcess
from skysail.errors import ConnectError, NotFoundException, NotPageableError, ParameterError
from skysail.protocol.message import Request, Response
from skysail.protocol.model import service_model
from skysail.protocol.sigv4 import Key
from skysail.world import manual_world

MODEL = service_model()
KEY = Key("AKIAONE", "s3cret")
SETTINGS = Settings("us-east-1", "https://lightsail.us-east-1.amazonaws.com", "us-east-1", FixedKey(KEY))
WELL = Response(200, {"x-amzn-requestid": "r-1"}, b"{}")


class Canned:
    """A transport for either client: gives what `answer` makes of a request, and keeps the requests."""

    def __init__(self, answer: Callable[[Request], Response | Exception]) -> None:
        self.requests: list[Request] = []
        self.closed = 0
        self._answer = answer

    def send(self, request: Request) -> Response:
        self.requests.append(request)
        outcome = self._answer(request)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def close(self) -> None:
        self.closed += 1


class AsyncCanned(Canned):
    async def send(self, request: Request) -> Response:  # type: ignore[override]
        return super().send(request)

    async def close(self) -> None:  # type: ignore[override]
        super().close()


def clients(answer: Callable[[Request], Response | Exception]) -> tuple[Client, AsyncClient, Canned, AsyncCanned]:
    """A client of each kind, with a transport each that answers alike."""
    plain, awaited = Canned(answer), AsyncCanned(answer)
    return (
        Client(SETTINGS, plain, manual_world()),
        AsyncClient(SETTINGS, awaited, manual_world()),
        plain,
        awaited,
    )


# --- driving ----------------------------------------------------------------------------------------------


def asks(*wanted: Any) -> Generator[Any, Any, dict[str, Any]]:
    """A flow that asks for these, and returns what it was given."""
    given = []
    for ask in wanted:
        given.append((yield ask))
    return {"given": given}


def test_a_flow_is_given_what_it_asks_for() -> None:
    transport, pauses = AsyncCanned(lambda request: WELL), []
    request = Request("POST", "/", {}, b"")

    async def asleep(seconds: float) -> None:
        pauses.append(seconds)

    answer = finish(arun(asks(Credentials(), Send(request), Sleep(1.5)), FixedKey(KEY), transport, asleep))
    assert answer == {"given": [KEY, WELL, None]}
    assert (transport.requests, pauses) == ([request], [1.5])


def test_a_failure_on_the_way_is_given_as_a_value_and_a_bug_is_raised() -> None:
    error = ConnectError(endpoint_url="https://x/", error="refused")
    send, asleep = Send(Request("POST", "/", {}, b"")), manual_world().asleep
    driven = arun(asks(send), FixedKey(KEY), AsyncCanned(lambda request: error), asleep)
    assert finish(driven) == {"given": [error]}
    with pytest.raises(ZeroDivisionError):
        finish(arun(asks(send), FixedKey(KEY), AsyncCanned(lambda request: ZeroDivisionError()), asleep))


def test_a_key_that_may_have_to_be_fetched_is_asked_for_beside_the_event_loop() -> None:
    threads = []

    def source() -> Key:
        threads.append(threading.current_thread())
        return KEY

    transport, asleep = AsyncCanned(lambda request: WELL), manual_world().asleep
    assert asyncio.run(arun(asks(Credentials()), source, transport, asleep)) == {"given": [KEY]}
    assert threads[0] is not threading.current_thread()


def test_pauses_are_the_worlds_and_are_awaited() -> None:
    world = manual_world()
    transport = AsyncCanned(lambda request: ConnectError(endpoint_url="https://x/", error="refused"))
    before = world.now()
    with pytest.raises(ConnectError):
        finish(AsyncClient(SETTINGS, transport, world).get_instances())
    assert len(transport.requests) == 3
    assert 0 < world.now() - before < 0.15


# --- every operation, every paginator ---------------------------------------------------------------------


def outcome(function: Callable[[], Any]) -> Any:
    try:
        return function()
    except ParameterError as error:
        return str(error)


def test_every_operation_answers_or_refuses_as_the_other_clients_does() -> None:
    plain, awaited, sent, asent = clients(lambda request: WELL)
    for name in MODEL.methods:
        theirs = outcome(getattr(plain, name))
        assert outcome(lambda name=name: finish(getattr(awaited, name)())) == theirs, name
    assert asent.requests == sent.requests
    assert len(sent.requests) > 40


def two_pages(request: Request) -> Response:
    """An empty page with a next token, and behind it one without, whatever the operation."""
    paging = MODEL.operation(request.headers["x-amz-target"].partition(".")[2]).paging
    assert paging is not None
    is_second = any(name in json.loads(request.body) for name in paging.input_tokens)
    members = {} if is_second else {name: "t" * 24 for name in paging.output_tokens}  # as long as any must be
    return Response(200, {}, json.dumps(members).encode())


PAGEABLE = [name for name in MODEL.methods if MODEL.operation(MODEL.methods[name]).paging is not None]


@pytest.mark.parametrize("name", PAGEABLE)
def test_every_paginator_gives_the_other_clients_pages(name: str) -> None:
    plain, awaited, sent, asent = clients(two_pages)
    operation = MODEL.operation(MODEL.methods[name])
    required = MODEL.shape(operation.input or "").required
    arguments = {member: "web" for member in required}
    expected = list(plain.get_paginator(name).paginate(**arguments))
    for ahead in (0, 1):

        async def walk(ahead: int = ahead) -> list[Any]:
            return [page async for page in awaited.get_paginator(name).paginate(fetch_ahead=ahead, **arguments)]

        asent.requests.clear()
        assert asyncio.run(walk()) == expected
        assert asent.requests == sent.requests
    assert len(expected) == 2
    assert type(awaited.get_paginator(name)).__name__ == type(plain.get_paginator(name)).__name__


def test_no_paginator_is_the_same_error() -> None:
    _, awaited, *_ = clients(lambda request: WELL)
    assert not awaited.can_paginate("get_instance")
    with pytest.raises(NotPageableError, match="Operation cannot be paginated: get_instance"):
        awaited.get_paginator("get_instance")


# --- closing and sharing ----------------------------------------------------------------------------------


def test_a_block_lets_go_of_the_transport_whatever_ends_it() -> None:
    _, awaited, _, transport = clients(lambda request: WELL)

    async def use() -> None:
        async with awaited as same:
            assert same is awaited
            await same.get_instances()
        await awaited.get_instances()
        with pytest.raises(KeyError):
            async with awaited:
                raise KeyError

    finish(use())
    assert transport.closed == 2


@pytest.fixture
def shared(bench: Bench) -> AsyncClient:
    settings = Settings("us-east-1", "local:", "us-east-1", FixedKey(Key("local", "local")))
    return AsyncClient(settings, AsyncInProcess(bench.lightsail.service.answer), bench.lightsail.world)


def test_tasks_may_share_a_client(shared: AsyncClient) -> None:
    async def work(number: int) -> str:
        await shared.create_instances(instanceNames=[f"web-{number}"], **ORDER)
        with pytest.raises(NotFoundException):
            await shared.get_instance(instanceName=f"none-{number}")
        return str((await shared.get_instance(instanceName=f"web-{number}"))["instance"]["name"])

    async def all_of_it() -> tuple[list[str], int]:
        names = await asyncio.gather(*(work(number) for number in range(12)))
        pages = shared.get_paginator("get_instances").paginate()
        return names, len([item async for item in pages.items()])

    assert asyncio.run(all_of_it()) == ([f"web-{number}" for number in range(12)], 12)


def test_a_walk_that_is_left_early_has_asked_for_no_more(bench: Bench) -> None:
    bench.create(*(f"web-{number:02}" for number in range(45)))
    asked = []

    def answer(request: Request) -> Response:
        asked.append(request)
        return bench.lightsail.service.answer(request)

    settings = Settings("us-east-1", "local:", "us-east-1", FixedKey(Key("local", "local")))
    client = AsyncClient(settings, AsyncInProcess(answer), bench.lightsail.world)

    async def first() -> Any:
        pages: AsyncIterator[Any] = aiter(client.get_paginator("get_instances").paginate())
        return await anext(pages)

    assert len(asyncio.run(first())["instances"]) == 20
    assert len(asked) == 1


# --- opening ----------------------------------------------------------------------------------------------


def test_a_plain_local_endpoint_is_one_fleet_with_the_synchronous_clients() -> None:
    name = "shared-with-the-other-client"

    async def use() -> Any:
        async with skysail.async_client("lightsail", endpoint_url="local:") as client:
            await client.create_instances(instanceNames=[name], **ORDER)
            return await client.get_instance(instanceName=name)

    made = asyncio.run(use())["instance"]
    with skysail.client("lightsail", endpoint_url="local:") as client:
        assert client.get_instance(instanceName=name)["instance"]["arn"] == made["arn"]
        client.delete_instance(instanceName=name)


WITHOUT = """
import sys
sys.modules["aiohttp"] = None
import skysail
skysail.async_client("lightsail", endpoint_url="local:")
try:
    skysail.async_client("lightsail", endpoint_url="http://127.0.0.1:9")
except skysail.errors.UnsupportedError as error:
    print(error)
"""


def test_without_aiohttp_a_local_client_works_and_another_says_what_to_install() -> None:
    found = subprocess.run([sys.executable, "-c", WITHOUT], capture_output=True, text=True, check=True)
    assert found.stdout == "the asynchronous client needs aiohttp: pip install 'skysail[async]'\n"
