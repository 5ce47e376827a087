"""The beginning of an answer as a value, without its secrets: of a long one only that is kept. Pure."""

from __future__ import annotations

from typing import Any

import msgspec

_CLOSING = {"{": "}", "[": "]"}


def begun(first: bytes, size: int) -> Any:
    """What stands in the first bytes of a JSON text of that size: of a cut one, what was whole before the cut.

    None for what is no JSON.
    """
    text = first.decode("utf-8", "ignore" if len(first) < size else "strict")
    try:
        return msgspec.json.decode(text if len(first) >= size else _closed(text))
    except (msgspec.DecodeError, RecursionError):
        return None


def _closed(text: str) -> str:
    """Up to the last place where it can be closed: behind a whole value, or where a structure or list begins."""
    open_ones: list[str] = []
    place, closers = 0, ""
    in_text = is_escaped = False
    for number, sign in enumerate(text):
        if in_text:
            in_text, is_escaped = is_escaped or sign != '"', not is_escaped and sign == "\\"
            continue
        if sign == '"':
            in_text = True
            continue
        if sign in "{[":
            open_ones.append(_CLOSING[sign])
        elif sign in "}]" and open_ones:
            open_ones.pop()
        elif sign != ",":
            continue
        place, closers = number + (sign != ","), "".join(reversed(open_ones))
    return f"{text[:place]}{closers}"
