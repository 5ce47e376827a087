"""Real servers for the tests with real processes, and clients for them that are not ours."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from time import monotonic
from typing import Any

import boto3
import pytest
from botocore.config import Config

from running_server import REGION, RunningServer

Serve = Callable[..., RunningServer]
ClientFor = Callable[..., Any]


@pytest.fixture(scope="session", autouse=True)
def no_proxy() -> Iterator[None]:
    """A proxy of this machine is not for servers on it."""
    with pytest.MonkeyPatch.context() as environment:
        for name in ("http_proxy", "https_proxy", "all_proxy"):
            environment.delenv(name, raising=False)
            environment.delenv(name.upper(), raising=False)
        yield


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Serve]:
    """`served(*options)` starts a server; all of them end with the test, and none may have met a bug."""
    with ExitStack() as running:
        yield lambda *options, **more: running.enter_context(RunningServer(tmp_path, *options, **more))


@pytest.fixture(scope="session")
def shared_servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[int], RunningServer]]:
    """`shared_servers(n)` is a server with pages of n, in memory, at an instant pace. Tests keep apart by account."""
    with ExitStack() as running:
        started: dict[int, RunningServer] = {}

        def server(page_size: int) -> RunningServer:
            if page_size not in started:
                options = ("--pace", "instant", "--page-size", str(page_size))
                folder = tmp_path_factory.mktemp(f"pages-of-{page_size}")
                started[page_size] = running.enter_context(RunningServer(folder, *options))
            return started[page_size]

        yield server


_accounts = map(str, itertools.count(400_000_000_000))


@pytest.fixture
def account() -> str:
    """An account that no other test has: twelve digits, and the access key for it."""
    return next(_accounts)


@pytest.fixture(scope="session")
def boto3_client(no_aws_account: None) -> ClientFor:
    """`boto3_client(url, account)` is boto3 as it comes, pointed at a server."""
    session = boto3.Session()  # one: it keeps the service's model, which takes long to read

    def client(url: str, account: str, service: str = "lightsail", region: str = REGION) -> Any:
        return session.client(
            service,
            region_name=region,
            endpoint_url=url,
            aws_access_key_id=account,
            aws_secret_access_key="secret",
            config=Config(retries={"total_max_attempts": 1, "mode": "standard"}),
        )

    return client


@pytest.fixture
def reach() -> Callable[[Callable[[], str], str], None]:
    """`reach(ask, state)` asks until that is the answer; it fails where it is not after far longer than ever needed."""
    return _reach


def _reach(ask: Callable[[], str], wanted: str) -> None:
    deadline = monotonic() + 20
    while (found := ask()) != wanted:
        assert monotonic() < deadline, f"is {found} and never {wanted}"
