"""The walk, by each peer. Every function walks a listing once and gives how many instances it saw.

    python -m benchmarks.walkers PEER URL WARM_UP PAGES

walks WARM_UP pages, then PAGES, and prints the second walk's seconds of CPU and of wall time, and the peak memory in
MB, as JSON.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import resource
import socket
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any, TypedDict
from urllib.parse import urlsplit

KEY: dict[str, Any] = {
    "aws_access_key_id": "AKIDEXAMPLE",
    "aws_secret_access_key": "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
}
REGION = "us-east-1"


def boto3(url: str) -> Callable[[int], int]:
    import boto3

    client = boto3.client("lightsail", region_name=REGION, endpoint_url=url, **KEY)
    return lambda pages: _count(client.get_paginator("get_instances").paginate(), pages)


def boto3_search(url: str) -> Callable[[int], int]:
    import boto3

    return _searching(boto3.client("lightsail", region_name=REGION, endpoint_url=url, **KEY))


def skysail(url: str) -> Callable[[int], int]:
    import skysail

    client = skysail.client("lightsail", region_name=REGION, endpoint_url=url, **KEY)
    return lambda pages: _count(client.get_paginator("get_instances").paginate(), pages)


def skysail_search(url: str) -> Callable[[int], int]:
    import skysail

    return _searching(skysail.client("lightsail", region_name=REGION, endpoint_url=url, **KEY))


def skysail_fields(url: str) -> Callable[[int], int]:
    import skysail

    client = skysail.client("lightsail", region_name=REGION, endpoint_url=url, **KEY)
    listing, each = client.get_paginator("get_instances"), _items_a_page(client)

    def walk(pages: int) -> int:
        listed = listing.paginate(PaginationConfig={"MaxItems": pages * each})
        found = listed.items(fields=["name", "publicIpAddress", "state"])
        return sum(1 for instance in found if instance["name"])

    return walk


def _searching(client: Any) -> Callable[[int], int]:
    """Names alone, by JMESPath."""
    listing, each = client.get_paginator("get_instances"), _items_a_page(client)

    def walk(pages: int) -> int:
        found = listing.paginate(PaginationConfig={"MaxItems": pages * each}).search("instances[].name")
        return sum(1 for name in found if name)

    return walk


def _items_a_page(client: Any) -> int:
    return len(client.get_instances()["instances"])


def floor(url: str) -> Callable[[int], int]:
    """What cannot be left out: a keep-alive socket, a signature, and msgspec into dicts with datetimes."""
    from skysail.protocol.types import answer_decoder

    pages = _raw_pages(url, answer_decoder("GetInstancesResult").decode)
    return lambda count: _count(pages(), count)


def narrowed_floor(url: str) -> Callable[[int], int]:
    """The same, where msgspec passes over everything but the names."""
    import msgspec

    pages = _raw_pages(url, msgspec.json.Decoder(_Page).decode)
    return lambda count: _count(pages(), count)


class _Instance(TypedDict, total=False):
    name: str


class _Page(TypedDict, total=False):
    instances: list[_Instance]
    nextPageToken: str


def _raw_pages(url: str, decode: Callable[[bytes], Any]) -> Callable[[], Iterator[Any]]:
    place = urlsplit(url)
    assert place.hostname is not None
    connection = socket.create_connection((place.hostname, place.port or 80))
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def pages() -> Iterator[Any]:
        token = None
        while True:
            body = b"{}" if token is None else b'{"pageToken":"%s"}' % token.encode()
            connection.sendall(_signed(place.netloc, body))
            page = decode(_body(connection))
            yield page
            token = page.get("nextPageToken")
            if token is None:
                return

    return pages


_SIGNED = "content-type;host;x-amz-date;x-amz-target"
_TARGET = "Lightsail_20161128.GetInstances"
_keys: dict[str, bytes] = {}


def _signed(host: str, body: bytes) -> bytes:
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    scope = f"{stamp[:8]}/{REGION}/lightsail/aws4_request"
    if scope not in _keys:
        key = f"AWS4{KEY['aws_secret_access_key']}".encode()
        for part in scope.split("/"):
            key = hmac.digest(key, part.encode(), "sha256")
        _keys[scope] = key
    headers = f"content-type:application/x-amz-json-1.1\nhost:{host}\nx-amz-date:{stamp}\nx-amz-target:{_TARGET}\n"
    canonical = f"POST\n/\n\n{headers}\n{_SIGNED}\n{hashlib.sha256(body).hexdigest()}"
    text = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    signature = hmac.digest(_keys[scope], text.encode(), "sha256").hex()
    return (
        f"POST / HTTP/1.1\r\nhost: {host}\r\ncontent-type: application/x-amz-json-1.1\r\nx-amz-date: {stamp}\r\n"
        f"x-amz-target: {_TARGET}\r\nauthorization: AWS4-HMAC-SHA256 "
        f"Credential={KEY['aws_access_key_id']}/{scope}, SignedHeaders={_SIGNED}, Signature={signature}\r\n"
        f"content-length: {len(body)}\r\n\r\n"
    ).encode() + body


def _body(connection: socket.socket) -> bytes:
    held = connection.recv(262_144)
    while (end := held.find(b"\r\n\r\n")) < 0:
        held += connection.recv(262_144)
    length = int(held[:end].lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0])
    parts = [held[end + 4 :]]
    left = length - len(parts[0])
    while left > 0:
        parts.append(connection.recv(min(left, 262_144)))
        left -= len(parts[-1])
    return b"".join(parts)


PEERS: dict[str, Callable[[str], Callable[[int], int]]] = {
    "floor": floor,
    "skysail": skysail,
    "boto3": boto3,
    "narrowed floor": narrowed_floor,
    "skysail search": skysail_search,
    "skysail fields": skysail_fields,
    "boto3 search": boto3_search,
}


def _count(walk: Any, pages: int) -> int:
    """Walk so many pages, looking at each instance's name as a caller would."""
    seen = 0
    for number, page in enumerate(walk, 1):
        seen += sum(1 for instance in page["instances"] if instance["name"])
        if number == pages:
            break
    return seen


def main(peer: str, url: str, warm_up: int, pages: int) -> None:
    walk = PEERS[peer](url)
    walk(warm_up)
    cpu, wall = time.process_time(), time.perf_counter()
    seen = walk(pages)
    print(
        json.dumps(
            {
                "cpu_s": time.process_time() - cpu,
                "wall_s": time.perf_counter() - wall,
                "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
                "instances": seen,
            }
        )
    )


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
