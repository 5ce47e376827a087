"""What `skysail list` knows: each kind of thing, with the operations that list it and the columns that show it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from skysail.telling.columns import Columns, Look

_HELP = "skysail list --help"


class Listing(NamedTuple):
    """An operation, and the member of its answer that has the things."""

    method: str
    member: str
    arguments: Mapping[str, Any] = {}


@dataclass(frozen=True, slots=True)
class Kind:
    """`one` and `many` are its words; `listings` are all asked, one behind the other. `only_region` is the one region
    that answers for all (source: the API reference of these operations).
    """

    one: str
    many: str
    listings: tuple[Listing, ...]
    columns: Columns
    only_region: str | None = None
    named: str = "name"
    """The member that is its name."""
    expendable: tuple[str, ...] = field(default=("AGE",))

    @property
    def member(self) -> str:
        """What a document has them under."""
        return self.listings[0].member if len(self.listings) == 1 else self.many


def _columns(shapes: str, usual: str, lacks: str = "", **short: str) -> Columns:
    """`usual` names columns that all kinds have but those that it `lacks`, or that `short` has with their paths."""
    known: dict[str, tuple[str, Look]] = {
        **{name: what for name, what in _EVERYWHERE.items() if name not in lacks.split()},
        **{name.replace("_", "-"): (path, "first" if "|" in path else "plain") for name, path in short.items()},
    }
    if "arn" in short:
        known["account"] = (short["arn"], "account")
    if "state" in short:
        known["state"] = (short["state"], "state")
    names = tuple(usual.split())
    wide = (*names, *(name for name in known if name not in names))
    return Columns(tuple(shapes.split()), known, names, wide, _HELP)


_EVERYWHERE: dict[str, tuple[str, Look]] = {
    "name": ("name", "plain"),
    "region": ("location.regionName", "plain"),
    "zone": ("location.availabilityZone", "plain"),
    "age": ("createdAt", "age"),
    "created": ("createdAt", "plain"),
    "tags": ("tags", "tags"),
    "arn": ("arn", "plain"),
    "account": ("arn", "account"),
}

KINDS: dict[str, Kind] = {
    "disks": Kind(
        "disk",
        "disks",
        (Listing("get_disks", "disks"),),
        _columns(
            "Disk", "name state gb attached-to region age", state="state", gb="sizeInGb", attached_to="attachedTo"
        ),
    ),
    "snapshots": Kind(
        "snapshot",
        "snapshots",
        (
            Listing("get_instance_snapshots", "instanceSnapshots"),
            Listing("get_disk_snapshots", "diskSnapshots"),
            Listing("get_relational_database_snapshots", "relationalDatabaseSnapshots"),
        ),
        _columns(
            "InstanceSnapshot DiskSnapshot RelationalDatabaseSnapshot",
            "name kind state gb from region age",
            kind="resourceType",
            state="state",
            gb="sizeInGb",
            **{"from": "fromInstanceName|fromDiskName|fromRelationalDatabaseName"},
        ),
    ),
    "static-ips": Kind(
        "static IP",
        "static IPs",
        (Listing("get_static_ips", "staticIps"),),
        _columns("StaticIp", "name ip attached-to region age", ip="ipAddress", attached_to="attachedTo"),
    ),
    "key-pairs": Kind(
        "key pair",
        "key pairs",
        (Listing("get_key_pairs", "keyPairs", {"includeDefaultKeyPair": True}),),
        _columns("KeyPair", "name fingerprint region age", fingerprint="fingerprint"),
    ),
    "load-balancers": Kind(
        "load balancer",
        "load balancers",
        (Listing("get_load_balancers", "loadBalancers"),),
        _columns(
            "LoadBalancer",
            "name state dns instances region age",
            state="state",
            dns="dnsName",
            instances="instanceHealthSummary.instanceName",
            health="instanceHealthSummary.instanceHealth",
        ),
    ),
    "certificates": Kind(
        "certificate",
        "certificates",
        (Listing("get_certificates", "certificates", {"includeCertificateDetails": True}),),
        _columns(
            "CertificateSummary",
            "name domain state until arn",
            lacks="region zone age created",
            name="certificateName",
            domain="domainName",
            state="certificateDetail.status",
            until="certificateDetail.notAfter",
            arn="certificateArn",
        ),
        named="certificateName",
        expendable=("ARN", "UNTIL"),
    ),
    "container-services": Kind(
        "container service",
        "container services",
        (Listing("get_container_services", "containerServices"),),
        _columns(
            "ContainerService",
            "name state power scale url region age",
            name="containerServiceName",
            state="state",
            power="power",
            scale="scale",
            url="url",
        ),
        named="containerServiceName",
        expendable=("AGE", "URL"),
    ),
    "databases": Kind(
        "database",
        "databases",
        (Listing("get_relational_databases", "relationalDatabases"),),
        _columns(
            "RelationalDatabase",
            "name state engine bundle address region age",
            state="state",
            engine="engine",
            bundle="relationalDatabaseBundleId",
            address="masterEndpoint.address",
        ),
        expendable=("AGE", "BUNDLE"),
    ),
    "buckets": Kind(
        "bucket",
        "buckets",
        (Listing("get_buckets", "buckets"),),
        _columns("Bucket", "name bundle url region age", bundle="bundleId", url="url"),
    ),
    "distributions": Kind(
        "distribution",
        "distributions",
        (Listing("get_distributions", "distributions"),),
        _columns(
            "LightsailDistribution",
            "name state domain origin bundle age",
            state="status",
            domain="domainName",
            origin="origin.name",
            bundle="bundleId",
        ),
        only_region="us-east-1",
    ),
    "domains": Kind(
        "domain",
        "domains",
        (Listing("get_domains", "domains"),),
        _columns("Domain", "name records age", records="domainEntries.type"),
        only_region="us-east-1",
    ),
    "alarms": Kind(
        "alarm",
        "alarms",
        (Listing("get_alarms", "alarms"),),
        _columns(
            "Alarm",
            "name state of metric threshold region age",
            state="state",
            of="monitoredResourceInfo.name",
            metric="metricName",
            threshold="threshold",
        ),
    ),
    "contact-methods": Kind(
        "contact method",
        "contact methods",
        (Listing("get_contact_methods", "contactMethods"),),
        _columns(
            "ContactMethod",
            "protocol endpoint state region age",
            protocol="protocol",
            endpoint="contactEndpoint",
            state="status",
        ),
    ),
}
