"""Walks through all that goes wrong: after any failure the last delivered page's NextToken goes on right there."""

from __future__ import annotations

import asyncio
import json
import random
import stat
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import botocore.credentials
import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from bench import START, Bench, as_ours, carried
from skysail.caller.aio import AsyncClient
from skysail.caller.chain import ChainCredentials
from skysail.caller.credentials import FixedKey, KeySource
from skysail.caller.profile import Profile
from skysail.caller.settings import Settings
from skysail.caller.sync import Client
from skysail.errors import (
    AnswerError,
    ConnectError,
    ConnectionLostError,
    ConnectTimeoutError,
    ProxyError,
    ReadTimeoutError,
    ServiceError,
    TLSError,
    TransferError,
    TransportError,
)
from skysail.protocol.message import Request, Response
from skysail.protocol.sigv4 import Key
from skysail.service.accounts import AccessKey, Accounts
from skysail.world import ManualClock, manual_world

LOCAL = FixedKey(Key("local", "local"))
URL = "http://local/"
FLEET = [f"web-{number:02}" for number in range(23)]
"""In the order of their listing, in which the last made comes first."""

FAILURES: dict[str, Callable[[Response], Response]] = {}
"""What becomes of a good response; or raises."""


def failing(error: type[TransportError]) -> Callable[[Response], Response]:
    def fail(response: Response) -> Response:
        raise error(endpoint_url=URL, proxy_url=URL, error="x")

    return fail


for kind in (ConnectError, ConnectTimeoutError, ReadTimeoutError, ConnectionLostError, TLSError, ProxyError):
    FAILURES[kind.__name__] = failing(kind)
FAILURES["TransferError"] = failing(TransferError)
FAILURES["throttled"] = lambda response: Response(
    400, {}, b'{"__type":"ThrottlingException","message":"Rate exceeded"}'
)
FAILURES["too many"] = lambda response: Response(429, {}, b"slow down")
FAILURES["a fault"] = lambda response: Response(500, {}, b'{"__type":"ServiceException","message":"later"}')
FAILURES["a page for people"] = lambda response: Response(503, {"content-type": "text/html"}, b"<html>no</html>")
FAILURES["refused"] = lambda response: Response(400, {}, b'{"__type":"AccessDeniedException","message":"no"}')
FAILURES["no JSON"] = lambda response: replace(response, body=b"<html>welcome to the hotel</html>")
FAILURES["cut"] = lambda response: replace(response, body=response.body[: len(response.body) // 2])
FAILURES["other JSON"] = lambda response: replace(response, body=b'{"instances": "none"}')

EXPECTED = (TransportError, ServiceError, AnswerError)


@dataclass
class Faulty:
    """A transport, for either client, that spoils what `plan` says, request by request; None leaves it alone.

    Behind the plan's end all is well.
    """

    answer: Callable[[Request], Response]
    plan: list[str | None] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.left: Iterator[str | None] = iter(self.plan)

    def send(self, request: Request) -> Response:
        fault = next(self.left, None)
        response = self.answer(request)
        return response if fault is None else FAILURES[fault](response)

    def close(self) -> None: ...


class AsyncFaulty(Faulty):
    async def send(self, request: Request) -> Response:  # type: ignore[override]
        return super().send(request)

    async def close(self) -> None: ...  # type: ignore[override]


@pytest.fixture(scope="module")
def fleet() -> Iterator[Bench]:
    bench = Bench(page_size=3)
    bench.create(*FLEET[::-1])
    yield bench
    bench.close()


def settings(credentials: KeySource = LOCAL) -> Settings:
    return Settings("us-east-1", "local:", "us-east-1", credentials)


# --- a walk that is taken up again --------------------------------------------------------------------------


@dataclass
class Walk:
    """What a caller holds who takes a listing up again, whenever it fails, at the last page that was delivered."""

    most: int | None
    """MaxItems of each pass; with it the caller goes on behind each cut, too."""
    seen: list[str] = field(default_factory=list)
    token: str | None = None
    failures: list[Exception] = field(default_factory=list)
    is_done: bool = False

    @property
    def config(self) -> dict[str, Any]:
        return {"StartingToken": self.token, "MaxItems": self.most}

    def keep(self, page: dict[str, Any]) -> None:
        self.seen += [item["name"] for item in page["instances"]]
        assert len(self.seen) <= len(FLEET), "something came twice"
        self.token = page.get("NextToken")
        self.is_done = self.token is None

    def sync(self, client: Client, ahead: int) -> None:
        while not self.is_done:
            try:
                for page in client.get_paginator("get_instances").paginate(
                    PaginationConfig=self.config, fetch_ahead=ahead
                ):
                    self.keep(page)
            except EXPECTED as error:
                self.failures.append(error)

    async def asynchronous(self, client: AsyncClient, ahead: int) -> None:
        while not self.is_done:
            listing = client.get_paginator("get_instances").paginate(PaginationConfig=self.config, fetch_ahead=ahead)
            try:
                async for page in listing:
                    self.keep(page)
            except EXPECTED as error:
                self.failures.append(error)


plans = st.lists(st.one_of(st.none(), st.sampled_from(sorted(FAILURES))), max_size=40)
ways = st.tuples(st.sampled_from([None, 1, 2, 3, 4, 7, 23, 100]), st.integers(0, 1))


@given(plan=plans, way=ways)
def test_a_walk_resumed_after_every_failure_has_each_item_once(
    fleet: Bench, plan: list[str | None], way: tuple[int | None, int]
) -> None:
    most, ahead = way
    walk = Walk(most)
    walk.sync(Client(settings(), Faulty(fleet.lightsail.service.answer, plan), manual_world(clock=fleet.clock)), ahead)
    assert walk.seen == FLEET
    assert len(walk.failures) <= sum(fault is not None for fault in plan)


@given(plan=plans, way=ways)
def test_an_asynchronous_walk_resumed_after_every_failure_has_each_item_once(
    fleet: Bench, plan: list[str | None], way: tuple[int | None, int]
) -> None:
    most, ahead = way
    walk = Walk(most)
    transport = AsyncFaulty(fleet.lightsail.service.answer, plan)
    asyncio.run(walk.asynchronous(AsyncClient(settings(), transport, manual_world(clock=fleet.clock)), ahead))
    assert walk.seen == FLEET


@pytest.mark.parametrize("fault", FAILURES)
@pytest.mark.parametrize("ahead", [0, 1])
@pytest.mark.parametrize("at", range(8))
def test_a_fault_that_outlasts_the_retries_ends_the_walk_behind_the_pages_before_it(
    fleet: Bench, fault: str, ahead: int, at: int
) -> None:
    """Seven pages of three and one of two: whichever fails, the ones before it are there, and the rest comes then."""
    plan: list[str | None] = [*[None] * at, fault, fault, fault]
    client = Client(settings(), Faulty(fleet.lightsail.service.answer, plan), manual_world(clock=fleet.clock))
    walk = Walk(None)
    pages = client.get_paginator("get_instances").paginate(fetch_ahead=ahead)
    with pytest.raises(EXPECTED):
        for page in pages:
            walk.keep(page)
    assert walk.seen == FLEET[: 3 * at]
    assert (walk.token is None) == (at == 0)
    walk.sync(client, ahead)
    assert walk.seen == FLEET


@given(seed=st.integers(0, 2**32))
def test_a_walk_cancelled_anywhere_and_resumed_has_each_item_once(fleet: Bench, seed: int) -> None:
    dice = random.Random(seed)
    client = AsyncClient(settings(), AsyncFaulty(fleet.lightsail.service.answer), manual_world(clock=fleet.clock))

    async def walks() -> list[str]:
        walk = Walk(None)
        while not walk.is_done:
            task = asyncio.ensure_future(slowly(walk))
            for _ in range(dice.randrange(1, 30)):
                await asyncio.sleep(0)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        return walk.seen

    async def slowly(walk: Walk) -> None:
        listing = client.get_paginator("get_instances").paginate(PaginationConfig=walk.config, fetch_ahead=1)
        pages: AsyncIterator[dict[str, Any]] = aiter(listing)
        async with aclosing(pages):  # type: ignore[type-var]
            async for page in pages:
                walk.keep(page)
                await asyncio.sleep(0)

    assert asyncio.run(walks()) == FLEET


# --- keys that expire in the middle of a walk ---------------------------------------------------------------


class Renewed:
    """A source whose key is another one from the moment that `renew` is called."""

    def __init__(self) -> None:
        self.number = 1

    def renew(self) -> None:
        self.number += 1

    def __call__(self) -> Key:
        return Key(f"AKIA{self.number}", f"s3cret-{self.number}")


class Listed:
    """A service that lets the keys in that are listed, all of one account."""

    def __init__(self) -> None:
        self.keys: dict[str, AccessKey] = {}
        self.let_in("AKIA1", "s3cret-1")
        self.bench = Bench(page_size=3, accounts=Accounts(self.keys), clock=ManualClock(datetime.now(UTC).timestamp()))
        owner = self.bench.lightsail.client("us-east-1", "AKIA1", "s3cret-1")
        owner.create_instances(
            instanceNames=FLEET[::-1], availabilityZone="us-east-1a", blueprintId="debian_12", bundleId="nano_3_0"
        )
        self.used: list[str] = []

    def let_in(self, key_id: str, secret: str) -> None:
        self.keys[key_id] = AccessKey("123456789012", secret)

    def let_in_what(self, source: KeySource) -> None:
        key = source()
        self.let_in(key.access_key_id, key.secret_access_key)

    def answer(self, request: Request) -> Response:
        self.used.append(request.headers["authorization"].partition("Credential=")[2].partition("/")[0])
        return self.bench.lightsail.service.answer(request)

    def client(self, source: KeySource) -> Client:
        return Client(settings(source), Faulty(self.answer), manual_world(clock=self.bench.clock))


@pytest.fixture
def listed() -> Iterator[Listed]:
    listed = Listed()
    yield listed
    listed.bench.close()


def test_a_key_renewed_in_the_middle_of_a_walk_goes_on_and_nothing_comes_twice(listed: Listed) -> None:
    source, walk = Renewed(), Walk(None)
    for page in listed.client(source).get_paginator("get_instances").paginate():
        walk.keep(page)
        old = source()
        source.renew()
        listed.let_in_what(source)
        del listed.keys[old.access_key_id]  # the old one is let in no more
    assert walk.seen == FLEET
    assert listed.used == [f"AKIA{number}" for number in range(1, 9)]


def test_a_key_that_is_let_in_no_more_ends_the_walk_and_a_new_one_resumes_it(listed: Listed) -> None:
    source, walk = Renewed(), Walk(None)
    with pytest.raises(ServiceError, match="UnrecognizedClientException"):
        for page in listed.client(source).get_paginator("get_instances").paginate():
            walk.keep(page)
            if len(walk.seen) == 9:
                listed.keys.clear()
    assert walk.seen == FLEET[:9]
    source.renew()
    listed.let_in_what(source)
    walk.sync(listed.client(source), 0)
    assert walk.seen == FLEET


SCRIPT = """#!{python}
import json, pathlib
answer = json.loads(pathlib.Path({folder!r}, "answer").read_text())
with open(pathlib.Path({folder!r}, "runs"), "a") as runs:
    print(answer["AccessKeyId"], file=runs)
print(json.dumps(answer))
"""


class Process:
    """A profile whose keys come from a process; which keys, and how long they live, is told as it goes."""

    def __init__(self, home: Path) -> None:
        self._home = home
        script = home / "keys"
        script.write_text(SCRIPT.format(python=sys.executable, folder=str(home)))
        script.chmod(stat.S_IRWXU)
        (home / ".aws").mkdir()
        (home / ".aws/config").write_text(f"[profile p]\ncredential_process = {script}\n")
        self.profile = Profile.read("p", {"HOME": str(home)})

    def give(self, number: int, minutes: float) -> None:
        answer = {
            "Version": 1,
            "AccessKeyId": f"AKIA{number}",
            "SecretAccessKey": f"s3cret-{number}",
            "Expiration": (datetime.now(UTC) + timedelta(minutes=minutes)).isoformat(),
        }
        (self._home / "answer").write_text(json.dumps(answer))

    @property
    def runs(self) -> list[str]:
        return (self._home / "runs").read_text().split()


@pytest.mark.parametrize("is_asynchronous", [False, True])
def test_botocores_chain_renews_a_key_in_the_middle_of_a_walk(
    listed: Listed, tmp_path: Path, is_asynchronous: bool
) -> None:
    """It asks the process anew at each try while the key has less than ten minutes to live."""
    process, walk = Process(tmp_path), Walk(None)
    process.give(1, minutes=5)
    source = ChainCredentials(process.profile, "us-east-1")
    listed.let_in("AKIA2", "s3cret-2")

    def keep(page: dict[str, Any]) -> None:
        walk.keep(page)
        if len(walk.seen) == 9:
            process.give(2, minutes=60)

    if is_asynchronous:

        async def run() -> None:
            client = AsyncClient(settings(source), AsyncFaulty(listed.answer), manual_world(clock=listed.bench.clock))
            async for page in client.get_paginator("get_instances").paginate():
                keep(page)

        asyncio.run(run())
    else:
        for page in listed.client(source).get_paginator("get_instances").paginate():
            keep(page)
    assert walk.seen == FLEET
    assert listed.used == [*["AKIA1"] * 3, *["AKIA2"] * 5]
    assert process.runs[-1] == "AKIA2"
    assert process.runs.count("AKIA2") == 1, "a key that lives long is asked for once"


EXPIRED = Response(400, {}, b'{"__type":"ExpiredTokenException","message":"The security token is expired"}')


def test_a_key_that_the_service_calls_expired_is_not_renewed_and_not_tried_again_as_in_botocore(bench: Bench) -> None:
    """botocore renews by its clock alone: what the service says of a key that should still be good is raised."""
    asked: list[str] = []

    def renew() -> dict[str, str]:
        asked.append("renewed")
        life = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
        return {"access_key": "AKIA2", "secret_key": "s", "token": "t", "expiry_time": life}

    theirs = botocore.credentials.RefreshableCredentials.create_from_metadata(renew(), renew, "sts")
    client = bench.botocore()
    client._request_signer._credentials = theirs
    tries: list[str] = []
    client.meta.events.unregister("before-send", bench._answer_botocore)

    def refuse(request: Any, **_: Any) -> Any:
        tries.append(as_ours(request).url)
        return carried(EXPIRED, request.url)

    client.meta.events.register("before-send", refuse)
    asked.clear()
    with pytest.raises(ClientError) as expected:
        client.get_instances()
    assert (len(tries), asked) == (1, [])

    def source() -> Key:
        frozen = theirs.get_frozen_credentials()
        return Key(frozen.access_key, frozen.secret_key, frozen.token)

    sent: list[Request] = []

    def answer(request: Request) -> Response:
        sent.append(request)
        return EXPIRED

    with pytest.raises(ServiceError) as found:
        Client(settings(source), Faulty(answer), manual_world(START)).get_instances()
    assert (len(sent), asked) == (1, [])
    assert str(found.value) == str(expected.value)
