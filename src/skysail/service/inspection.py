"""What is wrong in a store, resource by resource: documents, both sides of what hangs together, changes, journal.

Everything is read once, in pages, and nothing is changed. What the store itself cannot read is a fault too, and the
rest is looked at all the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar

from skysail.errors import DamagedStoreError
from skysail.protocol.faults import faults
from skysail.protocol.types import stored_decoder
from skysail.service import stored
from skysail.service.attaching import DISK, INSTANCE, STATIC_IP
from skysail.service.balancer_certificates import TLS_CERTIFICATE
from skysail.service.balancing import LOAD_BALANCER
from skysail.service.buckets import BUCKET
from skysail.service.certificates import CERTIFICATE
from skysail.service.containers import CONTAINER_SERVICE
from skysail.service.database_updates import APPLYING, PENDING, WAITING
from skysail.service.databases import DATABASE
from skysail.service.distributions import DISTRIBUTION
from skysail.service.monitoring import ALARM
from skysail.store.base import Due, Place, Record, Row, Transaction

Item = TypeVar("Item", Row, Due, Record)

JOURNAL, CHANGES = "journal", "changes to come"
"""What is counted beside the kinds of resources."""
_AT_ONCE = 500
_SHAPES = {DISTRIBUTION: "LightsailDistribution"}
"""The model's names for the shapes of kinds, where they are others."""

FROM_A_COPY = "go back to a copy of the store"
ATTACH_ANEW = "detach the one from the other, and attach it anew"
UPGRADE = "upgrade: pip install -U skysail"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong: with what, and what can be done about it."""

    about: str
    what: str
    remedy: str = FROM_A_COPY
    place: Place | None = None


@dataclass
class Inspection:
    """`steps` are the changes that are known. `counts` is how many of what were looked at."""

    transaction: Transaction
    steps: Collection[str]
    counts: Counter[str] = field(default_factory=Counter)
    _to_be_ended: set[str] = field(default_factory=set)
    """The journal's entries that a change to come will end."""

    def faults(self) -> Iterator[Fault]:
        for name, look in (
            ("resources", self._resources),
            (CHANGES, self._changes),
            (JOURNAL, self._journal),
        ):
            try:
                yield from look()
            except DamagedStoreError as error:
                yield Fault(name, f"cannot be read to the end: {error}")

    # --- resources ----------------------------------------------------------------------------------------

    def _resources(self) -> Iterator[Fault]:
        for row in _each(self.transaction.every_row):
            self.counts[str(row.kind)] += 1
            for fault in self._of_row(row):
                yield Fault(f"{row.kind} {row.name}", *fault, place=row.place)

    def _of_row(self, row: Row) -> Iterator[tuple[str, str]]:
        if not _is_whole(row):
            yield "its row is no whole one", FROM_A_COPY
            return
        try:
            document, private = stored.document(row), stored.private(row)
        except (DamagedStoreError, TypeError) as error:
            yield f"cannot be read: {error.__cause__ or error}", FROM_A_COPY
            return
        # What the service keeps for itself has nothing to show, and a kind that is not the model's.
        shape = _SHAPES.get(row.kind, row.kind)
        wrong = list(_misfits(shape, row.document, document)) if document else []
        yield from ((text, FROM_A_COPY) for text in wrong)
        for member, value in (("name", row.name), ("resourceType", row.kind)):
            if document.get(member, value) != value:
                yield f"its document says {member} {document[member]}", FROM_A_COPY
        if not wrong and row.kind in _SIDES:
            yield from _SIDES[row.kind](self.transaction, row, document, private)

    # --- what is to come, and what was done ---------------------------------------------------------------

    def _changes(self) -> Iterator[Fault]:
        for due in _each(self.transaction.every_change):
            self.counts[CHANGES] += 1
            self._to_be_ended |= set(due.operation_ids)
            for fault in self._of_change(due):
                yield Fault(f"the change {due.step} of {due.name}", *fault, place=due.place)

    def _of_change(self, due: Due) -> Iterator[tuple[str, str]]:
        if due.step not in self.steps:
            yield "is none that this version knows", UPGRADE
        row = self.transaction.get(due.place, due.name, due.name_space)
        if row is None or row.id != due.resource_id:
            yield "is to be made to a resource that is not there", FROM_A_COPY
        for id in due.operation_ids:
            if self.transaction.record(due.place, id) is None:
                yield f"ends the journal's entry {id}, which is not there", FROM_A_COPY

    def _journal(self) -> Iterator[Fault]:
        for record in _each(self.transaction.every_record):
            self.counts[JOURNAL] += 1
            for what in self._of_record(record):
                yield Fault(f"the journal's entry {record.id}", what, place=record.place)

    def _of_record(self, record: Record) -> Iterator[str]:
        try:
            document = stored.document(record)
        except (DamagedStoreError, TypeError) as error:
            yield f"cannot be read: {error.__cause__ or error}"
            return
        yield from _misfits("Operation", record.document, document)
        for member, value in (("id", record.id), ("resourceName", record.resource_name)):
            if document.get(member) != value:
                yield f"its document says {member} {document.get(member)}"
        if document.get("isTerminal") is not (document.get("status") in ("Succeeded", "Failed")):
            yield f"isTerminal is {document.get('isTerminal')} at status {document.get('status')}"
        if document.get("status") == "Started" and record.id not in self._to_be_ended:
            yield "is Started, and no change to come ends it"


def _each(read: Callable[[Item | None, int], list[Item]]) -> Iterator[Item]:
    """All there are, page by page."""
    after: Item | None = None
    while page := read(after, _AT_ONCE):
        yield from page
        after = page[-1]


def _is_whole(row: Any) -> bool:
    """Whether a row has what every row has: in a damaged file, columns can hold anything."""
    texts = (*row.place, row.kind, row.name, row.id, row.name_space)
    return all(isinstance(text, str) for text in texts) and isinstance(row.number, int) and row.number > 0


def _misfits(shape: str, text: bytes, document: dict[str, Any]) -> Iterator[str]:
    """Where a document is not as the model has it: members of other types. Enumerations are not looked at, because real
    answers have values that the model lacks.
    """
    try:
        stored_decoder(shape).decode(text)
    except KeyError:
        yield f"there is no {shape} in Lightsail's model"
    except ValueError:  # msgspec's is one
        yield from (fault.text for fault in faults(shape, document, "") if fault.wrong_type)


# --- both sides of what hangs together --------------------------------------------------------------------

Sides = Callable[[Transaction, Row, dict[str, Any], dict[str, Any]], Iterator[tuple[str, str]]]


def _of_instance(
    transaction: Transaction, row: Row, document: dict[str, Any], private: dict[str, Any]
) -> Iterator[tuple[str, str]]:
    """What an imported instance shows need not be here, so only what is here has to agree."""
    for shown in document.get("hardware", {}).get("disks", ()):
        disk = None if shown.get("isSystemDisk") else _found(transaction, row.place, DISK, shown.get("name"))
        if disk is not None and disk != shown:
            yield f"shows the disk {shown['name']} otherwise than it is", ATTACH_ANEW
    address = private.get("staticIp")
    static_ip = _found(transaction, row.place, STATIC_IP, address)
    if address and (static_ip is None or static_ip.get("attachedTo") != row.name):
        yield f"has the static IP {address}, which is not attached to it", ATTACH_ANEW
    for name in private.get("alarms", ()):
        if _found(transaction, row.place, ALARM, name, ALARM) is None:
            yield f"has the alarm {name}, which is not there", FROM_A_COPY
    for name in private.get("loadBalancers", ()):
        if row.name not in _targets(transaction, row.place, name):
            yield f"is behind the load balancer {name}, which does not know it", FROM_A_COPY
    for name in private.get("buckets", ()):
        if row.name not in _private(transaction, row.place, BUCKET, name).get("instances", ()):
            yield f"may use the bucket {name}, which does not know it", FROM_A_COPY


def _of_balancer(
    transaction: Transaction, row: Row, document: dict[str, Any], private: dict[str, Any]
) -> Iterator[tuple[str, str]]:
    for name in _targets(transaction, row.place, row.name):
        instance = transaction.get(row.place, name)
        if instance is None or row.name not in stored.private(instance).get("loadBalancers", ()):
            yield f"has the instance {name}, which does not know it", FROM_A_COPY
    summaries = document.get("tlsCertificateSummaries", ())
    for summary in summaries:
        certificate = _found(transaction, row.place, TLS_CERTIFICATE, summary.get("name")) or {}
        known = {"name": certificate.get("name"), "isAttached": certificate.get("isAttached")}
        if certificate.get("loadBalancerName") != row.name or known != summary:
            yield f"shows the certificate {summary.get('name')} otherwise than it is", FROM_A_COPY
    attached = sum(bool(summary.get("isAttached")) for summary in summaries)
    if attached > 1 or (document.get("protocol") == "HTTP_HTTPS") != bool(attached):
        yield f"speaks {document.get('protocol')} with {attached} certificates attached", FROM_A_COPY


def _of_tls_certificate(
    transaction: Transaction, row: Row, document: dict[str, Any], private: dict[str, Any]
) -> Iterator[tuple[str, str]]:
    if private.get("isDeleted"):
        return
    holder = document.get("loadBalancerName")
    balancer = _found(transaction, row.place, LOAD_BALANCER, holder) or {}
    if row.name not in [summary.get("name") for summary in balancer.get("tlsCertificateSummaries", ())]:
        yield f"is of the load balancer {holder}, which does not know it", FROM_A_COPY


def _targets(transaction: Transaction, place: Place, balancer: str) -> list[str]:
    row = transaction.get(place, balancer)
    return [target["name"] for target in stored.private(row).get("targets", ())] if row is not None else []


def _of_disk(
    transaction: Transaction, row: Row, document: dict[str, Any], private: dict[str, Any]
) -> Iterator[tuple[str, str]]:
    holder = document.get("attachedTo")
    if document.get("isAttached", False) != (holder is not None):
        yield f"isAttached is {document.get('isAttached')}, attachedTo {holder}", ATTACH_ANEW
    if holder is not None:
        instance = _found(transaction, row.place, INSTANCE, holder) or {}
        if document not in instance.get("hardware", {}).get("disks", ()):
            yield f"is attached to {holder}, which does not show it so", ATTACH_ANEW


def _of_static_ip(
    transaction: Transaction, row: Row, document: dict[str, Any], private: dict[str, Any]
) -> Iterator[tuple[str, str]]:
    holder = document.get("attachedTo")
    if document.get("isAttached", False) != (holder is not None):
        yield f"isAttached is {document.get('isAttached')}, attachedTo {holder}", ATTACH_ANEW
    if holder is not None:
        instance = _found(transaction, row.place, INSTANCE, holder) or {}
        if (instance.get("isStaticIp"), instance.get("publicIpAddress")) != (True, document.get("ipAddress")):
            yield f"is attached to {holder}, which does not have its address", ATTACH_ANEW


def _of_alarm(
    transaction: Transaction, row: Row, document: dict[str, Any], private: dict[str, Any]
) -> Iterator[tuple[str, str]]:
    on = document.get("monitoredResourceInfo", {})
    monitored = transaction.get(row.place, str(on.get("name")))
    if monitored is None or row.name not in stored.private(monitored).get("alarms", ()):
        yield f"is on {on.get('name')}, which does not know it", FROM_A_COPY


def _of_certificate(
    transaction: Transaction, row: Row, document: dict[str, Any], private: dict[str, Any]
) -> Iterator[tuple[str, str]]:
    for kind, name in private.get("users", ()):
        if _found(transaction, row.place, kind, name) is None:
            yield f"is used by the {kind} {name}, which is not there", FROM_A_COPY


def _of_container_service(
    transaction: Transaction, row: Row, document: dict[str, Any], private: dict[str, Any]
) -> Iterator[tuple[str, str]]:
    for name in document.get("publicDomainNames", {}):
        certificate = transaction.get(row.place, name)
        users = stored.private(certificate).get("users", ()) if certificate is not None else ()
        if [CONTAINER_SERVICE, row.name] not in users:
            yield f"uses the certificate {name}, which does not know it", FROM_A_COPY
    states = Counter(deployment["state"] for deployment in private.get("deployments", ()))
    for member, state in (("currentDeployment", "ACTIVE"), ("nextDeployment", "ACTIVATING")):
        if states[state] != (member in document):
            yield f"has {states[state]} deployments that are {state}, and shows {member in document:d}", FROM_A_COPY


def _of_database(
    transaction: Transaction, row: Row, document: dict[str, Any], private: dict[str, Any]
) -> Iterator[tuple[str, str]]:
    """What an imported database shows need not be here: it has no passwords."""
    for name in private.get("alarms", ()):
        if _found(transaction, row.place, ALARM, name, ALARM) is None:
            yield f"has the alarm {name}, which is not there", FROM_A_COPY
    changes = private.get(WAITING, {}) | private.get(APPLYING, {})
    for kept, shown in PENDING.items():
        if private.get("passwords") and (kept in changes) != (shown in document.get("pendingModifiedValues", {})):
            yield f"shows {shown} otherwise than it waits", FROM_A_COPY


def _of_bucket(
    transaction: Transaction, row: Row, document: dict[str, Any], private: dict[str, Any]
) -> Iterator[tuple[str, str]]:
    for name in private.get("instances", ()):
        if row.name not in _private(transaction, row.place, INSTANCE, name).get("buckets", ()):
            yield f"is open to the instance {name}, which does not know it", FROM_A_COPY
    destination = document.get("accessLogConfig", {}).get("destination")
    if destination is not None and _found(transaction, row.place, BUCKET, destination) is None:
        yield f"writes its log to the bucket {destination}, which is not there", FROM_A_COPY


def _of_distribution(
    transaction: Transaction, row: Row, document: dict[str, Any], private: dict[str, Any]
) -> Iterator[tuple[str, str]]:
    name = document.get("certificateName")
    if name is not None:
        certificate = transaction.get(row.place, name)
        users = stored.private(certificate).get("users", ()) if certificate is not None else ()
        if [DISTRIBUTION, row.name] not in users:
            yield f"uses the certificate {name}, which does not know it", FROM_A_COPY


_SIDES: dict[str, Sides] = {
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


def _private(transaction: Transaction, place: Place, kind: str, name: str) -> dict[str, Any]:
    """What a resource keeps for itself; nothing where there is none of that kind and name."""
    row = transaction.get(place, name)
    return stored.private(row) if row is not None and row.kind == kind else {}


def _found(
    transaction: Transaction, place: Place, kind: str, name: str | None, name_space: str = ""
) -> dict[str, Any] | None:
    """A resource's document; None where there is none of that kind and name, or none that can be read."""
    row = transaction.get(place, name, name_space) if name else None
    if row is None or row.kind != kind:
        return None
    try:
        return stored.document(row)
    except DamagedStoreError:  # told where that resource is looked at
        return None
