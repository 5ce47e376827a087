"""Templates into text: the one place that knows Jinja. Everything is escaped that a template does not mark itself."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import ChainableUndefined, Environment, FileSystemLoader

from skysail.console import words
from skysail.telling.ages import age

FOLDER = Path(__file__).with_name("templates")


def environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=ChainableUndefined,  # of a document, a mirrored one at that, any member may be missing
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.filters.update(
        age=age,
        glyph=words.glyph,
        tone=words.tone,
        usd=words.usd,
        moment=words.moment,
        iso=words.iso,
        number=words.number,
        quantity=words.quantity,
        tag=words.tag,
        gist=words.gist,
    )
    made.globals["plural"] = words.plural
    return made


class Templates:
    def __init__(self) -> None:
        self._made = environment()

    def text(self, name: str, values: Mapping[str, Any]) -> str:
        return self._made.get_template(name).render(values)
