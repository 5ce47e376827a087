"""Where the tools of others are, and a server of ours for them to talk to."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator, Sequence
from itertools import count
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore import UNSIGNED
from botocore.awsrequest import AWSRequest

from bench import Bench, as_ours
from clients.terraform_calls import Provider
from running_server import REGION, RunningServer, neutral_environment
from skysail.protocol.sigv4 import Key, sign

_GIVEN = os.environ.get("SKYSAIL_CLIENTS", "")  # when tests are collected: while they run, none of ours is set
_accounts = map(str, count(500_000_000_000))

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def tools() -> Path:
    """The folder with the tools' commands; `make test-clients` sets it up and names it."""
    if not _GIVEN:
        pytest.skip("the tools are in an environment of their own: `make test-clients` runs this")
    folder = Path(_GIVEN).absolute()
    assert (folder / "python").exists(), f"SKYSAIL_CLIENTS names no environment's bin folder: {folder}"
    return folder


@pytest.fixture(scope="module")
def server(tools: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """In memory, with small pages, at an instant pace. Tests keep apart by account."""
    with RunningServer(tmp_path_factory.mktemp("server"), "--pace", "instant", "--page-size", "2") as server:
        yield server


@pytest.fixture
def account() -> str:
    """An account that no other test has: twelve digits, and the access key for it."""
    return next(_accounts)


@pytest.fixture
def surroundings(server: RunningServer, account: str, tmp_path: Path) -> dict[str, str]:
    """The environment of a tool that is pointed at the server, and at nothing else."""
    return neutral_environment(
        tmp_path,
        AWS_ACCESS_KEY_ID=account,
        AWS_SECRET_ACCESS_KEY="secret",
        AWS_DEFAULT_REGION=REGION,
        AWS_ENDPOINT_URL_LIGHTSAIL=server.url,
        AWS_ENDPOINT_URL_STS=server.url,
        AWS_MAX_ATTEMPTS="1",
        NO_PROXY="127.0.0.1,localhost",
    )


@pytest.fixture
def run(tools: Path, surroundings: dict[str, str], tmp_path: Path) -> Run:
    """`run("custodian", …)`: one of the tools' commands, finished, whatever came of it."""

    def finished(command: str, *words: object, **more: str) -> subprocess.CompletedProcess[str]:
        line: Sequence[str] = [str(tools / command), *map(str, words)]
        return subprocess.run(
            line, env={**surroundings, **more}, cwd=tmp_path, capture_output=True, text=True, timeout=110
        )

    return finished


@pytest.fixture
def lightsail(server: RunningServer, account: str) -> Any:
    """boto3 on the same account, to make what a tool is to find, and to look at what it did."""
    return boto3.client(
        "lightsail",
        region_name=REGION,
        endpoint_url=server.url,
        aws_access_key_id=account,
        aws_secret_access_key="secret",
    )


@pytest.fixture
def provider(bench: Bench) -> Iterator[Provider]:
    clients = [_botocore(bench, service) for service in ("lightsail", "sts")]
    yield Provider(*clients, bench.clock.advance)
    for client in clients:
        client.close()


def _botocore(bench: Bench, service: str) -> Any:
    """botocore's client, whose requests are signed by the bench's clock: botocore's own goes by the machine's."""

    def signed(request: AWSRequest, **_: Any) -> None:
        del request.headers["x-amz-date"], request.headers["authorization"]  # of an earlier try
        plain = as_ours(request.prepare())
        with_signature = sign(plain, Key("local", "local"), bench.region, service, bench.clock.now())
        for name in with_signature.headers.keys() - plain.headers.keys():
            request.headers[name] = with_signature.headers[name]

    client = bench.botocore(service, signature_version=UNSIGNED)
    client.meta.events.register(f"request-created.{service}", signed)
    return client
