"""The format of seeds: what a file may say. `schema()` is the same as a JSON Schema.

Ages say how long before now something was made: 90s, 5m, 1.5h, 3d, 1d12h. In names, {n} is the number among `count`,
and {name} the name of what something hangs on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct, field

from skysail.protocol.ready import ready

Age = Annotated[str, Meta(description="90s, 5m, 1.5h, 3d or 1d12h before now", pattern=r"^\d")]
Ages = Annotated[
    str, Meta(description="An age, or from the oldest to the newest of `count`: 410d..12h", pattern=r"^\d")
]
Tags = Annotated[dict[str, str], Meta(description='Keys and values; a key alone has the value ""')]
Port = Annotated[
    str | int,
    Meta(description="22, 80/tcp, 53/udp, 8000-8100/tcp, ping, all; and from where: 22/tcp@198.51.100.0/24"),
]
Name = Annotated[str, Meta(min_length=1)]
Count = Annotated[int, Meta(ge=1, le=1_000_000)]
_DAY = "1d"


class _Item(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What all have in common: nothing else is said than what is known."""


class Snapshot(_Item, frozen=True):
    """A snapshot of the instance or the disk that it stands at."""

    name: Name
    age: Age = "1h"
    tags: Tags = field(default_factory=dict)


class AttachedDisk(_Item, frozen=True):
    """A disk of an instance."""

    name: Name
    gb: int
    path: str = "/dev/xvdf"
    tags: Tags = field(default_factory=dict)
    snapshots: tuple[Snapshot, ...] = ()


class Alarm(_Item, frozen=True):
    """An alarm on a metric of what it stands at, in the API's words."""

    name: Name
    metric: str
    comparison: str
    threshold: float
    periods: int = 1


class Instance(_Item, frozen=True):
    """`count` instances of one kind."""

    name: Name
    bundle: str
    blueprint: str
    count: Count = 1
    first: Annotated[int, Meta(ge=0, description="The number of the first of them")] = 1
    zones: Annotated[tuple[str, ...], Meta(min_length=1, description="a, b, …: taken in turn; whole names too")] = (
        "a",
    )
    age: Ages = _DAY
    state: Literal["running", "stopped"] = "running"
    tags: Tags = field(default_factory=dict)
    key_pair: str | None = None
    ports: Annotated[tuple[Port, ...], Meta(description="All that are open; left out: the blueprint's")] | None = None
    ip_address_type: Literal["dualstack", "ipv4", "ipv6"] | None = None
    user_data: str | None = None
    automatic_snapshots: Annotated[str, Meta(description="The hour, UTC, of each day: 06:00")] | None = None
    static_ip: Name | None = None
    disks: tuple[AttachedDisk, ...] = ()
    snapshots: tuple[Snapshot, ...] = ()
    alarms: tuple[Alarm, ...] = ()


class Disk(_Item, frozen=True):
    """`count` disks that no instance has."""

    name: Name
    gb: int
    count: Count = 1
    first: int = 1
    zones: Annotated[tuple[str, ...], Meta(min_length=1)] = ("a",)
    age: Ages = _DAY
    tags: Tags = field(default_factory=dict)
    snapshots: tuple[Snapshot, ...] = ()


class KeyPair(_Item, frozen=True):
    """A key pair; `public_key` is one that there is already."""

    name: Name
    age: Age = _DAY
    public_key: str | None = None
    tags: Tags = field(default_factory=dict)


class StaticIp(_Item, frozen=True):
    """A static IP that no instance has."""

    name: Name
    age: Age = _DAY


class ContactMethod(_Item, frozen=True):
    """Where alarms are told."""

    protocol: Literal["Email", "SMS"]
    endpoint: str
    age: Age = _DAY


class Record(_Item, frozen=True):
    """A record of a domain; `name` is what stands before it, nothing for the domain itself."""

    type: str
    target: str
    name: str = ""
    alias: bool = False


class Domain(_Item, frozen=True):
    """A DNS zone; the records that the service puts there are not said."""

    name: Name
    records: tuple[Record, ...] = ()
    age: Age = _DAY
    tags: Tags = field(default_factory=dict)


class Certificate(_Item, frozen=True):
    """A certificate for distributions and container services."""

    name: Name
    domain: str
    also: Annotated[tuple[str, ...], Meta(description="Further domain names")] = ()
    age: Age = _DAY
    tags: Tags = field(default_factory=dict)


class BalancerCertificate(_Item, frozen=True):
    """A certificate of a load balancer, as old as that."""

    name: Name
    domain: str
    also: tuple[str, ...] = ()
    attached: bool = False
    tags: Tags = field(default_factory=dict)


class LoadBalancer(_Item, frozen=True):
    """A load balancer, and the instances behind it."""

    name: Name
    port: Annotated[int, Meta(description="The instances'")] = 80
    health_check: str = "/"
    instances: tuple[str, ...] = ()
    certificates: tuple[BalancerCertificate, ...] = ()
    redirect: Annotated[bool, Meta(description="HTTP to HTTPS")] = False
    sticky_s: Annotated[int, Meta(description="How long a client's cookie keeps it with one instance")] | None = None
    tls_policy: str | None = None
    ip_address_type: Literal["dualstack", "ipv4"] | None = None
    age: Age = _DAY
    tags: Tags = field(default_factory=dict)
    alarms: tuple[Alarm, ...] = ()


class Bucket(_Item, frozen=True):
    """A bucket. `accounts` may read it, `instances` may use it."""

    name: Name
    bundle: str
    versioning: bool = False
    public: bool = False
    accounts: tuple[str, ...] = ()
    instances: tuple[str, ...] = ()
    age: Age = _DAY
    tags: Tags = field(default_factory=dict)


class Database(_Item, frozen=True):
    """A relational database. `database` and `user` are the first ones in it; without a password it is given one."""

    name: Name
    bundle: str
    blueprint: str
    database: str
    user: str
    password: str | None = None
    zone: str = "a"
    public: bool = False
    backups: bool = True
    backup_window: str | None = None
    maintenance_window: str | None = None
    state: Literal["available", "stopped"] = "available"
    age: Age = _DAY
    tags: Tags = field(default_factory=dict)
    snapshots: tuple[Snapshot, ...] = ()
    alarms: tuple[Alarm, ...] = ()


class ContainerService(_Item, frozen=True):
    """A container service; `containers` and `endpoint` of what runs are in the API's words."""

    name: Name
    power: str
    scale: int = 1
    containers: dict[str, Any] = field(default_factory=dict)
    endpoint: dict[str, Any] = field(default_factory=dict)
    domains: Annotated[dict[str, list[str]], Meta(description="Names, by the certificate that has them")] = field(
        default_factory=dict
    )
    disabled: bool = False
    age: Age = _DAY
    tags: Tags = field(default_factory=dict)


class Distribution(_Item, frozen=True):
    """A distribution in front of an instance, a load balancer, a bucket or a container service."""

    name: Name
    origin: Name
    bundle: str
    region: Annotated[str, Meta(description="The origin's; left out: this one")] | None = None
    behavior: Literal["cache", "dont-cache"] = "cache"
    certificate: str | None = None
    enabled: bool = True
    settings: Annotated[dict[str, Any], Meta(description="Further members of CreateDistribution")] = field(
        default_factory=dict
    )
    age: Age = _DAY
    tags: Tags = field(default_factory=dict)


class Call(_Item, frozen=True):
    """Any operation of the API, for what has no words of its own here."""

    operation: Name
    members: dict[str, Any] = field(default_factory=dict)
    age: Age = _DAY


class Region(_Item, frozen=True):
    """What there is in one region."""

    key_pairs: tuple[KeyPair, ...] = ()
    instances: tuple[Instance, ...] = ()
    disks: tuple[Disk, ...] = ()
    static_ips: tuple[StaticIp, ...] = ()
    contact_methods: tuple[ContactMethod, ...] = ()
    domains: tuple[Domain, ...] = ()
    certificates: tuple[Certificate, ...] = ()
    load_balancers: tuple[LoadBalancer, ...] = ()
    buckets: tuple[Bucket, ...] = ()
    databases: tuple[Database, ...] = ()
    container_services: tuple[ContainerService, ...] = ()
    distributions: tuple[Distribution, ...] = ()
    calls: tuple[Call, ...] = ()


class Seed(_Item, frozen=True):
    """What one account has. `account` is its number; left out, it is the one that asks."""

    regions: dict[str, Region] = field(default_factory=dict)
    account: Annotated[str, Meta(pattern=r"^\d{12}$")] | None = None
    schema_: str | None = field(default=None, name="$schema")


LISTS: dict[str, type[_Item]] = {
    "key_pairs": KeyPair,
    "instances": Instance,
    "disks": Disk,
    "static_ips": StaticIp,
    "contact_methods": ContactMethod,
    "domains": Domain,
    "certificates": Certificate,
    "load_balancers": LoadBalancer,
    "buckets": Bucket,
    "databases": Database,
    "container_services": ContainerService,
    "distributions": Distribution,
    "calls": Call,
}
"""A region's lists, in the order in which they are made where the ages are the same."""


def schema() -> dict[str, Any]:
    """A JSON Schema (2020-12) of a seed, for editors."""
    made = msgspec.json.schema(Seed)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "A seed of skysail", **made}


def said(value: Any) -> Any:
    """A seed or an item of one as a file has it: without what is as usual."""
    if isinstance(value, Struct):
        members = ((each, getattr(value, each.name)) for each in msgspec.structs.fields(type(value)))
        return {each.encode_name: said(member) for each, member in members if member != _usual(each)}
    return [said(each) for each in value] if isinstance(value, tuple) else _in_dict(value)


def _in_dict(value: Any) -> Any:
    return {key: said(each) for key, each in value.items()} if isinstance(value, dict) else value


def _usual(member: msgspec.structs.FieldInfo) -> Any:
    return member.default if member.default_factory is msgspec.NODEFAULT else member.default_factory()


_NUMBER = re.compile(r"\{n(?::(\d+))?\}")


def numbered(name: str, number: int, of: str | None = None) -> str:
    """A name with {n}, {n:3} (at least three digits) and {name} put in."""
    filled = _NUMBER.sub(lambda found: str(number).zfill(int(found[1] or 1)), name)
    return filled if of is None else filled.replace("{name}", of)


def names(item: Instance | Disk) -> Iterator[tuple[int, str]]:
    """The number and the name of each of `count`: web becomes web-1, web-2 where it has no {n}."""
    name = item.name if item.count == 1 or _NUMBER.search(item.name) else f"{item.name}-{{n}}"
    for number in range(item.first, item.first + item.count):
        yield number, numbered(name, number)


ready(Seed)
