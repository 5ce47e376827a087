"""The columns of the fleet's page: the command line's, and any member of an instance by its dotted path. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from skysail.telling.columns import INSTANCES, Column, Columns, choose

OFFERED = (
    *("state", "public-ip", "region", "bundle", "blueprint", "tags", "age", "usd/mo", "zone", "private-ip", "ipv6"),
    *("ip-kind", "cpu", "ram", "disk", "transfer", "user", "key", "ports", "auto-snap", "created", "account"),
    *("support-code", "arn"),
)
"""By their short names, in the order in which they are offered."""
TITLES = {
    "name": "Name",
    "state": "State",
    "public-ip": "Public IP",
    "region": "Region",
    "bundle": "Plan",
    "blueprint": "Blueprint",
    "tags": "Tags",
    "age": "Age",
    "usd/mo": "USD/month",
    "zone": "Zone",
    "private-ip": "Private IP",
    "ipv6": "IPv6",
    "ip-kind": "IP kind",
    "cpu": "vCPUs",
    "ram": "RAM, GB",
    "disk": "Disks, GB",
    "transfer": "Transfer, GB",
    "user": "User",
    "key": "Key pair",
    "ports": "Open ports",
    "auto-snap": "Auto snapshots",
    "created": "Made",
    "account": "Account",
    "support-code": "Support code",
    "arn": "ARN",
}
NUMBERS = ("age", "usd/mo", "cpu", "ram", "disk", "transfer")


def columns(wanted: Sequence[str], *, is_everywhere: bool) -> list[Column]:
    """Those that `wanted` names, as the command line's --columns: lists, or changes of the usual ones. The name is
    always there, and first. Raises UsageError for one that there is not.
    """
    text = ",".join(filter(None, (one.strip() for one in wanted)))
    found = choose(text or None, of=_of(is_everywhere), by="cols")
    return [column for column in found if column.path != ("name",)]


def _of(is_everywhere: bool) -> Columns:
    """In one region nobody needs to be told which."""
    usual = ("name", "state", "public-ip", "region", "bundle", "blueprint", "tags", "age", "usd/mo")
    return replace(INSTANCES, usual=usual if is_everywhere else tuple(one for one in usual if one != "region"))


def id_of(column: Column) -> str:
    """How a column is called in an address: by its short name, or by its path."""
    return column.header.lower() if column.header.lower() in TITLES else column.header


def title(column: Column) -> str:
    return TITLES.get(id_of(column), column.header)
