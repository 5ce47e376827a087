"""All that a mirror asks for: one row a listing. What is not named here cannot be sent."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from skysail.caller.sync import Client
from skysail.errors import ServiceError
from skysail.mirroring.wire import wire
from skysail.protocol.model import service_model

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Listing:
    """Items of one kind: `member` of the answer has them, `name` of an item is its name.

    `document` is what of an item the service keeps. `of`: asked once for each resource of those kinds for which
    `has_some` holds, by `argument`. `catalogue`: what can be ordered, rather than what somebody has.
    """

    kind: str
    operation: str
    member: str
    name: str = "name"
    arguments: Mapping[str, Any] = field(default_factory=dict)
    name_space: str = ""
    document: Callable[[Document], Document] = lambda item: item
    of: tuple[str, ...] = ()
    argument: str = ""
    has_some: Callable[[Document], bool] = lambda item: True
    whole: str = ""
    """Each is asked for again, by this argument and with `further`, as the listing does not show all of it."""
    further: Mapping[str, Any] = field(default_factory=dict)
    aside: Callable[[Document], Document] = lambda item: {}
    """What the service keeps with it, and does not show in a listing."""
    kept_with: str = ""
    """Under what the service keeps them with the one that they are of; else each is a resource of its own."""
    beside: Document = field(default_factory=dict)
    """What it keeps there with each, of which no answer tells."""
    measured: tuple[str, ...] = ()
    """Members that tell what is measured, rather than what somebody has set."""
    catalogue: bool = False
    kept_as: str = ""
    """In the catalogue, where `member` is another listing's too."""
    only_in: str = ""
    """The one region that answers."""


class Item(NamedTuple):
    """One resource: as the service keeps it, with times as it sends them. `of` is the one that it was asked of."""

    listing: Listing
    name: str
    document: Document
    aside: Document
    of: str | None = None


class Page(NamedTuple):
    items: list[Item]
    token: str | None
    """Goes on behind it; None behind the last."""


def _has_add_ons(item: Document) -> bool:
    return any(add_on.get("name") == "AutoSnapshot" for add_on in item.get("addOns", ()))


def _listed_bucket(item: Document) -> Document:
    return {**{name: value for name, value in item.items() if name != "cors"}, "resourcesReceivingAccess": []}


def _beside_bucket(item: Document) -> Document:
    names = [receiver["name"] for receiver in item.get("resourcesReceivingAccess", ())]
    return {"instances": names, "cors": item.get("cors", {"rules": []})}


_GONE = frozenset({"NotFoundException", "InvalidInputException"})
"""How one is refused that was there when it was listed; the second is a distribution's."""

LISTINGS = (
    Listing("Bundle", "GetBundles", "bundles", "bundleId", {"includeInactive": True}, catalogue=True),
    Listing("Blueprint", "GetBlueprints", "blueprints", "blueprintId", {"includeInactive": True}, catalogue=True),
    Listing(
        "RelationalDatabaseBundle",
        "GetRelationalDatabaseBundles",
        "bundles",
        "bundleId",
        {"includeInactive": True},
        catalogue=True,
        kept_as="databaseBundles",
    ),
    Listing(
        "RelationalDatabaseBlueprint",
        "GetRelationalDatabaseBlueprints",
        "blueprints",
        "blueprintId",
        catalogue=True,
        kept_as="databaseBlueprints",
    ),
    Listing("KeyPair", "GetKeyPairs", "keyPairs", arguments={"includeDefaultKeyPair": True}),
    Listing("Instance", "GetInstances", "instances"),
    Listing("Disk", "GetDisks", "disks"),
    Listing("StaticIp", "GetStaticIps", "staticIps"),
    Listing("InstanceSnapshot", "GetInstanceSnapshots", "instanceSnapshots"),
    Listing("DiskSnapshot", "GetDiskSnapshots", "diskSnapshots"),
    Listing(
        "AutoSnapshot",
        "GetAutoSnapshots",
        "autoSnapshots",
        "date",
        of=("Instance", "Disk"),
        argument="resourceName",
        has_some=_has_add_ons,
        kept_with="autoSnapshots",
        beside={"captured": {}, "hidden": {}},
    ),
    Listing("Alarm", "GetAlarms", "alarms", name_space="Alarm", measured=("state",)),
    Listing("ContactMethod", "GetContactMethods", "contactMethods", name_space="ContactMethod"),
    Listing(
        "Certificate",
        "GetCertificates",
        "certificates",
        "certificateName",
        {"includeCertificateDetails": True},
        document=lambda item: dict(item["certificateDetail"]),
    ),
    Listing("Domain", "GetDomains", "domains", only_in="us-east-1"),
    Listing(
        "Bucket",
        "GetBuckets",
        "buckets",
        document=_listed_bucket,
        whole="bucketName",
        further={"includeConnectedResources": True, "includeCors": True},
        aside=_beside_bucket,
    ),
    Listing(
        "RelationalDatabase",
        "GetRelationalDatabases",
        "relationalDatabases",
        measured=("latestRestorableTime",),
    ),
    Listing("RelationalDatabaseSnapshot", "GetRelationalDatabaseSnapshots", "relationalDatabaseSnapshots"),
    Listing("Distribution", "GetDistributions", "distributions", only_in="us-east-1", whole="distributionName"),
    Listing("LoadBalancer", "GetLoadBalancers", "loadBalancers"),
    Listing(
        "LoadBalancerTlsCertificate",
        "GetLoadBalancerTlsCertificates",
        "tlsCertificates",
        of=("LoadBalancer",),
        argument="loadBalancerName",
    ),
    Listing("ContainerService", "GetContainerServices", "containerServices", "containerServiceName"),
    Listing(
        "ContainerServiceDeployment",
        "GetContainerServiceDeployments",
        "deployments",
        "version",
        of=("ContainerService",),
        argument="serviceName",
        kept_with="deployments",
    ),
    Listing(
        "ContainerImage",
        "GetContainerImages",
        "containerImages",
        "image",
        of=("ContainerService",),
        argument="serviceName",
        kept_with="images",
    ),
)
REGIONS = Listing(
    "Region",
    "GetRegions",
    "regions",
    arguments={"includeAvailabilityZones": True, "includeRelationalDatabaseAvailabilityZones": True},
    catalogue=True,
)
JOURNAL = "GetOperations"
"""Whether something was done meanwhile."""
ALLOWED = frozenset({JOURNAL, REGIONS.operation, *(listing.operation for listing in LISTINGS)})
"""Every operation that a mirror may send."""


def asked_in(region: str) -> list[Listing]:
    """What is asked for in a region."""
    return [listing for listing in LISTINGS if listing.only_in in ("", region)]


def page(client: Client, listing: Listing, token: str | None = None, of: str | None = None) -> Page:
    """One page of a listing, of all or of one resource. Raises what the client does."""
    operation = service_model().operation(listing.operation)
    arguments = dict(listing.arguments)
    if of is not None:
        arguments[listing.argument] = of
    if token is not None:
        arguments["pageToken"] = token
    ask = getattr(client, operation.method)
    answer = ask(**arguments)
    found = answer[listing.member]
    if listing.whole:
        found = [_whole(listing, ask, item) for item in found]
    items = [
        Item(listing, str(item[listing.name]), listing.document(item), listing.aside(item), of) for item in wire(found)
    ]
    return Page(items, answer.get("nextPageToken"))


def _whole(listing: Listing, ask: Callable[..., Document], item: Document) -> Document:
    """All of one; what was listed where it is gone meanwhile."""
    try:
        found: list[Document] = ask(**{listing.whole: item[listing.name]}, **listing.further)[listing.member]
    except ServiceError as error:
        if error.kind not in _GONE:
            raise
        return item
    return found[0] if found else item


def pages(client: Client, listing: Listing, of: str | None = None) -> Iterator[Page]:
    """All of them."""
    token = None
    while True:
        found = page(client, listing, token, of)
        yield found
        token = found.token
        if token is None:
            return


def is_asked_of(listing: Listing, kind: str, document: Document) -> bool:
    """Whether a resource of that kind is to be asked for what hangs on it."""
    return kind in listing.of and listing.has_some(document)
