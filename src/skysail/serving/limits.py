"""How much of everything a server takes from a caller before it says no."""

from __future__ import annotations

from dataclasses import dataclass


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
    parting_s: float = 3.0
    """For which a stopping server waits for requests that have begun, and for answers that are under way."""
    grace_s: float = 0.1
    """For which a stopping server still reads idle connections: what was sent before its caller knew is answered."""
