"""The command line in this process, against a service on a clock that is moved by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, NamedTuple

import pytest

import skysail
from bench import Bench
from running_server import RunningServer
from skysail.caller.fleet.clients import Connections
from skysail.caller.handle import ServerHandle
from skysail.caller.settings import Settings
from skysail.caller.sync import Client
from skysail.caller.transport import InProcess
from skysail.cli.invocation import Invocation
from skysail.cli.main import run
from skysail.errors import ConnectionLostError
from skysail.protocol.message import Request, Response
from skysail.protocol.sigv4 import Key
from skysail.server import LocalLightsail
from skysail.world import World


class Told(NamedTuple):
    status: int
    out: str
    err: str


Cli = Callable[..., Told]


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str]) -> Cli:
    """`cli("instances", "-o", "json", bench=bench)`: what was written, and the exit status.

    Without a bench the command makes its own client. `answer` is put before the bench's service; a walk over many
    places reaches `connections`, by the clock of `world`.
    """

    def call(
        *arguments: str,
        bench: Bench | None = None,
        environ: dict[str, str] | None = None,
        answer: Callable[[Request, Callable[[Request], Response]], Response] | None = None,
        connections: Connections | None = None,
        world: World | None = None,
    ) -> Told:
        invocation = Invocation(environ=environ or {})
        if bench is not None:
            invocation.world = bench.lightsail.world
            invocation.connect = _connect(bench, answer)
            invocation.administer = _administer(bench)
        if world is not None:
            invocation.world = world
        if connections is not None:
            invocation.fleet = partial(skysail.fleet, connections=connections)
        capsys.readouterr()
        status = run(list(arguments), invocation)
        captured = capsys.readouterr()
        return Told(int(status), captured.out, captured.err)

    return call


def _connect(bench: Bench, answer: Any) -> Callable[..., Client]:
    serve = bench.lightsail.service.answer

    def connect(*, region_name: str | None, profile_name: str | None, endpoint_url: str | None) -> Client:
        region = region_name or "us-east-1"
        key = Key("local", "local")
        settings = Settings(region, endpoint_url or f"https://lightsail.{region}.amazonaws.com", region, lambda: key)
        send = serve if answer is None else lambda request: answer(request, serve)
        return Client(settings, InProcess(send), bench.lightsail.world)

    return connect


def _administer(bench: Bench) -> Callable[..., ServerHandle]:
    def administer(*, profile_name: str | None, endpoint_url: str | None) -> ServerHandle:
        transport = InProcess(bench.lightsail.service.answer)
        url = endpoint_url or "http://127.0.0.1:4570"
        return ServerHandle(url, transport, lambda: Key("local", "local"), bench.lightsail.world.now)

    return administer


@pytest.fixture
def broken_at() -> Callable[..., Callable[[Request, Callable[[Request], Response]], Response]]:
    """`broken_at(3, error)`: a service that answers twice and then meets that error, for good."""

    def broken(number: int, error: BaseException | None = None) -> Any:
        calls = 0

        def answer(request: Request, serve: Callable[[Request], Response]) -> Response:
            nonlocal calls
            calls += 1
            if calls >= number:
                raise error or ConnectionLostError(endpoint_url="https://lightsail.us-east-1.amazonaws.com")
            return serve(request)

        return answer

    return broken


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a service in another process, with the instance `web` in account 111122223333."""
    folder = tmp_path_factory.mktemp("served")
    with LocalLightsail(folder / "fleet.db", pace="instant") as local:
        local.client("us-east-1", "111122223333").create_instances(
            instanceNames=["web"], availabilityZone="us-east-1a", blueprintId="debian_12", bundleId="nano_3_0"
        )
    with RunningServer(folder, "--data", "fleet.db") as server:
        yield server.url
