"""Times as the AWS CLI prints them, and as the service sends them: ISO 8601 text, and seconds since 1970."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from skysail.service.refusals import invalid

# What a datetime can hold: years 1 to 9999.
_FIRST, _LAST = -62_135_596_800, 253_402_300_800


class NoTime(Exception):
    """What is no time, and why."""


def seconds(value: float | str) -> float | int:
    """A time as a number with at most three decimals; a whole one has none. Raises NoTime."""
    if isinstance(value, str):
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            raise NoTime(f"is no ISO 8601 time: {value}") from None
        value = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    if not _FIRST <= value < _LAST:
        raise NoTime(f"is no time: {value}")
    rounded = round(value, 3)
    return int(rounded) if rounded == int(rounded) else rounded


def asked(request: Mapping[str, Any], member: str, otherwise: float | None = None) -> float | int:
    """The time that a request says; `otherwise` where it says none. Raises InvalidInputException: it is no time (text
    inferred).
    """
    if otherwise is not None and request.get(member) is None:
        return otherwise
    try:
        return seconds(request[member])
    except NoTime as error:
        raise invalid(f"{member} {error}") from None


def is_as_stored(number: float) -> bool:
    """Whether `seconds` would leave a number as it is."""
    if isinstance(number, int):
        return _FIRST <= number < _LAST
    return _FIRST <= number < _LAST and round(number, 3) == number and not number.is_integer()


def month_after(moment: float) -> float:
    """When the next calendar month begins, UTC: AWS bills by these."""
    day = datetime.fromtimestamp(moment, UTC)
    year, month = divmod(day.year * 12 + day.month, 12)
    return datetime(year, month + 1, 1, tzinfo=UTC).timestamp()
