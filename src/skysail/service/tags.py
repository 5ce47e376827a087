"""Tags: what a valid one is, and how it is shown. (Sources: user guide and model; texts inferred.)"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from skysail.service.refusals import invalid

MOST = 50
_TEXT = re.compile(r"[\w +\-=.:/@]*")
_LONGEST = {"key": 128, "value": 256}


def tags(requested: Iterable[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Tags as a resource carries them: a tag without a value, or with an empty one, has no `value` member (seen).

    Raises InvalidInputException: too many, too long, reserved or unusual characters, or a key twice.
    """
    entries = list(requested)
    if len(entries) > MOST:
        raise invalid(f"You've reached the maximum number of tags for this resource: {MOST}")
    keys = [entry.get("key", "") for entry in entries]
    for key in keys:
        if not key:
            raise invalid("Tag keys must have at least 1 character.")
        if keys.count(key) > 1:
            raise invalid(f"Duplicate tag keys are not allowed: {key}")
    return [_tag(entry) for entry in entries]


def _tag(entry: Mapping[str, Any]) -> dict[str, str]:
    shown = {member: entry[member] for member in ("key", "value") if entry.get(member)}
    for member, text in shown.items():
        if text.lower().startswith("aws:"):
            raise invalid(f"Tag {member}s can't start with aws:")
        if len(text) > _LONGEST[member]:
            raise invalid(f"Tag {member}s can't be longer than {_LONGEST[member]} characters: {text}")
        if not _TEXT.fullmatch(text):
            raise invalid(f"The tag {member} is not valid: {text}")
    return shown
