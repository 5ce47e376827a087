"""Which line of a program made a call: the innermost frame that is no client's, paginator's or event loop's.

A walk up the stack takes some microseconds, so it is made where it is worth that alone. A call that goes on in a thread
of ours takes its place along.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from types import FrameType
from typing import Any, NamedTuple, TypeVar

Done = TypeVar("Done")


class CallSite(NamedTuple):
    """`is_limited`: the call is a paginator's that was told at how many items to stop."""

    file: str
    line: int
    function: str
    is_limited: bool = False

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


_NOT_THE_CALLER = frozenset({
    "aiobotocore", "asyncio", "awscli", "boto3", "botocore", "click", "concurrent", "contextlib", "functools",
    "moto", "s3transfer", "skysail", "threading", "unittest",
})  # fmt: skip
_SERVER = "skysail.serving"
_PAGINATORS = ("botocore.paginate", "aiobotocore.paginate", "skysail.caller.pages", "skysail.caller.async_pages")

_elsewhere: ContextVar[CallSite | None] = ContextVar("skysail_call_site", default=None)


def here() -> CallSite | None:
    """Where the call that goes on was made; None for another process, or a thread that does not tell."""
    frame: FrameType | None = sys._getframe(1)
    is_limited = False
    while frame is not None:
        module = frame.f_globals.get("__name__", "")
        if module.startswith(_SERVER):
            return None
        if module in _PAGINATORS:
            is_limited = is_limited or _stops_early(frame.f_locals)
        if module.partition(".")[0] not in _NOT_THE_CALLER:
            return CallSite(frame.f_code.co_filename, frame.f_lineno, frame.f_code.co_name, is_limited)
        frame = frame.f_back
    return _elsewhere.get()


def told(site: CallSite | None, function: Callable[..., Done], *arguments: Any) -> Done:
    """Call it as if from there: for the first function of a thread, in a context of its own."""
    _elsewhere.set(site)
    return function(*arguments)


def _stops_early(paginators: Mapping[str, Any]) -> bool:
    """By what a paginator's frame knows: botocore's is an object, ours drives a flow that has a plan."""
    if "flow" in paginators:
        flow = getattr(paginators["flow"], "gi_frame", None)
        plan = None if flow is None else flow.f_locals.get("plan")
        return getattr(plan, "max_items", None) is not None
    return getattr(paginators.get("self"), "_max_items", None) is not None
