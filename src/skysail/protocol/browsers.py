"""What a browser says of who asks, and whom."""

from __future__ import annotations

import re
from collections.abc import Mapping
from ipaddress import ip_address

_HOST = re.compile(r"(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::[0-9]*)?|([0-9a-f:]+)")


def is_for_a_strangers_page(headers: Mapping[str, str]) -> bool:
    """Whether a page of another site wants it among its own: as an image, a script, what it fetches. It cannot read it,
    but it would have the work done, as often as it likes, and learn how long that takes. A link that one follows is
    none of these. Names are in lower case; only some browsers say so.
    """
    site = headers.get("sec-fetch-site", "none")
    return site not in ("none", "same-origin") and headers.get("sec-fetch-mode") != "navigate"


def name_in(host: str) -> str:
    """A Host header without its port, in lower case; "" for one that is none: browsers go to $(id).localhost too, and
    pages tell the name that they were asked by.
    """
    found = _HOST.fullmatch(host.lower())
    return next(filter(None, found.groups()), "") if found else ""


def is_this_machine(name: str) -> bool:
    """localhost, names below it, and loopback addresses."""
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False
