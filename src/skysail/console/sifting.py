"""Which instances a page of the fleet shows: by what was typed, state, tag, blueprint and bundle. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from skysail.console.asked import Fields

Instance = Mapping[str, Any]

STATES = ("pending", "running", "stopping", "stopped", "shutting-down", "terminated", "rebooting")


FIELDS = ("q", "state", "tag", "blueprint", "bundle")
"""Of an address, in the order of a sieve's."""


class Sieve(NamedTuple):
    """What is asked for; "" for anything."""

    text: str
    state: str
    tag: str
    blueprint: str
    bundle: str

    @property
    def chips(self) -> list[tuple[str, str, str]]:
        """What is asked for: the field, how it is told, and its value."""
        return [
            (name, "has" if name == "q" else name, value) for name, value in zip(FIELDS, self, strict=True) if value
        ]

    def lets(self, instance: Instance) -> bool:
        return (
            (not self.state or instance["state"]["name"] == self.state)
            and (not self.tag or _has_tag(instance, self.tag))
            and (not self.blueprint or instance.get("blueprintId") == self.blueprint)
            and (not self.bundle or instance.get("bundleId") == self.bundle)
            and (not self.text or self.text.lower() in _words(instance))
        )


def sieve(query: Fields) -> Sieve:
    return Sieve(*(query.one(name) for name in FIELDS))


def _has_tag(instance: Instance, wanted: str) -> bool:
    """key, or key=value."""
    key, sign, value = wanted.partition("=")
    return any(tag["key"] == key and (not sign or tag.get("value", "") == value) for tag in instance.get("tags", ()))


def _words(instance: Instance) -> str:
    """All that can be searched for: name, addresses, plan, blueprint, tags."""
    words = [
        instance["name"],
        instance.get("publicIpAddress", ""),
        instance.get("privateIpAddress", ""),
        *instance.get("ipv6Addresses", ()),
        instance.get("blueprintId", ""),
        instance.get("bundleId", ""),
        instance.get("arn", ""),
        *(f"{tag['key']}={tag.get('value', '')}" for tag in instance.get("tags", ())),
    ]
    return "\n".join(words).lower()
