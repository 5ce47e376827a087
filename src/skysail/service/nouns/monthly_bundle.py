"""Another bundle for what can be given one once a calendar month: buckets and distributions. (Rule from the model; that
months are those of the calendar, and all texts, are inferred.)
"""

from __future__ import annotations

from skysail.service.context import Context
from skysail.service.refusals import invalid, wrong_state
from skysail.service.resources import Resource
from skysail.service.times import month_after
from skysail.store.base import Due


def change(context: Context, changed: Resource, bundle_id: str, month_over: str) -> None:
    """Give it the bundle, and no other before the step `month_over`. Saves it.

    Raises InvalidInputException: it has that bundle already, or was given another one this month.
    """
    noun = changed.row.kind.lower()
    if changed.document.get("bundleId") == bundle_id:
        raise invalid(f"The {noun} already has the specified bundle: {bundle_id}")
    if not changed.document.get("ableToUpdateBundle", True):
        raise wrong_state(f"You can only update the bundle of a {noun} once per monthly billing cycle: {changed.name}")
    changed.document |= {"bundleId": bundle_id, "ableToUpdateBundle": False}
    context.resources.save(changed)
    context.resources.later(changed, month_over, month_after(context.now) - context.now)


def begin_month(context: Context, kind: str, due: Due) -> None:
    """Its bundle can be changed again."""
    changed = context.resources.get(kind, due.name)
    changed.document["ableToUpdateBundle"] = True
    context.resources.save(changed)
