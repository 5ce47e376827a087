"""Applies the changes whose time has come.

Called before a request is handled, in a transaction of its own, so that no handler sees a state that should already
have passed. A change happens at its due time, not at the time of the request, and may schedule another one: changes
are made in order of (due time, resource id) until none is due. No thread waits for anything.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from skysail.service.context import Context
from skysail.service.dispatch import Step
from skysail.store.base import Due, Transaction

AT_ONCE = 500
"""Changes in one transaction. Very many can be due when a clock is moved: others may write in between, and no database
is asked for a larger transaction than it takes. The order is the same, however many transactions there are.
"""


def settle(
    transaction: Transaction, now: float, steps: Mapping[str, Step], context_at: Callable[[Due], Context]
) -> bool:
    """Apply what is due by `now` (seconds since 1970), the first `AT_ONCE` of it; whether that was all."""
    for _ in range(AT_ONCE):
        changes = transaction.take_due(now, 1)  # one by one: each may bring another that comes before the rest
        for due in changes:
            steps[due.step](context_at(due), due)
        if not changes:
            return True
    return False
