"""skysail's own client: the same life on every kind of endpoint, and pages that are boto3's for the same store."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import own_life
import skysail
from running_server import REGION, ZONE, RunningServer, neutral_environment

pytestmark = pytest.mark.whole

ORDER = {"availabilityZone": ZONE, "blueprintId": "debian_12", "bundleId": "nano_3_0"}


def python(folder: Path, *words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, *words],
        cwd=folder,
        env=neutral_environment(folder),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def printed(process: subprocess.Popen[str]) -> Any:
    """What a Python process that must succeed has printed, read as JSON."""
    out, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    return json.loads(out)


# One life ------------------------------------------------------------------------------------------------------

ENDPOINTS = ("local:", "local:./fleet.db", "http")


@pytest.fixture(scope="module")
def lives(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What a process saw, for each endpoint. They run side by side, for they wait for the clock."""
    folder = tmp_path_factory.mktemp("lives")
    with RunningServer(folder) as server:
        running = {
            endpoint: python(folder, own_life.__file__, server.url if endpoint == "http" else endpoint)
            for endpoint in ENDPOINTS
        }
        lived = {endpoint: printed(process) for endpoint, process in running.items()}
    return lived | {"folder": folder}


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_a_fleet_lives_the_same_life_on_every_endpoint(lives: dict[str, Any], endpoint: str) -> None:
    assert lives[endpoint] == {
        "created": ["Started"] * 45,
        "page sizes": [20, 20, 5],
        "names": own_life.NAMES[::-1],
        "states": ["running", "stopped", "running"],
        "left": ["own-3", "own-2", "own-1"],
        "refusal": ["NotFoundException", "DoesNotExist", "The Instance does not exist: own-45", 400],
    }


LOOK = """
import json, sys, skysail
client = skysail.client(region_name="us-east-1", endpoint_url=sys.argv[1],
                        aws_access_key_id="123456789012", aws_secret_access_key="secret")
print(json.dumps([instance["name"] for instance in client.get_instances()["instances"]]))
"""


def test_a_fleet_in_a_file_is_there_for_the_next_process_and_one_in_memory_is_not(lives: dict[str, Any]) -> None:
    folder = lives["folder"]
    assert printed(python(folder, "-c", LOOK, "local:fleet.db")) == ["own-3", "own-2", "own-1"]
    assert printed(python(folder, "-c", LOOK, "local:")) == []


# The same pages as boto3's -------------------------------------------------------------------------------------


def own(endpoint: str, account: str) -> skysail.Client:
    return skysail.client(
        region_name=REGION, endpoint_url=endpoint, aws_access_key_id=account, aws_secret_access_key="secret"
    )


def pages(client: Any, operation: str, **arguments: Any) -> list[dict[str, Any]]:
    """All pages, without what differs between any two walks: each answer's metadata, and each walk's NextToken."""
    found = list(client.get_paginator(operation).paginate(**arguments))
    aside = ("ResponseMetadata", "NextToken")
    return [{name: value for name, value in page.items() if name not in aside} for page in found]


def test_a_client_on_the_file_gives_the_pages_that_boto3_gets_from_the_server_on_it(
    served: Any, boto3_client: Any, account: str, tmp_path: Path
) -> None:
    server = served("--data", "fleet.db", "--pace", "instant")
    theirs, ours = boto3_client(server.url, account), own(f"local:{tmp_path / 'fleet.db'}", account)
    theirs.create_instances(instanceNames=[f"web-{number}" for number in range(30)], **ORDER)
    ours.create_instances(instanceNames=[f"db-{number}" for number in range(15)], **ORDER)
    ours.stop_instance(instanceName="web-3")
    both = pages(ours, "get_instances"), pages(theirs, "get_instances")
    assert both[0] == both[1]
    assert [len(page["instances"]) for page in both[0]] == [20, 20, 5]


@pytest.mark.parametrize("operation", ["get_bundles", "get_blueprints", "get_operations"])
def test_other_listings_are_boto3s_too(
    shared_servers: Callable[[int], RunningServer], boto3_client: Any, account: str, operation: str
) -> None:
    url = shared_servers(7).url
    theirs, ours = boto3_client(url, account), own(url, account)
    theirs.create_instances(instanceNames=[f"web-{number}" for number in range(9)], **ORDER)
    theirs.get_instances()  # at an instant pace, this is when they start to run, and their operations end
    assert pages(ours, operation) == pages(theirs, operation) != []


LETTERS = "abcXYZ019"
NAME = st.builds(
    "{}{}{}".format, st.sampled_from(LETTERS), st.text(f"{LETTERS}._-", max_size=9), st.sampled_from(LETTERS)
)
TAG = st.fixed_dictionaries(
    {"key": st.text("abc é+=:/@", min_size=1, max_size=6)}, optional={"value": st.text("xyz ", max_size=4)}
)
ORDERS = st.fixed_dictionaries(
    {
        "availabilityZone": st.sampled_from([f"{REGION}{letter}" for letter in "abcdf"]),
        "blueprintId": st.sampled_from(["debian_12", "ubuntu_24_04", "amazon_linux_2023"]),
    },
    optional={"tags": st.lists(TAG, max_size=3, unique_by=lambda tag: tag["key"])},
)
PLANS = st.one_of(
    st.fixed_dictionaries({"bundleId": st.just("nano_ipv6_3_0")}),
    st.fixed_dictionaries(
        {"bundleId": st.sampled_from(["nano_3_0", "xlarge_3_0"])},
        optional={"ipAddressType": st.sampled_from(["ipv4", "dualstack"])},
    ),
)
FLEETS = st.lists(st.tuples(NAME, ORDERS, PLANS, st.booleans()), max_size=9, unique_by=lambda one: one[0])
_numbers = count(700_000_000_000)


@settings(max_examples=12)
@given(fleet=FLEETS, page_size=st.sampled_from([1, 2, 7]), health=st.booleans(), most=st.none() | st.integers(1, 10))
def test_pages_of_any_fleet_are_boto3s(
    shared_servers: Any, boto3_client: Any, fleet: Any, page_size: int, health: bool, most: int | None
) -> None:
    url, account = shared_servers(page_size).url, str(next(_numbers))
    theirs, ours = boto3_client(url, account), own(url, account)
    for name, order, plan, is_stopped in fleet:
        ours.create_instances(instanceNames=[name], **order, **plan)
        if is_stopped:
            theirs.stop_instance(instanceName=name)
    theirs.get_instances()
    asked = {"includeHealthStatus": health, "PaginationConfig": {"MaxItems": most}}
    both = pages(ours, "get_instances", **asked), pages(theirs, "get_instances", **asked)
    assert both[0] == both[1]
    wanted = [name for name, *_ in fleet][::-1][:most]
    assert [instance["name"] for page in both[0] for instance in page["instances"]] == wanted
