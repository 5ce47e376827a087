"""What there is in a region, asked of a service by its listings: what an export is made of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from skysail.errors import ServiceError

Document = Mapping[str, Any]

_LISTED = {
    "key_pairs": ("get_key_pairs", "keyPairs"),
    "instances": ("get_instances", "instances"),
    "disks": ("get_disks", "disks"),
    "static_ips": ("get_static_ips", "staticIps"),
    "instance_snapshots": ("get_instance_snapshots", "instanceSnapshots"),
    "disk_snapshots": ("get_disk_snapshots", "diskSnapshots"),
    "alarms": ("get_alarms", "alarms"),
    "contact_methods": ("get_contact_methods", "contactMethods"),
}
LISTED_KINDS = (
    "KeyPair", "Instance", "Disk", "StaticIp", "InstanceSnapshot", "DiskSnapshot", "Alarm", "ContactMethod",
)  # fmt: skip
"""What the service calls them."""

_OTHERS = {
    "load balancers": ("get_load_balancers", "loadBalancers"),
    "databases": ("get_relational_databases", "relationalDatabases"),
    "buckets": ("get_buckets", "buckets"),
    "container services": ("get_container_services", "containerServices"),
    "certificates": ("get_certificates", "certificates"),
}
_OTHERS_IN = {
    "us-east-1": {"domains": ("get_domains", "domains"), "distributions": ("get_distributions", "distributions")}
}
"""What the API has in one region for all."""


@dataclass(frozen=True, slots=True)
class Survey:
    """What the API's listings tell of one region; of `others` only how many there are, None where it was not told."""

    region: str
    key_pairs: list[Document] = field(default_factory=list)
    instances: list[Document] = field(default_factory=list)
    disks: list[Document] = field(default_factory=list)
    static_ips: list[Document] = field(default_factory=list)
    instance_snapshots: list[Document] = field(default_factory=list)
    disk_snapshots: list[Document] = field(default_factory=list)
    alarms: list[Document] = field(default_factory=list)
    contact_methods: list[Document] = field(default_factory=list)
    others: Mapping[str, int | None] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        return not self.count and not any(self.others.values())

    @property
    def count(self) -> int:
        return sum(len(getattr(self, kind)) for kind in _LISTED)

    @property
    def accounts(self) -> set[str]:
        """Whose they are, by their ARNs."""
        return {account for kind in _LISTED for each in getattr(self, kind) if (account := account_of(each))}


def survey(client: Any, region: str) -> Survey:
    """Ask for all of it. Raises SkysailError."""
    found = {
        kind: [item for page in pages(client, method, member) for item in page]
        for kind, (method, member) in _LISTED.items()
    }
    # A disk that came with its instance is no disk of its own.
    found["disks"] = [disk for disk in found["disks"] if not disk.get("isSystemDisk")]
    others = {
        noun: _count(client, method, member)
        for noun, (method, member) in (_OTHERS | _OTHERS_IN.get(region, {})).items()
    }
    return Survey(region, **found, others=others)


def pages(client: Any, method: str, member: str) -> Iterator[list[Document]]:
    """The pages of a listing. Raises SkysailError."""
    token: str | None = None
    while True:
        answer = getattr(client, method)(**({} if token is None else {"pageToken": token}))
        yield answer.get(member, [])
        token = answer.get("nextPageToken")
        if not token:
            return


def account_of(document: Document) -> str | None:
    """The account in its ARN."""
    parts = document.get("arn", "").split(":")
    return parts[4] if len(parts) > 5 and parts[4] else None


def _count(client: Any, method: str, member: str) -> int | None:
    """How many of what a seed has no words for: looked at only to be told, so a refusal is no failure."""
    try:
        return sum(len(page) for page in pages(client, method, member))
    except ServiceError as error:
        # A local service may not have the noun; then there is none.
        return 0 if error.kind == "NotImplementedException" else None
