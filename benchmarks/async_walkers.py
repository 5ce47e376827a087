"""The walk, by each asynchronous peer. Every one walks a listing once and gives how many instances it saw.

    python -m benchmarks.async_walkers PEER URL WARM_UP PAGES

prints what `benchmarks.walkers` prints. The peers need versions of botocore of their own, so they are run by an
interpreter of theirs; nothing is imported here but what the peer asked for needs.
"""

from __future__ import annotations

import asyncio
import json
import resource
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

KEY: dict[str, Any] = {
    "aws_access_key_id": "AKIDEXAMPLE",
    "aws_secret_access_key": "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
}
REGION = "us-east-1"

Walk = Callable[[int], Awaitable[int]]


@asynccontextmanager
async def skysail(url: str) -> AsyncIterator[Walk]:
    import skysail

    async with skysail.async_client("lightsail", region_name=REGION, endpoint_url=url, **KEY) as client:
        yield lambda pages: _count(client.get_paginator("get_instances").paginate(), pages)


@asynccontextmanager
async def aiobotocore(url: str) -> AsyncIterator[Walk]:
    from aiobotocore.session import get_session

    async with get_session().create_client("lightsail", region_name=REGION, endpoint_url=url, **KEY) as client:
        yield lambda pages: _count(client.get_paginator("get_instances").paginate(), pages)


@asynccontextmanager
async def capo(url: str) -> AsyncIterator[Walk]:
    import capo_lightsail

    key = {"access_key": KEY["aws_access_key_id"], "secret_key": KEY["aws_secret_access_key"]}
    async with capo_lightsail.AsyncLightsailClient(region=REGION, endpoint=url, credentials=key) as client:

        async def pages() -> AsyncIterator[dict[str, Any]]:
            page = await client.get_instances()
            yield page
            while token := page.get("next_page_token"):
                page = await client.get_instances(page_token=token)
                yield page

        yield lambda count: _count(pages(), count)


PEERS = {"skysail": skysail, "aiobotocore": aiobotocore, "capo": capo}


async def _count(walk: Any, pages: int) -> int:
    """Walk so many pages, looking at each instance's name as a caller would."""
    seen = number = 0
    async for page in walk:
        number += 1
        seen += sum(1 for instance in page["instances"] if instance["name"])
        if number == pages:
            break
    return seen


async def main(peer: str, url: str, warm_up: int, pages: int) -> None:
    async with PEERS[peer](url) as walk:
        await walk(warm_up)
        cpu, wall = time.process_time(), time.perf_counter()
        seen = await walk(pages)
        figures = {
            "cpu_s": time.process_time() - cpu,
            "wall_s": time.perf_counter() - wall,
            "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
            "instances": seen,
        }
    print(json.dumps(figures))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])))
