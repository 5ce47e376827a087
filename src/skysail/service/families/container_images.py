"""The images that are registered to container services, and the login with which they are pushed."""

from __future__ import annotations

import re
from base64 import b64encode
from typing import TYPE_CHECKING, Any

import msgspec

from skysail.errors import NotFoundException
from skysail.service import identity
from skysail.service.context import Context
from skysail.service.dispatch import Answer, Family
from skysail.service.journal import about
from skysail.service.nouns import containers, deployments
from skysail.service.nouns.key_material import secret_bytes
from skysail.service.refusals import invalid, over_quota, wrong_state
from skysail.service.resources import resource

if TYPE_CHECKING:
    from types_boto3_lightsail.type_defs import (
        DeleteContainerImageRequestTypeDef,
        GetContainerImagesRequestTypeDef,
        RegisterContainerImageRequestTypeDef,
    )

MOST = 150
"""Images of a service (source: the table of service quotas)."""
LOGIN_S = 12 * 3600
"""How long a login is good for (source: the model)."""
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")

family = Family("container_images")


@family.writes("RegisterContainerImage")
def register_container_image(context: Context, request: RegisterContainerImageRequestTypeDef) -> Answer:
    """Give an image that was pushed a name: the service's, the label and a number that counts over all labels (seen).

    Raises NotFoundException. Raises InvalidInputException: label or digest do not fit, or they are too many (texts
    inferred).
    """
    service = containers.container_service(context, request["serviceName"])
    containers.check_not_deleting(service)
    label, digest = request["label"], request["digest"]
    if len(label) > deployments.LONGEST_NAME or not deployments.NAME.fullmatch(label):
        raise invalid(f'Label "{label}" does not match pattern: {deployments.SHOWN_PATTERN}')
    if not _DIGEST.fullmatch(digest):
        raise invalid(f'Digest "{digest}" does not match pattern: ^sha256:[0-9a-f]{{64}}$')
    images = service.private.get("images", [])
    if context.quotas == "real" and len(images) >= MOST:
        raise over_quota(f'Sorry, you\'ve reached the maximum number of images for service "{service.name}": {MOST}')
    number = service.private.get("lastImage", 0) + 1
    image = {"image": f":{service.name}.{label}.{number}", "digest": digest, "createdAt": float(int(context.now))}
    service.private |= {"lastImage": number, "images": [image, *images]}
    context.resources.save(service)
    context.journal.succeeded("RegisterContainerImage", about(service))
    return {"containerImage": image}


@family.reads("GetContainerImages")
def get_container_images(context: Context, request: GetContainerImagesRequestTypeDef) -> Answer:
    """The images of a service, newest first. Raises NotFoundException."""
    service = containers.container_service(context, request["serviceName"])
    return {"containerImages": service.private.get("images", [])}


@family.writes("DeleteContainerImage")
def delete_container_image(context: Context, request: DeleteContainerImageRequestTypeDef) -> Answer:
    """Forget an image.

    Raises NotFoundException. Raises InvalidInputException: a deployment that runs has it (rule seen, texts inferred).
    """
    service = containers.container_service(context, request["serviceName"])
    containers.check_not_deleting(service)
    image = request["image"]
    images = service.private.get("images", [])
    if image not in [one["image"] for one in images]:
        raise NotFoundException.because(f'Sorry, image "{image}" does not exist.', "DoesNotExist")
    if deployments.uses(service, image):
        raise wrong_state(f'Sorry, image "{image}" is in use by the current deployment.')
    service.private["images"] = [one for one in images if one["image"] != image]
    context.resources.save(service)
    context.journal.succeeded("DeleteContainerImage", about(service))
    return {}


@family.writes("CreateContainerServiceRegistryLogin")
def create_registry_login(context: Context, request: Any) -> Answer:
    """A login of Amazon ECR's form for the account's registry; no registry is behind it.

    The journal's entry is about the newest service (inferred). Raises InvalidInputException: there is no service.
    """
    newest = context.resources.page(containers.CONTAINER_SERVICE, None, 1)
    if not newest:
        raise wrong_state("You must create a container service before retrieving container registry login credentials")
    expires_at = int(context.now) + LOGIN_S
    context.journal.succeeded("CreateContainerServiceRegistryLogin", about(resource(newest[0])))
    owner = identity.support_code(context.place, "").removesuffix("/")
    return {
        "registryLogin": {
            "username": "AWS",
            "password": _password(context.world.new_id(), expires_at),
            "expiresAt": float(expires_at),
            "registry": f"{owner}.dkr.ecr.{context.region}.amazonaws.com",
        }
    }


def _password(seed: str, expires_at: int) -> str:
    """As ECR's: a sealed token, its key and until when, as base64 of JSON."""
    token = {
        "payload": b64encode(secret_bytes(f"{seed} payload", 480)).decode(),
        "datakey": b64encode(secret_bytes(f"{seed} datakey", 144)).decode(),
        "version": "2",
        "type": "DATA_KEY",
        "expiration": expires_at,
    }
    return b64encode(msgspec.json.encode(token)).decode()
