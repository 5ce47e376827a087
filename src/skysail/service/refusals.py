"""The ways in which the service says no, with its own words (`code`) for the fault.

Which words are seen and which inferred: NameExists, InvalidParams and UnsupportedOperation are seen in real answers;
DoesNotExist in part; InvalidState and LimitExceeded are inferred.
"""

from __future__ import annotations

from skysail.errors import InvalidInputException


def invalid(message: str) -> InvalidInputException:
    """An argument does not fit."""
    return InvalidInputException.because(message, "InvalidParams")


def wrong_state(message: str) -> InvalidInputException:
    """Not in the state that the resource is in."""
    return InvalidInputException.because(message, "InvalidState")


def not_now(what: str, of: str, state: str, word: str = "state") -> InvalidInputException:
    """The same, in the words that are seen of disks: `what` cannot be done, as the state of `of` is another."""
    return wrong_state(f"You can't {what} right now. The {word} of {of} is: {state}")


def over_quota(message: str) -> InvalidInputException:
    """The account has as many as it may have."""
    return InvalidInputException.because(message, "LimitExceeded")


def unsupported(message: str) -> InvalidInputException:
    """Not here, or not for this kind of resource."""
    return InvalidInputException.because(message, "UnsupportedOperation")
