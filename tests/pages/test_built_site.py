"""The site as it was built: signatures are on it, every link leads somewhere, nothing comes from elsewhere."""

from __future__ import annotations

import os
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from documents import PROJECT
from tools import public_api, site_pages

_GIVEN = os.environ.get("SKYSAIL_SITE", "")  # when tests are collected: while they run, none of ours is set
pytestmark = pytest.mark.site


class Reading(HTMLParser):
    """What a page says, where it leads, what it loads, and the places that others can lead to."""

    def __init__(self, page: Path) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.text = ""
        self.feed(page.read_text())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.ids |= {given[name] for name in ("id", "name") if name in given}
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        elif tag in ("img", "script", "iframe") and "src" in given:
            self.loaded.append(given["src"])
        elif tag == "link" and given.get("rel") in ("stylesheet", "icon", "preload") and "href" in given:
            self.loaded.append(given["href"])

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture(scope="module")
def site() -> Path:
    if not _GIVEN:
        pytest.skip("the site is built in an environment of its own: `make test-docs` runs this")
    return PROJECT / _GIVEN


@cache
def reading(page: Path) -> Reading:
    return Reading(page)


def built(site: Path) -> list[Path]:
    return [site / name.replace(".md", ".html") for name in sorted(site_pages.page_names())]


def test_each_page_was_built(site: Path) -> None:
    for page in built(site):
        assert len(reading(page).text) > 500, page


def test_every_link_leads_to_a_page_and_a_place_on_it(site: Path) -> None:
    for page in built(site):
        for link in reading(page).links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
            assert target.exists(), f"{page.name}: {link}"
            if parts.fragment and target.suffix == ".html":
                assert unquote(parts.fragment) in reading(target).ids, f"{page.name}: {link}"


def test_each_page_is_reached_from_the_first(site: Path) -> None:
    seen, left = set[Path](), [site / "index.html"]
    while left:
        page = left.pop()
        if page in seen or page.suffix != ".html":
            continue
        seen.add(page)
        paths = (urlsplit(link) for link in reading(page).links)
        left += [(page.parent / unquote(path.path)).resolve() for path in paths if path.path and not path.scheme]
    assert {page.resolve() for page in built(site)} <= seen


def test_nothing_is_loaded_from_elsewhere(site: Path) -> None:
    for page in built(site):
        for place in reading(page).loaded:
            assert not urlsplit(place).netloc, f"{page.name}: {place}"
            assert (page.parent / unquote(urlsplit(place).path)).exists(), f"{page.name}: {place}"


SIGNATURES = {
    "skysail": ["endpoint_url: str | None = None", "-> Client", "patience_s: float = 300", "Raises ConfigurationError"],
    "clients": ["fetch_ahead: int = 0", "build_full_result() -> dict[str, Any]", "resume_token: str | None"],
    "fleets": ["partitions(", "write_lines(", "-> list[FleetPart]"],
    "local-service": ["page_size: int | Callable[[], int] | None = None", "settle(within: float = 3600.0) -> float"],
    "testing": ["lightsail: ClientUnderTest", "lightsail_server("],
    "tables": ["write_parquet(", "-> Schema"],
    "errors": ["Bases: ConfigurationError, NoRegionError", "status: int | None"],
}


@pytest.mark.parametrize("name", site_pages.CHAPTERS)
def test_a_page_of_the_reference_has_names_signatures_and_docstrings(site: Path, name: str) -> None:
    page = reading(site / "reference" / f"{name}.html")
    for module in site_pages.CHAPTERS[name].modules:
        for public in public_api.names_of(module):
            assert public == "__version__" or any(each.endswith(f".{public}") for each in page.ids), public
    said = " ".join(page.text.split())
    for part in SIGNATURES[name]:
        assert part in said, part
    assert "Source code in src/skysail/" in said
