"""The key pair that a region has of itself, from its first instance on or when it is downloaded.

It is kept as a secret seed: its key is worked out when somebody looks, so that a first instance waits for none.
"""

from __future__ import annotations

from typing import Any

from skysail.service import identity
from skysail.service.context import Context
from skysail.service.nouns import key_material
from skysail.service.resources import Draft, Resource

KIND = "KeyPair"
NAME = "LightsailDefaultKeyPair"


def seed(context: Context) -> str:
    """A new secret, of which no answer shows anything."""
    return f"{context.world.new_id()} {context.world.new_id()}"


def document(context: Context, resource_id: str, name: str, tags: list[dict[str, str]]) -> dict[str, Any]:
    """A key pair as it is stored, without its fingerprint."""
    return {
        "name": name,
        "arn": identity.arn(context.place, KIND, resource_id),
        "supportCode": identity.support_code(context.place, name),
        "createdAt": round(context.now, 3),
        "location": identity.everywhere(context.place),
        "resourceType": KIND,
        "tags": tags,
    }


def ensured(context: Context) -> Resource:
    """The region's default key pair, made if it has none."""
    found = context.resources.find(KIND, NAME)
    if found is None:
        resource_id = context.world.new_id()
        draft = Draft(resource_id, NAME, document(context, resource_id, NAME, []), {"seed": seed(context)})
        (found,) = context.resources.create(KIND, [draft])
    return found


def shown(pair: Resource) -> dict[str, Any]:
    """A key pair with its fingerprint, which a default one is only now given."""
    if "fingerprint" in pair.document or "seed" not in pair.private:
        return pair.document
    return pair.document | {"fingerprint": key_material.key_text(pair.private["seed"]).fingerprint}
