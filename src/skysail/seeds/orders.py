"""A seed as the calls that make it, oldest first: what a user would have asked for, and when."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from skysail.errors import SeedError
from skysail.seeds.checking import Sown
from skysail.seeds.format import AttachedDisk, Disk, Instance, Region, Snapshot, names, numbered
from skysail.seeds.managed_orders import managed
from skysail.seeds.ordering import At, Order, tags_of

_AT_ONCE = 20
"""Names in one CreateInstances."""
_AUTOMATIC_S = 8 * 86_400.0
"""For how long automatic snapshots are taken at most: seven are kept, and each takes a step of the clock."""


def orders(sown: Sown) -> list[Order]:
    """Raises SeedError."""
    found = [order for name, region in sown.seed.regions.items() for order in _region(At(sown, name), region)]
    return sorted(found, key=lambda order: -order.age_s)  # stable: what belongs together stays so


def _region(at: At, region: Region) -> Iterator[Order]:
    for place, pair in enumerate(region.key_pairs):
        here = at.item("key_pairs", place)
        key = {} if pair.public_key is None else {"publicKeyBase64": pair.public_key}
        # One that is imported has no tags in the API.
        tags = {} if key else {"tags": tags_of(pair.tags)}
        yield here.order(
            here.age(pair.age), "ImportKeyPair" if key else "CreateKeyPair", keyPairName=pair.name, **key, **tags
        )
    for place, method in enumerate(region.contact_methods):
        here = at.item("contact_methods", place)
        yield here.order(
            here.age(method.age), "CreateContactMethod", protocol=method.protocol, contactEndpoint=method.endpoint
        )
    for place, address in enumerate(region.static_ips):
        here = at.item("static_ips", place)
        yield here.order(here.age(address.age), "AllocateStaticIp", staticIpName=address.name)
    for place, instance in enumerate(region.instances):
        yield from _instances(at.item("instances", place), instance)
    for place, disk in enumerate(region.disks):
        yield from _disks(at.item("disks", place), disk)
    yield from managed(at, region)
    for place, call in enumerate(region.calls):
        here = at.item("calls", place)
        yield Order(here.age(call.age), at.region, call.operation, call.members, here.where)


class _One(NamedTuple):
    number: int
    name: str
    age_s: float
    zone: str


def _instances(at: At, instance: Instance) -> Iterator[Order]:
    ages = at.ages(instance.age, instance.count)
    every = [
        _One(number, name, ages[place], at.zone(instance.zones[place % len(instance.zones)]))
        for place, (number, name) in enumerate(names(instance))
    ]
    for group in _alike(every):
        yield at.order(
            group[0].age_s,
            "CreateInstances",
            instanceNames=[one.name for one in group],
            availabilityZone=group[0].zone,
            blueprintId=instance.blueprint,
            bundleId=instance.bundle,
            keyPairName=instance.key_pair,
            userData=instance.user_data,
            ipAddressType=instance.ip_address_type,
            tags=tags_of(instance.tags),
        )
        for one in group:
            yield from _instance(at, instance, one)


def _alike(every: list[_One]) -> Iterator[list[_One]]:
    """Those that one call makes: of one age, in one zone."""
    group: list[_One] = []
    for one in every:
        if group and (len(group) == _AT_ONCE or (one.age_s, one.zone) != (group[0].age_s, group[0].zone)):
            yield group
            group = []
        group.append(one)
    yield group


def _instance(at: At, instance: Instance, one: _One) -> Iterator[Order]:
    """What hangs on one."""
    if instance.ports is not None:
        ports = [_port(at, port) for port in instance.ports]
        yield Order(
            one.age_s, at.region, "PutInstancePublicPorts", {"instanceName": one.name, "portInfos": ports}, at.where
        )
    if instance.static_ip is not None:
        address = numbered(instance.static_ip, one.number, one.name)
        yield at.order(one.age_s, "AllocateStaticIp", staticIpName=address)
        yield at.order(one.age_s, "AttachStaticIp", staticIpName=address, instanceName=one.name)
    for disk in instance.disks:
        name = numbered(disk.name, one.number, one.name)
        yield _new_disk(at, disk, name, one.age_s, one.zone)
        yield at.order(one.age_s, "AttachDisk", diskName=name, instanceName=one.name, diskPath=disk.path)
        for snapshot in disk.snapshots:
            yield _snapshot(at, snapshot, one.number, "Disk", name, one.age_s)
    if instance.automatic_snapshots is not None:
        hour = {"snapshotTimeOfDay": instance.automatic_snapshots}
        yield at.order(
            min(one.age_s, _AUTOMATIC_S),
            "EnableAddOn",
            resourceName=one.name,
            addOnRequest={"addOnType": "AutoSnapshot", "autoSnapshotAddOnRequest": hour},
        )
    for snapshot in instance.snapshots:
        yield _snapshot(at, snapshot, one.number, "Instance", one.name, one.age_s)
    for alarm in instance.alarms:
        yield at.alarm(one.age_s, alarm, numbered(alarm.name, one.number, one.name), one.name)
    if instance.state == "stopped":
        yield at.order(one.age_s, "StopInstance", instanceName=one.name)


def _disks(at: At, disk: Disk) -> Iterator[Order]:
    ages = at.ages(disk.age, disk.count)
    for place, (number, name) in enumerate(names(disk)):
        yield _new_disk(at, disk, name, ages[place], at.zone(disk.zones[place % len(disk.zones)]))
        for snapshot in disk.snapshots:
            yield _snapshot(at, snapshot, number, "Disk", name, ages[place])


def _new_disk(at: At, disk: AttachedDisk | Disk, name: str, age_s: float, zone: str) -> Order:
    return at.order(
        age_s, "CreateDisk", diskName=name, availabilityZone=zone, sizeInGb=disk.gb, tags=tags_of(disk.tags)
    )


def _snapshot(at: At, snapshot: Snapshot, number: int, kind: str, of: str, of_age_s: float) -> Order:
    name = numbered(snapshot.name, number, of)
    age_s = at.since(of_age_s, snapshot.age, name, of)
    given = {"diskSnapshotName": name, "diskName": of}
    if kind == "Instance":
        given = {"instanceSnapshotName": name, "instanceName": of}
    return at.order(age_s, f"Create{kind}Snapshot", **given, tags=tags_of(snapshot.tags))


_PORT = re.compile(
    r"(?:(?P<from>\d+)(?:-(?P<to>\d+))?(?:/(?P<protocol>tcp|udp))?|(?P<word>all|ping))(?:@(?P<whence>\S+))?"
)
_WORDS = {
    "all": {"protocol": "all", "fromPort": 0, "toPort": 65_535},
    "ping": {"protocol": "icmp", "fromPort": 8, "toPort": 0},
}


def _port(at: At, port: str | int) -> dict[str, Any]:
    """The API's portInfo of one port in a seed. Raises SeedError."""
    found = _PORT.fullmatch(str(port))
    if not found:
        raise SeedError(
            f"{at.where}: ports: {port} is none of 22, 53/udp, 8000-8100/tcp, 22/tcp@198.51.100.0/24, ping, all"
        )
    if found["word"]:
        info = dict(_WORDS[found["word"]])
    else:
        first = int(found["from"])
        info = {"protocol": found["protocol"] or "tcp", "fromPort": first, "toPort": int(found["to"] or first)}
    whence = [cidr for cidr in (found["whence"] or "").split(",") if cidr]
    of_version = {"cidrs": [cidr for cidr in whence if ":" not in cidr], "ipv6Cidrs": [c for c in whence if ":" in c]}
    return info | {name: cidrs for name, cidrs in of_version.items() if cidrs}
