"""What belongs to the account and not to any resource."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from skysail.service.context import Context
from skysail.service.dispatch import Answer, Family
from skysail.service.nouns import default_key_pair
from skysail.store.base import Position

if TYPE_CHECKING:
    from types_boto3_lightsail.type_defs import GetActiveNamesRequestTypeDef

PAGE_SIZE = 20
"""Inferred from that of instances."""

family = Family("account")


@family.reads("GetActiveNames")
def get_active_names(context: Context, request: GetActiveNamesRequestTypeDef) -> Answer:
    """One page of the names that all kinds share, in their order (inferred: the published answer's is none).

    The default key pair's is left out, as in the published answer of a region with instances.
    """

    def fetch(after: Position | None, limit: int) -> list[str]:
        names = context.resources.names(after.key if after else "", limit + 1)
        return [name for name in names if name != default_key_pair.NAME][:limit]

    return context.paged("activeNames", request, fetch, PAGE_SIZE, lambda name: Position(0, name), lambda name: name)


@family.reads("GetProfile")
def get_profile(context: Context, request: Any) -> Answer:
    """What sort of account it is: one that is in no partner program."""
    return {"profileType": "Lightsailor"}
