"""What the service keeps with one resource of others that hang together with it, from what both show.

No listing tells of it: which alarms are on a resource, what is attached to an instance, who uses a certificate, where
the next version of a deployment begins.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import msgspec

from skysail.store.base import Row, Transaction

Known = dict[str, Any]
"""By the member under which it is kept; None for nothing."""

_ALARMS, _STATIC_IP, _BALANCERS, _BUCKETS = "alarms", "staticIp", "loadBalancers", "buckets"
_USERS = "users"
_KEPT = {
    "Instance": (_ALARMS, _STATIC_IP, _BALANCERS, _BUCKETS),
    "RelationalDatabase": (_ALARMS,),
    "LoadBalancer": (_ALARMS, "targets"),
    "Bucket": ("instances",),
    "Certificate": (_USERS,),
    "ContainerService": ("lastVersion", "lastImage"),
}
"""What each kind keeps of others."""


def keep(transaction: Transaction, row: Row, known: Known) -> None:
    """Keep it with a resource, where it is not kept so already."""
    private = msgspec.json.decode(row.private)
    told = {name: value for name, value in {**private, **known}.items() if value is not None}
    if told != private:
        row.private = msgspec.json.encode(told)
        transaction.update(row)


def ties(rows: Callable[[str], list[Row]]) -> Iterator[tuple[Row, Known]]:
    """Each resource that can keep something of others, and what it is to keep. `rows` gives a kind's, newest first."""
    found: dict[tuple[str, str], Known] = {}

    def tie(kind: str, name: str, member: str, value: Any) -> None:
        found.setdefault((kind, name), {}).setdefault(member, []).append(value)

    instances = {row.name for row in rows("Instance")}
    for name, alarm in _oldest_first(rows("Alarm")):
        about = alarm["monitoredResourceInfo"]
        tie(about["resourceType"], about["name"], _ALARMS, name)
    for name, static_ip in _oldest_first(rows("StaticIp")):
        if "attachedTo" in static_ip:
            found.setdefault(("Instance", static_ip["attachedTo"]), {})[_STATIC_IP] = name
    for name, balancer in _oldest_first(rows("LoadBalancer")):
        for health in balancer.get("instanceHealthSummary", ()):
            if health["instanceName"] in instances:
                tie("LoadBalancer", name, "targets", _target(health, balancer))
                tie("Instance", health["instanceName"], _BALANCERS, name)
    for row in reversed(rows("Bucket")):
        for receiver in msgspec.json.decode(row.private).get("instances", ()):
            if receiver in instances:
                tie("Bucket", row.name, "instances", receiver)
                tie("Instance", receiver, _BUCKETS, row.name)
    for name, distribution in _oldest_first(rows("Distribution")):
        if distribution.get("certificateName"):
            tie("Certificate", distribution["certificateName"], _USERS, ["Distribution", name])
    for name, service in _oldest_first(rows("ContainerService")):
        for certificate in service.get("publicDomainNames", ()):
            tie("Certificate", certificate, _USERS, ["ContainerService", name])
    for row in rows("ContainerService"):
        private = msgspec.json.decode(row.private)
        found["ContainerService", row.name] = {
            "lastVersion": max((one["version"] for one in private.get("deployments", ())), default=None),
            "lastImage": max(_numbers(one["image"] for one in private.get("images", ())), default=None),
        }
    for kind, members in _KEPT.items():
        nothing = dict.fromkeys(members)
        for row in rows(kind):
            yield row, {**nothing, **found.get((kind, row.name), {})}


def _oldest_first(rows: list[Row]) -> Iterator[tuple[str, dict[str, Any]]]:
    for row in reversed(rows):
        yield row.name, msgspec.json.decode(row.document)


def _numbers(images: Iterable[str]) -> Iterator[int]:
    """Those at the ends, as of ":service.label.7"."""
    yield from (int(number) for image in images if (number := image.rpartition(".")[2]).isdecimal())


def _target(health: Mapping[str, str], balancer: Mapping[str, Any]) -> dict[str, Any]:
    """An instance behind a load balancer, since that was made: no answer tells since when."""
    target: dict[str, Any] = {"name": health["instanceName"]}
    if health.get("instanceHealthReason") != "Lb.RegistrationInProgress":
        target["registered"] = balancer["createdAt"]
    if health.get("instanceHealth") == "draining":
        target["leaving"] = balancer["createdAt"]
    return target
