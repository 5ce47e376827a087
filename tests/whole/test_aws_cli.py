"""The AWS CLI as it comes, against a server in another process; and listings handed on from one tool to another."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

import skysail
from running_server import REGION, ZONE, RunningServer, neutral_environment

AWS = Path(sys.executable).with_name("aws")
pytestmark = [
    pytest.mark.whole,
    pytest.mark.skipif(not AWS.exists(), reason=f"the AWS CLI is not installed beside {sys.executable}"),
]

ORDER = {"availabilityZone": ZONE, "blueprintId": "debian_12", "bundleId": "nano_3_0"}
ORDER_OPTIONS = ("--availability-zone", ZONE, "--blueprint-id", "debian_12", "--bundle-id", "nano_3_0")
FLEET = [f"web-{number}" for number in range(1, 6)]
TOOLS = ("aws", "boto3", "skysail")
REFUSED = 255  # what the AWS CLI exits with when a service says no

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def server(shared_servers: Callable[[int], RunningServer]) -> RunningServer:
    return shared_servers(2)


@pytest.fixture
def run(server: RunningServer, account: str, tmp_path: Path) -> Run:
    """`run("get-instances", …)`: one `aws lightsail` command, finished, whatever came of it."""
    environment = neutral_environment(
        tmp_path,
        AWS_ACCESS_KEY_ID=account,
        AWS_SECRET_ACCESS_KEY="secret",
        AWS_DEFAULT_REGION=REGION,
        AWS_ENDPOINT_URL_LIGHTSAIL=server.url,
        AWS_MAX_ATTEMPTS="1",
        AWS_PAGER="",
    )
    return lambda *words: subprocess.run(
        [AWS, "lightsail", *words], env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=60
    )


@pytest.fixture
def answer(run: Run) -> Callable[..., Any]:
    """The same for a command that must succeed: what it printed, as JSON is read."""

    def parsed(*words: str) -> Any:
        done = run(*words, "--output", "json")
        assert (done.returncode, done.stderr) == (0, "")
        return json.loads(done.stdout)

    return parsed


@pytest.fixture
def own_client(server: RunningServer, account: str) -> Any:
    """skysail's own client, for the same account."""
    return skysail.client(
        region_name=REGION, endpoint_url=server.url, aws_access_key_id=account, aws_secret_access_key="secret"
    )


def test_an_instance_lives_through_every_state(answer: Any, run: Run) -> None:
    def state() -> str:
        return str(answer("get-instance-state", "--instance-name", "web", "--query", "state.name"))

    made = answer("create-instances", "--instance-names", "web", *ORDER_OPTIONS)
    assert [(entry["operationType"], entry["status"]) for entry in made["operations"]] == [
        ("CreateInstance", "Started")
    ]
    assert state() == "running"
    answer("stop-instance", "--instance-name", "web")
    assert state() == "stopped"
    answer("start-instance", "--instance-name", "web")
    assert state() == "running"
    deleted = answer("delete-instance", "--instance-name", "web")
    assert deleted["operations"][0]["status"] == "Succeeded"
    gone = run("get-instance", "--instance-name", "web")
    assert gone.returncode == REFUSED


def test_all_pages_are_fetched_and_joined_into_one_answer(answer: Any, own_client: Any) -> None:
    own_client.create_instances(instanceNames=FLEET, **ORDER)
    whole = answer("get-instances")
    assert [instance["name"] for instance in whole["instances"]] == FLEET[::-1]
    assert "nextPageToken" not in whole


def test_a_query_is_answered_over_all_pages(answer: Any, own_client: Any) -> None:
    own_client.create_instances(instanceNames=FLEET, **ORDER)
    assert answer("get-instances", "--query", "instances[?ends_with(name, '2')].[name, state.name]") == [
        ["web-2", "running"]
    ]


def test_max_items_and_starting_token_take_a_listing_in_pieces(answer: Any, own_client: Any) -> None:
    own_client.create_instances(instanceNames=FLEET, **ORDER)
    first = answer("get-instances", "--max-items", "3")
    rest = answer("get-instances", "--starting-token", first["NextToken"])
    assert [[instance["name"] for instance in part["instances"]] for part in (first, rest)] == [
        ["web-5", "web-4", "web-3"],
        ["web-2", "web-1"],
    ]
    assert "NextToken" not in rest


def test_without_paging_the_services_own_page_and_token_are_shown(answer: Any, own_client: Any) -> None:
    own_client.create_instances(instanceNames=FLEET, **ORDER)
    first = answer("get-instances", "--no-paginate")
    second = answer("get-instances", "--page-token", first["nextPageToken"])
    assert [[instance["name"] for instance in page["instances"]] for page in (first, second)] == [
        ["web-5", "web-4"],
        ["web-3", "web-2"],
    ]


SAYS = {
    "no such instance": (
        ("get-instance", "--instance-name", "nobody"),
        "(NotFoundException) when calling the GetInstance operation: The Instance does not exist: nobody",
    ),
    "a name in use": (
        ("create-instances", "--instance-names", "web-1", *ORDER_OPTIONS),
        "(InvalidInputException) when calling the CreateInstances operation: Some names are already in use: web-1",
    ),
    "a bad page token": (
        ("get-instances", "--page-token", "nonsense"),
        "(InvalidInputException) when calling the GetInstances operation: The page token is not valid.",
    ),
    "an unknown bundle": (
        ("create-instances", "--instance-names", "new", *ORDER_OPTIONS[:-1], "nano_9_0"),
        "(InvalidInputException) when calling the CreateInstances operation: "
        "The specified bundle does not exist in this region: nano_9_0",
    ),
}


@pytest.mark.parametrize("case", SAYS)
def test_a_refusal_is_the_last_line_of_standard_error(run: Run, own_client: Any, case: str) -> None:
    words, text = SAYS[case]
    own_client.create_instances(instanceNames=FLEET, **ORDER)
    done = run(*words)
    assert (done.returncode, done.stdout) == (REFUSED, "")
    assert done.stderr.strip() == f"An error occurred {text}"


# Listings handed on --------------------------------------------------------------------------------------------


@pytest.fixture
def listed(
    server: RunningServer, account: str, answer: Any, own_client: Any, boto3_client: Callable[..., Any]
) -> Callable[..., Any]:
    """`listed(tool, max_items=…, token=…)`: one stretch of the listing, by one of the tools."""
    clients = {"boto3": boto3_client(server.url, account), "skysail": own_client}

    def stretch(tool: str, max_items: int | None = None, token: str | None = None) -> Any:
        if tool == "aws":
            options = {"--max-items": max_items, "--starting-token": token}
            given = [str(word) for pair in options.items() if pair[1] is not None for word in pair]
            return answer("get-instances", *given)
        config = {"MaxItems": max_items, "StartingToken": token}
        paginator = clients[tool].get_paginator("get_instances")
        return paginator.paginate(PaginationConfig=config).build_full_result()

    return stretch


@pytest.mark.parametrize(("first", "second"), list(permutations(TOOLS, 2)))
def test_a_listing_begun_with_one_tool_is_finished_with_another(
    own_client: Any, listed: Any, first: str, second: str
) -> None:
    own_client.create_instances(instanceNames=FLEET, **ORDER)
    begun = listed(first, max_items=3)  # in the middle of a page of two
    finished = listed(second, token=begun["NextToken"])
    assert [instance["name"] for instance in begun["instances"] + finished["instances"]] == FLEET[::-1]


def test_all_tools_give_the_same_token_for_the_same_place(own_client: Any, listed: Any) -> None:
    own_client.create_instances(instanceNames=FLEET, **ORDER)
    assert len({listed(tool, max_items=3)["NextToken"] for tool in TOOLS}) == 1
