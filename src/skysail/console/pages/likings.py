"""What one likes: light or dark, keys or none, pages that move or stand. Kept in cookies, and nothing else is."""

from __future__ import annotations

from skysail.console.answers import Answer, Elsewhere, Page
from skysail.console.visit import Visit

THEMES = ("auto", "light", "dark")
LIKINGS = {"theme": THEMES, "keys": ("on", "off"), "live": ("on", "off")}
"""What can be liked, and how; the first is the usual."""
_YEAR_S = 31_536_000

SHORTCUTS = (
    ("/", "search"),
    ("j k", "next and previous row"),
    ("Enter", "open the row"),
    ("x", "tick the row"),
    ("[ ]", "an instance's previous and next tab"),
    (".", "to what can be done"),
    ("n", "create an instance"),
    ("r", "load the page again"),
    ("g f, g o, g c, g x, g t", "fleet, other resources, calls, faults, time"),
    ("?", "this page"),
    ("Esc", "close what is open"),
)


def liked(visit: Visit) -> dict[str, str]:
    """What the browser's cookies say of each."""
    said = {name: visit.asked.cookies.get(f"skysail_{name}", "") for name in LIKINGS}
    return {name: said[name] if said[name] in known else known[0] for name, known in LIKINGS.items()}


def help(visit: Visit) -> Answer:
    return Page("help.html", "help", {"shortcuts": SHORTCUTS})


def like(visit: Visit) -> Answer:
    """Back to where the form stood."""
    form = visit.asked.form
    wanted = next(((name, form.one(name)) for name, known in LIKINGS.items() if form.one(name) in known), None)
    cookie = None
    if wanted is not None:
        cookie = f"skysail_{wanted[0]}={wanted[1]}; Path=/console/; Max-Age={_YEAR_S}; SameSite=Strict"
    return Elsewhere(local(form.one("back")), cookie)


def local(address: str) -> str:
    """An address of the console's own, whatever was asked for."""
    is_ours = address.startswith("/console/") and "\\" not in address
    return address if is_ours and address.isascii() and address.isprintable() else "/console/"
