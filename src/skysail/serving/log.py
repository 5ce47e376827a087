"""A line a request, for those who run the service: what was asked, by whom, how it ended, how long it took.

Nothing of what a caller sent is in it but the method: no query, no header, no body; all else is what the service made
of it. `logs` has the program's own messages, tracebacks too, in the same form, so that a stream of JSON is one.
"""

from __future__ import annotations

import json
import logging
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, Literal

from skysail.protocol.message import Request, Response

Form = Literal["text", "json"]

OUR_PATHS = "/_skysail/"
_UNPRINTABLE = re.compile(r"[^!-~]")
_NOTES = ("id", "operation", "account", "region", "error")


class RequestLog:
    """Writes to a file descriptor, each line at once and as a whole: several processes may share it.

    `now` gives seconds since 1970. Where nobody reads any more, nothing is written any more.
    """

    def __init__(self, form: Form, descriptor: int, now: Callable[[], float]) -> None:
        self._as_line = as_json if form == "json" else as_text
        self._descriptor: int | None = descriptor
        self._now = now

    def watch(self, request: Request, response: Response, seconds: float) -> None:
        if self._descriptor is None:
            return
        line = self._as_line(entry(self._now(), request, response, seconds)).encode() + b"\n"
        try:
            os.write(self._descriptor, line)
        except BlockingIOError:
            pass  # whoever reads is behind: better no line than no answers
        except OSError:
            self._descriptor = None


def entry(now: float, request: Request, response: Response, seconds: float) -> dict[str, Any]:
    """What is told of a request. What is not known is left out: a request without a signature has no account."""
    told: dict[str, Any] = {"time": written(now), "method": request.method}
    told |= {name: response.notes[name] for name in _NOTES if name in response.notes}
    path = request.url.partition("?")[0]
    if "operation" not in told and path.startswith(OUR_PATHS):
        told["path"] = path[:100]
    return told | {"status": response.status, "ms": round(seconds * 1_000, 3), "bytes": len(response.body)}


def as_json(told: dict[str, Any]) -> str:
    return json.dumps(told)


def as_text(told: dict[str, Any]) -> str:
    """Always ten words, "-" where something is not known."""
    words = [
        told["time"],
        told["method"],
        told.get("operation", told.get("path", "-")),
        told["status"],
        *(told.get(name, "-") for name in ("error", "account", "region")),
        f"{told['ms']:.1f}ms",
        f"{told['bytes']}B",
        told.get("id", "-"),
    ]
    return " ".join(_UNPRINTABLE.sub("?", str(word)) for word in words)


def written(now: float) -> str:
    return datetime.fromtimestamp(now, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@contextmanager
def logs(form: Form) -> Iterator[None]:
    """A block in which the program's own messages have that form, on standard error."""
    handler = logging.StreamHandler()
    handler.setFormatter(_JsonForm() if form == "json" else _TextForm())
    logger = logging.getLogger("skysail")
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)


class _TextForm(logging.Formatter):
    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(message)s")

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:
        return written(record.created)


class _JsonForm(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        told = {"time": written(record.created), "level": record.levelname, "message": record.getMessage()}
        if record.exc_info:
            told["traceback"] = self.formatException(record.exc_info)
        return json.dumps(told)
