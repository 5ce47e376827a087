"""`skysail.client(…)`: which transport an endpoint gets, what is refused, and what is loaded for it."""

from __future__ import annotations

import inspect
import subprocess
import sys
from typing import Any

import boto3
import pytest
from botocore.exceptions import NoRegionError

import skysail
from skysail.caller.http import HttpTransport
from skysail.caller.transport import InProcess
from skysail.errors import BadEndpointError, UnknownServiceError, UsageError
from skysail.world import manual_world


def test_client_is_at_the_top_of_the_package() -> None:
    client = skysail.client("lightsail", region_name="us-east-1", endpoint_url="local:")
    assert isinstance(client, skysail.Client)
    assert skysail.client("lightsail", "us-east-1", endpoint_url="local:").meta.region_name == "us-east-1"


TRANSPORTS = {
    "local:": InProcess,
    "http://127.0.0.1:4571": HttpTransport,
    "https://lightsail.eu-west-1.amazonaws.com": HttpTransport,
    "demo": HttpTransport,
}


@pytest.mark.parametrize("endpoint", TRANSPORTS)
def test_an_endpoint_has_its_transport(endpoint: str) -> None:
    client = skysail.client("lightsail", region_name="us-east-1", endpoint_url=endpoint)
    assert type(client._transport) is TRANSPORTS[endpoint]


REFUSED: dict[str, tuple[dict[str, Any], type[Exception], str]] = {
    "another service": ({"service_name": "s3"}, UnknownServiceError, "Unknown service: 's3'"),
    "no region": ({}, NoRegionError, "You must specify a region"),
    "a bad endpoint": ({"region_name": "us-east-1", "endpoint_url": "x"}, BadEndpointError, "endpoint 'x' cannot"),
}


@pytest.mark.parametrize("why", REFUSED)
def test_what_cannot_be_opened_is_refused_at_once(why: str) -> None:
    arguments, kind, text = REFUSED[why]
    with pytest.raises(kind, match=text):
        skysail.client(**arguments)


def test_another_version_of_the_api_is_refused() -> None:
    skysail.client("lightsail", region_name="us-east-1", api_version="2016-11-28")
    with pytest.raises(UsageError, match="one version, 2016-11-28"):
        skysail.client("lightsail", region_name="us-east-1", api_version="2017-01-01")


def test_the_arguments_are_boto3s() -> None:
    """All that boto3.client takes, but what only makes sense there."""
    theirs = set(inspect.signature(boto3.session.Session.client).parameters) - {"self", "aws_account_id"}
    ours = set(inspect.signature(skysail.client).parameters)
    assert theirs <= ours
    assert ours - theirs == {"profile_name", "world"}


def test_a_clients_world_is_the_one_it_is_given() -> None:
    client = skysail.client("lightsail", endpoint_url="local:", world=manual_world())
    assert client._world.now() == 1_700_000_000.0


LOADED = {
    # a program: modules that it must not have loaded
    "import skysail": ("botocore", "msgspec", "urllib3", "skysail.caller", "skysail.server"),
    "import skysail; skysail.client('lightsail', 'us-east-1', endpoint_url='http://127.0.0.1:9')": (
        "botocore.session", "botocore.client", "botocore.parsers", "skysail.server", "skysail.store", "asyncio"
    ),
    "import skysail; skysail.client('lightsail', 'us-east-1', endpoint_url='local:').get_instances()": (
        "botocore.session", "botocore.client", "botocore.validate", "httptools", "rich", "click"
    ),
}  # fmt: skip


@pytest.mark.parametrize("program", LOADED)
def test_what_is_not_needed_is_not_loaded(program: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", f"import sys; {program}; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = set(ended.stdout.split())
    assert loaded.isdisjoint(LOADED[program])


def test_a_name_that_is_not_there_is_told() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'clients'"):
        skysail.clients  # type: ignore[attr-defined]
    assert set(skysail.__all__) <= set(dir(skysail))
    for name in skysail.__all__:
        assert getattr(skysail, name) is not None
