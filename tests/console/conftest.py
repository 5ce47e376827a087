from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import Any

import pytest

from bench import Bench
from console.browsing import Browsing

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@pytest.fixture
def bench() -> Iterator[Bench]:
    bench = Bench(page_size=7)
    yield bench
    bench.close()


@pytest.fixture
def browsing(bench: Bench) -> Browsing:
    return Browsing(bench)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """A real browser without a window."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if CHROMIUM is None:
        pytest.skip("no Chromium here: apt-get install chromium")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()
