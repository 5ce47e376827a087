"""What users write, and the types they get: read by mypy and pyright, and never run.

A line that is wrong stands with the complaint that it must draw from each checker: `test_types.py` has both complain of
an ignore that ignores nothing.
"""

# The model says of hardly any member that it is always there, and so do the types; see absent_members.py.
# pyright: reportTypedDictNotRequiredAccess=false

from __future__ import annotations

from typing import Any, assert_type

from types_boto3_lightsail.client import LightsailClient
from types_boto3_lightsail.type_defs import (
    GetInstancesResultTypeDef,
    InstanceTypeDef,
    OperationTypeDef,
    PaginatorConfigTypeDef,
)

import skysail
from skysail.server import LocalLightsail

client = skysail.client("lightsail", region_name="us-east-1")


def operations() -> None:
    assert_type(client, skysail.Client)
    instance = client.get_instance(instanceName="web-1")["instance"]
    assert_type(instance, InstanceTypeDef)
    assert_type(instance["state"]["name"], str)
    assert_type(client.stop_instance(instanceName="web-1")["operations"], list[OperationTypeDef])

    client.get_instance(instancename="web-1")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    client.get_instance(instanceName=1)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    client.get_instence(instanceName="web-1")  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]
    instance["stat"]  # type: ignore[typeddict-item]  # pyright: ignore[reportGeneralTypeIssues]


def pages() -> None:
    paginator = client.get_paginator("get_instances")
    for page in paginator.paginate(PaginationConfig={"MaxItems": 100}, fetch_ahead=1):
        assert_type(page["instances"][0]["hardware"]["cpuCount"], int)
        assert_type(page.get("NextToken"), str | None)
        assert_type(page["ResponseMetadata"]["HTTPStatusCode"], int)
        _as_boto3_knows_it: GetInstancesResultTypeDef = page

        page["instance"]  # type: ignore[typeddict-item]  # pyright: ignore[reportGeneralTypeIssues]
        page["instances"][0]["hardware"]["cpus"]  # type: ignore[typeddict-item]  # pyright: ignore[reportGeneralTypeIssues]

    paginator.paginate(MaxItems=100)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    paginator.paginate(PaginationConfig={"MaxItem": 1})  # type: ignore[typeddict-unknown-key]  # pyright: ignore[reportArgumentType]
    paginator.paginate(PaginationConfig={"PageSize": 1})  # type: ignore[typeddict-unknown-key]  # pyright: ignore[reportArgumentType]
    paginator.paginate(fetch_ahead=2)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    paginator.paginate(includeInactive=True)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    client.get_paginator("get_bundles").paginate(includeInactive=True)
    client.get_paginator("get_relational_database_events").paginate()  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


def other_views_of_pages(token: str | None) -> None:
    listed = client.get_paginator("get_instances").paginate(PaginationConfig={"StartingToken": token})
    for instance in listed.items():
        assert_type(instance["hardware"]["cpuCount"], int)
    for instance in listed.items(fields=["name", "state.name"]):
        assert_type(instance, InstanceTypeDef)
    for name in listed.search("instances[].name"):
        assert_type(name, Any)
    for iterable in listed.result_key_iters():
        for found in iterable:
            assert_type(found, Any)
    assert_type(listed.build_full_result(), dict[str, Any])
    assert_type(listed.resume_token, str | None)


def listings_by_any_name(name: str, config: PaginatorConfigTypeDef) -> None:
    """botocore has no paginator for get_alarms; skysail lists it, and any other with a page token."""
    for page in client.get_paginator("get_alarms").paginate(monitoredResourceName="web-1"):
        assert_type(page, Any)
    client.get_paginator(name).paginate(PaginationConfig=config)
    client.get_paginator("get_instances").paginate(PaginationConfig=config)
    client.get_paginator(1)  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType, reportCallIssue]


def the_client_itself() -> None:
    with skysail.client("lightsail") as opened:
        assert_type(opened, skysail.Client)
    assert_type(client.close(), None)
    assert_type(client.meta.region_name, str)
    assert_type(client.can_paginate("get_instances"), bool)
    _as_boto3_knows_it: LightsailClient = client


def errors() -> None:
    try:
        client.get_instance(instanceName="web-1")
    except client.exceptions.NotFoundException as error:
        assert_type(error.tip, str | None)
        assert_type(error.operation_name, str)
    except client.exceptions.ClientError as error:
        assert_type(error.response["Error"]["Code"], str)
    except skysail.ServiceError as error:
        assert_type(error.kind, str)
        assert_type(error.code, str | None)
        assert_type(error.message, str)
        assert_type(error.request_id, str | None)
        assert_type(error.status, int | None)
        error.reason  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]
    client.exceptions.NotFundException  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]


def ones_own_lightsail() -> None:
    with LocalLightsail() as local:
        for page in local.client("eu-west-1").get_paginator("get_instances").paginate():
            assert_type(page["instances"], list[InstanceTypeDef])
