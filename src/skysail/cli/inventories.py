"""Listings of instances in the forms of other programs: of ssh, of Ansible's inventory, of Prometheus' targets."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from skysail.cli.rendering import json_text

Instance = Mapping[str, Any]

FIELDS = (
    *("name", "publicIpAddress", "privateIpAddress", "ipv6Addresses", "username", "bundleId", "blueprintId"),
    *("location.regionName", "tags.key", "tags.value"),
)
"""The members that these forms are made of."""


class SshConfig:
    """A Host for each instance that has a public address."""

    hidden = ()

    def begin(self) -> str:
        return ""

    def page(self, instances: Sequence[Instance]) -> str:
        return "".join(map(_host, instances))

    def end(self, next_token: str | None) -> str:
        return ""


class Whole:
    """One document of all instances, at the end."""

    hidden = ()

    def __init__(self, kind: str) -> None:
        self._make = _ansible if kind == "ansible" else _prometheus
        self._instances: list[Instance] = []

    def begin(self) -> str:
        return ""

    def page(self, instances: Sequence[Instance]) -> str:
        self._instances += instances
        return ""

    def end(self, next_token: str | None) -> str:
        return f"{json_text(self._make(self._instances))}\n"


def _host(instance: Instance) -> str:
    address = _address(instance)
    if address is None:
        return ""
    return f"Host {instance['name']}\n    HostName {address}\n    User {instance.get('username', '')}\n"


def _ansible(instances: Sequence[Instance]) -> dict[str, Any]:
    """What an inventory script prints: groups by region, and by tag where the tag is a name and a value."""
    hosts: dict[str, Any] = {}
    groups: dict[str, dict[str, list[str]]] = {}
    for instance in instances:
        address = _address(instance)
        if address is None:
            continue
        name = instance["name"]
        hosts[name] = {"ansible_host": address, "ansible_user": instance.get("username", "")}
        region = instance.get("location", {}).get("regionName", "")
        tags = [f"{key}_{value}" if value else key for key, value in _tags(instance).items()]
        for group in [region, *tags]:
            groups.setdefault(_word(group), {"hosts": []})["hosts"].append(name)
    return {"_meta": {"hostvars": hosts}, "all": {"hosts": list(hosts)}, **groups}


def _prometheus(instances: Sequence[Instance]) -> list[dict[str, Any]]:
    """A file of file_sd_configs, with the labels' names of Prometheus' own Lightsail discovery."""
    return [
        {
            "targets": [f"{instance.get('privateIpAddress') or _address(instance)}:9100"],
            "labels": {
                "__meta_lightsail_instance_name": instance["name"],
                "__meta_lightsail_public_ip": _address(instance) or "",
                "__meta_lightsail_private_ip": instance.get("privateIpAddress", ""),
                "__meta_lightsail_region": instance.get("location", {}).get("regionName", ""),
                "__meta_lightsail_bundle_id": instance.get("bundleId", ""),
                "__meta_lightsail_blueprint_id": instance.get("blueprintId", ""),
                **{f"__meta_lightsail_tag_{_word(key)}": value for key, value in _tags(instance).items()},
            },
        }
        for instance in instances
        if instance.get("privateIpAddress") or _address(instance)
    ]


def _address(instance: Instance) -> str | None:
    found = instance.get("publicIpAddress") or next(iter(instance.get("ipv6Addresses", ())), None)
    return None if found is None else str(found)


def _tags(instance: Instance) -> dict[str, str]:
    return {tag["key"]: tag.get("value", "") for tag in instance.get("tags", ()) if "key" in tag}


def _word(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9_]", "_", text)
