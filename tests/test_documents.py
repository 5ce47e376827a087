"""Every example in the documents does what it says, for a reader who begins with nothing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from documents import PROJECT, Reader, examples

DOCUMENTS = [PROJECT / "README.md", *sorted((PROJECT / "docs").glob("*.md"))]


@pytest.mark.whole
@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_example_comes_out_as_shown(document: Path, tmp_path: Path) -> None:
    reader = Reader(tmp_path)
    try:
        for example in examples(document.read_text()):
            reader.follow(example)
    finally:
        reader.leave()


@pytest.mark.parametrize("document", [*DOCUMENTS, *PROJECT.glob("*.md")], ids=lambda path: path.name)
def test_every_relative_link_leads_somewhere(document: Path) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", document.read_text()):
        assert (document.parent / target).exists(), target


def test_the_readme_shows_the_client_the_server_and_the_commands() -> None:
    shown = [example.language for example in examples((PROJECT / "README.md").read_text())]
    assert shown.count("python") >= 1
    assert shown.count("console") >= 3
