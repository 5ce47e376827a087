"""What container services run: deployments, their versions, and the logs of their containers."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from skysail.errors import NotFoundException
from skysail.service.context import Context
from skysail.service.dispatch import Answer, Family
from skysail.service.journal import about
from skysail.service.nouns import containers, deployments
from skysail.service.refusals import wrong_state
from skysail.service.times import asked
from skysail.store.base import Position

if TYPE_CHECKING:
    from types_boto3_lightsail.type_defs import (
        CreateContainerServiceDeploymentRequestTypeDef,
        GetContainerLogRequestTypeDef,
        GetContainerServiceDeploymentsRequestTypeDef,
    )

LOG_PAGE_SIZE = 100  # inferred
_TERM = re.compile(r'([?-]?)(?:"([^"]*)"|(\S+))')

family = Family("container_deployments")


@family.writes("CreateContainerServiceDeployment")
def create_deployment(context: Context, request: CreateContainerServiceDeploymentRequestTypeDef) -> Answer:
    """Deploy containers as the service's next version, which takes the former one's place once it is healthy.

    Raises NotFoundException. Raises InvalidInputException: something is going on, the service is disabled (text
    inferred), or a container, an image, a port or the endpoint does not fit.
    """
    service = containers.container_service(context, request["serviceName"])
    images = service.private.get("images", [])
    order = deployments.ordered(service.name, images, request.get("containers"), request.get("publicEndpoint"))
    containers.check_idle(service)
    if service.document["isDisabled"]:
        raise wrong_state(f'Sorry, service "{service.name}" is disabled. Enable it before you create a deployment.')
    records = context.journal.started("CreateContainerServiceDeployment", about(service))
    deployments.begin(context, service, order, records)
    return {"containerService": service.document}


@family.reads("GetContainerServiceDeployments")
def get_deployments(context: Context, request: GetContainerServiceDeploymentsRequestTypeDef) -> Answer:
    """The versions that are kept, newest first. Raises NotFoundException."""
    service = containers.container_service(context, request["serviceName"])
    return {"deployments": service.private.get("deployments", [])}


@family.reads("GetContainerLog")
def get_container_log(context: Context, request: GetContainerLogRequestTypeDef) -> Answer:
    """One page of what the platform says of one container, oldest first; nothing runs in it that would say more.

    Raises NotFoundException: no such service, or no such container was ever in it. Raises InvalidInputException: a
    time does not fit.
    """
    service = containers.container_service(context, request["serviceName"])
    name = request["containerName"]
    if not any(name in one["containers"] for one in service.private.get("deployments", [])):
        raise NotFoundException.because(  # text inferred
            f'Sorry, container "{name}" does not exist in service "{service.name}".', "DoesNotExist"
        )
    since, until = asked(request, "startTime", 0), asked(request, "endTime", float("inf"))
    since = max(since, context.now - containers.LOG_KEPT_S)
    wanted = _matcher(request.get("filterPattern", ""))
    lines = [
        line
        for line in service.private.get("log", [])
        if name in line[3] and since <= line[1] < until and wanted(line[2])
    ]

    def fetch(after: Position | None, limit: int) -> list[list[Any]]:
        return [line for line in lines if after is None or line[0] > after.number][:limit]

    return context.paged(
        "logEvents",
        request,
        fetch,
        LOG_PAGE_SIZE,
        lambda line: Position(line[0], ""),
        lambda line: {"createdAt": line[1], "message": line[2]},
    )


def _matcher(pattern: str) -> Callable[[str], bool]:
    """What a line has to be like: -TERM is not in it, all of TERM TERM are, and one of ?TERM ?TERM."""
    terms = [(sign, quoted or plain) for sign, quoted, plain in _TERM.findall(pattern)]
    absent = [term for sign, term in terms if sign == "-"]
    present = [term for sign, term in terms if not sign]
    either = [term for sign, term in terms if sign == "?"]

    def matches(line: str) -> bool:
        return (
            not any(term in line for term in absent)
            and all(term in line for term in present)
            and (not either or any(term in line for term in either))
        )

    return matches
