"""Answers of the client back in the form of the wire: times as the numbers that the service sends."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from skysail.service.times import seconds


def wire(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: wire(element) for name, element in value.items()}
    if isinstance(value, list):
        return [wire(element) for element in value]
    return seconds(value.timestamp()) if isinstance(value, datetime) else value
