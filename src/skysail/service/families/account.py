"""What belongs to the account and not to any resource."""

from __future__ import annotations

from typing import Any

from skysail.service.context import Context
from skysail.service.dispatch import Answer, Family

family = Family("account")


@family.reads("IsVpcPeered")
def is_vpc_peered(context: Context, request: Any) -> Answer:
    """Whether the account's default VPC is peered: never, as long as PeerVpc is not here."""
    return {"isPeered": False}
