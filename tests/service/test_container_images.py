"""The images of container services, and the login to push them."""

from __future__ import annotations

import base64
import json
import re
from datetime import UTC, datetime
from typing import Any

import pytest

from bench import START, Bench, Refusal, entries, refused
from modelled import misfits

DIGEST = f"sha256:{'ab' * 32}"
PATTERN = "^(?:[a-z0-9]{1,2}|[a-z0-9][a-z0-9-]+[a-z0-9])$"


@pytest.fixture
def shop(bench: Bench) -> Bench:
    """A service that is ready."""
    bench.client.create_container_service(serviceName="shop", power="nano", scale=1)
    bench.settle()
    return bench


def register(bench: Bench, label: str = "web", digest: str = DIGEST) -> dict[str, Any]:
    answer = bench.client.register_container_image(serviceName="shop", label=label, digest=digest)
    return dict(answer["containerImage"])


def delete(bench: Bench, image: str) -> None:
    bench.client.delete_container_image(serviceName="shop", image=image)


def images(bench: Bench) -> list[str]:
    return [one["image"] for one in bench.client.get_container_images(serviceName="shop")["containerImages"]]


def test_images_are_numbered_over_all_labels_and_a_number_never_comes_again(shop: Bench) -> None:
    assert register(shop) == {
        "image": ":shop.web.1",
        "digest": DIGEST,
        "createdAt": datetime.fromtimestamp(START + 60, UTC),
    }
    register(shop, "api")
    register(shop)
    assert images(shop) == [":shop.web.3", ":shop.api.2", ":shop.web.1"]
    delete(shop, ":shop.web.3")
    assert register(shop)["image"] == ":shop.web.4"
    assert misfits("GetContainerImages", shop.send({"serviceName": "shop"}, "GetContainerImages")) == []
    assert entries(shop.operations())[-2:] == [
        ("ContainerService", "shop", "DeleteContainerImage", None, "Succeeded"),
        ("ContainerService", "shop", "RegisterContainerImage", None, "Succeeded"),
    ]


def test_an_image_that_runs_cannot_be_deleted(shop: Bench) -> None:
    register(shop)
    register(shop)
    for image in (":shop.web.1", ":shop.web.2"):
        shop.client.create_container_service_deployment(serviceName="shop", containers={"web": {"image": image}})
        message = f'Sorry, image "{image}" is in use by the current deployment.'
        assert refused(delete, bench=shop, image=image).message == message
        shop.settle()
        assert refused(delete, bench=shop, image=image).message == message
    delete(shop, ":shop.web.1")
    assert images(shop) == [":shop.web.2"]


@pytest.mark.parametrize(
    ("order", "message"),
    [
        ({"label": "Web"}, f'Label "Web" does not match pattern: {PATTERN}'),
        ({"digest": "sha256:1"}, 'Digest "sha256:1" does not match pattern: ^sha256:[0-9a-f]{64}$'),
    ],
)
def test_what_does_not_fit_is_refused(shop: Bench, order: dict[str, str], message: str) -> None:
    assert refused(register, bench=shop, **order) == Refusal("InvalidInputException", "InvalidParams", message)
    assert refused(delete, bench=shop, image=":shop.web.1") == Refusal(
        "NotFoundException", "DoesNotExist", 'Sorry, image ":shop.web.1" does not exist.'
    )


def test_a_login_is_good_for_twelve_hours_and_another_one_each_time(shop: Bench) -> None:
    one, other = (shop.client.create_container_service_registry_login()["registryLogin"] for _ in range(2))
    assert one["username"] == "AWS"
    assert re.fullmatch(r"\d{12}\.dkr\.ecr\.us-east-1\.amazonaws\.com", one["registry"])
    assert one["expiresAt"].timestamp() == shop.clock.now() + 12 * 3600
    assert json.loads(base64.b64decode(one["password"]))["type"] == "DATA_KEY"
    assert one["password"] != other["password"]


def test_a_login_needs_a_service(bench: Bench) -> None:
    assert refused(bench.client.create_container_service_registry_login).message == (
        "You must create a container service before retrieving container registry login credentials"
    )
