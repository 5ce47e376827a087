"""The mocks that are measured, and the process that measures one: it loads nothing that a user's test would not.

python -m benchmarks.mocks NAME TESTS     0: only the first answer
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, NamedTuple

REGION = "us-east-1"
_CALLS = 50
"""Reads in one test, where a call is timed."""


class Peer(NamedTuple):
    """`mocked` is a block with a client; `create` and `read` are a test's calls."""

    mocked: Callable[[], AbstractContextManager[Any]]
    create: Callable[[Any], Any]
    read: Callable[[Any], Any]


def skysail() -> Peer:
    import boto3

    import skysail

    @contextmanager
    def mocked() -> Iterator[Any]:
        with skysail.mock(region=REGION):
            yield boto3.client("lightsail")

    return Peer(mocked, _create_lightsail, lambda client: client.get_instance(instanceName="web-1"))


def moto() -> Peer:
    import boto3
    from moto import mock_aws

    @contextmanager
    def mocked() -> Iterator[Any]:
        with mock_aws():
            yield boto3.client("ec2", region_name=REGION)

    return Peer(
        mocked,
        lambda client: client.run_instances(ImageId="ami-12c6146b", MinCount=1, MaxCount=1),
        lambda client: client.describe_instances(),
    )


def stubber() -> Peer:
    import boto3
    from botocore.stub import Stubber

    @contextmanager
    def mocked() -> Iterator[Any]:
        client = boto3.client("lightsail", REGION, aws_access_key_id="local", aws_secret_access_key="local")
        with Stubber(client) as stub:
            stub.add_response("create_instances", {"operations": []})
            for _ in range(_CALLS):
                stub.add_response("get_instance", {"instance": {"name": "web-1", "state": {"name": "running"}}})
            yield client

    return Peer(mocked, _create_lightsail, lambda client: client.get_instance(instanceName="web-1"))


PEERS: dict[str, Callable[[], Peer]] = {"skysail": skysail, "moto": moto, "Stubber": stubber}


def _create_lightsail(client: Any) -> None:
    client.create_instances(
        instanceNames=["web-1"], availabilityZone="us-east-1a", blueprintId="ubuntu_24_04", bundleId="nano_3_0"
    )


def first_answer(peer: Peer) -> None:
    with peer.mocked() as client:
        peer.create(client)


def warm(peer: Peer, tests: int) -> tuple[float, float]:
    """ms of a whole test, and of a read in one, when the process has done it before."""
    for _ in range(3):
        _test(peer)
    whole = [_timed(lambda: _test(peer)) for _ in range(tests)]
    with peer.mocked() as client:
        peer.create(client)
        calls = [_timed(lambda: peer.read(client)) for _ in range(_CALLS)]
    return _median(whole), _median(calls)


def _test(peer: Peer) -> None:
    with peer.mocked() as client:
        peer.create(client)
        peer.read(client)


def _timed(what: Callable[[], None]) -> float:
    began = time.perf_counter()
    what()
    return (time.perf_counter() - began) * 1_000


def _median(values: list[float]) -> float:
    return sorted(values)[len(values) // 2]  # `statistics` alone takes 10 ms to load


if __name__ == "__main__":
    peer, tests = PEERS[sys.argv[1]](), int(sys.argv[2])
    if tests:
        print(*warm(peer, tests))
    else:
        first_answer(peer)
