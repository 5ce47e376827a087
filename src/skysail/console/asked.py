"""What a browser asks, read: path, query, form, cookies. And whether it may ask that."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, quote, unquote, urlencode

from skysail.errors import UsageError
from skysail.protocol.browsers import is_this_machine, name_in
from skysail.protocol.message import Request

_MOST_FIELDS = 1_000
_LARGEST_FORM = 1_048_576
"""Bytes, as of any request: of a longer one, servers keep only so much as shows that it is longer."""
Pairs = Iterable[tuple[str, str]]


class Fields:
    """The fields of a query or of a form, in their order; a name may stand there several times."""

    def __init__(self, pairs: Pairs = ()) -> None:
        self.pairs = tuple(pairs)

    def one(self, name: str, default: str = "") -> str:
        """The first of that name, without blanks around it."""
        return next((value.strip() for key, value in self.pairs if key == name), default)

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.pairs if key == name]

    def number(self, name: str, default: int) -> int:
        """Raises UsageError for what is none."""
        text = self.one(name)
        if not text:
            return default
        if not (text.isascii() and text.isdecimal() and len(text) < 10):
            raise UsageError(f"{name} is a number, not {text}")
        return int(text)

    def __contains__(self, name: object) -> bool:
        return any(key == name for key, _ in self.pairs)


@dataclass(frozen=True, slots=True)
class Asked:
    """One request. `parts` are those of the path behind `/console/`, without what encodes them."""

    method: str
    parts: tuple[str, ...]
    query: Fields
    form: Fields
    headers: Mapping[str, str]
    cookies: Mapping[str, str] = field(repr=False)

    @property
    def host(self) -> str:
        return self.headers.get("host", "localhost")

    @property
    def is_secure(self) -> bool:
        """Whether it came through somebody who speaks TLS."""
        return self.headers.get("x-forwarded-proto") == "https"

    @property
    def is_in_the_clear(self) -> bool:
        """Whether others on the way may read it: it came neither through TLS nor from this machine."""
        return not self.is_secure and not is_this_machine(name_in(self.host))

    @property
    def address(self) -> str:
        """This page's, for a link that comes back to it."""
        return address(self.parts, self.query.pairs)


def read(request: Request) -> Asked:
    """Raises UsageError for a form that is none."""
    path, _, query = request.target.partition("?")
    form = b""
    if request.method == "POST":
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if request.body and kind != "application/x-www-form-urlencoded":
            raise UsageError(f"a form comes as application/x-www-form-urlencoded, not {kind or 'without a type'}")
        if len(request.body) > _LARGEST_FORM:
            raise UsageError(f"a form has at most {_LARGEST_FORM} bytes; nothing was done")
        form = request.body
    return Asked(
        "GET" if request.method == "HEAD" else request.method,
        tuple(unquote(part) for part in path.split("/")[2:]),
        _fields(query),
        _fields(form.decode("utf-8", "replace")),
        request.headers,
        _cookies(request.headers.get("cookie", "")),
    )


def comes_from_here(asked: Asked) -> bool:
    """Whether a form was sent from one of these pages, or by the person alone; a page of somebody else's may not.

    Browsers say so themselves: by Sec-Fetch-Site, and older ones by Origin.
    """
    site = asked.headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    return asked.headers.get("origin") in (f"http://{asked.host}", f"https://{asked.host}")


def address(parts: Iterable[str], pairs: Pairs = ()) -> str:
    """The address of a page: all that it shows stands in it."""
    path = "/".join(quote(part, safe="") for part in parts)
    text = urlencode([(name, value) for name, value in pairs if value != ""])
    return f"/console/{path}{'?' if text else ''}{text}"


def _fields(text: str) -> Fields:
    try:
        return Fields(parse_qsl(text, keep_blank_values=True, max_num_fields=_MOST_FIELDS))
    except ValueError:
        raise UsageError(f"that are more than {_MOST_FIELDS} fields") from None


def _cookies(text: str) -> Mapping[str, str]:
    """By name; the first of a name, which is the one with the longest path. A browser sends those of all that answers
    at this machine's names, whatever the port: an odd one of another program's spoils none of ours.
    """
    found: dict[str, str] = {}
    for part in text.split(";"):
        name, _, value = part.strip().partition("=")
        found.setdefault(name, value)
    return found
