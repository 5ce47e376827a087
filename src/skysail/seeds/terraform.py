"""What regions have, as Terraform's configuration: import blocks, and the resources that they import.

The arguments and the identifiers are those of the AWS provider's resource types (source: its documentation). What it
cannot import (firewalls' ports) or has no type for (snapshots, alarms) is told in the heading.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from skysail.seeds.exporting import differs, port_info
from skysail.seeds.survey import Document, Survey
from skysail.service import default_key_pair, firewall
from skysail.service.catalogue import Catalogue

OLDEST_PROVIDER = "6.10"
"""The first that imports aws_lightsail_static_ip_attachment (source: its change log)."""


class Reference(NamedTuple):
    """Another resource's attribute: how it is written, and what it is."""

    text: str
    value: str


class Resource(NamedTuple):
    """`identifier` is what it is imported by; None where the provider imports none. A list is of nested blocks."""

    kind: str
    label: str
    identifier: str | None
    arguments: Mapping[str, Any]

    @property
    def address(self) -> str:
        return f"{self.kind}.{self.label}"

    @property
    def by_name(self) -> Reference:
        return Reference(f"{self.address}.name", self.arguments["name"])


def configuration(surveys: Sequence[Survey], heading: Sequence[str] = ()) -> str:
    """A whole .tf file; several regions have a provider each."""
    labels = _Labels()
    several = len(surveys) > 1
    parts = ["".join(f"# {line}\n" for line in heading)] if heading else []
    parts.append(_block("terraform", {"required_version": ">= 1.5"}, [_REQUIRED]))
    for found in surveys:
        alias = {"alias": _alias(found.region)} if several else {}
        parts.append(_block('provider "aws"', {**alias, "region": found.region}))
    for found in surveys:
        provider = {"provider": Reference(f"aws.{_alias(found.region)}", "")} if several else {}
        for resource in resources(found, labels):
            parts += _written(resource, provider)
    return "\n".join(parts)


def resources(found: Survey, labels: _Labels | None = None) -> Iterator[Resource]:
    """Of one region, those that others refer to before them."""
    made = labels or _Labels()
    catalogue = Catalogue()
    named: dict[str, Resource] = {}
    for each in found.instances:
        named[each["name"]] = instance = made.resource("instance", each["name"], _instance(each))
        yield instance
    for each in found.disks:
        arguments = {
            "name": each["name"],
            "availability_zone": each["location"]["availabilityZone"],
            "size_in_gb": each["sizeInGb"],
            "tags": _tags(each),
        }
        named[each["name"]] = disk = made.resource("disk", each["name"], arguments)
        yield disk
    for each in found.static_ips:
        named[each["name"]] = address = made.resource("static_ip", each["name"], {"name": each["name"]})
        yield address
    for each in found.disks:
        if each.get("isAttached") and each.get("attachedTo") in named:
            disk, instance = named[each["name"]], named[each["attachedTo"]]
            arguments = {"disk_name": disk.by_name, "instance_name": instance.by_name, "disk_path": each["path"]}
            name = f"{each['name']},{each['attachedTo']}"
            yield Resource("aws_lightsail_disk_attachment", disk.label, name, arguments)
    for each in found.static_ips:
        if each.get("isAttached") and each.get("attachedTo") in named:
            address, instance = named[each["name"]], named[each["attachedTo"]]
            arguments = {"static_ip_name": address.by_name, "instance_name": instance.by_name}
            yield Resource("aws_lightsail_static_ip_attachment", address.label, each["name"], arguments)
    for each in found.instances:
        rules = [firewall.rule_of(entry) for entry in each.get("networking", {}).get("ports", [])]
        if rules and differs(each, rules, catalogue):
            instance = named[each["name"]]
            ports = {"instance_name": instance.by_name, "port_info": [_port_info(rule) for rule in rules]}
            yield Resource("aws_lightsail_instance_public_ports", instance.label, None, ports)


def left_out(surveys: Iterable[Survey]) -> Iterator[str]:
    """What the configuration does not have, a line a kind."""
    found = list(surveys)
    kinds = {
        "key pairs, which the provider does not import": sum(len(each.key_pairs) for each in found),
        "snapshots": sum(len(each.instance_snapshots) + len(each.disk_snapshots) for each in found),
        "alarms": sum(len(each.alarms) for each in found),
        "contact methods": sum(len(each.contact_methods) for each in found),
    }
    for each in found:
        for noun, count in each.others.items():
            kinds[noun] = kinds.get(noun, 0) + (count or 0)
    yield from (f"{count:,} {what}" for what, count in kinds.items() if count)


def _instance(document: Document) -> dict[str, Any]:
    key = document.get("sshKeyName")
    add_ons = [
        {
            "type": add_on["name"],
            "snapshot_time": add_on["snapshotTimeOfDay"],
            "status": add_on["status"],
        }
        for add_on in document.get("addOns", ())
        if add_on.get("name") == "AutoSnapshot" and add_on.get("snapshotTimeOfDay")
    ]
    return {
        "name": document["name"],
        "availability_zone": document["location"]["availabilityZone"],
        "blueprint_id": document["blueprintId"],
        "bundle_id": document["bundleId"],
        "key_pair_name": None if key == default_key_pair.NAME else key,
        "ip_address_type": document.get("ipAddressType"),
        "tags": _tags(document),
        "add_on": add_ons,
    }


def _port_info(rule: firewall.Rule) -> dict[str, Any]:
    info = port_info(rule)
    names = {
        "protocol": "protocol",
        "fromPort": "from_port",
        "toPort": "to_port",
        "cidrs": "cidrs",
        "ipv6Cidrs": "ipv6_cidrs",
        "cidrListAliases": "cidr_list_aliases",
    }
    return {ours: info[wire] for wire, ours in names.items() if wire in info}


def _tags(document: Document) -> dict[str, str]:
    return {tag["key"]: tag.get("value") or "" for tag in document.get("tags", ())}


class _Labels:
    """Names that Terraform takes, each kind's once."""

    def __init__(self) -> None:
        self._taken: set[tuple[str, str]] = set()

    def resource(self, kind: str, name: str, arguments: Mapping[str, Any]) -> Resource:
        label = base = _label(name)
        number = 1
        while (kind, label) in self._taken:
            number += 1
            label = f"{base}_{number}"
        self._taken.add((kind, label))
        return Resource(f"aws_lightsail_{kind}", label, name, arguments)


def _label(name: str) -> str:
    word = re.sub(r"[^A-Za-z0-9_-]", "_", name)
    return word if re.match(r"[A-Za-z_]", word) else f"_{word}"


def _alias(region: str) -> str:
    return region.replace("-", "_")


# --- the text, as `terraform fmt` leaves it ---------------------------------------------------------------

_REQUIRED = f"""  required_providers {{
    aws = {{
      source  = "hashicorp/aws"
      version = ">= {OLDEST_PROVIDER}"
    }}
  }}
"""


def _written(resource: Resource, provider: Mapping[str, Any]) -> Iterator[str]:
    if resource.identifier is not None:
        to = Reference(resource.address, "")
        yield _block("import", {**provider, "to": to, "id": resource.identifier})
    given = {name: value for name, value in resource.arguments.items() if value not in (None, {}, [])}
    nested = [
        _block(name, block, depth=1) for name, blocks in given.items() if isinstance(blocks, list) for block in blocks
    ]
    flat = {name: value for name, value in given.items() if not isinstance(value, list)}
    yield _block(f'resource "{resource.kind}" "{resource.label}"', {**provider, **flat}, nested)


def _block(head: str, arguments: Mapping[str, Any], nested: Sequence[str] = (), depth: int = 0) -> str:
    """Names in columns, as far as no value of several lines comes between."""
    indent = "  " * depth
    lines = [*_aligned({name: value for name, value in arguments.items() if not isinstance(value, dict)}, depth + 1)]
    for name, value in arguments.items():
        if isinstance(value, dict):
            entries = {_string(key): each for key, each in value.items()}
            lines += [f"{indent}  {name} = {{\n", *_aligned(entries, depth + 2), f"{indent}  }}\n"]
    for block in nested:
        lines += ["\n", block] if lines else [block]
    return f"{indent}{head} {{\n{''.join(lines)}{indent}}}\n"


def _aligned(arguments: Mapping[str, Any], depth: int) -> Iterator[str]:
    width = max(map(len, arguments), default=0)
    for name, value in arguments.items():
        yield f"{'  ' * depth}{name.ljust(width)} = {_value(value)}\n"


def _value(value: Any) -> str:
    if isinstance(value, Reference):
        return value.text
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    return _string(value) if isinstance(value, str) else str(value)


def _string(text: str) -> str:
    """HCL's quoted text: JSON's, but that ${ and %{ begin a template."""
    return re.sub(r"([$%])\{", r"\1\1{", json.dumps(text, ensure_ascii=False))
