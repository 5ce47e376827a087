"""One account's region into a store: page by page, each in a transaction together with how far it has come.

So a copy can be killed at any time, and goes on. What a pass does not find any more goes from the store with the
listing's last page. A pass during which something was done at the source, as its journal tells, is followed by another.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from skysail.caller.sync import Client
from skysail.errors import ServiceError, StoreError
from skysail.mirroring.reads import JOURNAL, LISTINGS, REGIONS, Item, Listing, asked_in, is_asked_of, page, pages
from skysail.mirroring.tying import keep, ties
from skysail.mirroring.wire import wire
from skysail.protocol.ready import ready
from skysail.service.catalogue import MIRRORED
from skysail.store.base import Conflict, Place, Row, Store, Transaction

MOST_PASSES = 3
_ATTEMPTS = 20
_AT_ONCE = 500
_MARK = "mirrored"
"""Member of a row's private data: in which pass it was last seen."""
_ARN = re.compile(r"arn:[^:]+:lightsail:[^:]*:(?P<account>\d{12}):[^/]+/(?P<id>.+)")
SKIPPED = frozenset({"AccessDeniedException", "NotImplementedException", "UnauthenticatedException"})
"""What an account may not list, or a service does not have, is left out, and said."""


class Progress(msgspec.Struct):
    """How far the copy of one account's region has come, as it is kept in the store."""

    mark: int = 0
    head: str | None = None
    """The source's journal when the pass began."""
    done: list[str] = []
    """Operations that are listed to the end."""
    token: str | None = None
    """Goes on in the listing behind those."""
    account: str | None = None
    is_under_way: bool = False


class Copied(msgspec.Struct):
    """What became of one: resources by kind, what was left out and why, and whether the source stood still."""

    counts: Counter[str] = msgspec.field(default_factory=Counter)
    added: int = 0
    changed: int = 0
    removed: int = 0
    skipped: dict[str, str] = {}
    passes: int = 0
    is_settled: bool = False
    was_resumed: bool = False


class Copy:
    """`label` tells whose region it is, among those in the store."""

    def __init__(self, client: Client, store: Store, label: str, region: str) -> None:
        self._client = client
        self._store = store
        self._region = region
        self._setting = f"mirror {label} {region}"
        self._progress = self._kept()
        self._copied = Copied(was_resumed=self._progress.is_under_way)

    def run(self) -> Copied:
        """Passes until the source has stood still for one, three at most. Raises what the client does, StoreError."""
        while self._copied.passes < MOST_PASSES and not self._copied.is_settled:
            if not self._progress.is_under_way:
                self._begin()
            self._pass()
            self._copied.passes += 1
        return self._copied

    def _begin(self) -> None:
        before = self._progress
        self._progress = Progress(before.mark + 1, self._head(), account=before.account, is_under_way=True)
        self._write(lambda transaction: None)

    def _pass(self) -> None:
        self._catalogue()
        for listing in asked_in(self._region):
            if not listing.catalogue and listing.operation not in self._progress.done:
                try:
                    self._list_all_of(listing) if listing.of else self._list(listing)
                except ServiceError as error:
                    if error.kind not in SKIPPED:
                        raise
                    self._copied.skipped[listing.operation] = error.kind
        self._progress.is_under_way = False
        self._write(self._tie)
        self._copied.is_settled = self._head() == self._progress.head

    def _list(self, listing: Listing) -> None:
        """A listing from where it has come to, in pages."""
        while True:
            found = page(self._client, listing, self._progress.token)
            self._progress.token = found.token
            self._take(found.items, listing, is_last=found.token is None)
            if found.token is None:
                return

    def _list_all_of(self, listing: Listing) -> None:
        """A listing that each of some resources has: all anew after a break."""
        items = []
        for kind in listing.of:
            for row in self._rows(kind):
                if is_asked_of(listing, kind, msgspec.json.decode(row.document)):
                    items += [item for found in pages(self._client, listing, row.name) for item in found.items]
        self._take(items, listing, is_last=True)

    def _take(self, items: list[Item], listing: Listing, *, is_last: bool) -> None:
        before = msgspec.structs.replace(self._progress)
        if is_last:
            self._progress.done = [*before.done, listing.operation]
        told = Counter[str]()

        def put(transaction: Transaction) -> None:
            told.clear()
            if listing.kept_with:
                self._put_with_others(transaction, listing, items)
                return
            for row in self._numbered(items):
                told[self._put(transaction, row)] += 1
            if is_last:
                told["removed"] += self._remove_others(transaction, listing.kind)

        self._write(put)
        if self._copied.passes == 0:
            self._copied.counts[listing.kind] += len(items)
        self._copied.added += told["added"]
        self._copied.changed += told["changed"]
        self._copied.removed += told["removed"]

    def _numbered(self, items: list[Item]) -> Iterator[Row]:
        """Rows in the source's order: by when they were made, and among those of one millisecond as they came."""
        last, repeated = None, 0
        for item in items:
            made = item.document.get("createdAt", 0)
            repeated = repeated + 1 if made == last else 0
            last = made
            arn = _ARN.fullmatch(str(item.document.get("arn") or item.document.get("certificateArn") or ""))
            if arn is None:
                raise StoreError(f"{item.listing.kind} {item.name} has no ARN that tells its account")
            self._progress.account = arn["account"]
            yield Row(
                Place(arn["account"], self._region),
                item.listing.kind,
                item.name,
                arn["id"],
                int(made * 1_000) * 1_000 + max(0, 999 - repeated),
                msgspec.json.encode(item.document),
                msgspec.json.encode(item.aside),
                name_space=item.listing.name_space,
            )

    def _put(self, transaction: Transaction, row: Row) -> str:
        """Gives what became of it: added, changed, same."""
        there = transaction.get(row.place, row.name, row.name_space)
        if there is None or (there.id, there.kind) != (row.id, row.kind):
            if there is not None:
                transaction.unschedule(there.id)
                transaction.delete(there)
            row.private = self._marked(msgspec.json.decode(row.private))
            transaction.insert([row])
            return "added" if there is None else "changed"
        kept, aside = msgspec.json.decode(there.private), msgspec.json.decode(row.private)
        is_same = there.document == row.document and {**kept, **aside} == kept
        if not is_same:
            transaction.unschedule(there.id)  # what was to become of it here, if somebody has worked with the copy
        there.document, there.private = row.document, self._marked({**kept, **aside})
        transaction.update(there)
        return "same" if is_same else "changed"

    def _marked(self, private: dict[str, Any]) -> bytes:
        return msgspec.json.encode({**private, _MARK: self._progress.mark})

    def _put_with_others(self, transaction: Transaction, listing: Listing, items: list[Item]) -> None:
        found: dict[str, list[dict[str, Any]]] = {}
        for item in items:
            found.setdefault(item.of or "", []).append({**item.document, **listing.beside})
        for kind in listing.of:
            for row in self._rows(kind, transaction):
                keep(transaction, row, {listing.kept_with: found.get(row.name)})

    def _tie(self, transaction: Transaction) -> None:
        """What one resource keeps of another: known once all are here."""
        for row, known in ties(lambda kind: self._rows(kind, transaction)):
            keep(transaction, row, known)

    def _remove_others(self, transaction: Transaction, kind: str) -> int:
        """What this pass has not seen is not there any more."""
        gone = [
            row
            for row in self._rows(kind, transaction)
            if msgspec.json.decode(row.private).get(_MARK) != self._progress.mark
        ]
        for row in gone:
            transaction.unschedule(row.id)
            transaction.delete(row)
        return len(gone)

    def _rows(self, kind: str, transaction: Transaction | None = None) -> list[Row]:
        """All of a kind that the store has of the account."""
        if self._progress.account is None:
            return []
        if transaction is None:
            with self._store.begin(write=False) as reading:
                return self._rows(kind, reading)
        place, rows, after = Place(self._progress.account, self._region), list[Row](), None
        while found := transaction.page(place, kind, after, _AT_ONCE):
            rows += found
            after = found[-1].position
        return rows

    def _catalogue(self) -> None:
        """What can be ordered in the region; the whole of it where it may be read."""
        found: dict[str, Any] = {}
        for listing in (*(one for one in LISTINGS if one.catalogue), REGIONS):
            try:
                entries = [item.document for each in pages(self._client, listing) for item in each.items]
                found[listing.kept_as or listing.member] = entries
            except ServiceError as error:
                if error.kind not in SKIPPED:
                    raise
                self._copied.skipped[listing.operation] = error.kind

        def put(transaction: Transaction) -> None:
            kept = msgspec.json.decode(transaction.setting(MIRRORED) or b"{}")
            if regions := found.pop("regions", None):
                kept["regions"] = regions
            kept.setdefault("in", {})[self._region] = found
            transaction.set_setting(MIRRORED, msgspec.json.encode(kept))

        self._write(put)

    def _head(self) -> str:
        """The beginning of the source's journal: it changes with whatever is done there."""
        try:
            newest = self._client.get_operations()["operations"]
        except ServiceError as error:
            if error.kind not in SKIPPED:
                raise
            self._copied.skipped[JOURNAL] = error.kind
            return ""
        told = [(entry["id"], entry.get("status"), wire(entry.get("statusChangedAt"))) for entry in newest]
        return msgspec.json.encode(told).decode()

    def _kept(self) -> Progress:
        with self._store.begin(write=False) as transaction:
            kept = transaction.setting(self._setting)
        return Progress() if kept is None else msgspec.json.decode(kept, type=Progress)

    def _write(self, put: Callable[[Transaction], None]) -> None:
        """Do it, and keep how far the copy has come, in one transaction."""
        for _ in range(_ATTEMPTS):
            try:
                with self._store.begin(write=True) as transaction:
                    put(transaction)
                    transaction.set_setting(self._setting, msgspec.json.encode(self._progress))
                return
            except Conflict as error:
                last = error
        raise StoreError(f"a page was put into the store {_ATTEMPTS} times, and others came in between: {last}")


ready(Progress)
