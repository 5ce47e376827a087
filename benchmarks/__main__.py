"""All benchmarks, one after the other: `python -m benchmarks`."""

from __future__ import annotations

from benchmarks import async_walk, narrowed, service, start, walk

for benchmark in (start, walk, async_walk, narrowed, service):
    benchmark.main()
    print()
