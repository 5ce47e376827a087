"""Who logs in where, in words for ssh: only what is a user's name and an address. Documents may be anybody's, mirrored
or handed over, and ssh takes -oProxyCommand=… for an option wherever it stands. Pure.
"""

from __future__ import annotations

import re
from contextlib import suppress
from ipaddress import ip_address


def is_user(text: str) -> bool:
    return re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.-]*", text) is not None


def is_address(text: str) -> bool:
    with suppress(ValueError):
        return "%" not in text and ip_address(text) is not None  # a zone may be any text
    return False


def login(user: str, address: str) -> str:
    """ubuntu@192.0.2.1; "" where one of them is none."""
    return f"{user}@{address}" if is_user(user) and is_address(address) else ""
