"""What somebody may have meant: the known words nearest to an unknown one."""

from __future__ import annotations

from collections.abc import Iterable


def nearest(word: str, known: Iterable[str], count: int = 3) -> list[str]:
    """Up to `count` of the known words, the nearest first; case and separators do not count."""
    # Late: nobody needs it who makes no mistake.
    from difflib import get_close_matches

    spellings: dict[str, str] = {}
    for name in known:
        spellings.setdefault(bare(name), name)
    wanted = bare(word)
    close = get_close_matches(wanted, spellings, count, cutoff=0.6)
    if len(wanted) >= 3:  # a piece of a longer name, or of a dotted path
        close += [spelling for spelling in spellings if wanted in spelling and spelling not in close]
    return [spellings[spelling] for spelling in close[:count]]


def bare(name: str) -> str:
    """A name without what spellings differ in: GetInstances, get-instances and get_instances are one."""
    return name.lower().replace("-", "").replace("_", "")


def did_you_mean(word: str, known: Iterable[str], count: int = 3) -> str | None:
    """The question to ask, or None where nothing is near."""
    found = nearest(word, known, count)
    return f"did you mean {spoken(found)}?" if found else None


def spoken(words: Iterable[str], link: str = "or") -> str:
    """a, b or c"""
    *others, last = words
    return f"{', '.join(others)} {link} {last}" if others else last
