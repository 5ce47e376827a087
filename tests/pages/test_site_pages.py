"""The pages of the documents' site, before they are built: what there is, and where it leads."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from documents import PROJECT
from skysail.version import VERSION
from tools import pictures, public_api, site_pages

CONFIGURATION = tomllib.loads((PROJECT / "zensical.toml").read_text())["project"]


def in_navigation(entries: list[dict[str, Any]]) -> Iterator[str]:
    for entry in entries:
        for place in entry.values():
            yield from [place] if isinstance(place, str) else in_navigation(place)


def test_each_page_is_in_the_navigation_once_and_nothing_else_is() -> None:
    places = list(in_navigation(CONFIGURATION["nav"]))
    assert sorted(places) == sorted(site_pages.page_names())


def test_each_page_says_its_version() -> None:
    assert CONFIGURATION["copyright"] == f"skysail {VERSION}"


def test_each_public_name_is_on_one_page_of_the_reference() -> None:
    modules = [module for chapter in site_pages.CHAPTERS.values() for module in chapter.modules]
    assert sorted(modules) == sorted(public_api.PUBLIC)
    for chapter in site_pages.CHAPTERS.values():
        text = site_pages.reference(chapter)
        for module in chapter.modules:
            for name in public_api.names_of(module):
                assert name == "__version__" or text.count(f"::: {module}.{name}\n") == 1


LINKS = {
    "[a](testing.md)": "[a](testing.md)",
    "[a](testing.md#time)": "[a](testing.md#time)",
    "[a](../README.md)": "[a](index.md)",
    "[a](../SECURITY.md#the-client)": "[a](security.md#the-client)",
    "[a](../src/skysail/errors.py)": "a",
    "[a](https://example.org/x.md)": "[a](https://example.org/x.md)",
    "[a](#here)": "[a](#here)",
    "```\n[a](../src/skysail/errors.py)\n```": "```\n[a](../src/skysail/errors.py)\n```",
    "<!-- picture: one: what it shows -->": "![what it shows](pictures/one.svg)",
    "<!-- picture: two: what it shows -->": "",
}


@pytest.mark.parametrize("written", LINKS)
def test_a_page_leads_to_pages_and_shows_what_could_be_drawn(written: str) -> None:
    here = Path(PROJECT / "docs" / "fleet.md").resolve()
    assert site_pages.page(written, here, {"one": "pictures/one.svg"}) == LINKS[written]


def test_each_public_name_and_member_says_what_it_is() -> None:
    for module in public_api.PUBLIC:
        for name in set(public_api.names_of(module)) - {"__version__"}:
            value = getattr(import_module(module), name)
            for member in [value, *public_api.callables(value)]:
                assert member.__doc__, f"{module}.{name} {member}"


@pytest.mark.whole
def test_pictures_of_the_command_line_show_its_output_and_load_nothing(tmp_path: Path) -> None:
    drawn = {path.stem: path.read_text() for path in pictures.draw(tmp_path, browser=None)}
    assert drawn.keys() == pictures.COMMANDS.keys()
    assert "PUBLIC-IP" in drawn["instances"]
    assert "web-1" in drawn["show"]
    for svg in drawn.values():
        assert "$" in svg
        assert set(re.findall(r"https?://[^/\"]+", svg)) == {"http://www.w3.org"}
