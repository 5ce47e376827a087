"""How things are told on a page: lengths of time, prices, sizes, states. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

_LONGEST_GIST = 48
_WORDS = {
    "●": (
        "running",
        "available",
        "active",
        "in-use",
        "attached",
        "enabled",
        "valid",
        "issued",
        "ok",
        "ready",
        "success",
    ),
    "○": ("stopped", "disabled", "inactive", "detached", "terminated", "deleted"),
    "✗": ("failed", "failure", "error", "alarm", "revoked", "expired", "unhealthy"),
}
_GLYPHS = {word: sign for sign, words in _WORDS.items() for word in words}
_TONES = {"●": "good", "○": "still", "✗": "bad", "◐": "busy", "·": "still"}


def glyph(state: str) -> str:
    """A state's sign, which its word stands beside: never the colour alone."""
    word = state.lower()
    if word in _GLYPHS:
        return _GLYPHS[word]
    if word.endswith(("succeeded", "completed")):
        return "●"
    return "◐" if word.endswith(("ing", "started", "progress", "shutting-down")) else "·"


def tone(state: str) -> str:
    return _TONES[glyph(state)]


def usd(amount: float | None) -> str:
    return "–" if amount is None else f"{amount:,.2f}"


def moment(at: datetime | float | None) -> str:
    """2027-01-01 12:00:05Z"""
    if not at:
        return "–"
    if not isinstance(at, datetime):
        at = datetime.fromtimestamp(at, UTC)
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S}Z"


def iso(at: datetime | float) -> str:
    """For machines: 2027-01-01T12:00:05Z."""
    return moment(at).replace(" ", "T")


def number(value: float) -> str:
    """1,234 or 0.5; as short as it can be told."""
    if not isinstance(value, int | float):
        return "–"
    return f"{value:,.0f}" if value == int(value) else f"{value:,.2f}".rstrip("0").rstrip(".")


def quantity(value: float, unit: str) -> str:
    """Of a metric: 64.2 %, 1.9 MB, 12 s."""
    if unit == "Percent":
        return f"{value:.1f} %"
    if unit == "Bytes":
        for name in ("B", "kB", "MB", "GB", "TB"):
            if abs(value) < 1_000 or name == "TB":
                return f"{value:.0f} {name}" if name == "B" else f"{value:.1f} {name}"
            value /= 1_000
    if unit == "Seconds":
        return f"{value:.1f} s"
    return number(round(value, 2))


def gist(arguments: Mapping[str, Any]) -> str:
    """What a call is about: the first of its arguments that is a text, or a list of texts."""
    for value in arguments.values():
        texts = value if isinstance(value, list) else [value]
        if texts and all(isinstance(one, str) for one in texts):
            text = ", ".join(texts)
            return text if len(text) <= _LONGEST_GIST else f"{text[: _LONGEST_GIST - 1]}…"
    return ""


def tag(one: Mapping[str, Any]) -> str:
    return f"{one['key']}={one['value']}" if one.get("value") else str(one["key"])


def plural(count: int, one: str, many: str = "") -> str:
    """1 instance, 2 instances"""
    return f"{count:,} {one if count == 1 else many or f'{one}s'}"
