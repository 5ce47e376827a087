"""The same things written where types-boto3-lightsail is not installed: answers are Any, and nothing is complained of.

A line that is wrong even so stands with the complaint that it must draw.
"""

from __future__ import annotations

from typing import Any, assert_type

import skysail
from skysail.server import LocalLightsail


def operations(client: skysail.Client) -> None:
    assert_type(client.get_instance(instanceName="web-1"), Any)
    assert_type(client.get_instances()["instances"][0]["hardware"]["cpuCount"], Any)
    client.meta.region_nam  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]


def pages(client: skysail.Client, name: str, config: dict[str, Any]) -> None:
    for page in client.get_paginator("get_instances").paginate(PaginationConfig={"MaxItems": 100}, fetch_ahead=1):
        assert_type(page["instances"][0]["hardware"]["cpuCount"], Any)
        page.get("NextToken")
    for instance in client.get_paginator("get_instances").paginate().items(fields=["name"]):
        instance["name"].upper()
    client.get_paginator("get_bundles").paginate(includeInactive=True, appCategory="LfR")
    client.get_paginator(name).paginate(PaginationConfig=config)


def errors(client: skysail.Client) -> None:
    try:
        client.get_instance(instanceName="web-1")
    except client.exceptions.NotFoundException as error:
        assert_type(error.tip, str | None)
    except skysail.ServiceError as error:
        assert_type(error.code, str | None)


async def awaited() -> None:
    async with skysail.async_client("lightsail") as client:
        (await client.get_instances())["instances"][0]["name"].upper()
        async for page in client.get_paginator("get_instances").paginate():
            assert_type(page["instances"][0]["hardware"]["cpuCount"], Any)
        full = await client.get_paginator("get_instances").paginate().build_full_result()
        full["instances"][0]["name"].upper()


def ones_own_lightsail() -> None:
    with LocalLightsail() as local, local.client("eu-west-1") as client:
        client.get_instances()["instances"][0]["name"].upper()
