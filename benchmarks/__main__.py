"""All benchmarks, one after the other, or one with its own options: `python -m benchmarks [NAME [OPTION…]]`."""

from __future__ import annotations

import sys

from benchmarks import async_walk, console, million, mock, narrowed, service, start, walk

BENCHMARKS = {
    benchmark.__name__.rpartition(".")[2]: benchmark
    for benchmark in (start, walk, async_walk, narrowed, mock, service, million, console)
}

chosen = [sys.argv.pop(1)] if len(sys.argv) > 1 else list(BENCHMARKS)
for name in chosen:
    if name not in BENCHMARKS:
        sys.exit(f"no benchmark is called {name}; there are {', '.join(BENCHMARKS)}")
    BENCHMARKS[name].main()
    print()
