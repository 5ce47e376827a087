"""The times at which a database is backed up and maintained: a daily and a weekly window, in UTC.

Forms, the shortest window and that the two are apart: the model's; days are shown in small letters (seen). What is said
of bad ones is RDS's, inferred for Lightsail.
"""

from __future__ import annotations

import re

from skysail.service.identity import hex_digits
from skysail.service.refusals import invalid

SHORTEST_MIN = 30
DAY_MIN, WEEK_MIN = 1440, 7 * 1440
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_EPOCH_MIN = 3 * DAY_MIN
"""1970 began on a Thursday."""
_CLOCK = r"([01]\d|2[0-3]):([0-5]\d)"
_DAILY = re.compile(rf"{_CLOCK}-{_CLOCK}", re.ASCII)
_WEEKLY = re.compile(rf"({'|'.join(_DAYS)}):{_CLOCK}-({'|'.join(_DAYS)}):{_CLOCK}", re.ASCII)

# The hour (UTC) at which a region's block of 8 hours begins, out of which a window is drawn (source: RDS's user guide).
_BLOCKS = {
    "us-west-2": 6,
    "ca-central-1": 3,
    "eu-central-1": 20,
    "eu-north-1": 23,
    "eu-west-1": 22,
    "eu-west-2": 22,
    "eu-west-3": 7,
    "ap-northeast-1": 13,
    "ap-northeast-2": 13,
    "ap-south-1": 16,
    "ap-southeast-1": 14,
    "ap-southeast-2": 12,
    "ap-southeast-3": 8,
}
_USUAL_BLOCK = 3


def backup(text: str) -> str:
    """A daily window as it is kept. Raises InvalidInputException."""
    match = _DAILY.fullmatch(text)
    if not match:
        raise invalid(f"Invalid backup window format: Should be specified as a range hh24:mi-hh24:mi: {text}")
    if _daily(text)[1] < SHORTEST_MIN:
        raise invalid(f"The backup window must be at least {SHORTEST_MIN} minutes: {text}")
    return text


def maintenance(text: str) -> str:
    """A weekly window as it is kept. Raises InvalidInputException."""
    small = text.lower()
    if not _WEEKLY.fullmatch(small):
        raise invalid(
            f"Invalid maintenance window format: Should be specified as a range ddd:hh24:mi-ddd:hh24:mi: {text}"
        )
    length = _weekly(small)[1]
    if not SHORTEST_MIN <= length < DAY_MIN:
        raise invalid(f"The maintenance window must be at least {SHORTEST_MIN} minutes and less than a day: {text}")
    return small


def check_apart(daily: str, weekly: str) -> None:
    """Raises InvalidInputException: they overlap."""
    if _overlap(daily, weekly):
        raise invalid("The backup window and maintenance window must not overlap.")


def completed(region: str, resource_id: str, daily: str | None, weekly: str | None) -> tuple[str, str]:
    """Both windows: a missing one is drawn from the region's block, and moved on until it is apart from the other.

    Raises InvalidInputException: both are given and overlap, or the one leaves no place for the other.
    """
    if daily is None:
        start = _drawn(region, resource_id, "backup window")
        drawn = (_clocks(start + later) for later in range(DAY_MIN))
        daily = next((one for one in drawn if weekly is None or not _overlap(one, weekly)), _clocks(start))
    if weekly is None:
        day = int(hex_digits(resource_id, "maintenance day", 8), 16) % 7
        start = day * DAY_MIN + _drawn(region, resource_id, "maintenance window")
        drawn = (_written(start + later) for later in range(DAY_MIN))
        weekly = next((one for one in drawn if not _overlap(daily, one)), _written(start))
    check_apart(daily, weekly)
    return daily, weekly


def next_maintenance(weekly: str, now: float) -> float:
    """When the window begins next; seconds since 1970."""
    minute = (now // 60 + _EPOCH_MIN) % WEEK_MIN
    ahead = (_weekly(weekly)[0] - minute) % WEEK_MIN or WEEK_MIN
    return (now // 60 + ahead) * 60


def backup_at(daily: str, day: int) -> float:
    """When the window begins on a day, counted since 1970; seconds since 1970."""
    return (day * DAY_MIN + _daily(daily)[0]) * 60.0


def length_s(daily: str) -> float:
    return _daily(daily)[1] * 60.0


def _daily(text: str) -> tuple[int, int]:
    """The minute of the day at which it begins, and how many it has."""
    hour, minute, to_hour, to_minute = map(int, _DAILY.fullmatch(text).groups())  # type: ignore[union-attr]
    start = hour * 60 + minute
    return start, (to_hour * 60 + to_minute - start) % DAY_MIN


def _weekly(text: str) -> tuple[int, int]:
    """The minute of the week at which it begins, and how many it has."""
    day, hour, minute, to_day, to_hour, to_minute = _WEEKLY.fullmatch(text).groups()  # type: ignore[union-attr]
    start = _DAYS.index(day) * DAY_MIN + int(hour) * 60 + int(minute)
    return start, (_DAYS.index(to_day) * DAY_MIN + int(to_hour) * 60 + int(to_minute) - start) % WEEK_MIN


def _overlap(daily: str, weekly: str) -> bool:
    start, length = _daily(daily)
    other, other_length = _weekly(weekly)
    return any(
        (other - (day * DAY_MIN + start)) % WEEK_MIN < length
        or (day * DAY_MIN + start - other) % WEEK_MIN < other_length
        for day in range(7)
    )


def _drawn(region: str, resource_id: str, what: str) -> int:
    """A minute of the day at which a window of the shortest length begins."""
    block = _BLOCKS.get(region, _USUAL_BLOCK) * 60
    return (block + int(hex_digits(resource_id, what, 8), 16) % (8 * 60 - SHORTEST_MIN + 1)) % DAY_MIN


def _clocks(start: int) -> str:
    return f"{_clock(start)}-{_clock(start + SHORTEST_MIN)}"


def _written(start: int) -> str:
    return "-".join(f"{_DAYS[minute // DAY_MIN % 7]}:{_clock(minute)}" for minute in (start, start + SHORTEST_MIN))


def _clock(minute: int) -> str:
    return f"{minute % DAY_MIN // 60:02d}:{minute % 60:02d}"
