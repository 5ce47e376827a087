"""A fleet of any size, the same every time: instances as JSON, newest first, some 300,000 a second.

    python -m benchmarks.fleet COUNT [full|plain] > fleet.jsonl

`full` instances have nearly every member and about 2.5 KB, `plain` ones what a new instance has, about 1.7 KB. Names do
not come in their own order; account, region and the rest are those of one account in us-east-1.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any, Literal

import msgspec

from benchmarks.canned import full_instances

Size = Literal["full", "plain"]

NEWEST = 1_760_000_000
"""When the newest instance was made; each further one some minutes earlier."""
_BETWEEN_S = 173
_ROLES = ("web", "api", "batch", "shop", "blog", "ci", "queue", "cache")
_SCATTER = 0x9E3779B97F4A7C15
"""Neighbours times this, modulo 2**64, are far from one another, and no two numbers become the same."""


def documents(count: int, size: Size = "full") -> Iterator[bytes]:
    """So many instances, each as JSON on one line."""
    template = _template(size)
    for number in range(count):
        scattered = number * _SCATTER % 2**64
        digits = b"%016x" % scattered
        yield template % {
            b"name": b"%s-%07d" % (_ROLES[scattered % len(_ROLES)].encode(), number),
            b"id": b"%s-%s-4%s-8%s-%s0000" % (digits[:8], digits[8:12], digits[1:4], digits[5:8], digits[8:]),
            b"ec2": b"%s%c" % (digits, digits[0]),
            b"time": b"%d.%03d" % (NEWEST - number * _BETWEEN_S, number % 999 + 1),
            b"ip": b"%d.%d.%d" % (16 + number % 13, number // 256 % 256, number % 256),
        }


def name_of(number: int) -> str:
    """The name of the instance with that number; 0 is the newest."""
    return f"{_ROLES[number * _SCATTER % 2**64 % len(_ROLES)]}-{number:07}"


def _template(size: Size) -> bytes:
    """The JSON of one instance, with what differs as marks for `%`."""
    (instance,) = full_instances(1)
    if size == "plain":
        for member in ("addOns", "tags"):
            instance[member] = []
        del instance["hardware"]["disks"][1:]
    text = msgspec.json.encode(instance).replace(b"%", b"%%")
    for value, mark in (
        (instance["name"], b"%(name)b"),
        (instance["arn"].rpartition("/")[2], b"%(id)b"),
        (instance["supportCode"].rpartition("-")[2], b"%(ec2)b"),
        (instance["privateIpAddress"].split(".", 1)[1], b"%(ip)b"),
        (instance["publicIpAddress"].split(".", 1)[1], b"%(ip)b"),
        (msgspec.json.encode(instance["createdAt"]).decode(), b"%(time)b"),
    ):
        text = text.replace(value.encode(), mark)
    return text


def main(arguments: list[str]) -> None:
    size: Any = arguments[1] if len(arguments) > 1 else "full"
    for document in documents(int(arguments[0]), size):
        sys.stdout.buffer.write(document + b"\n")


if __name__ == "__main__":
    main(sys.argv[1:])
