"""A container service's way through its states, step by step, and what every call on one looks at first.

What is under way is in `private["doing"]`: "create", "deploy" or "update", at which of its phases, and the entries that
end with it come along in the changes that are due. Nobody has timed the phases; that each takes as long as the next is
inferred, their order is the model's.
"""

from __future__ import annotations

from typing import Any

from skysail.errors import NotFoundException
from skysail.service.context import Context
from skysail.service.refusals import wrong_state
from skysail.service.resources import Resource
from skysail.store.base import Due, Record

CONTAINER_SERVICE = "ContainerService"
STEP = "container_service.step"

PHASES = {
    "create": (
        "CREATING_SYSTEM_RESOURCES",
        "CREATING_NETWORK_INFRASTRUCTURE",
        "PROVISIONING_CERTIFICATE",
        "PROVISIONING_SERVICE",
    ),
    "deploy": ("CREATING_DEPLOYMENT", "EVALUATING_HEALTH_CHECK", "ACTIVATING_DEPLOYMENT"),
    "update": ("PROVISIONING_SERVICE",),  # inferred
}
STATES = {"create": "PENDING", "deploy": "DEPLOYING", "update": "UPDATING"}
LOG_KEPT_S = 4 * 86_400
"""How long a log is kept (source: the table of service quotas)."""
_LONGEST_LOG = 2_000
"""Lines that a service keeps at most, so that its row stays small."""
_REMEMBERED_RUNS = 200


def container_service(context: Context, name: str) -> Resource:
    """The service of that name. Raises NotFoundException (text inferred, in the manner of the family's others)."""
    found = context.resources.find(CONTAINER_SERVICE, name)
    if found is None:
        raise NotFoundException.because(f'Sorry, service "{name}" does not exist.', "DoesNotExist")
    return found


def check_idle(service: Resource) -> None:
    """Raises InvalidInputException: something is going on already. The first text is seen, the others are inferred."""
    check_not_deleting(service)
    if "nextDeployment" in service.document:
        version = service.document["nextDeployment"]["version"]
        raise wrong_state(
            f'Sorry, deployment {version} is in progress for service "{service.name}". '
            "Please wait for it to complete before trying again."
        )
    if service.state in ("PENDING", "UPDATING"):
        doing = "created" if service.state == "PENDING" else "updated"
        raise wrong_state(
            f'Sorry, service "{service.name}" is being {doing}. Please wait for it to complete before trying again.'
        )


def check_not_deleting(service: Resource) -> None:
    """Raises InvalidInputException (text inferred)."""
    if service.state == "DELETING":
        raise wrong_state(f'Sorry, service "{service.name}" is being deleted.')


def begin(context: Context, service: Resource, what: str, records: list[Record]) -> None:
    """Begin what ends some phases later; the service is kept."""
    service.private["doing"] = [what, 0]
    service.document["state"] = STATES[what]
    _go_on(context, service, what, 0, records)


def next_phase(context: Context, service: Resource, due: Due) -> str | None:
    """Pass to the next phase; what was done, when that was the last. The service is then for the caller to keep."""
    what, phase = service.private["doing"]
    if phase + 1 < len(PHASES[what]):
        service.private["doing"] = [what, phase + 1]
        _go_on(context, service, what, phase + 1, context.journal.ended_by(due))
        return None
    del service.private["doing"]
    del service.document["stateDetail"]
    return str(what)


def rest(service: Resource) -> None:
    """The state of a service in which nothing goes on."""
    document = service.document
    has_deployment = "currentDeployment" in document
    document["state"] = "DISABLED" if document["isDisabled"] else "RUNNING" if has_deployment else "READY"


def _go_on(context: Context, service: Resource, what: str, phase: int, records: list[Record]) -> None:
    service.document["stateDetail"] = {"code": PHASES[what][phase], "message": ""}
    context.resources.save(service)
    whole = {
        "create": context.timing.container_s,
        "deploy": context.timing.deployment_s,
        "update": context.timing.container_update_s,
    }[what]
    context.resources.later(service, STEP, whole / len(PHASES[what]), records)


# --- its nodes and what they say --------------------------------------------------------------------------


def tell(context: Context, service: Resource, deployment: dict[str, Any], text: str) -> None:
    """The platform's line in the log of each container of a deployment (its form is seen, most texts are inferred)."""
    log = service.private.setdefault("log", [])
    number = log[-1][0] + 1 if log else 1
    log.append(
        [
            number,
            round(context.now, 3),
            f"[deployment:{deployment['version']}] {text}",
            sorted(deployment["containers"]),
        ]
    )
    kept = [line for line in log if line[1] > context.now - LOG_KEPT_S]
    service.private["log"] = kept[-_LONGEST_LOG:]


def nodes(count: int) -> str:
    return f"{count} new node{'' if count == 1 else 's'}"


def started(context: Context, service: Resource) -> None:
    """Its nodes run from now on."""
    runs = service.private.setdefault("ran", [])
    if not runs or runs[-1][1] is not None:
        runs.append([context.now, None])
    service.private["ran"] = runs[-_REMEMBERED_RUNS:]


def stopped(context: Context, service: Resource) -> None:
    """Its nodes run no longer."""
    runs = service.private.get("ran", [])
    if runs and runs[-1][1] is None:
        runs[-1][1] = context.now
