"""Terraform's resources as values: what they are called, what they are imported by, what they are given."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from skysail.seeds.survey import Document


class Reference(NamedTuple):
    """Another resource's attribute: how it is written, and what it is."""

    text: str
    value: str


class Resource(NamedTuple):
    """`identifier` is what it is imported by; None where the provider imports none. A list of mappings is of nested
    blocks."""

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


def tags(document: Document) -> dict[str, str]:
    return {tag["key"]: tag.get("value") or "" for tag in document.get("tags", ())}


class Labels:
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

    def part(self, of: Resource, kind: str, name: str, arguments: Mapping[str, Any]) -> Resource:
        """What ties a resource to another by that name."""
        whole = self.resource(kind, f"{of.label}_{name}", arguments)
        return whole._replace(identifier=f"{of.identifier},{name}")


def _label(name: str) -> str:
    word = re.sub(r"[^A-Za-z0-9_-]", "_", name)
    return word if re.match(r"[A-Za-z_]", word) else f"_{word}"
