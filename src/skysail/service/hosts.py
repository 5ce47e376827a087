"""Which names a server answers to, so that no name of somebody else's that leads to this machine is one of them.

A page in a browser may send requests to its own name, and have that name lead to 127.0.0.1 (DNS rebinding); what such a
request cannot do is to carry another name than the page's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from skysail.errors import ServiceError
from skysail.protocol.browsers import is_this_machine, name_in


@dataclass(frozen=True)
class Hosts:
    """`others` are names beside this machine's own: localhost, names below it, and loopback addresses."""

    others: Sequence[str] = ()

    def check(self, host: str | None) -> None:
        """Raises ServiceError (AccessDeniedException) for a Host header of another name; its port does not matter."""
        name = name_in(host or "")
        if name not in map(str.lower, self.others) and not is_this_machine(name):
            raise ServiceError.because(
                f"This server does not answer to the name {host or '(none)'}; it may: skysail serve --allow-host NAME",
                kind="AccessDeniedException",
                status=403,
            )
