"""The code that a page shows is run: by Python with boto3 and with skysail, by the AWS CLI, by skysail's command."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import skysail
from running_server import RunningServer, neutral_environment
from skysail.console.code import Called, aws_cli, codes, python, skysail_call
from skysail.protocol.model import service_model

pytestmark = pytest.mark.whole

ACCOUNT = "111122223333"
ODD = 'it\'s "so" $HOME; `ls`\\'
PORTS = [
    {"fromPort": 22, "toPort": 22, "protocol": "tcp", "cidrs": ["192.0.2.0/24"]},
    {"fromPort": 8000, "toPort": 8010, "protocol": "udp"},
]
AT = datetime(2026, 11, 1, tzinfo=UTC)
CALLS: dict[str, tuple[str, Mapping[str, Any]]] = {
    "texts and lists of texts": (
        "CreateInstances",
        {
            "instanceNames": ["a-1", "a-2"],
            "availabilityZone": "us-east-1a",
            "blueprintId": "debian_12",
            "bundleId": "nano_3_0",
            "userData": ODD,
            "tags": [{"key": "k", "value": "a b"}],
        },
    ),
    "structures in a list": ("PutInstancePublicPorts", {"instanceName": "web", "portInfos": PORTS}),
    "numbers": ("CreateDisk", {"diskName": "d-1", "availabilityZone": "us-east-1a", "sizeInGb": 8}),
    "truth": ("GetBundles", {"includeInactive": True}),
    "untruth": ("DeleteInstance", {"instanceName": "web", "forceDeleteAddOns": False}),
    "a structure": (
        "EnableAddOn",
        {
            "resourceName": "web",
            "addOnRequest": {"addOnType": "AutoSnapshot", "autoSnapshotAddOnRequest": {"snapshotTimeOfDay": "06:00"}},
        },
    ),
    "times": (
        "GetInstanceMetricData",
        {
            "instanceName": "web",
            "metricName": "CPUUtilization",
            "period": 300,
            "startTime": AT,
            "endTime": AT,
            "unit": "Percent",
            "statistics": ["Average", "Maximum"],
        },
    ),
    "nothing": ("GetRegions", {}),
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    with RunningServer(tmp_path_factory.mktemp("code"), "--page-size", "2") as server:
        client = skysail.client(
            region_name="us-east-1",
            endpoint_url=server.url,
            aws_access_key_id=ACCOUNT,
            aws_secret_access_key="any",
        )
        client.create_instances(
            instanceNames=[f"web-{one}" for one in range(5)],
            availabilityZone="us-east-1a",
            blueprintId="debian_12",
            bundleId="nano_3_0",
        )
        yield server


def expected(operation: str, arguments: Mapping[str, Any]) -> tuple[str, Any, str]:
    """As the service tells of the call: times as numbers, no secret."""
    told = {name: value.timestamp() if isinstance(value, datetime) else value for name, value in arguments.items()}
    return operation, {name: "***" if name == "userData" else value for name, value in told.items()}, ACCOUNT


def python_program(texts: list[str]) -> list[str]:
    """Runs them one after the other, whatever the service says to each."""
    each = "for text in json.loads(sys.argv[1]):\n    with suppress(Exception):\n        exec(text)"
    return [sys.executable, "-c", f"import json, sys\nfrom contextlib import suppress\n{each}", json.dumps(texts)]


def shell_program(texts: list[str]) -> list[str]:
    return ["bash", "-c", "\n".join([f"PATH={Path(sys.executable).parent}:$PATH", *texts])]


@pytest.mark.parametrize("how", range(4), ids=["boto3", "skysail", "AWS CLI", "skysail's command"])
def test_the_code_makes_the_call(server: RunningServer, tmp_path: Path, how: int) -> None:
    model = service_model()
    texts = [
        codes(Called(model.operation(operation), arguments, "us-east-1", server.url, ACCOUNT))[how].text
        for operation, arguments in CALLS.values()
    ]
    handle = skysail.server_handle(server.url)
    handle.calls.clear()
    words = (python_program if how < 2 else shell_program)(texts)
    subprocess.run(
        words, env=neutral_environment(tmp_path, AWS_PAGER=""), capture_output=True, timeout=100, check=False
    )
    calls = [(call["operation"], call["arguments"] or {}, call["account"]) for call in handle.calls()]
    assert calls == [expected(*call) for call in CALLS.values()]


def test_a_listing_goes_on_from_its_token(server: RunningServer, tmp_path: Path) -> None:
    client = skysail.client(
        region_name="us-east-1", endpoint_url=server.url, aws_access_key_id=ACCOUNT, aws_secret_access_key="any"
    )
    pages = client.get_paginator("get_instances").paginate(PaginationConfig={"MaxItems": 3})
    token = list(pages)[-1]["NextToken"]
    paging = {"MaxItems": 1, "StartingToken": token}
    called = Called(service_model().operation("GetInstances"), {}, "us-east-1", server.url, ACCOUNT, paging)
    following = client.get_paginator("get_instances").paginate(PaginationConfig=paging).build_full_result()
    [name] = [one["name"] for one in following["instances"]]
    for text in (aws_cli(called), skysail_call(called)):
        done = subprocess.run(
            ["bash", "-c", f"PATH={Path(sys.executable).parent}:$PATH; {text}"],
            env=neutral_environment(tmp_path, AWS_PAGER=""),
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert name in done.stdout, done.stderr
        assert not [f"web-{one}" for one in range(5) if f"web-{one}" in done.stdout and f"web-{one}" != name]
    printed = subprocess.run(
        [sys.executable, "-c", python("boto3", called)],
        env=neutral_environment(tmp_path),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert printed.stdout == "1\n"
