"""How much of everything a server takes from a caller before it says no."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace

_OTHER_FILES = 500
"""Open files of a process that are no callers' connections: the store's, and those that are about to be refused."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Bytes, numbers and seconds. A caller beyond one of them is told so, where it still listens, and let go."""

    body: int
    """Bytes of a body that are kept: a little more shows the answering side that it is too large."""
    read: int = 64 * 1_048_576
    """Bytes of a body that are read: most callers look for an answer only when they have sent everything."""
    head: int = 65_536
    """Bytes of request line and headers together."""
    headers: int = 100
    head_s: float = 15.0
    """From a request's first byte to the end of its headers."""
    request_s: float = 120.0
    """From a request's first byte to its last."""
    idle_s: float = 90.0
    """Between two requests. More than the 60 s for which SDKs keep a connection: so they are the ones to close it."""
    write_s: float = 60.0
    """For which a caller may leave an answer unread."""
    linger_s: float = 2.0
    """For which a caller who was refused in the middle of sending may go on, so that it reads the refusal."""
    waiting: int = 16
    """Requests that a caller may send ahead on one connection before it is no longer read."""
    connections: int = 1_000
    refused: int = 100
    """Connections beyond those that are told why they are not taken; further ones are broken without a word."""
    parting_s: float = 3.0
    """For which a stopping server waits for requests that have begun, and for answers that are under way."""
    grace_s: float = 0.1
    """For which a stopping server still reads idle connections: what was sent before its caller knew is answered."""


def within_open_files(limits: Limits) -> Limits:
    """No more connections than this process may have open, once it has asked for as many files as it needs.

    A server that runs out of files can neither refuse a caller nor open its store.
    """
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return limits
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = limits.connections + _OTHER_FILES
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return limits
    allowed = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
        soft = allowed
    return replace(limits, connections=max(1, soft - _OTHER_FILES))
