"""How long each change of state takes, in seconds, by pace.

`real` follows what was timed of the real service where anybody did (CreateInstance: 17.9 s between Started and
Succeeded in a published get-operation answer); the others are inferred.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

Pace = Literal["instant", "brisk", "real"]
PACES: tuple[Pace, ...] = get_args(Pace)


@dataclass(frozen=True, slots=True)
class Timing:
    create_s: float
    start_s: float
    stop_s: float
    checks_s: float
    """How long an instance's health checks are initializing once it runs."""


TIMINGS: dict[Pace, Timing] = {
    "instant": Timing(create_s=0, start_s=0, stop_s=0, checks_s=0),
    "brisk": Timing(create_s=1.5, start_s=1, stop_s=1, checks_s=2),
    "real": Timing(create_s=18, start_s=18, stop_s=25, checks_s=120),
}
