"""The pages of the documents' site, put together in a folder for Zensical: `python -m tools.site_pages [FOLDER]`.

Most are the files of docs/ as they are. From elsewhere come what stands at the top of the repository, the reference of
operations (from botocore's model) and of the public names (lists for mkdocstrings,
which reads the docstrings), and pictures. A link to a file of the repository that is no page becomes its text, since
the site stands alone.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from skysail import errors
from tools import methods, pictures, public_api

TREE = Path(__file__).resolve().parent.parent
_FROM_THE_TOP = {
    "README.md": "index.md",
    "SECURITY.md": "security.md",
    "DECISIONS.md": "decisions.md",
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changes.md",
}
_LINK = re.compile(r"\[([^\]]*)\]\((?!https?:|#)([^)#\s]+)(#[^)]*)?\)")
_PICTURE = re.compile(r"^<!-- picture: ([a-z-]+): (.+) -->$", re.MULTILINE)
_FENCED = re.compile(r"^```.*?^```$", re.DOTALL | re.MULTILINE)


class Chapter(NamedTuple):
    """A page of the reference: what it begins with, and whose public names stand on it."""

    title: str
    beginning: str
    modules: tuple[str, ...]


CHAPTERS = {
    "skysail": Chapter(
        "The package skysail",
        "What `import skysail` brings. [Five minutes to the first page](../first-page.md) shows it at work.",
        ("skysail",),
    ),
    "clients": Chapter(
        "Clients and paginators",
        "A client has every operation of the installed botocore's Lightsail model as a method, with boto3's arguments"
        " and answers, and the paginators below. [Methods](methods.md) lists them.",
        ("skysail.caller.pages", "skysail.caller.async_pages", "skysail.caller.surface"),
    ),
    "fleets": Chapter(
        "Fleets",
        "What [`skysail.fleet`](skysail.md) gives; [A whole fleet](../fleet.md) shows it at work.",
        ("skysail.caller.fleet.fleet", "skysail.caller.fleet.page", "skysail.caller.fleet.places"),
    ),
    "local-service": Chapter(
        "The local service",
        "A Lightsail of your own in this process, what moves, breaks and questions it, and the outside world that it is"
        " given. [The local service](../local-service.md) shows it at work.",
        (
            "skysail.server",
            "skysail.caller.handle",
            "skysail.service.clock",
            "skysail.service.faults",
            "skysail.service.calls",
            "skysail.world",
        ),
    ),
    "testing": Chapter(
        "Testing",
        "[Testing](../testing.md) shows all of it at work.",
        ("skysail.mocking.mock", "skysail.testing", "skysail.pytest_plugin"),
    ),
    "tables": Chapter("Tables", "Pages as Arrow and Parquet, with `skysail[arrow]`.", ("skysail.tables",)),
    "errors": Chapter(
        "Errors",
        "All of them, as a tree: who is at fault, and which of botocore's each one is as well."
        " [When something goes wrong](../errors.md) has the cause of each, and what to do.",
        ("skysail.errors",),
    ),
}


def assemble(folder: Path) -> None:
    """Put all pages there, in place of what there was."""
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "reference").mkdir(parents=True)
    drawn = {path.stem: f"pictures/{path.name}" for path in pictures.draw(folder / "pictures", pictures.browser_here())}
    for source, name in sources().items():
        (folder / name).write_text(page(source.read_text(), source, drawn))
    shutil.copy(TREE / "docs" / "site.css", folder)
    for name, text in _MADE.items():
        (folder / "reference" / f"{name}.md").write_text(text())
    for name, chapter in CHAPTERS.items():
        (folder / "reference" / f"{name}.md").write_text(reference(chapter))


def sources() -> Mapping[Path, str]:
    """The files that are pages, and each one's name on the site."""
    return {
        **{path: path.name for path in sorted((TREE / "docs").glob("*.md"))},
        **{TREE / path: name for path, name in _FROM_THE_TOP.items()},
    }


def page(text: str, source: Path, drawn: Mapping[str, str]) -> str:
    """A file's text as a page: its links lead to pages, its pictures are there if they could be drawn."""
    names = sources()

    def link(found: re.Match[str]) -> str:
        shown, target, anchor = found[1], found[2], found[3] or ""
        name = names.get((source.parent / target).resolve())
        return shown if name is None else f"[{shown}]({name}{anchor})"

    def picture(found: re.Match[str]) -> str:
        return f"![{found[2]}]({drawn[found[1]]})" if found[1] in drawn else ""

    return outside_fences(text, lambda part: _PICTURE.sub(picture, _LINK.sub(link, part)))


def outside_fences(text: str, change: Callable[[str], str]) -> str:
    """The text, changed but for its fenced blocks."""

    def parts() -> Iterator[str]:
        at = 0
        for fence in _FENCED.finditer(text):
            yield change(text[at : fence.start()])
            yield fence[0]
            at = fence.end()
        yield change(text[at:])

    return "".join(parts())


def reference(chapter: Chapter) -> str:
    """A page of public names, whose signatures and docstrings mkdocstrings writes."""
    parts = [f"# {chapter.title}", chapter.beginning]
    if "skysail.errors" in chapter.modules:
        parts.append(_shown(str(errors.__doc__).partition("\n\n")[2]))
    for module in chapter.modules:
        for name in public_api.names_of(module):
            if name != "__version__":
                parts.append("\n".join([f"::: {module}.{name}", *_options(module, name)]))
    return "\n\n".join(parts) + "\n"


def _options(module: str, name: str) -> Iterator[str]:
    """How a class is made stands there where readers make it; what an error has from another, at the other."""
    options = {"merge_init_into_class": public_api.is_made(name), "inherited_members": module != "skysail.errors"}
    if not all(options.values()):
        yield "    options:"
        yield from (f"      {option}: false" for option, is_on in options.items() if not is_on)


_MADE: Mapping[str, Callable[[], str]] = {"methods": methods.methods, "shapes": methods.shapes}
"""The pages that are made here whole."""


def _shown(text: str) -> str:
    return f"```text\n{text.strip(os.linesep)}\n```"


def page_names() -> set[str]:
    """Every page that there is, by its path in the folder."""
    made = {str(PurePosixPath("reference", f"{name}.md")) for name in (*_MADE, *CHAPTERS)}
    return made | set(sources().values())


def main(arguments: list[str]) -> int:
    assemble(Path(*arguments) if arguments else TREE / "build" / "docs")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
