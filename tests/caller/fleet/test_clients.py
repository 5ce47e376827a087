"""How places are reached: a key is looked for once a login, connections are opened once an endpoint."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

import skysail
from fleets import REGIONS, Fleets, accounts, arns
from skysail.caller.fleet.clients import Connections
from skysail.caller.settings import Settings
from skysail.caller.transport import Transport
from skysail.errors import TransferError
from skysail.opening import open_async_transport
from skysail.protocol.message import Request, Response
from skysail.world import manual_world

ANSWER = {"Version": 1, "AccessKeyId": "700000000000", "SecretAccessKey": "x"}

FAR = "https://lightsail.example"  # on this machine no key is needed

Profile = Callable[[str], Path]


@pytest.fixture
def with_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Profile:
    """`with_process(commands)` makes a profile "slow" whose key is a program's output; gives a file, a line a run."""

    def make(commands: str) -> Path:
        runs, program, config = tmp_path / "runs", tmp_path / "program", tmp_path / "config"
        program.write_text(f"#!/bin/sh\necho run >> {runs}\n{commands}\n")
        program.chmod(0o755)
        config.write_text(f"[profile slow]\ncredential_process = {program}\n")
        monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
        return runs

    return make


@pytest.fixture
def fleets() -> Fleets:
    return Fleets(manual_world(), accounts(1), REGIONS, size=2, page_size=1)


@pytest.mark.parametrize("is_async", [False, True])
def test_a_key_is_fetched_once_for_all_regions_of_a_login(
    with_process: Profile, fleets: Fleets, is_async: bool
) -> None:
    runs = with_process(f"echo '{json.dumps(ANSWER)}'")
    walk = fleets.walk(keys=None, profiles=["slow"], endpoint_url=FAR)
    if is_async:

        async def walked() -> list[str]:
            return [item["arn"] async for item in walk.items()]

        assert set(asyncio.run(walked())) == fleets.arns
    else:
        assert set(arns(walk)) == fleets.arns
    assert runs.read_text() == "run\n"


def test_a_key_that_cannot_be_had_is_asked_for_once(with_process: Profile, fleets: Fleets) -> None:
    runs = with_process("exit 1")
    walk = fleets.walk(keys=None, profiles=["slow"], endpoint_url=FAR)
    assert arns(walk) == []
    assert len(walk.failures) == len(REGIONS)
    assert runs.read_text() == "run\n"


def test_connections_are_shared_by_all_logins_and_closed_with_the_loop() -> None:
    opened: list[str] = []
    closed: list[str] = []

    class Nowhere:
        def __init__(self, settings: Settings) -> None:
            self.url = settings.endpoint_url
            assert settings.max_pool_connections == 5
            assert settings.connect_timeout_s == 10
            opened.append(self.url)

        def send(self, request: Request) -> Response:
            raise TransferError(error="nobody is there")

        def close(self) -> None:
            closed.append(self.url)

    keys = {name: (name, "x") for name in accounts(4)}
    walk = skysail.fleet(
        keys=keys,
        regions=["us-east-1", "eu-west-1"],
        world=manual_world(),
        concurrency=5,
        connections=Connections(Nowhere, open_async_transport),
    )
    assert list(walk) == []
    assert len(walk.failures) == 8
    assert sorted(opened) == [f"https://lightsail.{region}.amazonaws.com" for region in ("eu-west-1", "us-east-1")]
    assert sorted(closed) == sorted(opened)


def test_a_walk_that_is_broken_off_waits_for_no_call() -> None:
    """One region answers, the other one hangs."""
    fleets = Fleets(manual_world(), accounts(1), ["us-east-1", "eu-west-1"], size=1, page_size=1)
    hangs, release = threading.Event(), threading.Event()

    class Hanging:
        def __init__(self, inner: Transport) -> None:
            self.inner = inner

        def send(self, request: Request) -> Response:
            if "/eu-west-1/" in request.headers["authorization"]:
                hangs.set()
                release.wait()
            return self.inner.send(request)

        def close(self) -> None:
            self.inner.close()

    open_inner = fleets.connections.open
    fleets.connections = Connections(lambda settings: Hanging(open_inner(settings)), open_async_transport)
    for page in fleets.walk():
        assert page.region == "us-east-1"
        hangs.wait()
        break
    assert not release.is_set()
    release.set()
