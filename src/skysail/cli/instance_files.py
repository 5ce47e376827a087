"""Files that hold what `aws lightsail get-instances` printed: JSON documents, one behind the other."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NoReturn

from skysail.service.importing import Found, Refusal, instances_in

_SPACE = re.compile(r"[ \t\r\n\ufeff]*")


def files_in(paths: Iterable[Path]) -> list[Path]:
    """The files that paths name: a folder's are its *.json and *.jsonl, by name. Raises OSError."""
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = (file for file in path.iterdir() if file.suffix in (".json", ".jsonl") and file.is_file())
            found += sorted(inside, key=lambda file: _natural(file.name))
        else:
            found.append(path)
    return found


def read(path: Path) -> tuple[list[Found], list[Refusal]]:
    """The instances in a file, in its order, and what in it is not JSON. Raises OSError."""
    found: list[Found] = []
    try:
        text = path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        return [], [Refusal(str(path), None, f"it is not UTF-8 (byte {error.start})")]
    line = 1
    try:
        for line, document in documents(text):
            found += instances_in(document, f"{path}:{line}")
    except json.JSONDecodeError as error:
        return found, [Refusal(f"{path}:{error.lineno}", None, f"not JSON: {error.msg} (column {error.colno})")]
    except RecursionError:
        return found, [Refusal(str(path), None, f"the JSON behind line {line} is nested too deeply")]
    if not found and not text.strip():
        return [], [Refusal(str(path), None, "it is empty")]
    return found, []


def documents(text: str) -> Iterator[tuple[int, object]]:
    """The JSON values that stand one behind the other in a text, each with the line it begins on.

    Raises JSONDecodeError, RecursionError.
    """

    def no_number(name: str) -> NoReturn:
        raise json.JSONDecodeError(f"{name} is not JSON", text, at)

    decoder = json.JSONDecoder(parse_constant=no_number)
    line, counted = 1, 0
    at = _behind_space(text, 0)
    while at < len(text):
        value, end = decoder.raw_decode(text, at)
        line, counted = line + text.count("\n", counted, at), at
        yield line, value
        at = _behind_space(text, end)


def _behind_space(text: str, at: int) -> int:
    space = _SPACE.match(text, at)
    return space.end() if space else at


def _natural(name: str) -> list[tuple[int, str]]:
    """An order in which page 10 comes behind page 9."""
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d+)", name)]
