from __future__ import annotations

from collections.abc import Iterator

import pytest

from bench import Bench
from console.browsing import Browsing


@pytest.fixture
def bench() -> Iterator[Bench]:
    bench = Bench(page_size=7)
    yield bench
    bench.close()


@pytest.fixture
def browsing(bench: Bench) -> Browsing:
    return Browsing(bench)
