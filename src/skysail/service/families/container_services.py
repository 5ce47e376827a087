"""Container services: their powers, create, look, change, delete, and what comes of it by the clock.

States and their ways: PENDING → READY or DEPLOYING → RUNNING; UPDATING in between; DISABLED and back; DELETING → gone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from skysail.service import identity
from skysail.service.context import Context
from skysail.service.dispatch import Answer, Family
from skysail.service.journal import about
from skysail.service.nouns import container_domains, containers, deployments
from skysail.service.refusals import invalid, over_quota
from skysail.service.resources import Draft, Resource
from skysail.service.stored import as_stored
from skysail.service.tags import tags
from skysail.store.base import Due

if TYPE_CHECKING:
    from types_boto3_lightsail.type_defs import (
        CreateContainerServiceRequestTypeDef,
        DeleteContainerServiceRequestTypeDef,
        GetContainerServicesRequestTypeDef,
        UpdateContainerServiceRequestTypeDef,
    )

KIND = containers.CONTAINER_SERVICE
LONGEST_NAME, MOST_NODES = 63, 20
AT_ONCE = 5
"""Services that may be created or updated at the same time (source: remarks in Terraform's provider)."""
PLUGIN_VERSION = "v1.0.7"  # inferred

_ROLE = "container_service.role"
_GONE = "container_service.gone"

family = Family("container_services")


@family.reads("GetContainerServicePowers")
def get_container_service_powers(context: Context, request: Any) -> Answer:
    """The powers that a service's nodes can have."""
    return {"powers": context.catalogue.container_powers()}


@family.reads("GetContainerAPIMetadata")
def get_container_api_metadata(context: Context, request: Any) -> Answer:
    """Which version of the plug-in pushes images. (Its form is inferred from the model.)"""
    return {"metadata": [{"name": "lightsailctlVersion", "value": PLUGIN_VERSION}]}


@family.writes("CreateContainerService")
def create_container_service(context: Context, request: CreateContainerServiceRequestTypeDef) -> Answer:
    """Make a service; it is pending, then ready, and deploys then what it was given.

    Raises InvalidInputException: name, scale, tags, domain names or the deployment do not fit, or the quota is reached.
    """
    name, scale = request["serviceName"], _scale(request["scale"])
    if len(name) > LONGEST_NAME or not deployments.NAME.fullmatch(name):  # inferred, as of a container's name
        raise invalid(f'Service name "{name}" does not match pattern: {deployments.SHOWN_PATTERN}')
    wanted = tags(request.get("tags", ()))
    first = request.get("deployment")
    order = (
        deployments.ordered(name, [], first.get("containers"), first.get("publicEndpoint"))
        if first is not None
        else None
    )
    domains = container_domains.joined(context, name, {}, request.get("publicDomainNames", {}))
    context.resources.check_free([name])
    context.check_quota(KIND)
    _check_at_once(context)
    document = _new(context, name, request["power"], scale, wanted)
    (service,) = context.resources.create(KIND, [Draft(document["arn"].rpartition("/")[2], name, document)])
    container_domains.set_to(context, service, domains)
    _set_registry_access(context, service, request)
    if order:
        deployments.announce(context, service, order)
    containers.begin(context, service, "create", context.journal.started("CreateContainerService", about(service)))
    return {"containerService": service.document}


@family.reads("GetContainerServices")
def get_container_services(context: Context, request: GetContainerServicesRequestTypeDef) -> Answer:
    """All services of the region, newest first, or one. Raises NotFoundException: not the one that is asked for."""
    name = request.get("serviceName")
    if name is not None:
        return {"containerServices": [containers.container_service(context, name).document]}
    return {"containerServices": [as_stored(row) for row in context.resources.page(KIND, None, 2**31)]}


@family.writes("UpdateContainerService")
def update_container_service(context: Context, request: UpdateContainerServiceRequestTypeDef) -> Answer:
    """Change a service; it is updating for a while.

    Raises NotFoundException. Raises InvalidInputException: something is going on, or a new value does not fit.
    """
    service = containers.container_service(context, request["serviceName"])
    containers.check_idle(service)
    document = service.document
    scale = _scale(request.get("scale", document["scale"]))
    former = document.get("publicDomainNames", {})
    domains = container_domains.joined(context, service.name, former, request.get("publicDomainNames", {}))
    _check_at_once(context)
    document |= {
        **_power(request.get("power", document["power"])),
        "scale": scale,
        "isDisabled": request.get("isDisabled", document["isDisabled"]),
    }
    container_domains.set_to(context, service, domains)
    _set_registry_access(context, service, request)
    containers.begin(context, service, "update", context.journal.started("UpdateContainerService", about(service)))
    return {"containerService": service.document}


@family.writes("DeleteContainerService")
def delete_container_service(context: Context, request: DeleteContainerServiceRequestTypeDef) -> Answer:
    """Delete a service with its images and deployments, whatever it is doing; it is gone a little later.

    Raises NotFoundException. Raises InvalidInputException: it is being deleted already (inferred).
    """
    service = containers.container_service(context, request["serviceName"])
    containers.check_not_deleting(service)
    for due in context.resources.not_any_more(service):
        context.journal.fail(due, "ContainerServiceDeleted", "The container service was deleted.")
    service.document["state"] = "DELETING"
    service.document.pop("stateDetail", None)
    containers.stopped(context, service)
    context.resources.save(service)
    records = context.journal.started("DeleteContainerService", about(service))
    context.resources.later(service, _GONE, context.timing.container_deletion_s, records)
    return {}


@family.step(containers.STEP)
def step(context: Context, due: Due) -> None:
    """One phase is over: the next begins, or what was under way is done."""
    service = context.resources.get(KIND, due.name)
    done = containers.next_phase(context, service, due)
    if done == "deploy":
        deployments.ended(context, service, due)
    elif done == "create":
        _created(context, service, due)
    elif done == "update":
        _updated(context, service, due)


@family.step(_ROLE)
def role_made(context: Context, due: Due) -> None:
    """The role is there that pulls images from a private registry."""
    service = context.resources.get(KIND, due.name)
    role = service.document["privateRegistryAccess"]["ecrImagePullerRole"]
    role["principalArn"] = _principal(context, service, "private-repo-access/", "puller")
    context.resources.save(service)


@family.step(_GONE)
def gone(context: Context, due: Due) -> None:
    """Nothing of it is left; its certificates can be deleted."""
    service = context.resources.get(KIND, due.name)
    container_domains.set_to(context, service, {})
    context.resources.delete(service)
    context.journal.finish(due)


def _created(context: Context, service: Resource, due: Due) -> None:
    service.document["principalArn"] = _principal(context, service, "", "service")
    context.journal.finish(due)
    if "nextDeployment" in service.document:
        records = context.journal.started("CreateContainerServiceDeployment", about(service))
        deployments.deploy(context, service, records)
    else:
        containers.rest(service)
        context.resources.save(service)


def _updated(context: Context, service: Resource, due: Due) -> None:
    containers.rest(service)
    if service.state == "RUNNING":
        containers.started(context, service)
    else:
        containers.stopped(context, service)
    context.resources.save(service)
    context.journal.finish(due)


def _new(context: Context, name: str, power: str, scale: int, wanted: list[dict[str, str]]) -> dict[str, Any]:
    """The members of a new service, as seen."""
    resource_id = context.world.new_id()
    host = f"{name}.{identity.base36(resource_id, 13)}.{context.region}.cs.amazonlightsail.com"
    return {
        "containerServiceName": name,
        "arn": identity.arn(context.place, KIND, resource_id),
        "createdAt": float(int(context.now)),
        "location": identity.everywhere(context.place),
        "resourceType": KIND,
        "tags": wanted,
        **_power(power),
        "state": "PENDING",
        "scale": scale,
        "isDisabled": False,
        "principalArn": "",
        "privateDomainName": f"{name}.service.local",
        "url": f"https://{host}/",
        "privateRegistryAccess": {"ecrImagePullerRole": {"isActive": False, "principalArn": ""}},
    }


def _power(name: str) -> dict[str, str]:
    return {"power": name, "powerId": f"{name}-1"}


def _scale(scale: int) -> int:
    if not 1 <= scale <= MOST_NODES:
        raise invalid(f"The scale must be from 1 to {MOST_NODES}: {scale}")  # inferred
    return scale


def _set_registry_access(context: Context, service: Resource, request: Mapping[str, Any]) -> None:
    """Switch the role on, which is then there a little later, or off. The service is for the caller to keep."""
    wanted = request.get("privateRegistryAccess", {}).get("ecrImagePullerRole", {}).get("isActive")
    role = service.document["privateRegistryAccess"]["ecrImagePullerRole"]
    if wanted is None or wanted == role["isActive"]:
        return
    role |= {"isActive": wanted, "principalArn": ""}
    if wanted:
        context.resources.later(service, _ROLE, context.timing.puller_role_s)
    else:
        context.resources.not_any_more(service, _ROLE)


def _principal(context: Context, service: Resource, below: str, what: str) -> str:
    """The ARN of a role of a service's; the form of the puller's is the user guide's."""
    path = f"amazon/lightsail/{context.region}/containers/{service.name}/{below}"
    owner = identity.support_code(context.place, "").removesuffix("/")
    return f"arn:aws:iam::{owner}:role/{path}{identity.base32_digits(service.row.id, what, 52)}"


def _check_at_once(context: Context) -> None:
    """Raises InvalidInputException, where quotas are minded: too many services are on their way (text inferred)."""
    if context.quotas == "real":
        busy = [one for one in context.resources.all_of(KIND) if one.state in ("PENDING", "UPDATING")]
        if len(busy) >= AT_ONCE:
            raise over_quota(f"Sorry, at most {AT_ONCE} services can be created or updated at the same time.")
