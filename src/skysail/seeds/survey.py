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
_MANAGED = {
    "load_balancers": ("get_load_balancers", "loadBalancers"),
    "databases": ("get_relational_databases", "relationalDatabases"),
    "database_snapshots": ("get_relational_database_snapshots", "relationalDatabaseSnapshots"),
    "buckets": ("get_buckets", "buckets"),
    "container_services": ("get_container_services", "containerServices"),
    "certificates": ("get_certificates", "certificates"),
    "domains": ("get_domains", "domains"),
    "distributions": ("get_distributions", "distributions"),
}
"""A refusal of these is told, and is no failure."""
_ONLY_IN = {"domains": "us-east-1", "distributions": "us-east-1"}
"""What the API has in one region for all."""
LISTED_KINDS = (
    "KeyPair", "Instance", "Disk", "StaticIp", "InstanceSnapshot", "DiskSnapshot", "Alarm", "ContactMethod",
    "LoadBalancer", "RelationalDatabase", "RelationalDatabaseSnapshot", "Bucket", "ContainerService", "Certificate",
    "Domain", "Distribution",
)  # fmt: skip
"""What the service calls them."""


@dataclass(frozen=True, slots=True)
class Survey:
    """What the API's listings tell of one region; `hidden` are the kinds that it does not let one see."""

    region: str
    key_pairs: list[Document] = field(default_factory=list)
    instances: list[Document] = field(default_factory=list)
    disks: list[Document] = field(default_factory=list)
    static_ips: list[Document] = field(default_factory=list)
    instance_snapshots: list[Document] = field(default_factory=list)
    disk_snapshots: list[Document] = field(default_factory=list)
    alarms: list[Document] = field(default_factory=list)
    contact_methods: list[Document] = field(default_factory=list)
    load_balancers: list[Document] = field(default_factory=list)
    """Each with its `certificates`."""
    databases: list[Document] = field(default_factory=list)
    database_snapshots: list[Document] = field(default_factory=list)
    buckets: list[Document] = field(default_factory=list)
    container_services: list[Document] = field(default_factory=list)
    certificates: list[Document] = field(default_factory=list)
    domains: list[Document] = field(default_factory=list)
    distributions: list[Document] = field(default_factory=list)
    hidden: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not self.count

    @property
    def count(self) -> int:
        return sum(len(getattr(self, kind)) for kind in (*_LISTED, *_MANAGED))

    @property
    def accounts(self) -> set[str]:
        """Whose they are, by their ARNs."""
        return {
            account for kind in (*_LISTED, *_MANAGED) for each in getattr(self, kind) if (account := account_of(each))
        }


def survey(client: Any, region: str) -> Survey:
    """Ask for all of it. Raises SkysailError."""
    found = {
        kind: [item for page in pages(client, method, member) for item in page]
        for kind, (method, member) in _LISTED.items()
    }
    # A disk that came with its instance is no disk of its own.
    found["disks"] = [disk for disk in found["disks"] if not disk.get("isSystemDisk")]
    hidden = []
    for kind, (method, member) in _MANAGED.items():
        if _ONLY_IN.get(kind, region) != region:
            continue
        try:
            found[kind] = [_whole(client, kind, item) for page in pages(client, method, member) for item in page]
        except ServiceError as error:
            # A local service may not have the noun; then there is none.
            if error.kind != "NotImplementedException":
                hidden.append(kind.replace("_", " "))
    return Survey(region, **found, hidden=tuple(hidden))


def _whole(client: Any, kind: str, item: Document) -> Document:
    """All that there is of one, under its name: what its listing does not tell is asked for."""
    if kind == "load_balancers":
        asked = client.get_load_balancer_tls_certificates(loadBalancerName=item["name"])
        return {**item, "certificates": asked["tlsCertificates"]}
    if kind == "buckets":
        wishes = {"includeConnectedResources": True, "includeCors": True}
        return dict(client.get_buckets(bucketName=item["name"], **wishes)["buckets"][0])
    if kind == "certificates":
        asked = client.get_certificates(certificateName=item["certificateName"], includeCertificateDetails=True)
        return dict(asked["certificates"][0]["certificateDetail"])
    if kind == "distributions":
        return dict(client.get_distributions(distributionName=item["name"])["distributions"][0])
    return {**item, "name": item["containerServiceName"]} if kind == "container_services" else item


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
