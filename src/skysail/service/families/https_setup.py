"""HTTPS on an instance, set up by the service: a certificate ordered, installed, and what was run on the way.

Nobody has published a real run. What is from the model: the members, that the e-mail address is not shown, and that
five runs are. The commands, their number and what is refused are inferred. Domain names are not looked up.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from skysail.service.context import Context
from skysail.service.dispatch import Answer, Family
from skysail.service.journal import about, shown
from skysail.service.nouns import attaching
from skysail.service.refusals import invalid, unsupported, wrong_state
from skysail.service.resources import Resource
from skysail.store.base import Due, Position

if TYPE_CHECKING:
    from types_boto3_lightsail.type_defs import GetSetupHistoryRequestTypeDef, SetupInstanceHttpsRequestTypeDef

KEPT = 5
"""Source: the model's documentation."""

COMMANDS = ("install-certbot", "request-certificate", "install-certificate")
SCRIPT_VERSION = "1.0"
STEP = "instance.https_step"

# Source: the model's patterns.
_EMAIL = re.compile(r"[\w!#$%&.'*+/=?^`{|}~\-]{1,64}@[a-zA-Z0-9\-]{1,63}(\.[a-zA-Z0-9\-]{1,63}){0,8}(\.[a-zA-Z]{2,63})")
_DOMAIN = re.compile(r"[a-zA-Z0-9\-]{1,63}(\.[a-zA-Z0-9\-]{1,63}){0,8}(\.[a-zA-Z]{2,63})")
_MOST_DOMAINS = 10
_COMMON_NAME = 63

family = Family("https_setup")


@family.writes("SetupInstanceHttps")
def setup_instance_https(context: Context, request: SetupInstanceHttpsRequestTypeDef) -> Answer:
    """Have a certificate made for domain names and installed on a running Linux instance, step by step.

    Raises NotFoundException. Raises InvalidInputException: the address or a name is bad, the instance does not run,
    is Windows, or has such a run under way.
    """
    instance = context.resources.get(attaching.INSTANCE, request["instanceName"])
    _check(request["emailAddress"], list(request["domainNames"]))
    blueprint = context.catalogue.blueprint(str(instance.document.get("blueprintId")))
    if blueprint is not None and blueprint["platform"] == "WINDOWS":
        raise unsupported(f"You can't set up HTTPS on a Windows instance: {instance.name}")
    if instance.state != "running":
        raise wrong_state(f"You can't set up HTTPS on this instance because it is {instance.state}: {instance.name}")
    history = _history(instance)
    if history and history[0]["status"] == "inProgress":
        raise wrong_state(f"HTTPS is already being set up on this instance: {instance.name}")
    records = context.journal.started("SetupInstanceHttps", about(instance))
    run = {
        "operationId": records[0].id,
        "request": {
            "instanceName": instance.name,
            "domainNames": list(request["domainNames"]),
            "certificateProvider": request["certificateProvider"],
        },
        "resource": {
            member: instance.document[member]
            for member in ("name", "arn", "createdAt", "location", "resourceType")
            if member in instance.document
        },
        "executionDetails": [_begun(context, instance, COMMANDS[0])],
        "status": "inProgress",
    }
    instance.private["setupHistory"] = [run, *history][:KEPT]
    instance.private["setups"] = instance.private.get("setups", len(history)) + 1
    context.resources.save(instance)
    context.resources.later(instance, STEP, context.timing.https_s / len(COMMANDS), records)
    return {"operations": shown(records)}


@family.reads("GetSetupHistory")
def get_setup_history(context: Context, request: GetSetupHistoryRequestTypeDef) -> Answer:
    """One page of an instance's last five runs, newest first. Raises NotFoundException."""
    instance = context.resources.get(attaching.INSTANCE, request["resourceName"])
    history = _history(instance)
    newest = instance.private.get("setups", len(history))
    numbered = [(newest - place, run) for place, run in enumerate(history)]

    def fetch(after: Position | None, limit: int) -> list[tuple[int, dict[str, Any]]]:
        return [(number, run) for number, run in numbered if after is None or number < after.number][:limit]

    # No key: the model allows a token 40 characters.
    return context.paged(
        "setupHistory", request, fetch, KEPT, lambda entry: Position(entry[0], ""), lambda entry: entry[1]
    )


@family.step(STEP)
def https_step(context: Context, due: Due) -> None:
    """One command has ended: well where the instance still runs, and then the next begins or the run is done."""
    instance = context.resources.get(attaching.INSTANCE, due.name)
    run = _history(instance)[0]
    done = run["executionDetails"]
    is_up = instance.state == "running"
    done[-1] |= {
        "status": "succeeded" if is_up else "failed",
        "standardOutput": "",
        "standardError": "" if is_up else f"The instance is {instance.state}.",
    }
    if is_up and len(done) < len(COMMANDS):
        done.append(_begun(context, instance, COMMANDS[len(done)]))
    else:
        run["status"] = done[-1]["status"]
    context.resources.save(instance)
    if run["status"] == "inProgress":
        context.resources.later(instance, STEP, context.timing.https_s / len(COMMANDS), context.journal.ended_by(due))
    elif is_up:
        context.journal.finish(due)
    else:
        context.journal.fail(due, "SetupFailed", done[-1]["standardError"])


def _history(instance: Resource) -> list[dict[str, Any]]:
    history: list[dict[str, Any]] = instance.private.get("setupHistory", [])
    return history


def _begun(context: Context, instance: Resource, command: str) -> dict[str, Any]:
    return {
        "command": command,
        "dateTime": round(context.now, 3),
        "name": instance.name,
        "status": "inProgress",
        "version": SCRIPT_VERSION,
    }


def _check(email: str, domains: list[str]) -> None:
    if not (6 <= len(email) <= 254 and _EMAIL.fullmatch(email)):
        raise invalid("The email address is not valid.")  # without it: the model calls it sensitive
    if not 1 <= len(domains) <= _MOST_DOMAINS:
        raise invalid(f"The number of domain names must be from 1 to {_MOST_DOMAINS}.")
    for domain in domains:
        if not (4 <= len(domain) <= 253 and _DOMAIN.fullmatch(domain)):
            raise invalid(f"The domain name is not valid: {domain}")
    if all(len(domain) > _COMMON_NAME for domain in domains):
        raise invalid(f"At least one domain name must have {_COMMON_NAME} characters or less.")
