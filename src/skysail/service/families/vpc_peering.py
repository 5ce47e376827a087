"""The peering of Lightsail's VPC in a region with the account's default VPC there.

The account is taken to have a default VPC in every region. What is peered is kept as a resource in a name space of its
own, which no listing shows.
"""

from __future__ import annotations

from typing import Any

from skysail.service import identity
from skysail.service.context import Context
from skysail.service.dispatch import Answer, Family
from skysail.service.journal import Subject, shown
from skysail.service.resources import Draft, Resource

KIND = NAME_SPACE = "PeeredVpc"

family = Family("vpc_peering")


@family.writes("PeerVpc")
def peer_vpc(context: Context, request: Any) -> Answer:
    """Peer the two; done at once. Where they are peered already, that stays so (inferred)."""
    if _peering(context) is None:
        context.resources.create(KIND, [Draft(context.world.new_id(), _vpc(context), {})], NAME_SPACE)
    return _told(context, "PeeredVpc")


@family.writes("UnpeerVpc")
def unpeer_vpc(context: Context, request: Any) -> Answer:
    """End the peering; done at once. Where there is none, that stays so (inferred)."""
    peering = _peering(context)
    if peering is not None:
        context.resources.delete(peering)
    return _told(context, "UnpeeredVpc")


@family.reads("IsVpcPeered")
def is_vpc_peered(context: Context, request: Any) -> Answer:
    """Whether they are peered in the region."""
    return {"isPeered": _peering(context) is not None}


def _peering(context: Context) -> Resource | None:
    return context.resources.find(KIND, _vpc(context), NAME_SPACE)


def _told(context: Context, operation: str) -> Answer:
    """The entry, with an operation's type that the enumeration lacks (seen)."""
    subject = Subject(_vpc(context), KIND, "all", identity.ec2_id("vpc", f"{_where(context)} default"))
    return {"operation": shown(context.journal.succeeded(operation, subject))[0]}


def _vpc(context: Context) -> str:
    """Lightsail's, by its id."""
    return identity.ec2_id("vpc", _where(context))


def _where(context: Context) -> str:
    return f"{context.account} {context.region}"
