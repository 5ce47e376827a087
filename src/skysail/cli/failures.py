"""What the command line tells when it cannot go on: one line of where, what and why — then what to do.

A `Trouble` is all that there is to tell, with the exit status; `as_line` and `as_json` are its two looks. Nothing here
prints, and what skysail and botocore raise is turned into troubles elsewhere (`explanations.py`).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import IntEnum


class Status(IntEnum):
    """Exit statuses, the same for all commands."""

    DONE = 0
    REFUSED = 1
    WRONG_USAGE = 2
    PARTIAL = 3
    NOT_AS_ASKED = 4  # by --fail and --fail-empty
    NO_CONNECTION = 5
    INTERRUPTED = 130


MEANINGS = {
    Status.DONE: "done; also where nothing was found",
    Status.REFUSED: "the service, or skysail, said no; of diff: something differs",
    Status.WRONG_USAGE: "the command line is not as it can be, or something that it needs is missing here",
    Status.PARTIAL: "some places answered and some failed, or some of what was to be done is done",
    Status.NOT_AS_ASKED: "what --fail looks for is there; by --fail-empty, nothing is",
    Status.NO_CONNECTION: "nothing answered at that address",
    Status.INTERRUPTED: "stopped by Ctrl-C, or by an answer that was no yes",
}
"""What an exit status says, for the documents. `ssh` has that of the program it runs."""


TOLD_APART = frozenset(
    {
        "AccessDeniedException",
        "AccountSetupInProgressException",
        "ExpiredTokenException",
        "IncompleteSignatureException",
        "InvalidInputException",
        "InvalidSignatureException",
        "MissingAuthenticationTokenException",
        "NotFoundException",
        "NotImplementedException",
        "OperationFailureException",
        "RegionSetupInProgressException",
        "RequestEntityTooLargeException",
        "SerializationException",
        "ServiceException",
        "ServiceUnavailableException",
        "ThrottlingException",
        "UnauthenticatedException",
        "UnknownOperationException",
        "UnrecognizedClientException",
    }
)
"""The service's refusals that docs/errors.md has a section for; all others are its ServiceError."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """What went wrong: `what` tells what and why, `remedy` what to do, `place` where; code and request are AWS's, and
    `error` is the class of errors.py that is behind it.
    """

    what: str
    remedy: str | None = None
    status: Status = Status.REFUSED
    place: str | None = None
    code: str | None = None
    request_id: str | None = None
    error: str | None = None

    @property
    def section(self) -> str:
        """Where the documents have cause and remedy."""
        refusal = self.code if self.code in TOLD_APART else self.code and "ServiceError"
        return f"docs/errors.md#{(self.error or refusal or f'status-{self.status:d}').lower()}"


class CommandError(Exception):
    """A command cannot go on; `trouble` is for the user."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(trouble.what)
        self.trouble = trouble


def wrong_usage(what: str, remedy: str | None = None) -> CommandError:
    return CommandError(Trouble(what, remedy, Status.WRONG_USAGE))


def as_line(trouble: Trouble, *, colour: bool = False, verbose: bool = False) -> str:
    """error: where: what — what to do; verbose, with AWS's code, the request's id and the documents behind what."""
    where = f"{trouble.place}: " if trouble.place else ""
    word = f"{_RED}error:{_END}" if colour else "error:"
    return f"{word} {where}{reason(trouble, colour=colour, verbose=verbose)}"


def reason(trouble: Trouble, *, colour: bool = False, verbose: bool = False) -> str:
    """what — what to do"""
    known = [trouble.code, trouble.request_id and f"request {trouble.request_id}", trouble.section]
    named = f" ({', '.join(filter(None, known))})" if verbose else ""
    return f"{one_line(trouble.what)}{named}{_advised(trouble.remedy, colour)}"


def notice(line: str, *, colour: bool = False) -> str:
    """What is no error, with its first word in yellow, and in bold what to do."""
    if not colour:
        return line
    word, _, rest = line.partition(" ")
    told, _, remedy = rest.partition(" — ")
    return f"{_YELLOW}{word}{_END} {told}{_advised(remedy, colour)}"


def _advised(remedy: str | None, colour: bool) -> str:
    if not remedy:
        return ""
    return f" — {_BOLD}{remedy}{_END}" if colour else f" — {remedy}"


_RED, _YELLOW, _BOLD, _END = "\x1b[31m", "\x1b[33m", "\x1b[1m", "\x1b[0m"


def as_json(trouble: Trouble) -> str:
    """The same for a program, as one JSON object on one line; members without a value are left out."""
    members = {
        "code": trouble.code or trouble.status.name,
        "message": one_line(trouble.what),
        "hint": trouble.remedy,
        "requestId": trouble.request_id,
        "place": trouble.place,
    }
    return json.dumps({"error": {name: value for name, value in members.items() if value}}, ensure_ascii=False)


def one_line(text: str) -> str:
    return " ".join(text.split())
