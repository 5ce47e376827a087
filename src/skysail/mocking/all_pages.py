"""What is said of code that read the first page and lost the rest, and whether mocks look for it by themselves."""

from __future__ import annotations

import linecache
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from skysail.errors import UnreadPagesError
from skysail.service.unread_pages import UnreadPage


@dataclass
class Habit:
    """What holds for mocks that do not say it themselves; a test runner's settings change it."""

    all_pages: bool = False
    page_size: int | None = None


habit = Habit()


def smallest(page_size: int | None, all_pages: bool) -> int | None:
    """How many items a page has: where all are to be read, one, so that two instances have a second page."""
    said = habit.page_size if page_size is None else page_size
    return 1 if all_pages and said is None else said


def must_be_read(pages: Sequence[UnreadPage | Mapping[str, Any]]) -> None:
    """Raises UnreadPagesError, which tells each line that left a page, where there are any."""
    if pages:
        raise UnreadPagesError(complaint(pages))


def complaint(pages: Sequence[UnreadPage | Mapping[str, Any]]) -> str:
    """A text for the author of the code; one line of it is reported once, however often it ran."""
    told = Counter(_told(page) for page in pages)
    head = "an answer" if len(pages) == 1 else f"{len(pages)} answers"
    return "\n".join([
        f"{head} said that there is more, and nobody asked for it: what is on the next pages was lost",
        *(f"  {line}{f'  ({times} times)' if times > 1 else ''}" for line, times in told.items()),
        "read on with answer['nextPageToken'], or all pages with a paginator, as get_paginator('get_instances')",
    ])  # fmt: skip


def _told(page: UnreadPage | Mapping[str, Any]) -> str:
    if not isinstance(page, UnreadPage):  # of a server, which does not know whose code called
        return f"{page['operation']} gave {page['items']} items and a nextPageToken ({page['region']})"
    if page.site is None:
        return f"{page.operation} gave {page.items} items and a nextPageToken ({page.region}), to another process"
    source = linecache.getline(page.site.file, page.site.line).strip()
    return f"{page.site}: {page.operation}, in {page.site.function}" + (f"\n      {source}" if source else "")
