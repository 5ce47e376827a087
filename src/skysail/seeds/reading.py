"""YAML or JSON into seeds, with a line for whatever is wrong.

YAML as most people believe it is: `yes`, `16:00` and dates are text; numbers, true, false and null are not. A file of
several documents has several accounts.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, ClassVar

import yaml

from skysail.errors import SeedError
from skysail.seeds.checking import Sown, Steps, checked

_DEEPEST = 30
_MOST_NODES = 1_000_000


def read(path: Path) -> list[Sown]:
    """The seeds in a file. Raises SeedError: file, line, what is wrong with it."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise SeedError(f"cannot read the seed {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise SeedError(f"{path} is not text in UTF-8: {error.reason} at byte {error.start}") from error
    return parsed(text, str(path))


def parsed(text: str, source: str) -> list[Sown]:
    """The seeds in a text. Raises SeedError."""
    try:
        nodes = [node for node in yaml.compose_all(text, _Loader) if node.start_mark.index < node.end_mark.index]
    except yaml.MarkedYAMLError as error:
        line = f":{error.problem_mark.line + 1}" if error.problem_mark else ""
        raise SeedError(f"{source}{line}: {error.problem}") from None
    except (yaml.YAMLError, RecursionError) as error:
        raise SeedError(f"{source} is no YAML: {error}") from None
    if not nodes:
        raise SeedError(f"{source} is empty; it needs regions:, with what is in them")
    return [_sown(node, source) for node in nodes]


def _sown(node: yaml.Node, source: str) -> Sown:
    lines: dict[Steps, int] = {}
    document = _Building(source, lines).value(node, ())
    return Sown(checked(document, source, lines), source, lines)


# --- from YAML's nodes ------------------------------------------------------------------------------------


class _Building:
    """Values from nodes; `lines` gets each one's line."""

    def __init__(self, source: str, lines: dict[Steps, int]) -> None:
        self._source = source
        self._lines = lines
        self._left = _MOST_NODES

    def value(self, node: yaml.Node, path: Steps) -> Any:
        """Raises SeedError."""
        self._lines.setdefault(path, node.start_mark.line + 1)
        self._left -= 1
        if len(path) > _DEEPEST or self._left < 0:  # an alias may stand in itself, or a million times
            raise SeedError(f"{self._where(node)}: this is too deep, or too much")
        if isinstance(node, yaml.SequenceNode):
            return [self.value(element, (*path, place)) for place, element in enumerate(node.value)]
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        return self._scalar(node)

    def _mapping(self, node: yaml.MappingNode, path: Steps) -> dict[str, Any]:
        found: dict[str, Any] = {}
        merged: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                raise SeedError(f"{self._where(key_node)}: a key is a word, not {key_node.id}")
            if key_node.tag == _MERGE:
                merged = self._merged(value_node, path) | merged
                continue
            key = key_node.value
            if key in found:
                raise SeedError(f"{self._where(key_node)}: {key} stands here a second time")
            self._lines[(*path, key)] = key_node.start_mark.line + 1
            found[key] = self.value(value_node, (*path, key))
        return merged | found

    def _merged(self, node: yaml.Node, path: Steps) -> dict[str, Any]:
        """What `<<: *defaults` brings."""
        value = self.value(node, path)
        if not isinstance(value, dict):
            raise SeedError(f"{self._where(node)}: << takes a mapping, as <<: *defaults")
        return value

    def _scalar(self, node: yaml.Node) -> Any:
        text = node.value
        if node.tag == "tag:yaml.org,2002:int":
            return int(text)
        if node.tag == "tag:yaml.org,2002:float":
            return float(text)
        if node.tag == "tag:yaml.org,2002:bool":
            return text.lower() == "true"
        return None if node.tag == "tag:yaml.org,2002:null" else text

    def _where(self, node: yaml.Node) -> str:
        return f"{self._source}:{node.start_mark.line + 1}"


_MERGE = "tag:yaml.org,2002:merge"


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """The scalars of YAML 1.2's core schema, and merges."""

    yaml_implicit_resolvers: ClassVar[dict[str, Any]] = {}


for _tag, _pattern, _first in (
    ("tag:yaml.org,2002:bool", r"^(?:true|True|TRUE|false|False|FALSE)$", "tTfF"),
    ("tag:yaml.org,2002:int", r"^[-+]?(?:0|[1-9][0-9]{0,17})$", "-+0123456789"),
    ("tag:yaml.org,2002:float", r"^[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?$", "-+.0123456789"),
    ("tag:yaml.org,2002:null", r"^(?:~|null|Null|NULL|)$", ["~", "n", "N", ""]),
    (_MERGE, r"^<<$", "<"),
):
    _Loader.add_implicit_resolver(_tag, re.compile(_pattern), list(_first))
