"""The service: one object that answers requests.

Bytes and headers in, bytes and headers out; sockets, processes and clients in the same process are shells around
`Service.answer`. The order of checks is the real service's: the operation's name, the signature, the body's form, what
is due, the handler.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from itertools import islice
from typing import Any, TypeVar

import msgspec

from skysail.errors import ServiceError, StoreError
from skysail.protocol import codec
from skysail.protocol.message import Manner, Request, Response
from skysail.protocol.model import Operation
from skysail.protocol.sigv4_check import authenticate
from skysail.service import inhabited, sts
from skysail.service.accounts import Accounts
from skysail.service.admin import AT_ONCE, PREFIX, Admin
from skysail.service.calls import Calls
from skysail.service.catalogue import MIRRORED, Catalogue
from skysail.service.clock import Clock
from skysail.service.context import Context
from skysail.service.dispatch import AfterCommit, Answer, Operations
from skysail.service.faults import NOTHING, Faults
from skysail.service.hosts import Hosts
from skysail.service.journal import Journal
from skysail.service.outlook import Outlook
from skysail.service.page_token import PageTokens
from skysail.service.quotas import Quotas
from skysail.service.resources import Resources
from skysail.service.settlement import settle
from skysail.service.timing import TIMINGS, Timing
from skysail.service.unread_pages import UnreadPages
from skysail.store.base import Conflict, Due, Place, Store, Transaction
from skysail.version import VERSION
from skysail.world import World

_LOG = logging.getLogger("skysail.service")

LARGEST_BODY = 1_048_576
"""Bytes. No request of Lightsail's is near it; the real limit is not published."""

_MOST_COUNTED = 1_000
"""How many instances health counts: a million cost no more than these."""
_MOST_ACCOUNTS = 100
"""Of how many accounts is told that they have anything."""
_ATTEMPTS = 8
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.01, 0.5
"""How often a transaction is tried against others, and between which bounds it waits each time, doubling."""


Done = TypeVar("Done")


class Service:
    """Lightsail, on a store. Any number of threads may ask it at once.

    `page_size` overrides the size of all listings that come in pages; a function is asked for each. `hosts` are the
    names that it answers to, where that matters. `clock`, `faults`, `calls` and `unread_pages` are for whoever tests
    with it.
    """

    def __init__(
        self,
        store: Store,
        world: World,
        operations: Operations,
        *,
        accounts: Accounts | None = None,
        catalogue: Catalogue | None = None,
        timing: Timing = TIMINGS["brisk"],
        page_size: int | Callable[[], int] | None = None,
        quotas: Quotas = "none",
        hosts: Hosts | None = None,
    ) -> None:
        self.store = store
        self.world = world
        self.clock = Clock(store, world.now, self._settle)
        self.faults = Faults(store, world)
        self.calls = Calls()
        self.unread_pages = UnreadPages()
        self.accounts = accounts or Accounts()
        self._catalogue_given = catalogue
        self._timing = timing
        self.page_size = page_size
        self._quotas = quotas
        self._hosts = hosts
        self._last_trouble = ""
        self.operations = operations
        self._outlook = Outlook(store, world.now)
        self._admin = Admin(
            self.clock,
            self.faults,
            self.calls,
            self.unread_pages,
            self.reset,
            self._health,
            self._inhabited,
            self._coming,
        )

    @cached_property
    def catalogue(self) -> Catalogue:
        """The recorded one, or, in a mirror's store, its source's. Raises StoreError."""
        if self._catalogue_given is not None:
            return self._catalogue_given
        mirrored = self._despite_conflicts(self._mirrored)
        return Catalogue() if mirrored is None else Catalogue(mirrored=msgspec.json.decode(mirrored))

    def _mirrored(self) -> bytes | None:
        with self.store.begin(write=False) as transaction:
            return transaction.setting(MIRRORED)

    def answer(self, request: Request) -> Response:
        """The response to a request. Refusals are responses too; only a bug raises."""
        response = self._response(request, is_noted=True)
        if not request.target.startswith(PREFIX):
            self.calls.add(self.world.now(), request, response)
        return response

    def look(self, request: Request) -> Response:
        """The same for whoever looks on, such as the console: no fault meets it, and neither the calls nor the unread
        pages tell of it.
        """
        return self._response(request, is_noted=False)

    def _response(self, request: Request, *, is_noted: bool) -> Response:
        notes = {"id": self.world.new_id()}
        for_sts = sts.is_for_sts(request)
        try:
            self.check_host(request.headers.get("host"))
            if request.target.startswith(PREFIX):
                return self._admin.answer(request, lambda: self._may_administer(request))
            response = self._answer_sts(request, notes) if for_sts else self._answer(request, notes, is_noted=is_noted)
        except ServiceError as error:
            notes |= {"error": error.kind, "message": error.message}
            response = (sts.refusal if for_sts else codec.encode_error)(error, notes["id"])
        except StoreError as error:
            trouble = self._store_trouble(error)
            notes |= {"error": trouble.kind, "message": trouble.message}
            response = codec.encode_error(trouble, notes["id"])
        return replace(response, notes=notes)

    def check_host(self, host: str | None) -> None:
        """Raises ServiceError where names matter, and this one is somebody else's."""
        if self._hosts is not None:
            self._hosts.check(host)

    def reset(self, account: str | None = None) -> None:
        """Forget all resources, the journal and what was to come, of one account or all; then faults and calls too."""
        self._despite_conflicts(lambda: self._clear(account))
        if account is None:
            self.faults.clear()
            self.calls.clear()
            self.unread_pages.clear()

    def snapshot(self) -> Callable[[], None]:
        """What brings back all that this service holds now: resources, clock, faults, calls, unread pages.

        In microseconds from a store in memory, in milliseconds from a file. Raises UnsupportedError for a database.
        """
        store, calls, unread = self.store.kept(), self.calls.kept(), self.unread_pages.kept()

        def restore() -> None:
            store()
            self.clock.changed()
            self.faults.changed()
            self._outlook.changed()
            calls()
            unread()

        return restore

    def fill(self, put: Callable[[Transaction], None]) -> None:
        """Put something into the store, in a transaction of its own; `put` may be called again."""
        self._despite_conflicts(lambda: self._fill(put))
        self._outlook.changed()

    def _fill(self, put: Callable[[Transaction], None]) -> None:
        with self.store.begin(write=True) as transaction:
            put(transaction)

    def _clear(self, account: str | None) -> None:
        with self.store.begin(write=True) as transaction:
            transaction.clear(account)

    def manner(self, request: Request) -> Manner:
        """How whoever carries the request best has it answered."""
        if not self.store.is_embedded:
            return "apart"
        if request.target.startswith(PREFIX):
            is_short = request.target in AT_ONCE and request.method in ("GET", "HEAD")
            return "at once" if is_short else "apart"
        manner = self.operations.manner(request)
        if not self.store.flushes:
            return "at once" if manner == "together" else manner
        return "apart" if manner == "at once" and self._is_to_settle() else manner

    def _is_to_settle(self) -> bool:
        """Whether a request that only looks has to write first, or cannot even look."""
        try:
            return self._outlook.is_due(self.clock.now())
        except StoreError:
            return True

    def answer_together(self, requests: Sequence[Request]) -> list[Response]:
        """The responses to several requests, one after the other, with one flush for what they change.

        Each is as if it had come alone; none is known to anybody before all are durable.
        """
        try:
            with self.store.together():
                responses = [self.answer(request) for request in requests]
            self._outlook.changed()
            return responses
        except StoreError as error:
            trouble = self._store_trouble(error)
            return [codec.encode_error(trouble, self.world.new_id()) for _ in requests]

    def _answer_sts(self, request: Request, notes: dict[str, str]) -> Response:
        _check_size(request)
        notes["operation"] = sts.OPERATION
        _, place = self._caller(request, "sts")
        notes |= place._asdict()
        return sts.answer(request, place.account, notes["id"])

    def _answer(self, request: Request, notes: dict[str, str], *, is_noted: bool) -> Response:
        _check_size(request)
        operation = self.operations.named_by(request)
        notes["operation"] = operation.name
        key, place = self._caller(request, "lightsail")
        notes |= place._asdict()
        if self.operations.changes(operation) and not self.accounts.may_change(key):
            raise denied(place.account, key, operation.name)
        meeting = self.faults.meet(operation.name, place) if is_noted else NOTHING
        if meeting.error is not None:
            raise meeting.error
        if meeting.cut == "before":
            return Response(500, {}, b"", is_cut=True)
        arguments = codec.decode_request(operation, request.body)
        answer = self._handle(operation, arguments, place)
        headers = {"content-type": codec.CONTENT_TYPE, "x-amzn-requestid": notes["id"]}
        body = codec.encode_answer(answer)
        if is_noted and meeting.cut is None:
            self.unread_pages.note(operation.name, arguments, answer, place, self.clock.now(), notes["id"])
        return Response(200, headers, body, delay_s=meeting.delay_s, is_cut=meeting.cut is not None)

    def _may_administer(self, request: Request) -> bool:
        """Raises ServiceError: the signature is not good."""
        return self.accounts.is_open or self.accounts.may_administer(self._caller(request, "lightsail")[0])

    def _caller(self, request: Request, service: str) -> tuple[str, Place]:
        """Whose request it is, by access key, and for which account and region. Raises ServiceError.

        Clients sign with the machine's time, whatever the service's is.
        """
        claim = authenticate(
            request,
            now=self.world.now(),
            secret_of=self.accounts.secret_of,
            is_region=self.catalogue.is_region,
            services=(service,),
        )
        return claim.access_key_id, Place(self.accounts.account_of(claim.access_key_id), claim.region)

    def _handle(self, operation: Operation, arguments: Mapping[str, Any], place: Place) -> Answer:
        answer = self._despite_conflicts(lambda: self._within_a_transaction(operation, arguments, place))
        if self.operations.changes(operation):
            self._outlook.changed()
        return answer() if callable(answer) else answer

    def _despite_conflicts(self, work: Callable[[], Done]) -> Done:
        """Do it, and anew as long as other transactions get in between. Raises StoreError where they always do."""
        for attempt in range(_ATTEMPTS):
            try:
                return work()
            except Conflict as error:
                last = error
                self.world.sleep(self.world.fraction() * min(_LONGEST_PAUSE_S, _FIRST_PAUSE_S * 2**attempt))
        raise StoreError(f"this was begun {_ATTEMPTS} times, and something came in between each time: {last}")

    def _within_a_transaction(
        self, operation: Operation, arguments: Mapping[str, Any], place: Place
    ) -> Answer | AfterCommit:
        handled = self.operations.handler(operation)
        now = self.clock.now()

        def handle(transaction: Transaction) -> Answer | AfterCommit:
            return handled.handler(self._context(transaction, place, now, operation.name, arguments), arguments)

        with self.store.begin(write=handled.writes) as transaction:
            if not _is_due(transaction, now):
                return handle(transaction)
        try:
            self._settle(now)
        except StoreError as error:
            if handled.writes:
                raise
            self._store_trouble(error)  # a disk that is full still has what is on it: it is told as it was last
        with self.store.begin(write=handled.writes) as transaction:
            return handle(transaction)

    def _settle(self, now: float) -> None:
        """Apply all that is due, a part in each transaction; nobody is answered before nothing is."""
        while not self._despite_conflicts(lambda: self._settle_some(now)):
            pass
        self._outlook.changed()

    def _settle_some(self, now: float) -> bool:
        with self.store.begin(write=True) as transaction:
            return settle(
                transaction,
                now,
                self.operations.steps,
                lambda due: self._context(transaction, due.place, due.at, due.step, {}),
            )

    def _context(
        self, transaction: Transaction, place: Place, now: float, operation: str, arguments: Mapping[str, Any]
    ) -> Context:
        return Context(
            place=place,
            now=now,
            world=self.world,
            resources=Resources(transaction, place, now),
            journal=Journal(transaction, place, self.world, now),
            catalogue=self.catalogue,
            timing=self._timing,
            tokens=PageTokens(self.store.token_key, place, operation, arguments),
            page_size=self.page_size() if callable(self.page_size) else self.page_size,
            quotas=self._quotas,
        )

    def _store_trouble(self, error: StoreError) -> ServiceError:
        """The answer to a request that the store failed. The log has each trouble once, however often it is met."""
        if str(error) != self._last_trouble:
            self._last_trouble = str(error)
            _LOG.error("the store failed: %s", error)
        return ServiceError.because(f"The store failed: {error}", kind="ServiceUnavailableException", status=503)

    def _health(self, is_known: bool) -> Mapping[str, Any]:
        """Live and ready, with what a person wants to know first."""
        instances = self._despite_conflicts(self._count_instances)
        told = {"status": "ready", "version": VERSION}
        if not is_known:
            return told
        count: int | str = instances if instances <= _MOST_COUNTED else f"more than {_MOST_COUNTED:,}"
        return told | {"store": self.store.description, "instances": count, "now": self.clock.now()}

    def _inhabited(self, account: str | None) -> Mapping[str, Any]:
        """Which accounts have anything, and how many instances each region of one of them has, as far as is counted."""

        def look() -> Mapping[str, Any]:
            with self.store.begin(write=False) as transaction:
                accounts = list(islice(inhabited.accounts(transaction), _MOST_ACCOUNTS))
                usual = self.accounts.first
                wanted = account or (usual if usual in accounts or not accounts else accounts[0])
                regions = {
                    region: transaction.count(Place(wanted, region), "Instance", _MOST_COUNTED + 1)
                    for region in inhabited.regions(transaction, wanted)
                }
            return {"accounts": accounts, "account": wanted, "instances": regions, "counted_to": _MOST_COUNTED}

        return self._despite_conflicts(look)

    def _coming(self, limit: int) -> Sequence[Due]:
        """The changes that are due first."""

        def look() -> Sequence[Due]:
            with self.store.begin(write=False) as transaction:
                return transaction.every_change(None, limit)

        return self._despite_conflicts(look)

    def _count_instances(self) -> int:
        """Of all, up to a few more than are told."""
        with self.store.begin(write=False) as transaction:
            return sum(transaction.places("Instance", _MOST_COUNTED + 1).values())


def _is_due(transaction: Transaction, now: float) -> bool:
    next_due = transaction.next_due()
    return next_due is not None and next_due <= now


def _check_size(request: Request) -> None:
    if len(request.body) > LARGEST_BODY:
        raise too_large()


def denied(account: str, access_key_id: str, operation: str) -> ServiceError:
    """In IAM's words, whose users have names; here the key stands for one."""
    user = f"arn:aws:iam::{account}:user/{access_key_id}"
    action = f"lightsail:{operation}"
    return ServiceError.because(
        f"User: {user} is not authorized to perform: {action} on resource: * because no identity-based policy allows "
        f"the {action} action",
        kind="AccessDeniedException",
        status=400,
    )


def too_large() -> ServiceError:
    """Source for name and status: the API reference's common errors."""
    return ServiceError.because(
        f"The request body is larger than {LARGEST_BODY} bytes.", kind="RequestEntityTooLargeException", status=413
    )
