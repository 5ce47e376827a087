"""Requests as fast as so many connections carry them: `python -m benchmarks.load`, given its job as JSON on stdin.

Each connection sends one request, reads the whole response, and sends the next; every one must be answered with 200.
Prints JSON: how many were answered, in how many seconds, and how long each took (seconds, sorted).
"""

from __future__ import annotations

import base64
import json
import re
import selectors
import socket
import sys
import time
from collections.abc import Iterator
from itertools import cycle
from typing import Any

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


def whole(received: bytes | bytearray) -> bool:
    """Whether a response has come to its end."""
    head, mark, body = bytes(received).partition(b"\r\n\r\n")
    if not mark:
        return False
    length = _LENGTH.search(head)
    return len(body) >= int(length[1]) if length else body.endswith(b"0\r\n\r\n")


class Connection:
    """One caller: a request, its whole response, the next; over a new socket where the server closed the last."""

    def __init__(self, port: int, selector: selectors.BaseSelector) -> None:
        self._port = port
        self._selector = selector
        self._socket = self._open()

    def send(self, request: bytes) -> None:
        self._received = bytearray()
        self._since = time.perf_counter()
        self._socket.sendall(request)

    def receive(self) -> float | None:
        """What the server has sent; gives the seconds it took when the response is whole."""
        part = self._socket.recv(262_144)
        self._received += part
        if not whole(self._received):
            if not part:
                raise SystemExit(f"a response was cut: {bytes(self._received[:2000])!r}")
            return None
        if self._received[9:12] != b"200":
            raise SystemExit(f"no good answer: {bytes(self._received[:2000])!r}")
        took = time.perf_counter() - self._since
        if self._received.startswith(b"HTTP/1.0") or b"\r\nconnection: close\r\n" in self._received.lower():
            self.close()
            self._socket = self._open()
        return took

    def close(self) -> None:
        self._selector.unregister(self._socket)
        self._socket.close()

    def _open(self) -> socket.socket:
        opened = socket.create_connection(("127.0.0.1", self._port))
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._selector.register(opened, selectors.EVENT_READ, self)
        return opened


def load(port: int, requests: Iterator[bytes], connections: int, seconds: float) -> dict[str, Any]:
    """Keep that many connections busy for so long, or until there is no request left."""
    selector = selectors.DefaultSelector()
    callers = [Connection(port, selector) for _ in range(connections)]
    took: list[float] = []
    began = time.perf_counter()
    busy = 0
    for caller, request in zip(callers, requests, strict=False):
        caller.send(request)
        busy += 1
    while busy:
        for key, _ in selector.select():
            seconds_taken = key.data.receive()
            if seconds_taken is None:
                continue
            took.append(seconds_taken)
            following = next(requests, None) if time.perf_counter() < began + seconds else None
            if following is None:
                busy -= 1
            else:
                key.data.send(following)
    elapsed = time.perf_counter() - began
    for caller in callers:
        caller.close()
    return {"answered": len(took), "elapsed_s": elapsed, "took_s": sorted(took)}


def main() -> None:
    job = json.load(sys.stdin)
    requests = [base64.b64decode(request) for request in job["requests"]]
    source = cycle(requests) if job["repeat"] else iter(requests)
    json.dump(load(job["port"], source, job["connections"], job["seconds"]), sys.stdout)


if __name__ == "__main__":
    main()
