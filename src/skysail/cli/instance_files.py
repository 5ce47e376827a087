"""Files that hold what `aws lightsail get-instances` printed: JSON documents, one behind the other, of any size.

A listing's instances are read one by one, so a file may be larger than the memory. Where one instance ends is told by
how the last one ended and the next began: text of that kind is looked for, and what stands before it is an instance if
it reads as one. Where that does not help, JSON is parsed to see.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Generator, Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, NoReturn

from skysail.service.importing import Found, Refusal, Where, instances_in
from skysail.service.ready_instances import ready

_SPACE = re.compile(rb"[ \t\r\n]*")
_SPACE_OR_MARK = re.compile(rb"(?:[ \t\r\n]|\xef\xbb\xbf)*")  # byte order marks: where files were joined
_LISTING = re.compile(rb'\{[ \t\r\n]*"instances"[ \t\r\n]*:[ \t\r\n]*\[|\[')
_FIRST_MEMBER = re.compile(rb'\{[ \t\r\n]*"[^"\\]*"[ \t\r\n]*:')
_COMMA = re.compile(rb"[ \t\r\n]*,[ \t\r\n]*")

_AT_ONCE = 1_048_576
"""Bytes that are read at once. A sixteenth of it is there before an instance is looked for, so that nearly every one is
seen whole, and a sixteenth of that is parsed first to see where a value ends.
"""
_LONGEST_TOKEN = 16
"""Bytes at the end of a part of JSON in which an error may come of its being a part."""
_GUESSES = 4


def files_in(paths: Iterable[Path]) -> list[Path]:
    """The files that paths name: a folder's are its *.json and *.jsonl, by name. Raises OSError."""
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = (file for file in path.iterdir() if file.suffix in (".json", ".jsonl") and file.is_file())
            found += sorted(inside, key=lambda file: _natural(file.name))
        else:
            found.append(path)
    return found


def read(path: Path, at_once: int = _AT_ONCE) -> Iterator[Found | Refusal]:
    """The instances in a file, in its order, up to what in it is not JSON, which comes last. Raises OSError."""
    with path.open("rb") as file:
        try:
            yield from _Reading(str(path), file, at_once).documents()
        except _Unreadable as error:
            yield error.refusal


class _Unreadable(Exception):
    """What is not JSON: where, and why."""

    def __init__(self, where: Where, why: str) -> None:
        self.refusal = Refusal(where, None, why)


class _Value(NamedTuple):
    """A JSON value, and its bytes."""

    value: Any
    raw: bytes


class _Guess(NamedTuple):
    """How one instance is thought to end and the next to begin: `text`, of which `gap` bytes are between the two.

    `break_at` is where in it a line ends, if the instances have a line each; else it is -1.
    """

    text: bytes
    gap: int
    break_at: int

    def end_of(self, text: bytes, behind: int) -> int:
        """Where in a text such an instance ends, the last byte of it, behind that byte; -1 for nowhere."""
        if self.break_at < 0:
            return text.find(self.text, behind + 1)
        end = text.find(b"\n", behind + self.break_at + 1) - self.break_at  # one byte is found much faster than many
        return end if end > behind and text.startswith(self.text, end) else -1


class _Reading:
    """A file that is being read: `_text` is the part of it that is here, `_at` is how far that was read."""

    def __init__(self, path: str, file: BinaryIO, at_once: int) -> None:
        self._path = path
        self._file = file
        self._at_once = at_once
        self._ahead = at_once // 16
        self._text = b""
        self._at = 0
        self._is_all = False
        self._bytes_before = 0
        self._line = 1
        self._line_begins = 0
        """Where this line begins in `_text`; `_characters_before` of it are gone already."""
        self._characters_before = 0
        self._last_begun = 1
        """The line on which the last document begins that could be read."""

    # --- what is in it ------------------------------------------------------------------------------------

    def documents(self) -> Iterator[Found | Refusal]:
        is_empty = True
        while self._has_more(_SPACE_OR_MARK):
            is_empty = False
            where = Where(self._path, self._line)
            last = b""
            if opening := _LISTING.match(self._text, self._at):
                self._move(opening.end())
                yield from self._listed(where, is_page=opening[0] != b"[")
            else:
                one = self._value()
                last = one.raw
                instance = ready(last, False)
                yield from [Found(where, None, instance)] if instance else instances_in(one.value, where)
            self._last_begun = where.line or 1
            if guess := self._guess(last, _SPACE_OR_MARK):
                yield from self._alike(guess)
        if is_empty:
            yield Refusal(Where(self._path), None, "it is empty")

    def _listed(self, where: Where, is_page: bool) -> Iterator[Found]:
        """The instances of a list whose bracket was read, and what is behind it in a page."""
        count = 0
        self._has_more(_SPACE)
        while count or not self._is_next(b"]"):
            count += 1
            one = self._value()
            instance = ready(one.raw, True)
            yield Found(where._replace(instance=count), None if instance else one.value, instance)
            if guess := self._guess(one.raw, _COMMA):
                count = yield from self._alike(guess, where, count)
                continue
            self._has_more(_SPACE)
            if not self._is_next(b","):
                break
            self._move(self._at + 1)
            self._has_more(_SPACE)
        self._expect(b"]")
        if is_page:
            self._has_more(_SPACE)
            if self._is_next(b","):
                self._rest_of_page(where)
            else:
                self._expect(b"}")

    def _rest_of_page(self, where: Where) -> None:
        """What a page has behind its instances, from the comma on."""
        self._move(self._at + 1)
        self._has_more(_SPACE)
        if self._is_next(b"}"):
            raise self._not_json("Expecting property name enclosed in double quotes", "", 0)
        if "instances" in self._value(within=b"{").value:
            raise _Unreadable(where, "it has its instances twice")

    def _alike(self, guess: _Guess, listing: Where | None = None, count: int = 0) -> Generator[Found, None, int]:
        """The instances that follow in the same way, as long as they do and are ready; gives the last one's number."""
        self._move(self._at + guess.gap)
        while True:
            if len(self._text) - self._at < self._ahead:
                self._fill(self._ahead)
            instance, end = None, self._at
            for _ in range(_GUESSES):
                end = guess.end_of(self._text, end)
                if end < 0 or (instance := ready(self._text[self._at : end + 1], listing is not None)):
                    break
            if instance is None:
                return count
            count += 1
            if listing is None:
                self._last_begun = self._line
                yield Found(Where(self._path, self._line), None, instance)
            else:
                yield Found(Where(self._path, listing.line, count), None, instance)
            self._move(end + 1 + guess.gap, end if guess.break_at > 0 else None)

    def _guess(self, last: bytes, between: re.Pattern[bytes]) -> _Guess | None:
        """By how the value `last` ended that was just read, and by how the next one begins."""
        is_line = b"\n" not in last
        gap = between.match(self._text, self._at)
        begun = gap and _FIRST_MEMBER.match(self._text, gap.end())
        if gap is None or begun is None or self._text[self._at - 1 : self._at] != b"}":
            return None
        text = self._text[self._at - 1 : begun.end()]
        return _Guess(text, len(gap[0]), text.find(b"\n") if is_line else -1)

    # --- one value ----------------------------------------------------------------------------------------

    def _value(self, within: bytes = b"") -> _Value:
        """The value that begins here; `within` is a beginning of it that was read before. Raises _Unreadable."""
        look = self._ahead // 16
        while True:
            self._fill(look)
            part = within + self._text[self._at : self._at + look]
            is_all = self._is_all and self._at + look >= len(self._text)
            text, not_utf8 = self._decoded(part, is_all, len(within))
            try:
                value, end = _DECODER.raw_decode(text)
            except _NoNumber as error:
                raise self._not_json(f"{error} is not JSON", "", 0) from None
            except json.JSONDecodeError as error:
                if not_utf8:
                    raise not_utf8 from None
                if is_all or not _may_be_cut(error):
                    raise self._not_json(error.msg, text[len(within) :], error.pos - len(within)) from None
            except RecursionError:
                why = f"the JSON behind line {self._last_begun} is nested too deeply"
                raise _Unreadable(Where(self._path), why) from None
            except ValueError as error:
                raise _Unreadable(Where(self._path, self._line), f"it cannot be read: {error}") from None
            else:
                if end < len(text) or is_all:
                    raw = part[len(within) : len(text[:end].encode())]
                    self._move(self._at + len(raw))
                    return _Value(value, raw)
            look *= 2

    def _decoded(self, part: bytes, is_all: bool, before: int) -> tuple[str, _Unreadable | None]:
        """A part as text, of which so many bytes stand before it; and what is wrong with what comes behind that."""
        try:
            return codecs.utf_8_decode(part, "strict", is_all)[0], None
        except UnicodeDecodeError as error:
            at = self._bytes_before + self._at - before + error.start
            return part[: error.start].decode(), _Unreadable(Where(self._path), f"it is not UTF-8 (byte {at})")

    def _not_json(self, why: str, text: str, at: int) -> _Unreadable:
        line = self._line + text.count("\n", 0, at)
        column = at - text.rfind("\n", 0, at)
        if line == self._line:
            column = self._characters_before + _characters(self._text[self._line_begins : self._at]) + at + 1
        return _Unreadable(Where(self._path, line), f"not JSON: {why} (column {column})")

    # --- the text -----------------------------------------------------------------------------------------

    def _has_more(self, space: re.Pattern[bytes]) -> bool:
        """Go behind white space; whether there is anything."""
        while True:
            found = space.match(self._text, self._at)
            if found:
                self._move(found.end())
            if self._is_all or len(self._text) - self._at >= self._ahead:
                return self._at < len(self._text)
            self._fill(self._ahead)

    def _is_next(self, mark: bytes) -> bool:
        return self._text.startswith(mark, self._at)

    def _expect(self, mark: bytes) -> None:
        if not self._is_next(mark):
            raise self._not_json("Expecting ',' delimiter", "", 0)
        self._move(self._at + 1)

    def _move(self, to: int, line_end: int | None = None) -> None:
        """Go on; with `line_end`, no line ends before that."""
        from_ = self._at if line_end is None else line_end
        lines = self._text.count(b"\n", from_, to)
        if lines:
            self._line += lines
            self._line_begins = self._text.rfind(b"\n", from_, to) + 1
            self._characters_before = 0
        self._at = to

    def _fill(self, ahead: int) -> None:
        """See that so many bytes are there behind what was read, or all that there are."""
        here = len(self._text) - self._at
        if self._is_all or here >= ahead:
            return
        self._characters_before += _characters(self._text[self._line_begins : self._at])
        self._bytes_before += self._at
        wanted = max(self._at_once, ahead - here)
        more = self._file.read(wanted)
        self._is_all = len(more) < wanted
        self._text = self._text[self._at :] + more
        self._at = self._line_begins = 0


class _NoNumber(ValueError):
    """NaN and its kin, which Python's parser would take."""


def _no_number(name: str) -> NoReturn:
    raise _NoNumber(name)


_DECODER = json.JSONDecoder(parse_constant=_no_number)


def _may_be_cut(error: json.JSONDecodeError) -> bool:
    """Whether the text could be right, if only it went on."""
    return error.pos >= len(error.doc) - _LONGEST_TOKEN or error.msg.startswith("Unterminated string")


def _characters(text: bytes) -> int:
    return len(text.translate(None, bytes(range(0x80, 0xC0))))


def _natural(name: str) -> list[tuple[int, str]]:
    """An order in which page 10 comes behind page 9."""
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d+)", name)]
