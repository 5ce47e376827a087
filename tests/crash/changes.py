"""What one client may ask for next, and what its part of the fleet must look like afterwards.

A part is what a caller can see of some resources, by name, once nothing is on its way any more. Each client has names
of its own, so what it asks for has one outcome: `Change.after`, with `Change.entries` in the journal.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from running_server import ZONE
from skysail.protocol.model import service_model

ORDER = {"availabilityZone": ZONE, "blueprintId": "debian_12", "bundleId": "nano_3_0"}

Thing = Mapping[str, Any]
Part = Mapping[str, Thing]
Entries = tuple[tuple[str | None, str], ...]

_MOST_INSTANCES = 12
_FIRST_PORTS = (22, 80)


@dataclass(frozen=True, slots=True)
class Change:
    """One request; the part after it; operation type and resource of each entry that it leaves in the journal."""

    method: str
    arguments: Mapping[str, Any]
    after: Part
    entries: Entries

    @property
    def names(self) -> set[str]:
        """Whatever may look otherwise afterwards: an instance shows the disks that are attached to it."""
        named = {name for _, name in self.entries}
        return named | {holder for name in named if (holder := self.after.get(name, {}).get("attachedTo"))}


def seen(document: Mapping[str, Any]) -> Thing:
    """What of a resource the changes here are about."""
    kind = document["resourceType"]
    thing: dict[str, Any] = {"kind": kind}
    if "tags" in document:
        thing["tags"] = {tag["key"]: tag.get("value", "") for tag in document["tags"]}
    if "state" in document:
        state = document["state"]
        thing["state"] = state["name"] if isinstance(state, dict) else state
    if kind == "Instance":
        thing["disks"] = sorted(disk["name"] for disk in document["hardware"]["disks"] if not disk["isSystemDisk"])
        thing["hasStaticIp"] = document["isStaticIp"]
        thing["ports"] = sorted(port["fromPort"] for port in document["networking"]["ports"])
    if kind in ("Disk", "StaticIp"):
        thing["attachedTo"] = document.get("attachedTo")
    return thing


def next_change(part: Part, dice: random.Random, fresh: Callable[[str], str]) -> Change:
    """One of all that can be asked for now; `fresh` gives a new name of a sort."""
    return dice.choice(list(_possible(part, dice, fresh)))


def _possible(part: Part, dice: random.Random, fresh: Callable[[str], str]) -> Iterator[Change]:
    """One of each sort that is possible, so that each is as likely."""
    instances = _of(part, "Instance")
    if len(instances) < _MOST_INSTANCES:
        names = [fresh("instance") for _ in range(dice.randint(1, 4))]
        yield _create_instances(part, names, _tags(dice))
    yield _create_disk(part, fresh("disk"), _tags(dice))
    yield _allocate(part, fresh("address"))
    for make in (_stop, _start, _reboot, _delete_instance, _attach_disk, _detach_disk, _delete_disk):
        yield from _one(make(part), dice)
    for make in (_attach_static_ip, _detach_static_ip, _release, _delete_snapshot, _close_port):
        yield from _one(make(part), dice)
    if instances:
        instance = dice.choice(list(instances))
        yield _open_port(part, instance, dice.randint(8000, 9000))
        yield _snapshot(part, fresh("kept"), instance)
    for snapshot in _some(_of(part, "InstanceSnapshot"), dice):
        yield _from_snapshot(part, [fresh("restored") for _ in range(dice.randint(1, 2))], snapshot)
    for disk in _some(_of(part, "Disk"), dice):
        yield _disk_snapshot(part, fresh("disk-kept"), disk)
    for name in _some([name for name, thing in part.items() if "tags" in thing], dice):
        yield _tag(part, name, dice)
        yield from _untag(part, name, dice)


# --- instances --------------------------------------------------------------------------------------------


def _create_instances(part: Part, names: list[str], tags: dict[str, str]) -> Change:
    return Change(
        "create_instances",
        {"instanceNames": names, "tags": _as_asked(tags), **ORDER},
        {**part, **{name: _new_instance(tags) for name in names}},
        tuple(("CreateInstance", name) for name in names),
    )


def _from_snapshot(part: Part, names: list[str], snapshot: str) -> Change:
    order = {member: value for member, value in ORDER.items() if member != "blueprintId"}
    return Change(
        "create_instances_from_snapshot",
        {"instanceNames": names, "instanceSnapshotName": snapshot, **order},
        {**part, **{name: _new_instance({}) for name in names}},
        tuple(("CreateInstancesFromSnapshot", name) for name in names),
    )


def _new_instance(tags: dict[str, str]) -> Thing:
    return {
        "kind": "Instance",
        "tags": tags,
        "state": "running",
        "disks": [],
        "hasStaticIp": False,
        "ports": list(_FIRST_PORTS),
    }


def _stop(part: Part) -> list[Change]:
    return [_powered(part, name, "StopInstance", "stopped") for name in _of(part, "Instance", state="running")]


def _start(part: Part) -> list[Change]:
    return [_powered(part, name, "StartInstance", "running") for name in _of(part, "Instance", state="stopped")]


def _reboot(part: Part) -> list[Change]:
    return [_powered(part, name, "RebootInstance", "running") for name in _of(part, "Instance", state="running")]


def _powered(part: Part, name: str, operation: str, state: str) -> Change:
    method = service_model().operation(operation).method
    return Change(method, {"instanceName": name}, _with(part, name, state=state), ((operation, name),))


def _delete_instance(part: Part) -> list[Change]:
    return [_deleted_instance(part, name) for name in _of(part, "Instance")]


def _deleted_instance(part: Part, name: str) -> Change:
    after = {other: thing for other, thing in part.items() if other != name}
    entries: list[tuple[str | None, str]] = []
    for other in [other for other, thing in part.items() if thing.get("attachedTo") == name]:
        is_disk = part[other]["kind"] == "Disk"
        after[other] = {**part[other], "attachedTo": None, **({"state": "available"} if is_disk else {})}
        entries += [("DetachDisk" if is_disk else "DetachStaticIp", subject) for subject in (other, name)]
    return Change("delete_instance", {"instanceName": name}, after, (*entries, ("DeleteInstance", name)))


def _open_port(part: Part, name: str, port: int) -> Change:
    ports = sorted({*part[name]["ports"], port})
    return _ports(part, name, "OpenInstancePublicPorts", port, ports)


def _close_port(part: Part) -> list[Change]:
    return [
        _ports(part, name, "CloseInstancePublicPorts", port, [other for other in thing["ports"] if other != port])
        for name, thing in _of(part, "Instance").items()
        for port in thing["ports"]
    ]


def _ports(part: Part, name: str, operation: str, port: int, ports: list[int]) -> Change:
    asked = {"instanceName": name, "portInfo": {"fromPort": port, "toPort": port, "protocol": "tcp"}}
    method = service_model().operation(operation).method
    return Change(method, asked, _with(part, name, ports=ports), ((operation, name),))


# --- disks and addresses ----------------------------------------------------------------------------------


def _create_disk(part: Part, name: str, tags: dict[str, str]) -> Change:
    disk = {"kind": "Disk", "tags": tags, "state": "available", "attachedTo": None}
    asked = {"diskName": name, "availabilityZone": ZONE, "sizeInGb": 8, "tags": _as_asked(tags)}
    return Change("create_disk", asked, {**part, name: disk}, (("CreateDisk", name),))


def _attach_disk(part: Part) -> list[Change]:
    return [
        Change(
            "attach_disk",
            {"diskName": disk, "instanceName": name, "diskPath": "/dev/xvdf"},
            _with(_with(part, disk, attachedTo=name, state="in-use"), name, disks=sorted([*thing["disks"], disk])),
            (("AttachDisk", disk), ("AttachDisk", name)),
        )
        for disk in _of(part, "Disk", state="available")
        for name, thing in _of(part, "Instance").items()
        if not thing["disks"]  # one disk an instance: then the path is free
    ]


def _detach_disk(part: Part) -> list[Change]:
    return [
        Change(
            "detach_disk",
            {"diskName": disk},
            _with(_with(part, disk, attachedTo=None, state="available"), thing["attachedTo"], disks=[]),
            (("DetachDisk", disk), ("DetachDisk", thing["attachedTo"])),
        )
        for disk, thing in _of(part, "Disk", state="in-use").items()
        if part[thing["attachedTo"]]["state"] == "stopped"
    ]


def _delete_disk(part: Part) -> list[Change]:
    free = _of(part, "Disk", state="available")
    return [Change("delete_disk", {"diskName": name}, _without(part, name), (("DeleteDisk", name),)) for name in free]


def _allocate(part: Part, name: str) -> Change:
    address = {"kind": "StaticIp", "attachedTo": None}
    return Change("allocate_static_ip", {"staticIpName": name}, {**part, name: address}, (("AllocateStaticIp", name),))


def _attach_static_ip(part: Part) -> list[Change]:
    return [
        Change(
            "attach_static_ip",
            {"staticIpName": address, "instanceName": name},
            _with(_with(part, address, attachedTo=name), name, hasStaticIp=True),
            (("AttachStaticIp", address), ("AttachStaticIp", name)),
        )
        for address in _of(part, "StaticIp", attachedTo=None)
        for name in _of(part, "Instance", hasStaticIp=False)
    ]


def _detach_static_ip(part: Part) -> list[Change]:
    return [
        Change(
            "detach_static_ip",
            {"staticIpName": address},
            _with(_with(part, address, attachedTo=None), thing["attachedTo"], hasStaticIp=False),
            (("DetachStaticIp", address), ("DetachStaticIp", thing["attachedTo"])),
        )
        for address, thing in _of(part, "StaticIp").items()
        if thing["attachedTo"]
    ]


def _release(part: Part) -> list[Change]:
    return [
        Change("release_static_ip", {"staticIpName": name}, _without(part, name), (("ReleaseStaticIp", name),))
        for name in _of(part, "StaticIp", attachedTo=None)
    ]


# --- snapshots and tags -----------------------------------------------------------------------------------


def _snapshot(part: Part, name: str, instance: str) -> Change:
    snapshot = {"kind": "InstanceSnapshot", "tags": {}, "state": "available"}
    return Change(
        "create_instance_snapshot",
        {"instanceSnapshotName": name, "instanceName": instance},
        {**part, name: snapshot},
        (("CreateInstanceSnapshot", name), ("CreateInstanceSnapshot", instance)),
    )


def _disk_snapshot(part: Part, name: str, disk: str) -> Change:
    snapshot = {"kind": "DiskSnapshot", "tags": {}, "state": "completed"}
    return Change(
        "create_disk_snapshot",
        {"diskSnapshotName": name, "diskName": disk},
        {**part, name: snapshot},
        (("CreateDiskSnapshot", name), ("CreateDiskSnapshot", disk)),
    )


def _delete_snapshot(part: Part) -> list[Change]:
    of_instances = [
        Change(
            "delete_instance_snapshot",
            {"instanceSnapshotName": name},
            _without(part, name),
            (("DeleteInstanceSnapshot", name),),
        )
        for name in _of(part, "InstanceSnapshot")
    ]
    of_disks = [
        Change(
            "delete_disk_snapshot", {"diskSnapshotName": name}, _without(part, name), (("DeleteDiskSnapshot", name),)
        )
        for name in _of(part, "DiskSnapshot")
    ]
    return [*of_instances, *of_disks]


def _tag(part: Part, name: str, dice: random.Random) -> Change:
    added = {dice.choice("abc"): f"value {dice.randint(1, 10**9)}"}
    tags = {**part[name]["tags"], **added}
    return Change(
        "tag_resource",
        {"resourceName": name, "tags": _as_asked(added)},
        _with(part, name, tags=tags),
        ((_known_type("TagResource"), name),),
    )


def _untag(part: Part, name: str, dice: random.Random) -> Iterator[Change]:
    for key in _some(list(part[name]["tags"]), dice):
        tags = {other: value for other, value in part[name]["tags"].items() if other != key}
        asked = {"resourceName": name, "tagKeys": [key]}
        entries = ((_known_type("UntagResource"), name),)
        yield Change("untag_resource", asked, _with(part, name, tags=tags), entries)


def _known_type(operation: str) -> str | None:
    """An entry names its operation's type only where the model knows it."""
    return operation if operation in service_model().shape("OperationType").enum else None


# --- parts ------------------------------------------------------------------------------------------------


def _of(part: Part, kind: str, **members: Any) -> dict[str, Thing]:
    return {
        name: thing
        for name, thing in part.items()
        if thing["kind"] == kind and all(thing[member] == value for member, value in members.items())
    }


def _with(part: Part, name: str, **members: Any) -> Part:
    return {**part, name: {**part[name], **members}}


def _without(part: Part, name: str) -> Part:
    return {other: thing for other, thing in part.items() if other != name}


def _one(changes: Sequence[Change], dice: random.Random) -> list[Change]:
    return [dice.choice(changes)] if changes else []


def _some(names: Iterable[str], dice: random.Random) -> list[str]:
    """One of the names, where there is any."""
    given = list(names)
    return [dice.choice(given)] if given else []


def _tags(dice: random.Random) -> dict[str, str]:
    return {key: f"value {dice.randint(1, 10**9)}" for key in dice.sample("abc", dice.randint(0, 2))}


def _as_asked(tags: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"key": key, "value": value} for key, value in tags.items()]
