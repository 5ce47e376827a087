"""Key pairs: create, import, look, delete, download the default one. All done at once (seen)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from skysail.service.context import Context
from skysail.service.dispatch import Answer, Family
from skysail.service.journal import about, shown
from skysail.service.nouns import default_key_pair, key_material
from skysail.service.nouns.default_key_pair import KIND, NAME
from skysail.service.refusals import invalid
from skysail.service.resources import Draft, resource
from skysail.service.tags import tags
from skysail.store.base import Position, Row

if TYPE_CHECKING:
    from types_boto3_lightsail.type_defs import (
        CreateKeyPairRequestTypeDef,
        DeleteKeyPairRequestTypeDef,
        GetKeyPairRequestTypeDef,
        GetKeyPairsRequestTypeDef,
        ImportKeyPairRequestTypeDef,
    )

PAGE_SIZE = 20
"""Inferred from that of instances."""

family = Family("key_pairs")


@family.writes("CreateKeyPair", is_slow=True)
def create_key_pair(context: Context, request: CreateKeyPairRequestTypeDef) -> Answer:
    """A new key pair; its private key is shown this once and not kept.

    Raises InvalidInputException: the name is bad or in use, or a tag is bad.
    """
    name = request["keyPairName"]
    context.resources.check_free([name])
    wanted = tags(request.get("tags", ()))
    resource_id = context.world.new_id()
    text = key_material.key_text(default_key_pair.seed(context))
    document = default_key_pair.document(context, resource_id, name, wanted)
    draft = Draft(resource_id, name, document | {"fingerprint": text.fingerprint}, {"publicKey": text.public})
    (pair,) = context.resources.create(KIND, [draft])
    (operation,) = shown(context.journal.succeeded("CreateKeyPair", about(pair)))
    # Seen: no fingerprint here, and no empty list of tags.
    answer = {member: value for member, value in document.items() if member != "tags" or value}
    return {
        "keyPair": answer,
        "publicKeyBase64": text.public,  # plain text, despite the name (seen)
        "privateKeyBase64": text.private,
        "operation": operation,
    }


@family.writes("ImportKeyPair")
def import_key_pair(context: Context, request: ImportKeyPairRequestTypeDef) -> Answer:
    """Somebody's public key under a name.

    Raises InvalidInputException: the name is bad or in use, or the text is no RSA public key.
    """
    name = request["keyPairName"]
    context.resources.check_free([name])
    try:
        line, fingerprint = key_material.imported(request["publicKeyBase64"])
    except key_material.NotAPublicKey:
        raise invalid("The public key is not valid.") from None  # inferred
    resource_id = context.world.new_id()
    document = default_key_pair.document(context, resource_id, name, []) | {"fingerprint": fingerprint}
    (pair,) = context.resources.create(KIND, [Draft(resource_id, name, document, {"publicKey": line})])
    (operation,) = shown(context.journal.succeeded("ImportKeyPair", about(pair)))
    return {"operation": operation}


@family.reads("GetKeyPair")
def get_key_pair(context: Context, request: GetKeyPairRequestTypeDef) -> Answer:
    """One key pair. Raises NotFoundException."""
    return {"keyPair": default_key_pair.shown(context.resources.get(KIND, request["keyPairName"]))}


@family.reads("GetKeyPairs")
def get_key_pairs(context: Context, request: GetKeyPairsRequestTypeDef) -> Answer:
    """One page of all key pairs, newest first; the default one only where it is asked for."""

    def fetch(after: Position | None, limit: int) -> list[Row]:
        if request.get("includeDefaultKeyPair"):
            return context.resources.page(KIND, after, limit)
        rows = context.resources.page(KIND, after, limit + 1)  # one more: one of them may be the default pair
        return [row for row in rows if row.name != NAME][:limit]

    return context.listing("keyPairs", request, fetch, PAGE_SIZE, lambda row: default_key_pair.shown(resource(row)))


@family.writes("DeleteKeyPair")
def delete_key_pair(context: Context, request: DeleteKeyPairRequestTypeDef) -> Answer:
    """Forget a key pair; instances keep it.

    Raises NotFoundException. Raises InvalidInputException: it is the default one, and its fingerprint is not given or
    another; or a fingerprint is given that is not the pair's (inferred).
    """
    pair = context.resources.get(KIND, request["keyPairName"])
    expected = request.get("expectedFingerprint")
    if pair.name == NAME and not expected:
        raise invalid(f"The expectedFingerprint is required to delete the default key pair: {NAME}")  # inferred
    if expected and expected != default_key_pair.shown(pair).get("fingerprint"):
        raise invalid(f"The expectedFingerprint does not match the fingerprint of the key pair: {pair.name}")
    context.resources.delete(pair)
    (operation,) = shown(context.journal.succeeded("DeleteKeyPair", about(pair)))
    return {"operation": operation}


@family.writes("DownloadDefaultKeyPair", is_slow=True)
def download_default_key_pair(context: Context, request: object) -> Answer:
    """The region's default key pair with its private key, made if there is none."""
    pair = default_key_pair.ensured(context)
    if "seed" not in pair.private:  # imported from elsewhere, where its private key stayed
        pair.private["seed"] = default_key_pair.seed(context)
        pair.document.pop("fingerprint", None)
        context.resources.save(pair)
    text = key_material.key_text(pair.private["seed"])
    return {
        "publicKeyBase64": text.public,
        "privateKeyBase64": text.private,
        "createdAt": pair.document["createdAt"],
    }
