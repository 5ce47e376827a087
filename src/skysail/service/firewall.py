"""A rule of an instance's firewall: which ports are open, and to whom."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

ANYWHERE_IPV4 = "0.0.0.0/0"
ANYWHERE_IPV6 = "::/0"


def entry(
    from_port: int,
    to_port: int,
    protocol: str,
    cidrs: Sequence[str],
    ipv6_cidrs: Sequence[str],
    aliases: Sequence[str] = (),
) -> dict[str, Any]:
    """A rule as an instance's `networking.ports` shows it.

    accessType is lower case on the wire (seen), whatever the model's enum says; "all" protocols are "-1" (seen).
    """
    anywhere = [cidr for cidr in (*cidrs, *ipv6_cidrs) if cidr in (ANYWHERE_IPV4, ANYWHERE_IPV6)]
    is_public = anywhere == [*cidrs, *ipv6_cidrs] and anywhere and not aliases
    return {
        "fromPort": from_port,
        "toPort": to_port,
        "protocol": "-1" if protocol == "all" else protocol,
        "accessFrom": f"Anywhere ({' and '.join(anywhere)})" if is_public else "Custom",  # inferred: Custom
        "accessType": "public",
        "commonName": "",
        "accessDirection": "inbound",
        "cidrs": list(cidrs),
        "ipv6Cidrs": list(ipv6_cidrs),
        "cidrListAliases": list(aliases),
    }
