"""Which names a server answers to, so that no name of somebody else's that leads to this machine is one of them.

A page in a browser may send requests to its own name, and have that name lead to 127.0.0.1 (DNS rebinding); what such a
request cannot do is to carry another name than the page's.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_address

from skysail.errors import ServiceError


@dataclass(frozen=True)
class Hosts:
    """`others` are names beside this machine's own: localhost, names below it, and loopback addresses."""

    others: Sequence[str] = ()

    def check(self, host: str | None) -> None:
        """Raises ServiceError (AccessDeniedException) for a Host header of another name; its port does not matter."""
        name = _name(host or "")
        if name not in map(str.lower, self.others) and not _is_own(name):
            raise ServiceError.because(
                f"This server does not answer to the name {host or '(none)'}; it may: skysail serve --allow-host NAME",
                kind="AccessDeniedException",
                status=403,
            )


_HOST = re.compile(r"(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::[0-9]*)?|([0-9a-f:]+)")


def _name(host: str) -> str:
    """A Host header without its port, in lower case; "" for one that is none: browsers go to $(id).localhost too, and
    pages tell the name that they were asked by.
    """
    found = _HOST.fullmatch(host.lower())
    return next(filter(None, found.groups()), "") if found else ""


def _is_own(name: str) -> bool:
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False
