"""What a region has, as a seed: the way back. Told too is what a seed cannot say, or the API does not."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Literal, NamedTuple

import msgspec

from skysail.seeds.alike import joined
from skysail.seeds.format import (
    Alarm,
    AttachedDisk,
    Call,
    ContactMethod,
    Disk,
    Instance,
    KeyPair,
    Region,
    Seed,
    Snapshot,
    StaticIp,
)
from skysail.seeds.managed_export import managed
from skysail.seeds.survey import Document, Survey
from skysail.service.catalogue import Catalogue
from skysail.service.nouns import default_key_pair, firewall
from skysail.service.nouns.firewall import Rule

_AUTOMATIC_S = 8 * 86_400.0
"""Automatic snapshots of more days than are kept are not asked for."""
_USUAL_ALARM = {
    "datapointsToAlarm": None,
    "treatMissingData": "missing",
    "contactProtocols": [],
    "notificationTriggers": ["ALARM"],
    "notificationEnabled": True,
    "tags": [],
}
"""An alarm with these has its own words in a seed; datapointsToAlarm is as many as evaluationPeriods."""
_USUAL_METADATA = {
    "httpTokens": "optional",
    "httpEndpoint": "enabled",
    "httpPutResponseHopLimit": 1,
    "httpProtocolIpv6": "disabled",
}


class Exported(NamedTuple):
    """A seed, and a line for each kind of thing that is not in it."""

    seed: Seed
    left_out: list[str]


def exported(surveys: Iterable[Survey], now: float, account: str | None = None) -> Exported:
    """The seed of what was found; ages are before `now`."""
    surveys = list(surveys)
    regions: dict[str, Region] = {}
    left: Counter[str] = Counter()
    catalogue = Catalogue()
    for found in surveys:
        regions[found.region] = _Exporting(found, now, catalogue, left).all()
    told = [f"{count:,} {what}" for what, count in left.items()]
    return Exported(Seed(regions, account), [*told, *hidden(surveys)])


def hidden(surveys: Iterable[Survey]) -> list[str]:
    """A line for each kind that could not be listed."""
    kinds = dict.fromkeys(kind for found in surveys for kind in found.hidden)
    return [f"{kind}, which could not be listed" for kind in kinds]


class _Exporting:
    """One region; `left` gets what is left out."""

    def __init__(self, found: Survey, now: float, catalogue: Catalogue, left: Counter[str]) -> None:
        self._found = found
        self.region = found.region
        self._now = now
        self._catalogue = catalogue
        self._left = left
        self._calls: list[Call] = []
        self._keys = {pair["name"] for pair in found.key_pairs}
        self._addresses = {one["attachedTo"]: one["name"] for one in found.static_ips if one.get("isAttached")}
        self._alarms: dict[str, list[Document]] = {}
        for alarm in _by_name(found.alarms):
            self._alarms.setdefault(alarm.get("monitoredResourceInfo", {}).get("name", ""), []).append(alarm)
        self._snapshots: dict[str, list[Document]] = {}
        for snapshot in _by_name([*found.instance_snapshots, *found.disk_snapshots, *found.database_snapshots]):
            sources = (snapshot.get(f"from{kind}Arn") for kind in ("Instance", "Disk", "RelationalDatabase"))
            source = next(filter(None, sources), "")
            self._snapshots.setdefault(source, []).append(snapshot)
        self._disks: dict[str, list[Document]] = {}
        for disk in _by_name(found.disks):
            self._disks.setdefault(disk.get("attachedTo") or "", []).append(disk)

    def all(self) -> Region:
        """All of it."""
        found = self._found
        made = Region(
            key_pairs=tuple(
                KeyPair(pair["name"], self.age(pair), None, _tags(pair)) for pair in _by_name(found.key_pairs)
            ),
            instances=tuple(joined([self._instance(each) for each in _by_name(found.instances)])),
            disks=tuple(joined([self._disk(each) for each in self._disks.pop("", [])])),
            static_ips=tuple(
                StaticIp(each["name"], self.age(each))
                for each in _by_name(found.static_ips)
                if not each.get("isAttached")
            ),
            contact_methods=tuple(
                ContactMethod(each["protocol"], each["contactEndpoint"], self.age(each))
                for each in sorted(found.contact_methods, key=lambda each: str(each["protocol"]))
            ),
            **managed(self, found, _by_name),
            calls=(),
        )
        made = msgspec.structs.replace(made, calls=tuple(self._calls))
        self._left["disks of instances that are not there"] += sum(map(len, self._disks.values()))
        self._left["alarms on what is not there"] += sum(map(len, self._alarms.values()))
        self._left["snapshots of what is gone"] += sum(map(len, self._snapshots.values()))
        for what in [what for what, count in self._left.items() if not count]:
            del self._left[what]
        return made

    def _instance(self, document: Document) -> Instance:
        name, state = document["name"], document["state"]["name"]
        age_s = self.age_s(document)
        if state not in ("running", "stopped"):
            self._left[f"instances' states ({state})"] += 1
        metadata = {member: document.get("metadataOptions", {}).get(member) for member in _USUAL_METADATA}
        if any(metadata.values()) and metadata != _USUAL_METADATA:
            self.call(age_s, "UpdateInstanceMetadataOptions", instanceName=name, **metadata)
        return Instance(
            name=name,
            bundle=document["bundleId"],
            blueprint=document["blueprintId"],
            zones=(self.zone(document),),
            age=_text(age_s),
            state="stopped" if state in ("stopped", "stopping") else "running",
            tags=_tags(document),
            key_pair=self._key_pair(document),
            ports=self._ports(document, age_s),
            ip_address_type=_address_type(document),
            automatic_snapshots=_automatic(document),
            static_ip=self._addresses.get(name),
            disks=tuple(self._attached(each, age_s) for each in self._disks.pop(name, ())),
            snapshots=self.snapshots_of(document, age_s),
            alarms=self.alarms_on(name, age_s),
        )

    def _disk(self, document: Document) -> Disk:
        self._automatic_of(document)
        age_s = self.age_s(document)
        return Disk(
            name=document["name"],
            gb=document["sizeInGb"],
            zones=(self.zone(document),),
            age=_text(age_s),
            tags=_tags(document),
            snapshots=self.snapshots_of(document, age_s),
        )

    def _attached(self, document: Document, age_s: float) -> AttachedDisk:
        """An instance's disk, which in a seed is as old as the instance."""
        self._automatic_of(document)
        return AttachedDisk(
            document["name"],
            document["sizeInGb"],
            document.get("path") or "/dev/xvdf",
            _tags(document),
            self.snapshots_of(document, age_s),
        )

    def snapshots_of(self, source: Document, age_s: float) -> tuple[Snapshot, ...]:
        """The snapshots of an instance or a disk, none of which is older than it."""
        return tuple(
            Snapshot(each["name"], _text(min(self.age_s(each), age_s)), _tags(each))
            for each in self._snapshots.pop(source.get("arn", ""), ())
        )

    def alarms_on(self, name: str, age_s: float) -> tuple[Alarm, ...]:
        """The alarms on a resource of that age."""
        return tuple(alarm for each in self._alarms.pop(name, ()) for alarm in self._alarm(each, age_s))

    def _alarm(self, document: Document, age_s: float) -> Iterable[Alarm]:
        """The alarm in a seed's words, else as a call."""
        usual = _USUAL_ALARM | {"datapointsToAlarm": document["evaluationPeriods"]}
        if all(document.get(member, value) == value for member, value in usual.items()):
            yield Alarm(
                document["name"],
                document["metricName"],
                document["comparisonOperator"],
                document["threshold"],
                document["evaluationPeriods"],
            )
            return
        said = {member: document[member] for member in usual if document.get(member) is not None}
        for member in ("comparisonOperator", "evaluationPeriods", "threshold", "metricName"):
            said[member] = document[member]
        about = document["monitoredResourceInfo"]["name"]
        age_s = min(age_s, self.age_s(document))
        self.call(age_s, "PutAlarm", alarmName=document["name"], monitoredResourceName=about, **said)

    def _automatic_of(self, disk: Document) -> None:
        hour = _automatic(disk)
        if hour is not None:
            wish = {"addOnType": "AutoSnapshot", "autoSnapshotAddOnRequest": {"snapshotTimeOfDay": hour}}
            age_s = min(self.age_s(disk), _AUTOMATIC_S)
            self.call(age_s, "EnableAddOn", resourceName=disk["name"], addOnRequest=wish)

    def _key_pair(self, document: Document) -> str | None:
        name = document.get("sshKeyName")
        if name in (None, default_key_pair.NAME):
            return None
        if name not in self._keys:
            self._left["instances' key pairs that are gone"] += 1
            return None
        return str(name)

    def _ports(self, document: Document, age_s: float) -> tuple[str | int, ...] | None:
        """None for the blueprint's own."""
        rules = [firewall.rule_of(entry) for entry in document.get("networking", {}).get("ports", [])]
        if differs(document, rules, self._catalogue):
            texts = [_port(rule) for rule in rules]
            ports = tuple(text for text in texts if text is not None)
            if len(ports) == len(texts):
                return ports
            infos = [port_info(rule) for rule in rules]
            self.call(age_s, "PutInstancePublicPorts", instanceName=document["name"], portInfos=infos)
        return None

    def call(self, age_s: float, operation: str, /, **members: Any) -> None:
        self._calls.append(Call(operation, members, _text(age_s)))

    def leave_out(self, what: str) -> None:
        self._left[what] += 1

    def tags(self, document: Document) -> dict[str, str]:
        return _tags(document)

    def zone(self, document: Document) -> str:
        return str(document["location"]["availabilityZone"]).removeprefix(self._found.region)

    def age_s(self, document: Document) -> float:
        created = document.get("createdAt")
        if not isinstance(created, datetime):
            return 0.0
        return max(0.0, round(self._now - created.timestamp(), 3))

    def age(self, document: Document) -> str:
        return _text(self.age_s(document))

    def age_with(self, document: Document, other: str) -> str:
        """Its age, or that of another of that name which it needs, where that is younger."""
        kinds = (self._found.instances, self._found.load_balancers, self._found.buckets, self._found.container_services)
        needed = [self.age_s(each) for kind in kinds for each in kind if each["name"] == other]
        return _text(min([self.age_s(document), *needed]))


def differs(document: Document, rules: list[Rule], catalogue: Catalogue) -> bool:
    """Whether an instance's ports are other ones than its blueprint's."""
    blueprint = document["blueprintId"]
    if catalogue.blueprint(blueprint) is None:
        return True
    usual = [firewall.open_to_all(firewall.requested(port)) for port in catalogue.default_ports(blueprint)]
    return set(rules) != set(usual)


def port_info(rule: Rule) -> dict[str, Any]:
    """A rule as the API's PortInfo."""
    sources = {"cidrs": rule.cidrs, "ipv6Cidrs": rule.ipv6_cidrs, "cidrListAliases": rule.aliases}
    info = {"protocol": rule.protocol, "fromPort": rule.from_port, "toPort": rule.to_port}
    return info | {member: list(given) for member, given in sources.items() if given}


def _port(rule: Rule) -> str | int | None:
    """A port in a seed's words; None for what it has none for."""
    to_all = firewall.open_to_all(Rule(*rule.ports))
    sources = "" if rule == to_all else "@" + ",".join([*rule.cidrs, *rule.ipv6_cidrs])
    if rule.aliases or sources == "@":
        return None
    if rule.ports in ((0, 65_535, "all"), (8, 0, "icmp")):
        return f"{'all' if rule.protocol == 'all' else 'ping'}{sources}"
    if rule.protocol not in ("tcp", "udp"):
        return None
    if rule.from_port == rule.to_port and rule.protocol == "tcp" and not sources:
        return rule.from_port
    return f"{rule}{sources}"


def _address_type(document: Document) -> Literal["dualstack", "ipv4", "ipv6"] | None:
    """None for what the bundle has where nothing is said."""
    usual = "ipv6" if "_ipv6_" in document["bundleId"] else "dualstack"
    found = document.get("ipAddressType", usual)
    return None if found == usual else found


def _automatic(document: Document) -> str | None:
    for add_on in document.get("addOns", ()):
        if add_on.get("name") == "AutoSnapshot" and add_on.get("status") in ("Enabled", "Enabling"):
            return str(add_on["snapshotTimeOfDay"])
    return None


def _tags(document: Document) -> dict[str, str]:
    return {tag["key"]: tag.get("value") or "" for tag in document.get("tags", ())}


def _by_name(documents: Iterable[Document]) -> list[Document]:
    """web-2 before web-10."""
    return sorted(documents, key=lambda each: _natural(each["name"]))


def _natural(name: str) -> list[tuple[int, str]]:
    return [(int(part), part) if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", name)]


def _text(age_s: float) -> str:
    """300d, 1d12h, 2h3m4.5s: so many seconds, to the millisecond."""
    left, texts = round(age_s * 1_000), ""
    for unit, size in _UNITS.items():
        count, left = divmod(left, size)
        texts += f"{count}{unit}" if count else ""
    seconds = f"{left / 1_000:.3f}".rstrip("0").rstrip(".")
    return texts if texts and not left else f"{texts}{seconds}s"


_UNITS: Mapping[str, int] = {"d": 86_400_000, "h": 3_600_000, "m": 60_000}
