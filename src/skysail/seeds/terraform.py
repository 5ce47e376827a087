"""What regions have, as Terraform's configuration: import blocks, and the resources that they import.

The arguments and the identifiers are those of the AWS provider's resource types (source: its documentation). What it
cannot import (firewalls' ports, domains) or has no type for (snapshots, alarms) is told in the heading.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from skysail.seeds.exporting import differs, hidden, port_info
from skysail.seeds.survey import Document, Survey
from skysail.seeds.terraform_managed import managed, passwords
from skysail.seeds.terraform_resources import Labels, Reference, Resource, tags
from skysail.service.catalogue import Catalogue
from skysail.service.nouns import default_key_pair, firewall

OLDEST_PROVIDER = "6.10"
"""The first that imports aws_lightsail_static_ip_attachment (source: its change log)."""


def configuration(surveys: Sequence[Survey], heading: Sequence[str] = ()) -> str:
    """A whole .tf file; several regions have a provider each."""
    labels = Labels()
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
            parts += [_block(f'variable "{name}"', _SECRET) for name in passwords(resource)]
    return "\n".join(parts)


def resources(found: Survey, labels: Labels | None = None) -> Iterator[Resource]:
    """Of one region, those that others refer to before them."""
    made = labels or Labels()
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
            "tags": tags(each),
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
    yield from managed(found, made, named)


def left_out(surveys: Iterable[Survey]) -> Iterator[str]:
    """What the configuration does not have, a line a kind."""
    found = list(surveys)
    kinds = {
        "key pairs, which the provider does not import": sum(len(each.key_pairs) for each in found),
        "snapshots": sum(
            len(each.instance_snapshots) + len(each.disk_snapshots) + len(each.database_snapshots) for each in found
        ),
        "alarms": sum(len(each.alarms) for each in found),
        "contact methods": sum(len(each.contact_methods) for each in found),
        "domains, which the provider does not import": sum(len(each.domains) for each in found),
    }
    yield from (f"{count:,} {what}" for what, count in kinds.items() if count)
    yield from hidden(found)


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
        "tags": tags(document),
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


def _alias(region: str) -> str:
    return region.replace("-", "_")


# --- the text, as `terraform fmt` leaves it ---------------------------------------------------------------

_SECRET = {"type": Reference("string", ""), "sensitive": True}
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
    yield _block(f'resource "{resource.kind}" "{resource.label}"', {**provider, **given})


def _block(head: str, arguments: Mapping[str, Any], nested: Sequence[str] = (), depth: int = 0) -> str:
    """Names in columns, as far as no value of several lines comes between; lists of mappings are blocks in it."""
    indent = "  " * depth
    blocks = {name: value for name, value in arguments.items() if _is_nested(value)}
    flat = {name: value for name, value in arguments.items() if name not in blocks}
    lines = [*_aligned({name: value for name, value in flat.items() if not isinstance(value, dict)}, depth + 1)]
    for name, value in flat.items():
        if isinstance(value, dict):
            entries = {_string(key): each for key, each in value.items()}
            lines += [f"{indent}  {name} = {{\n", *_aligned(entries, depth + 2), f"{indent}  }}\n"]
    for block in [*nested, *(_block(name, one, depth=depth + 1) for name, some in blocks.items() for one in some)]:
        lines += ["\n", block] if lines else [block]
    return f"{indent}{head} {{\n{''.join(lines)}{indent}}}\n"


def _is_nested(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], Mapping)


def _aligned(arguments: Mapping[str, Any], depth: int) -> Iterator[str]:
    width = max(map(len, arguments), default=0)
    for name, value in arguments.items():
        yield f"{'  ' * depth}{name.ljust(width)} = {_value(value)}\n"


def _value(value: Any) -> str:
    if isinstance(value, Reference):
        return value.text
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    return _string(value) if isinstance(value, str) else json.dumps(value)


def _string(text: str) -> str:
    """HCL's quoted text: JSON's, but that ${ and %{ begin a template."""
    return re.sub(r"([$%])\{", r"\1\1{", json.dumps(text, ensure_ascii=False))
