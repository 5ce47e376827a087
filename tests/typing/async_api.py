"""The same of the asynchronous client: what is awaited, and what is run through with `async for`."""

# pyright: reportTypedDictNotRequiredAccess=false

from __future__ import annotations

from typing import Any, assert_type

from types_boto3_lightsail.type_defs import GetInstancesResultTypeDef, InstanceTypeDef

import skysail


async def operations() -> None:
    async with skysail.async_client("lightsail", region_name="us-east-1") as client:
        assert_type(client, skysail.AsyncClient)
        answer: GetInstancesResultTypeDef = await client.get_instances()  # another package's type of the same members
        assert_type(answer["instances"][0]["hardware"]["cpuCount"], int)
        instance = (await client.get_instance(instanceName="web-1"))["instance"]
        assert_type(instance["state"]["name"], str)

        await client.get_instance(instancename="web-1")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
        client.get_instances()["instances"]  # type: ignore[index]  # pyright: ignore[reportIndexIssue]
        client.get_instence()  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]
        instance["stat"]  # type: ignore[typeddict-item]  # pyright: ignore[reportGeneralTypeIssues]


async def pages(client: skysail.AsyncClient) -> None:
    paginator = client.get_paginator("get_instances")
    async for page in paginator.paginate(PaginationConfig={"MaxItems": 100}, fetch_ahead=1):
        assert_type(page["instances"][0]["hardware"]["cpuCount"], int)
        assert_type(page.get("NextToken"), str | None)
        page["instance"]  # type: ignore[typeddict-item]  # pyright: ignore[reportGeneralTypeIssues]

    paginator.paginate(MaxItems=100)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    for _ in paginator.paginate():  # type: ignore[attr-defined]  # pyright: ignore[reportGeneralTypeIssues]
        pass


async def other_views_of_pages(client: skysail.AsyncClient) -> None:
    listed = client.get_paginator("get_instances").paginate()
    async for instance in listed.items(fields=["name", "state.name"]):
        assert_type(instance, InstanceTypeDef)
    async for name in listed.search("instances[].name"):
        assert_type(name, Any)
    for iterable in listed.result_key_iters():
        async for found in iterable:
            assert_type(found, Any)
    assert_type(await listed.build_full_result(), dict[str, Any])
    assert_type(listed.resume_token, str | None)


async def listings_by_any_name(client: skysail.AsyncClient, name: str) -> None:
    async for page in client.get_paginator(name).paginate(monitoredResourceName="web-1"):
        assert_type(page, Any)


async def the_client_itself(client: skysail.AsyncClient) -> None:
    try:
        assert_type(await client.close(), None)
    except client.exceptions.NotFoundException as error:
        assert_type(error.tip, str | None)
    client.exceptions.NotFundException  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]
