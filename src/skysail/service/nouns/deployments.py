"""What was ordered -> a deployment of a container service; how it goes live, or fails.

A deployment fails where its image is in a private registry of Amazon ECR, and the service has no active role to pull
it with (inferred); other images are taken to be there.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from skysail.service.context import Context
from skysail.service.nouns import containers
from skysail.service.refusals import invalid, wrong_state
from skysail.service.resources import Resource
from skysail.store.base import Due, Record

MOST_CONTAINERS = 10
KEPT = 50
"""Versions of deployments that a service keeps (source, of both: the table of service quotas)."""
NAME = re.compile(r"(?:[a-z0-9]{1,2}|[a-z0-9][a-z0-9-]+[a-z0-9])")
SHOWN_PATTERN = "^(?:[a-z0-9]{1,2}|[a-z0-9][a-z0-9-]+[a-z0-9])$"
"""As in a refusal that was really seen."""
LONGEST_NAME = 53

_HEALTH_CHECK: dict[str, Any] = {
    "healthyThreshold": 2,
    "unhealthyThreshold": 2,
    "timeoutSeconds": 2,
    "intervalSeconds": 5,
    "path": "/",
    "successCodes": "200-499",
}
"""What a health check is like where nothing else is said (seen)."""
_RANGES = {  # source: the model; the thresholds' are those of Elastic Load Balancing, inferred
    "healthyThreshold": (2, 10),
    "unhealthyThreshold": (2, 10),
    "timeoutSeconds": (2, 60),
    "intervalSeconds": (5, 300),
}
_CODES = re.compile(r"[2-4]\d\d(?:-[2-4]\d\d)?(?:,[2-4]\d\d(?:-[2-4]\d\d)?)*", re.ASCII)
_PUBLIC_IMAGE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/-]*(?:@sha256:[0-9a-f]{64})?")
_OWN_IMAGE = re.compile(r":[a-z0-9-]+\.[a-z0-9-]+\.\d+", re.ASCII)
_PRIVATE_REGISTRY = re.compile(r"\d{12}\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com/.+", re.ASCII)


def ordered(
    service: str, images: list[dict[str, Any]], containers: Mapping[str, Any] | None, endpoint: Mapping[str, Any] | None
) -> dict[str, Any]:
    """The containers and the endpoint of a deployment, with what was left out. `images` are the registered ones.

    Raises InvalidInputException: a name, an image, a port or a health check does not fit. (The texts about names and
    images are seen, the others inferred.)
    """
    if not containers or len(containers) > MOST_CONTAINERS:
        raise invalid(f'Deployment for service "{service}" must have from 1 to {MOST_CONTAINERS} containers.')
    registered = {image["image"] for image in images}
    found = {name: _container(service, registered, name, order) for name, order in containers.items()}
    return {"containers": found, **({"publicEndpoint": _endpoint(found, endpoint)} if endpoint else {})}


def begin(context: Context, service: Resource, order: Mapping[str, Any], records: list[Record]) -> None:
    """Begin to deploy what was ordered, as the service's next version; the service is kept."""
    announce(context, service, order)
    deploy(context, service, records)


def announce(context: Context, service: Resource, order: Mapping[str, Any]) -> None:
    """The next version is known; a service that is being created deploys it later. (What is announced is not kept.)"""
    version = service.private.get("lastVersion", 0) + 1
    service.private["lastVersion"] = version
    deployment = {"version": version, "state": "ACTIVATING", **order, "createdAt": float(int(context.now))}
    service.document["nextDeployment"] = deployment
    service.private["deployments"] = [deployment, *service.private.get("deployments", ())][:KEPT]
    containers.tell(context, service, deployment, "Creating your deployment")


def deploy(context: Context, service: Resource, records: list[Record]) -> None:
    containers.begin(context, service, "deploy", records)


def ended(context: Context, service: Resource, due: Due) -> None:
    """A deployment has gone live in the former one's place, or has failed and leaves that; the service is kept."""
    document = service.document
    deployment = document.pop("nextDeployment")
    former = document.get("currentDeployment")
    problem = _problem(service, deployment)
    if problem is None:
        _set_state(service, deployment, "ACTIVE")
        document["currentDeployment"] = deployment
        containers.tell(context, service, deployment, f"Started {containers.nodes(document['scale'])}")
        containers.tell(context, service, deployment, "Reached a steady state")
        if former:
            _set_state(service, former, "INACTIVE")
        containers.started(context, service)
    else:
        _set_state(service, deployment, "FAILED")
        containers.tell(context, service, deployment, problem)
        containers.tell(context, service, deployment, "Canceled")
    containers.rest(service)
    context.resources.save(service)
    if problem is None:
        context.journal.finish(due)
    else:
        context.journal.fail(due, "DeploymentFailed", problem)


def uses(service: Resource, image: str) -> bool:
    """Whether a deployment that runs, or is to run, has that image."""
    live = [
        service.document[member] for member in ("currentDeployment", "nextDeployment") if member in service.document
    ]
    return any(container["image"] == image for deployment in live for container in deployment["containers"].values())


def _set_state(service: Resource, deployment: dict[str, Any], state: str) -> None:
    """In the service's document, and among its versions."""
    deployment["state"] = state
    for kept in service.private["deployments"]:
        if kept["version"] == deployment["version"]:
            kept["state"] = state


def _problem(service: Resource, deployment: Mapping[str, Any]) -> str | None:
    """Why it cannot go live. Text inferred."""
    role = service.document["privateRegistryAccess"]["ecrImagePullerRole"]
    if role["isActive"] and role["principalArn"]:
        return None
    images = [str(container["image"]) for container in deployment["containers"].values()]
    return next((f"Unable to pull image {image}" for image in images if _PRIVATE_REGISTRY.fullmatch(image)), None)


def _container(service: str, registered: set[str], name: str, order: Mapping[str, Any]) -> dict[str, Any]:
    if len(name) > LONGEST_NAME or not NAME.fullmatch(name):
        raise invalid(f'Container name "{name}" does not match pattern: {SHOWN_PATTERN}')
    image = order.get("image", "")
    if not (_OWN_IMAGE if image.startswith(":") else _PUBLIC_IMAGE).fullmatch(image):
        example = f":{service}.{name}.123"
        raise invalid(f'Container "{name}" has invalid image "{image}". Example of valid image: "{example}".')
    if image.startswith(":") and image not in registered:
        raise wrong_state(f'Container "{name}" has image "{image}", which is not registered to service "{service}".')
    for port in order.get("ports", {}):
        if not (port.isascii() and port.isdigit() and 1 <= int(port) <= 65_535):
            raise invalid(f'Container "{name}" has invalid port "{port}". Ports must be from 1 to 65535.')
    return {
        "image": image,
        "command": list(order.get("command", ())),
        "environment": dict(order.get("environment", {})),
        "ports": dict(order.get("ports", {})),
    }


def _endpoint(found: Mapping[str, Mapping[str, Any]], endpoint: Mapping[str, Any]) -> dict[str, Any]:
    name, port = endpoint["containerName"], endpoint["containerPort"]
    if name not in found:
        raise invalid(f'Public endpoint has container "{name}", which is not part of the deployment.')
    if found[name]["ports"].get(str(port)) not in ("HTTP", "HTTPS"):
        raise invalid(f'Container "{name}" does not have HTTP or HTTPS port {port}, which the public endpoint needs.')
    health_check = _HEALTH_CHECK | dict(endpoint.get("healthCheck", {}))
    for member, (least, most) in _RANGES.items():
        if not least <= health_check[member] <= most:
            raise invalid(f"Health check {member} must be from {least} to {most}: {health_check[member]}")
    if not health_check["path"].startswith("/"):
        raise invalid(f'Health check path must begin with /: "{health_check["path"]}"')
    if not _CODES.fullmatch(health_check["successCodes"]):
        raise invalid(
            f"Health check success codes must be codes or ranges of codes from 200 to 499: "
            f'"{health_check["successCodes"]}"'
        )
    return {"containerName": name, "containerPort": port, "healthCheck": health_check}
