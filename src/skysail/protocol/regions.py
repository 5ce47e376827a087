"""The regions that botocore lists for Lightsail: read from its file, without its session and without a call."""

from __future__ import annotations

from functools import cache

import msgspec

from skysail.protocol.model import botocore_data, read_data
from skysail.protocol.ready import ready


class _Service(msgspec.Struct):
    endpoints: dict[str, msgspec.Raw] = {}


class _Partition(msgspec.Struct):
    partition: str
    regions: dict[str, msgspec.Raw]
    services: dict[str, _Service]


class _Endpoints(msgspec.Struct):
    partitions: list[_Partition]


@cache
def known_regions(partition: str = "aws") -> tuple[str, ...]:
    """What botocore's `get_available_regions("lightsail")` gives, sorted; an account need not have them all enabled."""
    endpoints = msgspec.json.decode(read_data(botocore_data(), "endpoints"), type=_Endpoints)
    for listed in endpoints.partitions:
        if listed.partition == partition:
            return tuple(sorted(listed.services.get("lightsail", _Service()).endpoints.keys() & listed.regions.keys()))
    return ()


ready(_Endpoints)
