"""All benchmarks, one after the other: `python -m benchmarks`."""

from __future__ import annotations

from benchmarks import narrowed, start, walk

for benchmark in (start, walk, narrowed):
    benchmark.main()
    print()
