"""Deployments of container services: versions, states, what fails, logs, metrics, and refusals."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bench import START, Bench, Refusal, entries, refused
from modelled import misfits

WEB = {"image": "nginx:1.27", "ports": {"80": "HTTP", "53": "UDP"}}
ENDPOINT = {"containerName": "web", "containerPort": 80}
PRIVATE = "111122223333.dkr.ecr.us-east-1.amazonaws.com/shop:1"


@pytest.fixture
def shop(bench: Bench) -> Bench:
    """A service that is ready."""
    bench.client.create_container_service(serviceName="shop", power="nano", scale=2)
    bench.settle()
    return bench


def deploy(bench: Bench, containers: Any = None, **more: Any) -> dict[str, Any]:
    answer = bench.client.create_container_service_deployment(
        serviceName="shop", containers={"web": WEB} if containers is None else containers, **more
    )
    return dict(answer["containerService"])


def service(bench: Bench) -> dict[str, Any]:
    return dict(bench.client.get_container_services(serviceName="shop")["containerServices"][0])


def versions(bench: Bench) -> list[tuple[int, str]]:
    found = bench.client.get_container_service_deployments(serviceName="shop")["deployments"]
    return [(one["version"], one["state"]) for one in found]


def log(bench: Bench, name: str = "web", **more: Any) -> list[str]:
    answer = bench.client.get_container_log(serviceName="shop", containerName=name, **more)
    return [event["message"] for event in answer["logEvents"]]


def test_a_deployment_is_shown_as_real_answers_do(shop: Bench) -> None:
    found = deploy(shop, publicEndpoint=ENDPOINT)
    assert found["state"] == "DEPLOYING"
    assert found["nextDeployment"] == {
        "version": 1,
        "state": "ACTIVATING",
        "containers": {
            "web": {
                "image": "nginx:1.27",
                "command": [],
                "environment": {},
                "ports": {"80": "HTTP", "53": "UDP"},
            }
        },
        "publicEndpoint": {
            "containerName": "web",
            "containerPort": 80,
            "healthCheck": {
                "healthyThreshold": 2,
                "unhealthyThreshold": 2,
                "timeoutSeconds": 2,
                "intervalSeconds": 5,
                "path": "/",
                "successCodes": "200-499",
            },
        },
        "createdAt": datetime.fromtimestamp(START + 60, UTC),
    }
    shop.settle()
    after = service(shop)
    assert after["state"] == "RUNNING"
    assert after["currentDeployment"] == {**found["nextDeployment"], "state": "ACTIVE"}
    answered = shop.send({"serviceName": "shop"}, "GetContainerServiceDeployments")
    assert misfits("GetContainerServiceDeployments", answered) == []


def test_a_new_version_takes_the_place_of_the_one_before(shop: Bench) -> None:
    for _ in range(3):
        deploy(shop)
        shop.settle()
    deploy(shop)
    assert versions(shop) == [(4, "ACTIVATING"), (3, "ACTIVE"), (2, "INACTIVE"), (1, "INACTIVE")]
    assert service(shop)["currentDeployment"]["version"] == 3


def test_fifty_versions_are_kept(shop: Bench) -> None:
    for _ in range(52):
        deploy(shop)
        shop.settle()
    assert [version for version, _ in versions(shop)] == list(range(52, 2, -1))


def test_a_private_image_without_the_role_to_pull_it_fails_and_leaves_what_there_was(shop: Bench) -> None:
    deploy(shop, {"web": {"image": PRIVATE}})
    shop.settle()
    assert versions(shop) == [(1, "FAILED")]
    assert service(shop)["state"] == "READY"
    assert not {"currentDeployment", "nextDeployment"} & service(shop).keys()
    deploy(shop)
    shop.settle()
    deploy(shop, {"web": {"image": PRIVATE}})
    shop.settle()
    assert versions(shop) == [(3, "FAILED"), (2, "ACTIVE"), (1, "FAILED")]
    assert service(shop)["state"] == "RUNNING"
    assert service(shop)["currentDeployment"]["version"] == 2
    failed = shop.operations()[-1]
    assert (failed["status"], failed["errorCode"]) == ("Failed", "DeploymentFailed")
    shop.client.update_container_service(
        serviceName="shop", privateRegistryAccess={"ecrImagePullerRole": {"isActive": True}}
    )
    shop.settle()
    deploy(shop, {"web": {"image": PRIVATE}})
    shop.settle()
    assert versions(shop)[0] == (4, "ACTIVE")


def test_a_disabled_service_keeps_its_deployment_and_runs_it_again(shop: Bench) -> None:
    deploy(shop)
    shop.settle()
    shop.client.update_container_service(serviceName="shop", isDisabled=True)
    shop.settle()
    assert refused(deploy, bench=shop) == Refusal(
        "InvalidInputException",
        "InvalidState",
        'Sorry, service "shop" is disabled. Enable it before you create a deployment.',
    )
    shop.client.update_container_service(serviceName="shop", isDisabled=False)
    shop.settle()
    assert (service(shop)["state"], versions(shop)) == ("RUNNING", [(1, "ACTIVE")])


# --- logs and metrics -------------------------------------------------------------------------------------


def test_the_log_tells_what_became_of_a_deployment_oldest_first(shop: Bench) -> None:
    deploy(shop)
    shop.settle()
    deploy(shop, {"other": {"image": PRIVATE}})
    shop.settle()
    assert log(shop) == [
        "[deployment:1] Creating your deployment",
        "[deployment:1] Started 2 new nodes",
        "[deployment:1] Reached a steady state",
    ]
    assert log(shop, "other") == [
        "[deployment:2] Creating your deployment",
        f"[deployment:2] Unable to pull image {PRIVATE}",
        "[deployment:2] Canceled",
    ]


@pytest.mark.parametrize(
    ("pattern", "places"),
    [
        ("", [0, 1, 2]),
        ("Started", [1]),
        ("-Started", [0, 2]),
        ("Creating deployment", [0]),
        ("?Started ?steady", [1, 2]),
        ('"steady state"', [2]),
        ("started", []),
    ],
)
def test_a_pattern_filters_lines(shop: Bench, pattern: str, places: list[int]) -> None:
    deploy(shop)
    shop.settle()
    assert log(shop, filterPattern=pattern) == [log(shop)[place] for place in places]


def test_the_log_comes_in_pages_within_its_times_and_for_four_days() -> None:
    bench = Bench(page_size=2)
    bench.client.create_container_service(serviceName="shop", power="nano", scale=1)
    bench.settle()
    deploy(bench)
    bench.settle()
    first = bench.client.get_container_log(serviceName="shop", containerName="web")
    rest = bench.client.get_container_log(serviceName="shop", containerName="web", pageToken=first["nextPageToken"])
    assert [len(one["logEvents"]) for one in (first, rest)] == [2, 1]
    assert "nextPageToken" not in rest
    began = first["logEvents"][0]["createdAt"]
    assert len(log(bench, endTime=began + timedelta(seconds=0.5))) == 1
    assert len(log(bench, startTime=began + timedelta(seconds=0.5))) == 2
    bench.clock.advance(4 * 86_400)
    assert log(bench) == []
    assert refused(log, bench=bench, name="nil") == Refusal(
        "NotFoundException", "DoesNotExist", 'Sorry, container "nil" does not exist in service "shop".'
    )


def test_metrics_are_there_while_a_deployment_runs(shop: Bench) -> None:
    def points(name: str) -> list[Any]:
        now = datetime.fromtimestamp(shop.clock.now(), UTC)
        answer = shop.client.get_container_service_metric_data(
            serviceName="shop",
            metricName=name,
            startTime=now - timedelta(hours=1),
            endTime=now,
            period=300,
            statistics=["Average", "Maximum"],
        )
        return list(answer["metricData"])

    assert points("CPUUtilization") == []
    deploy(shop)
    shop.clock.advance(3600)
    assert len(points("CPUUtilization")) == 11
    assert all(0 <= one["average"] <= one["maximum"] <= 100 for one in points("MemoryUtilization"))
    assert {one["unit"] for one in points("MemoryUtilization")} == {"Percent"}
    shop.client.update_container_service(serviceName="shop", isDisabled=True)
    shop.clock.advance(7200)
    assert points("CPUUtilization") == []


# --- refusals ---------------------------------------------------------------------------------------------

PATTERN = "^(?:[a-z0-9]{1,2}|[a-z0-9][a-z0-9-]+[a-z0-9])$"
HEALTH = {"healthCheck": {"path": "up"}}


@pytest.mark.parametrize(
    ("containers", "endpoint", "message"),
    [
        ({}, None, 'Deployment for service "shop" must have from 1 to 10 containers.'),
        (
            {f"c{number}": WEB for number in range(11)},
            None,
            'Deployment for service "shop" must have from 1 to 10 containers.',
        ),
        ({"Web": WEB}, None, f'Container name "Web" does not match pattern: {PATTERN}'),
        (
            {"web": {"image": ":shop"}},
            None,
            'Container "web" has invalid image ":shop". Example of valid image: ":shop.web.123".',
        ),
        (
            {"web": {}},
            None,
            'Container "web" has invalid image "". Example of valid image: ":shop.web.123".',
        ),
        (
            {"web": {"image": ":shop.web.1"}},
            None,
            'Container "web" has image ":shop.web.1", which is not registered to service "shop".',
        ),
        (
            {"web": {"image": "nginx", "ports": {"0": "HTTP"}}},
            None,
            'Container "web" has invalid port "0". Ports must be from 1 to 65535.',
        ),
        (
            {"web": WEB},
            {"containerName": "other", "containerPort": 80},
            'Public endpoint has container "other", which is not part of the deployment.',
        ),
        (
            {"web": WEB},
            {"containerName": "web", "containerPort": 53},
            'Container "web" does not have HTTP or HTTPS port 53, which the public endpoint needs.',
        ),
        ({"web": WEB}, {**ENDPOINT, **HEALTH}, 'Health check path must begin with /: "up"'),
        (
            {"web": WEB},
            {**ENDPOINT, "healthCheck": {"timeoutSeconds": 1}},
            "Health check timeoutSeconds must be from 2 to 60: 1",
        ),
        (
            {"web": WEB},
            {**ENDPOINT, "healthCheck": {"successCodes": "200-600"}},
            'Health check success codes must be codes or ranges of codes from 200 to 499: "200-600"',
        ),
    ],
)
def test_what_does_not_fit_is_refused(shop: Bench, containers: Any, endpoint: Any, message: str) -> None:
    found = refused(deploy, bench=shop, containers=containers, **({"publicEndpoint": endpoint} if endpoint else {}))
    assert (found.kind, found.message) == ("InvalidInputException", message)
    assert versions(shop) == []


def test_one_deployment_goes_on_at_a_time(shop: Bench) -> None:
    deploy(shop)
    assert refused(deploy, bench=shop).message == (
        'Sorry, deployment 1 is in progress for service "shop". Please wait for it to complete before trying again.'
    )
    shop.settle()
    assert entries(shop.operations())[1:] == [
        ("ContainerService", "shop", "CreateContainerServiceDeployment", None, "Succeeded")
    ]
