"""A server that costs its clients nothing but themselves: one listing of GetInstances, made beforehand and sent as is.

    python -m benchmarks.canned PAGES INSTANCES

Prints its port, then serves on loopback until it is ended. Each page has INSTANCES full instances of about 2.5 KB; the
token of page n is the text of n. Signatures are not looked at, so that only the client is measured.
"""

from __future__ import annotations

import asyncio
import sys
from typing import Any

import msgspec

from skysail.server import LocalLightsail
from skysail.world import manual_world

_TOKEN = b'"pageToken":'


def full_instances(count: int) -> list[dict[str, Any]]:
    """Instances with nearly every member: two disks, an add-on, five tags, three ports."""
    with LocalLightsail(world=manual_world(), pace="instant") as lightsail:
        client = lightsail.client()
        client.create_instances(
            instanceNames=[f"web-{number:04}" for number in range(count)],
            availabilityZone="us-east-1a",
            blueprintId="wordpress",
            bundleId="nano_3_0",
            tags=[{"key": f"key-{number}", "value": f"value of tag {number}"} for number in range(5)],
        )
        client.get_operations()
        with lightsail.store.begin(write=False) as transaction:
            (place,) = transaction.places("Instance")
            rows = transaction.page(place, "Instance", None, count)
    return [_with_more(msgspec.json.decode(row.document)) for row in rows]


def _with_more(instance: dict[str, Any]) -> dict[str, Any]:
    system = instance["hardware"]["disks"][0]
    data = system | {
        "name": f"{instance['name']}-data",
        "arn": instance["arn"].replace("Instance", "Disk"),
        "supportCode": instance["supportCode"].replace("/i-", "/vol-"),
        "location": instance["location"],
        "resourceType": "Disk",
        "tags": [{"key": "role", "value": "data"}],
        "isSystemDisk": False,
        "path": "/dev/xvdf",
        "state": "in-use",
        "isAttached": True,
    }
    instance["hardware"]["disks"].append(data)
    instance["addOns"] = [{"name": "AutoSnapshot", "status": "Enabled", "snapshotTimeOfDay": "06:00"}]
    return instance


def answers(pages: int, instances: int) -> list[bytes]:
    """The listing as HTTP responses, ready to send."""
    listed = msgspec.json.encode(full_instances(instances))
    made = []
    for page in range(pages):
        token = b',"nextPageToken":"%d"' % (page + 1) if page + 1 < pages else b""
        body = b'{"instances":' + listed + token + b"}"
        head = (
            b"HTTP/1.1 200 OK\r\nServer: Server\r\nDate: Mon, 23 Nov 2026 12:00:00 GMT\r\n"
            b"Content-Type: application/x-amz-json-1.1\r\nContent-Length: %d\r\n"
            b"x-amzn-RequestId: 93d19bc4-bd2a-4deb-9048-4f2f6a7b4236\r\nConnection: keep-alive\r\n\r\n" % len(body)
        )
        made.append(head + body)
    return made


class Canned(asyncio.Protocol):
    """One connection."""

    def __init__(self, listing: list[bytes]) -> None:
        self._listing = listing
        self._held = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._held += data
        while (end := self._held.find(b"\r\n\r\n")) >= 0:
            head = self._held[:end].lower()
            length = int(head.partition(b"content-length:")[2].split(b"\r\n", 1)[0])
            if len(self._held) < end + 4 + length:
                return
            body, self._held = self._held[end + 4 : end + 4 + length], self._held[end + 4 + length :]
            token = body.replace(b" ", b"").partition(_TOKEN)[2].strip(b'"}')
            self._transport.write(self._listing[int(token or b"0")])


async def _serve(listing: list[bytes]) -> None:
    server = await asyncio.get_running_loop().create_server(lambda: Canned(listing), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(answers(int(sys.argv[1]), int(sys.argv[2]))))
