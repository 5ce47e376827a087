"""skysail.mock(): whose clients it answers, what it refuses, and that nothing is left of it."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import threading
import unittest
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from pathlib import Path
from typing import Any

import awscli
import boto3
import botocore.session
import pytest
from aiobotocore.session import get_session
from awscli.clidriver import create_clidriver
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError, HTTPClientError, NoCredentialsError
from moto import mock_aws

import skysail
from skysail.errors import OutsideMockError, UsageError

MADE_BEFORE = boto3.client("lightsail", region_name="us-east-1")
BOTOCORE_BEFORE = botocore.session.Session().create_client("lightsail", region_name="us-east-1")
OWN_BEFORE = skysail.client("lightsail", region_name="us-east-1")
ONE_TRY = Config(retries={"total_max_attempts": 1})


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever would open a connection fails the test."""

    def refuse(self: socket.socket, address: Any) -> None:
        raise AssertionError(f"a socket to {address}")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket.socket, "connect_ex", refuse)


def create(client: Any, *names: str) -> None:
    client.create_instances(
        instanceNames=list(names), availabilityZone="us-east-1a", blueprintId="ubuntu_24_04", bundleId="nano_3_0"
    )


def names(client: Any) -> list[str]:
    return sorted(instance["name"] for instance in client.get_instances()["instances"])


@skysail.mock()
def test_create_and_describe() -> None:
    """As moto's users write their tests, with skysail.mock where mock_aws stood."""
    client = boto3.client("lightsail", region_name="us-east-1")
    create(client, "web-1")
    instance = client.get_instance(instanceName="web-1")["instance"]
    assert (instance["state"]["name"], instance["blueprintId"]) == ("running", "ubuntu_24_04")
    client.delete_instance(instanceName="web-1")
    with pytest.raises(ClientError) as refused:
        client.get_instance(instanceName="web-1")
    assert refused.value.response["Error"]["Code"] == "NotFoundException"


CLIENTS: dict[str, Callable[[], Any]] = {
    "boto3, made inside": lambda: boto3.client("lightsail"),
    "boto3, made before": lambda: MADE_BEFORE,
    "boto3, another session": lambda: boto3.session.Session(region_name="us-east-1").client("lightsail"),
    "botocore, made inside": lambda: botocore.session.get_session().create_client("lightsail"),
    "botocore, made before": lambda: BOTOCORE_BEFORE,
    "with an endpoint of its own": lambda: boto3.client("lightsail", endpoint_url="http://127.0.0.1:9"),
    "skysail, made inside": lambda: skysail.client(),
    "skysail, made before": lambda: OWN_BEFORE,
}


@pytest.mark.parametrize("make", CLIENTS.values(), ids=CLIENTS)
def test_every_client_comes_to_the_mock(make: Callable[[], Any]) -> None:
    with skysail.mock() as lightsail:
        client = make()
        create(client, "web-1")
        assert names(client) == ["web-1"] == names(lightsail.client())


def test_a_client_made_before_goes_its_own_way_afterwards() -> None:
    with skysail.mock():
        create(MADE_BEFORE, "web-1")
    with pytest.raises(NoCredentialsError):
        MADE_BEFORE.get_instances()


def test_paginators_and_their_tokens_work() -> None:
    with skysail.mock(page_size=2):
        create(MADE_BEFORE, *(f"web-{number}" for number in range(5)))
        pages = list(MADE_BEFORE.get_paginator("get_instances").paginate())
        assert [len(page["instances"]) for page in pages] == [2, 2, 1]


def test_aiobotocore_and_the_own_asynchronous_client_are_answered() -> None:
    @skysail.mock()
    async def run() -> tuple[list[str], list[str]]:
        async with get_session().create_client("lightsail") as client:
            await client.create_instances(
                instanceNames=["web-1"], availabilityZone="us-east-1a", blueprintId="debian_12", bundleId="nano_3_0"
            )
            with pytest.raises(ClientError, match="NotFoundException"):
                await client.get_instance(instanceName="nobody")
            theirs = [instance["name"] for instance in (await client.get_instances())["instances"]]
        async with skysail.async_client("lightsail") as own:
            return theirs, [instance["name"] for instance in (await own.get_instances())["instances"]]

    assert asyncio.run(run()) == (["web-1"], ["web-1"])


def test_the_aws_cli_in_this_process_is_answered(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_DATA_PATH", str(Path(awscli.__file__).parent / "data"))  # as its import sets it
    with skysail.mock() as lightsail:
        create(lightsail.client(), "web-1")
        assert create_clidriver().main(["lightsail", "get-instances", "--query", "instances[].name"]) == 0
        assert create_clidriver().main(["sts", "get-caller-identity", "--output", "text"]) == 0
    shown = capsys.readouterr().out
    assert '"web-1"' in shown
    assert shown.splitlines()[-1].startswith("123456789012\t")


def test_all_keys_belong_to_one_account() -> None:
    with skysail.mock(account="444455556666"):
        create(boto3.client("lightsail", aws_access_key_id="AKIAONE", aws_secret_access_key="one"), "web-1")
        other = boto3.client("lightsail", aws_access_key_id="AKIATWO", aws_secret_access_key="two")
        assert names(other) == ["web-1"]
        assert boto3.client("sts").get_caller_identity()["Account"] == "444455556666"
        assert ":444455556666:" in other.get_instance(instanceName="web-1")["instance"]["arn"]


def test_regions_are_the_clients_own() -> None:
    with skysail.mock(region="eu-west-1"):
        assert boto3.client("lightsail").meta.region_name == "eu-west-1"
        create(boto3.client("lightsail", region_name="us-east-1"), "web-1")
        assert names(boto3.client("lightsail")) == []


def test_another_service_is_refused_with_the_way_out() -> None:
    with skysail.mock(), pytest.raises(OutsideMockError) as refused:
        boto3.client("s3").list_buckets()
    assert str(refused.value) == (
        "s3.ListBuckets would leave this process; skysail mocks lightsail and sts.GetCallerIdentity — allow it: "
        'skysail.mock(passthrough=["s3"]), or open moto\'s mock_aws too'
    )


def test_another_service_is_refused_by_name_also_where_its_client_was_made_before_and_has_no_keys() -> None:
    client = boto3.client("s3", region_name="us-east-1")
    with skysail.mock(), pytest.raises(OutsideMockError, match=r"s3\.ListBuckets would leave"):
        client.list_buckets()
    with skysail.mock(passthrough=["s3"]), pytest.raises(NoCredentialsError):
        client.list_buckets()


def test_another_operation_of_sts_is_refused_as_well() -> None:
    with skysail.mock(), pytest.raises(OutsideMockError, match=r"sts\.AssumeRole would leave"):
        boto3.client("sts").assume_role(RoleArn="arn:aws:iam::123456789012:role/one", RoleSessionName="two")


@pytest.mark.parametrize("passthrough", ["s3", "http://127.0.0.1:9"])
def test_what_is_let_through_goes_out(passthrough: str) -> None:
    with skysail.mock(passthrough=[passthrough]):
        client = boto3.client("s3", endpoint_url="http://127.0.0.1:9", config=ONE_TRY)
        with pytest.raises(HTTPClientError, match="a socket to"):
            client.list_buckets()


@pytest.mark.parametrize("outermost", ["moto", "skysail"])
def test_beside_moto_each_answers_what_is_its_own(outermost: str) -> None:
    mocks = [mock_aws(), skysail.mock()]
    first, second = mocks if outermost == "moto" else reversed(mocks)
    with first, second:
        s3 = boto3.client("s3")
        s3.create_bucket(Bucket="mine")
        assert [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]] == ["mine"]
        create(boto3.client("lightsail"), "web-1")
        assert names(MADE_BEFORE) == ["web-1"]
        role = boto3.client("sts").assume_role(RoleArn="arn:aws:iam::123456789012:role/one", RoleSessionName="two")
        assert role["AssumedRoleUser"]["Arn"].endswith("one/two")
        assert boto3.client("sts").get_caller_identity()["Account"] == "123456789012"


def test_variables_and_the_default_session_are_put_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "prod")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    before = dict(os.environ)
    with pytest.raises(ZeroDivisionError), skysail.mock():
        assert "AWS_PROFILE" not in os.environ
        boto3.setup_default_session(region_name="eu-west-1")
        with skysail.mock(region="ap-south-1"):
            assert os.environ["AWS_REGION"] == "ap-south-1"
        raise ZeroDivisionError
    assert dict(os.environ) == before
    assert boto3.DEFAULT_SESSION is None


def test_surroundings_can_be_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "prod")
    with skysail.mock(credentials=False):
        assert os.environ["AWS_PROFILE"] == "prod"
        assert names(MADE_BEFORE) == []


def test_nested_mocks_do_not_see_one_another() -> None:
    with skysail.mock():
        create(MADE_BEFORE, "outer")
        with skysail.mock():
            assert names(MADE_BEFORE) == []
            create(MADE_BEFORE, "inner")
        assert names(MADE_BEFORE) == ["outer"]


def test_threads_with_mocks_of_their_own_do_not_see_one_another() -> None:
    together = threading.Barrier(4)

    def life(number: int) -> list[str]:
        with skysail.mock():
            together.wait()
            create(MADE_BEFORE, f"web-{number}")
            together.wait()
            return names(MADE_BEFORE)

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(life, range(4))) == [[f"web-{number}"] for number in range(4)]


def test_tasks_with_mocks_of_their_own_do_not_see_one_another() -> None:
    async def life(number: int) -> list[str]:
        with skysail.mock():
            create(MADE_BEFORE, f"web-{number}")
            await asyncio.sleep(0)
            return await asyncio.to_thread(names, MADE_BEFORE)

    async def lives() -> list[list[str]]:
        return await asyncio.gather(*(life(number) for number in range(4)))

    assert asyncio.run(lives()) == [[f"web-{number}"] for number in range(4)]


def test_a_thread_begun_inside_is_inside() -> None:
    with skysail.mock(), skysail.mock(), ThreadPoolExecutor(1) as pool:
        create(MADE_BEFORE, "web-1")
        assert pool.submit(names, MADE_BEFORE).result() == ["web-1"]


def test_a_thread_that_could_be_in_either_of_two_is_told_so() -> None:
    opened, done = threading.Event(), threading.Event()

    def other() -> None:
        with skysail.mock():
            opened.set()
            done.wait(10)

    with ThreadPoolExecutor(2) as pool, skysail.mock():
        pool.submit(other)
        assert opened.wait(10)
        try:
            with pytest.raises(UsageError, match="this thread has no mock of its own, and several are open"):
                pool.submit(names, MADE_BEFORE).result()
            assert pool.submit(copy_context().run, names, MADE_BEFORE).result() == []
        finally:
            done.set()


def test_a_task_that_outlives_its_mock_is_outside() -> None:
    async def run() -> None:
        go_on = asyncio.Event()

        async def late() -> None:
            await go_on.wait()
            MADE_BEFORE.get_instances()

        with skysail.mock():
            task = asyncio.create_task(late())
            await asyncio.sleep(0)
        go_on.set()
        with pytest.raises(NoCredentialsError):
            await task

    asyncio.run(run())


def test_faults_arrive_as_the_network_would_bring_them() -> None:
    with skysail.mock() as lightsail:
        client = boto3.client("lightsail", config=ONE_TRY)
        lightsail.faults.throttle("GetInstances", first=1)
        with pytest.raises(ClientError, match="ThrottlingException"):
            client.get_instances()
        lightsail.faults.cut("GetInstances", first=1)
        with pytest.raises(ConnectionClosedError):
            client.get_instances()
        assert client.get_instances()["instances"] == []


@skysail.mock()
def names_of_a_function() -> list[str]:
    create(MADE_BEFORE, "web-1")
    return names(MADE_BEFORE)


@skysail.mock()
async def names_of_a_coroutine() -> list[str]:
    create(MADE_BEFORE, "web-1")
    return names(MADE_BEFORE)


@skysail.mock()
def names_of_a_generator() -> Iterator[list[str]]:
    create(MADE_BEFORE, "web-1")
    yield names(MADE_BEFORE)
    assert names(MADE_BEFORE) == ["web-1", "web-2"]


@skysail.mock()
async def names_of_an_async_generator() -> AsyncIterator[list[str]]:
    create(MADE_BEFORE, "web-1")
    yield names(MADE_BEFORE)


def test_each_call_of_a_decorated_function_has_a_mock_of_its_own() -> None:
    for _ in range(2):
        assert names_of_a_function() == ["web-1"]
        assert asyncio.run(names_of_a_coroutine()) == ["web-1"]


def test_a_decorated_generator_has_its_mock_open_between_its_steps() -> None:
    for given in names_of_a_generator():
        assert given == ["web-1"]
        create(MADE_BEFORE, "web-2")
    with pytest.raises(NoCredentialsError):
        MADE_BEFORE.get_instances()

    async def walk() -> list[list[str]]:
        return [given async for given in names_of_an_async_generator()]

    assert asyncio.run(walk()) == [["web-1"]]


@skysail.mock()
class TestDecorated:
    def test_one(self) -> None:
        create(MADE_BEFORE, "web-1")
        assert names(MADE_BEFORE) == ["web-1"]

    def test_two(self) -> None:
        assert names(MADE_BEFORE) == []

    @staticmethod
    def test_static() -> None:
        with pytest.raises(NoCredentialsError):
            MADE_BEFORE.get_instances()


@skysail.mock()
class TestWithSetUp:
    def setup_method(self) -> None:
        create(MADE_BEFORE, "made-first")

    def teardown_method(self) -> None:
        assert "made-first" in names(MADE_BEFORE)

    def test_one(self) -> None:
        create(MADE_BEFORE, "web-1")
        assert names(MADE_BEFORE) == ["made-first", "web-1"]

    def test_two(self) -> None:
        assert names(MADE_BEFORE) == ["made-first"]


@skysail.mock()
class TestOfUnittest(unittest.TestCase):
    def setUp(self) -> None:
        create(MADE_BEFORE, "made-first")

    def tearDown(self) -> None:
        assert "made-first" in names(MADE_BEFORE)

    def test_one(self) -> None:
        create(MADE_BEFORE, "web-1")
        assert names(MADE_BEFORE) == ["made-first", "web-1"]

    def test_two(self) -> None:
        assert names(MADE_BEFORE) == ["made-first"]


def test_what_cannot_be_decorated_is_told() -> None:
    with pytest.raises(UsageError, match="Fleet has no method named test…"):

        @skysail.mock()
        class Fleet:
            def look(self) -> None: ...

    with pytest.raises(UsageError, match="decorates functions and classes, not 5"):
        skysail.mock()(5)  # type: ignore[type-var]


def test_importing_skysail_puts_nothing_into_botocore() -> None:
    code = (
        "import skysail, sys, botocore.handlers as handlers; before = len(handlers.BUILTIN_HANDLERS); skysail.client; "
        "assert len(handlers.BUILTIN_HANDLERS) == before; assert 'skysail.mocking.mock' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
