"""What one likes: light or dark, keys or none. Kept in two cookies, and nothing else is."""

from __future__ import annotations

from skysail.console.answers import Answer, Elsewhere, Page
from skysail.console.visit import Visit

THEMES = ("auto", "light", "dark")
THEME, KEYS = "skysail_theme", "skysail_keys"
_YEAR_S = 31_536_000

SHORTCUTS = (
    ("/", "search"),
    ("j k", "next and previous row"),
    ("Enter", "open the row"),
    ("x", "tick the row"),
    ("n", "create an instance"),
    ("r", "load the page again"),
    ("g f, g o, g c, g x, g t", "fleet, other resources, calls, faults, time"),
    ("?", "this page"),
    ("Esc", "close what is open"),
)


def help(visit: Visit) -> Answer:
    return Page("help.html", "help", {"shortcuts": SHORTCUTS, "has_keys": visit.asked.cookies.get(KEYS) != "off"})


def like(visit: Visit) -> Answer:
    """Back to where the form stood."""
    form = visit.asked.form
    back = form.one("back")
    name, value = (THEME, form.one("theme")) if "theme" in form else (KEYS, form.one("keys"))
    is_known = value in (THEMES if name == THEME else ("on", "off"))
    cookie = f"{name}={value}; Path=/console/; Max-Age={_YEAR_S}; SameSite=Strict" if is_known else None
    return Elsewhere(local(back), cookie)


def local(address: str) -> str:
    """An address of the console's own, whatever was asked for."""
    return address if address.startswith("/console/") and "\\" not in address and address.isprintable() else "/console/"
