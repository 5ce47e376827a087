"""A browser without a window: pages of a local Lightsail's console, by their addresses, and forms sent as one would."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import urlencode

from bench import Bench
from skysail.protocol.message import Request, Response

HERE = {"host": "localhost:4570"}
FROM_HERE = HERE | {"content-type": "application/x-www-form-urlencoded", "sec-fetch-site": "same-origin"}


class Browsing:
    """Follows nothing by itself: what a form led to is `response.headers["location"]`."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self._door = bench.lightsail.with_console()

    def get(self, address: str, **headers: str) -> Response:
        return self._door.answer(Request("GET", _whole(address), HERE | headers, b""))

    def page(self, address: str) -> str:
        """The text of a page that must be there, without its tags."""
        response = self.get(address)
        assert response.status == 200, (response.status, text(response))
        return text(response)

    def post(self, address: str, headers: dict[str, str] | None = None, **fields: str | list[str]) -> Response:
        body = urlencode(fields, doseq=True).encode()
        return self._door.answer(Request("POST", _whole(address), headers or FROM_HERE, body))


def text(response: Response) -> str:
    """What a reader sees, in one line."""
    body = re.sub(r"(?s)<head>.*?</head>", "", response.body.decode())
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


def links(response: Response, word: str) -> list[str]:
    """The addresses of the links whose text holds a word."""
    found = re.findall(r'(?s)<a\b[^>]*href="([^"]*)"[^>]*>(.*?)</a>', response.body.decode())
    return [unescape(address) for address, inner in found if word in text(Response(200, {}, inner.encode()))]


def _whole(address: str) -> str:
    address = address.partition("#")[0]
    return address if address.startswith("/") else f"/console/{address}"
