"""boto3 as it comes, against a server in another process: a fleet's whole life, its listings, its refusals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from running_server import REGION, ZONE, RunningServer

pytestmark = pytest.mark.whole

ORDER = {"availabilityZone": ZONE, "blueprintId": "debian_12", "bundleId": "nano_3_0"}
NAMES = [f"web-{number}" for number in range(1, 24)]


@pytest.fixture
def client(
    shared_servers: Callable[[int], RunningServer], boto3_client: Callable[..., Any], account: str
) -> Callable[[int], Any]:
    """`client(n)`: boto3, at the server with pages of n, in an account of the test's own."""
    return lambda page_size: boto3_client(shared_servers(page_size).url, account)


def names(instances: list[dict[str, Any]]) -> list[str]:
    return [instance["name"] for instance in instances]


def test_an_instance_lives_through_every_state(client: Any, reach: Any) -> None:
    lightsail = client(20)

    def state() -> str:
        return str(lightsail.get_instance(instanceName="web-1")["instance"]["state"]["name"])

    (operation,) = lightsail.create_instances(instanceNames=["web-1"], **ORDER)["operations"]
    assert (operation["operationType"], operation["status"]) == ("CreateInstance", "Started")
    reach(state, "running")
    done = lightsail.get_operation(operationId=operation["id"])["operation"]
    assert (done["status"], done["isTerminal"]) == ("Succeeded", True)
    first_address = lightsail.get_instance(instanceName="web-1")["instance"]["publicIpAddress"]

    lightsail.stop_instance(instanceName="web-1")
    reach(state, "stopped")
    assert "publicIpAddress" not in lightsail.get_instance(instanceName="web-1")["instance"]
    lightsail.start_instance(instanceName="web-1")
    reach(state, "running")
    second_address = lightsail.get_instance(instanceName="web-1")["instance"]["publicIpAddress"]
    assert second_address != first_address

    (operation,) = lightsail.reboot_instance(instanceName="web-1")["operations"]
    assert operation["status"] == "Succeeded"
    assert state() == "running"
    assert lightsail.get_instance(instanceName="web-1")["instance"]["publicIpAddress"] == second_address

    (operation,) = lightsail.delete_instance(instanceName="web-1")["operations"]
    assert operation["status"] == "Succeeded"
    with pytest.raises(lightsail.exceptions.NotFoundException):
        lightsail.get_instance(instanceName="web-1")
    journal = lightsail.get_operations_for_resource(resourceName="web-1")["operations"]
    assert [entry["operationType"] for entry in journal] == [
        "DeleteInstance", "RebootInstance", "StartInstance", "StopInstance", "CreateInstance",
    ]  # fmt: skip


@pytest.mark.parametrize("page_size", [1, 2, 7, 20])
def test_every_page_is_full_but_the_last_and_has_the_newest_first(client: Any, page_size: int) -> None:
    lightsail = client(page_size)
    lightsail.create_instances(instanceNames=NAMES, **ORDER)
    listed = NAMES[::-1]
    pages = list(lightsail.get_paginator("get_instances").paginate())
    assert [names(page["instances"]) for page in pages] == [
        listed[start : start + page_size] for start in range(0, len(listed), page_size)
    ]
    assert ["nextPageToken" in page for page in pages] == [True] * (len(pages) - 1) + [False]


def test_without_an_option_a_page_has_20_instances(served: Any, boto3_client: Any, account: str) -> None:
    lightsail = boto3_client(served("--pace", "instant").url, account)
    lightsail.create_instances(instanceNames=NAMES, **ORDER)
    first = lightsail.get_instances()
    second = lightsail.get_instances(pageToken=first["nextPageToken"])
    assert (len(first["instances"]), len(second["instances"]), "nextPageToken" in second) == (20, 3, False)


@pytest.mark.parametrize("most", [1, 6, 7, 8, 22])
def test_max_items_ends_a_listing_and_its_starting_token_goes_on_with_it(client: Any, most: int) -> None:
    lightsail = client(7)
    lightsail.create_instances(instanceNames=NAMES, **ORDER)
    paginator = lightsail.get_paginator("get_instances")
    first = paginator.paginate(PaginationConfig={"MaxItems": most}).build_full_result()
    rest = paginator.paginate(PaginationConfig={"StartingToken": first["NextToken"]}).build_full_result()
    assert len(first["instances"]) == most
    assert names(first["instances"] + rest["instances"]) == NAMES[::-1]


def test_a_listing_goes_on_where_it_was_while_the_fleet_changes(client: Any) -> None:
    lightsail = client(2)
    lightsail.create_instances(instanceNames=NAMES[:6], **ORDER)
    pages = iter(lightsail.get_paginator("get_instances").paginate())
    assert names(next(pages)["instances"]) == ["web-6", "web-5"]
    lightsail.delete_instance(instanceName="web-5")  # the one that the next page is asked for behind
    lightsail.delete_instance(instanceName="web-3")
    lightsail.create_instances(instanceNames=["late"], **ORDER)
    assert [names(page["instances"]) for page in pages] == [["web-4", "web-2"], ["web-1"]]


def test_a_search_runs_over_all_pages(client: Any) -> None:
    lightsail = client(2)
    lightsail.create_instances(instanceNames=NAMES[:5], **ORDER)
    found = lightsail.get_paginator("get_instances").paginate().search("instances[?ends_with(name, '4')].name")
    assert list(found) == ["web-4"]


def test_sts_says_which_account_a_key_belongs_to(
    shared_servers: Callable[[int], RunningServer], boto3_client: Any, client: Any, account: str
) -> None:
    sts = boto3_client(shared_servers(20).url, account, service="sts")
    caller = sts.get_caller_identity()
    assert (caller["Account"], caller["UserId"], caller["Arn"]) == (account, account, f"arn:aws:iam::{account}:root")
    lightsail = client(20)
    lightsail.create_instances(instanceNames=["web-1"], **ORDER)
    arn = lightsail.get_instance(instanceName="web-1")["instance"]["arn"]
    assert arn.startswith(f"arn:aws:lightsail:{REGION}:{account}:Instance/")


def test_accounts_and_regions_see_their_own_fleet_only(shared_servers: Any, boto3_client: Any, account: str) -> None:
    url = shared_servers(20).url
    here = boto3_client(url, account)
    here.create_instances(instanceNames=["web-1"], **ORDER)
    assert boto3_client(url, account, region="eu-west-1").get_instances()["instances"] == []
    assert boto3_client(url, f"9{account[1:]}").get_instances()["instances"] == []
    assert names(here.get_instances()["instances"]) == ["web-1"]


REFUSED: dict[str, tuple[str, dict[str, Any], str, str | None, str]] = {
    "a name that is in use": (
        "create_instances", {"instanceNames": ["new", "web-1"], **ORDER},
        "InvalidInputException", "NameExists", "Some names are already in use: web-1",
    ),
    "a bundle of another region": (
        "create_instances", {"instanceNames": ["new"], **ORDER, "bundleId": "nano_3_1"},
        "InvalidInputException", "InvalidParams", "The specified bundle does not exist in this region: nano_3_1",
    ),
    "no such instance": (
        "get_instance", {"instanceName": "nobody"},
        "NotFoundException", "DoesNotExist", "The Instance does not exist: nobody",
    ),
    "to start what runs": (
        "start_instance", {"instanceName": "web-1"},
        "InvalidInputException", "InvalidState", "The instance can't be started because it is not stopped: web-1",
    ),
    "a page token of nobody's": (
        "get_instances", {"pageToken": "bm90IGEgdG9rZW4="},
        "InvalidInputException", "InvalidParams", "The page token is not valid.",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_a_refusal_is_raised_as_the_models_own_class(client: Any, case: str) -> None:
    method, arguments, kind, code, text = REFUSED[case]
    lightsail = client(20)
    lightsail.create_instances(instanceNames=["web-1"], **ORDER)
    with pytest.raises(getattr(lightsail.exceptions, kind)) as raised:
        getattr(lightsail, method)(**arguments)
    response = raised.value.response
    assert (response["Error"]["Code"], response["code"], response["Error"]["Message"]) == (kind, code, text)
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert len(response["ResponseMetadata"]["RequestId"]) == 36
    assert names(lightsail.get_instances()["instances"]) == ["web-1"]
