"""Where in a store there is anything, found by leaps: as many looks as there are places, however full each is."""

from __future__ import annotations

from collections.abc import Iterator

from skysail.store.base import Place, Row, Transaction

_LAST = "\U0010ffff"
"""Behind every name, and behind every region."""


def accounts(transaction: Transaction) -> Iterator[str]:
    """The accounts that have anything, in their order."""
    account = ""
    while (found := _behind(transaction, Place(account, _LAST))) is not None:
        account = found.account
        yield account


def regions(transaction: Transaction, account: str) -> Iterator[str]:
    """The regions in which an account has anything, in their order."""
    region = ""
    while (found := _behind(transaction, Place(account, region))) is not None and found.account == account:
        region = found.region
        yield region


def _behind(transaction: Transaction, place: Place) -> Place | None:
    """The first place behind all that is in this one."""
    last = Row(place, "", _LAST, "", 0, b"", name_space=_LAST)
    found = transaction.every_row(last, 1)
    return found[0].place if found else None
