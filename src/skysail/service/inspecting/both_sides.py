"""What hangs together, looked at from one resource: whether the other side of it is there, and says the same.

What each kind has to agree with, kind by kind; `inspection` looks at every resource of a store so. An imported or
mirrored resource keeps nothing for itself, so only what is there has to agree.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from skysail.errors import DamagedStoreError
from skysail.service import stored
from skysail.service.nouns.attaching import DISK, INSTANCE, STATIC_IP
from skysail.service.nouns.balancer_certificates import TLS_CERTIFICATE
from skysail.service.nouns.balancing import LOAD_BALANCER
from skysail.service.nouns.buckets import BUCKET
from skysail.service.nouns.certificates import CERTIFICATE
from skysail.service.nouns.containers import CONTAINER_SERVICE
from skysail.service.nouns.database_updates import APPLYING, PENDING, WAITING
from skysail.service.nouns.databases import DATABASE
from skysail.service.nouns.distributions import DISTRIBUTION
from skysail.service.nouns.monitoring import ALARM
from skysail.store.base import Row, Transaction

FROM_A_COPY = "go back to a copy of the store"
ATTACH_ANEW = "detach the one from the other, and attach it anew"

Wrong = Iterator[tuple[str, str]]
"""What is wrong, and what can be done about it."""


@dataclass(frozen=True, slots=True)
class One:
    """A resource that is looked at, and what it can see of others in its place."""

    transaction: Transaction
    row: Row
    document: dict[str, Any]
    private: dict[str, Any]

    @property
    def name(self) -> str:
        return self.row.name

    def shown(self, kind: str, name: str | None, name_space: str = "") -> dict[str, Any] | None:
        """Another's document; None where there is none of that kind and name, or none that can be read."""
        row = self._other(name, name_space)
        return _read(stored.document, row) if row is not None and row.kind == kind else None

    def kept(self, name: str | None) -> dict[str, Any]:
        """What another keeps for itself; nothing where there is none of that name, or none that can be read."""
        row = self._other(name)
        return {} if row is None else _read(stored.private, row) or {}

    def _other(self, name: str | None, name_space: str = "") -> Row | None:
        return self.transaction.get(self.row.place, name, name_space) if name else None


def _read(read: Callable[[Row], dict[str, Any]], row: Row) -> dict[str, Any] | None:
    try:
        return read(row)
    except DamagedStoreError:  # told where that resource is looked at
        return None


def wrong_sides(transaction: Transaction, row: Row, document: dict[str, Any], private: dict[str, Any]) -> Wrong:
    """What is wrong with a resource that can be read, and others."""
    if row.kind in _SIDES:
        yield from _SIDES[row.kind](One(transaction, row, document, private))


def _of_instance(one: One) -> Wrong:
    """What an imported instance shows need not be here, so only what is here has to agree."""
    for shown in one.document.get("hardware", {}).get("disks", ()):
        disk = None if shown.get("isSystemDisk") else one.shown(DISK, shown.get("name"))
        if disk is not None and disk != shown:
            yield f"shows the disk {shown['name']} otherwise than it is", ATTACH_ANEW
    address = one.private.get("staticIp")
    static_ip = one.shown(STATIC_IP, address)
    if address and (static_ip is None or static_ip.get("attachedTo") != one.name):
        yield f"has the static IP {address}, which is not attached to it", ATTACH_ANEW
    yield from _alarms(one)
    for name in one.private.get("loadBalancers", ()):
        if one.name not in _targets(one.kept(name)):
            yield f"is behind the load balancer {name}, which does not know it", FROM_A_COPY
    for name in one.private.get("buckets", ()):
        if one.name not in one.kept(name).get("instances", ()):
            yield f"may use the bucket {name}, which does not know it", FROM_A_COPY


def _of_balancer(one: One) -> Wrong:
    for name in _targets(one.private):
        if one.name not in one.kept(name).get("loadBalancers", ()):
            yield f"has the instance {name}, which does not know it", FROM_A_COPY
    summaries = one.document.get("tlsCertificateSummaries", ())
    for summary in summaries:
        certificate = one.shown(TLS_CERTIFICATE, summary.get("name")) or {}
        known = {"name": certificate.get("name"), "isAttached": certificate.get("isAttached")}
        if certificate.get("loadBalancerName") != one.name or known != summary:
            yield f"shows the certificate {summary.get('name')} otherwise than it is", FROM_A_COPY
    attached = sum(bool(summary.get("isAttached")) for summary in summaries)
    if attached > 1 or (one.document.get("protocol") == "HTTP_HTTPS") != bool(attached):
        yield f"speaks {one.document.get('protocol')} with {attached} certificates attached", FROM_A_COPY


def _of_tls_certificate(one: One) -> Wrong:
    if one.private.get("isDeleted"):
        return
    holder = one.document.get("loadBalancerName")
    balancer = one.shown(LOAD_BALANCER, holder) or {}
    if one.name not in [summary.get("name") for summary in balancer.get("tlsCertificateSummaries", ())]:
        yield f"is of the load balancer {holder}, which does not know it", FROM_A_COPY


def _of_disk(one: One) -> Wrong:
    yield from _attachment(one)
    holder = one.document.get("attachedTo")
    if holder is not None:
        instance = one.shown(INSTANCE, holder) or {}
        if one.document not in instance.get("hardware", {}).get("disks", ()):
            yield f"is attached to {holder}, which does not show it so", ATTACH_ANEW


def _of_static_ip(one: One) -> Wrong:
    yield from _attachment(one)
    holder = one.document.get("attachedTo")
    if holder is not None:
        instance = one.shown(INSTANCE, holder) or {}
        if (instance.get("isStaticIp"), instance.get("publicIpAddress")) != (True, one.document.get("ipAddress")):
            yield f"is attached to {holder}, which does not have its address", ATTACH_ANEW


def _of_alarm(one: One) -> Wrong:
    monitored = one.document.get("monitoredResourceInfo", {}).get("name")
    if one.name not in one.kept(monitored).get("alarms", ()):
        yield f"is on {monitored}, which does not know it", FROM_A_COPY


def _of_certificate(one: One) -> Wrong:
    for kind, name in one.private.get("users", ()):
        if one.shown(kind, name) is None:
            yield f"is used by the {kind} {name}, which is not there", FROM_A_COPY


def _of_container_service(one: One) -> Wrong:
    yield from _certificates(one, one.document.get("publicDomainNames", ()))
    states = Counter(deployment["state"] for deployment in one.private.get("deployments", ()))
    for member, state in (("currentDeployment", "ACTIVE"), ("nextDeployment", "ACTIVATING")):
        if states[state] != (member in one.document):
            yield f"has {states[state]} deployments that are {state}, and shows {member in one.document:d}", FROM_A_COPY


def _of_database(one: One) -> Wrong:
    """What an imported database shows need not be here: it has no passwords."""
    yield from _alarms(one)
    changes = one.private.get(WAITING, {}) | one.private.get(APPLYING, {})
    for kept, shown in PENDING.items():
        if one.private.get("passwords") and (kept in changes) != (
            shown in one.document.get("pendingModifiedValues", {})
        ):
            yield f"shows {shown} otherwise than it waits", FROM_A_COPY


def _of_bucket(one: One) -> Wrong:
    for name in one.private.get("instances", ()):
        if one.name not in one.kept(name).get("buckets", ()):
            yield f"is open to the instance {name}, which does not know it", FROM_A_COPY
    destination = one.document.get("accessLogConfig", {}).get("destination")
    if destination is not None and one.shown(BUCKET, destination) is None:
        yield f"writes its log to the bucket {destination}, which is not there", FROM_A_COPY


def _of_distribution(one: One) -> Wrong:
    name = one.document.get("certificateName")
    yield from _certificates(one, (name,) if name else ())


# --- what several kinds have in common --------------------------------------------------------------------


def _targets(private: dict[str, Any]) -> list[str]:
    """The instances that a load balancer has."""
    return [target["name"] for target in private.get("targets", ())]


def _alarms(one: One) -> Wrong:
    for name in one.private.get("alarms", ()):
        if one.shown(ALARM, name, ALARM) is None:
            yield f"has the alarm {name}, which is not there", FROM_A_COPY


def _attachment(one: One) -> Wrong:
    is_attached, holder = one.document.get("isAttached"), one.document.get("attachedTo")
    if bool(is_attached) != (holder is not None):
        yield f"isAttached is {is_attached}, attachedTo {holder}", ATTACH_ANEW


def _certificates(one: One, names: Iterable[str]) -> Wrong:
    """Those that it uses."""
    for name in names:
        certificate = one.kept(name)
        is_imported = one.shown(CERTIFICATE, name) is not None and "issues" not in certificate  # it knows nobody
        if not is_imported and [one.row.kind, one.name] not in certificate.get("users", ()):
            yield f"uses the certificate {name}, which does not know it", FROM_A_COPY


_SIDES: dict[str, Callable[[One], Wrong]] = {
    DISTRIBUTION: _of_distribution,
    INSTANCE: _of_instance,
    DISK: _of_disk,
    STATIC_IP: _of_static_ip,
    ALARM: _of_alarm,
    CERTIFICATE: _of_certificate,
    CONTAINER_SERVICE: _of_container_service,
    DATABASE: _of_database,
    LOAD_BALANCER: _of_balancer,
    TLS_CERTIFICATE: _of_tls_certificate,
    BUCKET: _of_bucket,
}
