"""The service: one object that answers requests.

Bytes and headers in, bytes and headers out; sockets, processes and clients in the same process are shells around
`Service.answer`. The order of checks is the real service's: the operation's name, the signature, the body's form, what
is due, the handler.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import msgspec

from skysail.errors import ServiceError, StoreError
from skysail.protocol import codec
from skysail.protocol.message import Manner, Request, Response
from skysail.protocol.model import Operation, service_model
from skysail.protocol.sigv4_check import authenticate
from skysail.service import sts
from skysail.service.accounts import Accounts
from skysail.service.catalogue import Catalogue
from skysail.service.context import Context
from skysail.service.dispatch import AfterCommit, Answer, Family, Operations
from skysail.service.journal import Journal
from skysail.service.page_token import PageTokens
from skysail.service.quotas import Quotas
from skysail.service.resources import Resources
from skysail.service.settlement import settle
from skysail.service.timing import TIMINGS, Timing
from skysail.store.base import Conflict, Place, Store, Transaction
from skysail.version import VERSION
from skysail.world import World

_LOG = logging.getLogger("skysail.service")

LARGEST_BODY = 1_048_576
"""Bytes. No request of Lightsail's is near it; the real limit is not published."""

_ATTEMPTS = 8
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.01, 0.5
"""How often a transaction is tried against others, and between which bounds it waits each time, doubling."""

HEALTH = "/_skysail/health"


class Service:
    """Lightsail, on a store. Any number of threads may ask it at once.

    `page_size` overrides the size of all listings that come in pages.
    """

    def __init__(
        self,
        store: Store,
        world: World,
        families: Sequence[Family],
        *,
        accounts: Accounts | None = None,
        catalogue: Catalogue | None = None,
        timing: Timing = TIMINGS["brisk"],
        page_size: int | None = None,
        quotas: Quotas = "none",
    ) -> None:
        self.store = store
        self.world = world
        self.accounts = accounts or Accounts()
        self.catalogue = catalogue or Catalogue()
        self._timing = timing
        self._page_size = page_size
        self._quotas = quotas
        self._last_trouble = ""
        self._operations = Operations.of(service_model(), families)

    def answer(self, request: Request) -> Response:
        """The response to a request. Refusals are responses too; only a bug raises."""
        notes = {"id": self.world.new_id()}
        for_sts = sts.is_for_sts(request)
        try:
            if request.target == HEALTH:
                response = self._health()
            else:
                response = self._answer_sts(request, notes) if for_sts else self._answer(request, notes)
        except ServiceError as error:
            notes["error"] = error.kind
            response = (sts.refusal if for_sts else codec.encode_error)(error, notes["id"])
        except StoreError as error:
            trouble = self._store_trouble(error)
            notes["error"] = trouble.kind
            response = codec.encode_error(trouble, notes["id"])
        return replace(response, notes=notes)

    def manner(self, request: Request) -> Manner:
        """How whoever carries the request best has it answered."""
        return self._operations.manner(request) if self.store.is_embedded else "apart"

    def answer_together(self, requests: Sequence[Request]) -> list[Response]:
        """The responses to several requests, one after the other, with one flush for what they change.

        Each is as if it had come alone; none is known to anybody before all are durable.
        """
        try:
            with self.store.together():
                return [self.answer(request) for request in requests]
        except StoreError as error:
            trouble = self._store_trouble(error)
            return [codec.encode_error(trouble, self.world.new_id()) for _ in requests]

    def _answer_sts(self, request: Request, notes: dict[str, str]) -> Response:
        _check_size(request)
        notes["operation"] = sts.OPERATION
        return sts.answer(request, self._place(request, "sts", notes).account, notes["id"])

    def _answer(self, request: Request, notes: dict[str, str]) -> Response:
        _check_size(request)
        operation = self._operations.named_by(request)
        notes["operation"] = operation.name
        place = self._place(request, "lightsail", notes)
        arguments = codec.decode_request(operation, request.body)
        answer = self._handle(operation, arguments, place)
        headers = {"content-type": codec.CONTENT_TYPE, "x-amzn-requestid": notes["id"]}
        return Response(200, headers, codec.encode_answer(answer))

    def _place(self, request: Request, service: str, notes: dict[str, str]) -> Place:
        """Whose request it is and for which region: the signature says both. Raises ServiceError."""
        claim = authenticate(
            request,
            now=self.world.now(),
            secret_of=self.accounts.secret_of,
            is_region=self.catalogue.is_region,
            services=(service,),
        )
        place = Place(self.accounts.account_of(claim.access_key_id), claim.region)
        notes |= place._asdict()
        return place

    def _handle(self, operation: Operation, arguments: Mapping[str, Any], place: Place) -> Answer:
        answer = self._despite_conflicts(lambda: self._within_a_transaction(operation, arguments, place))
        return answer() if callable(answer) else answer

    def _despite_conflicts(self, work: Callable[[], Answer | AfterCommit]) -> Answer | AfterCommit:
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
        handled = self._operations.handler(operation)
        now = self.world.now()

        def handle(transaction: Transaction) -> Answer | AfterCommit:
            return handled.handler(self._context(transaction, place, now, operation.name, arguments), arguments)

        with self.store.begin(write=handled.writes) as transaction:
            if not _is_due(transaction, now):
                return handle(transaction)
        self._settle(now)
        with self.store.begin(write=handled.writes) as transaction:
            return handle(transaction)

    def _settle(self, now: float) -> None:
        with self.store.begin(write=True) as transaction:
            settle(
                transaction,
                now,
                self._operations.steps,
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
            page_size=self._page_size,
            quotas=self._quotas,
        )

    def _store_trouble(self, error: StoreError) -> ServiceError:
        """The answer to a request that the store failed. The log has each trouble once, however often it is met."""
        if str(error) != self._last_trouble:
            self._last_trouble = str(error)
            _LOG.error("the store failed: %s", error)
        return ServiceError.because(f"The store failed: {error}", kind="ServiceUnavailableException", status=503)

    def _health(self) -> Response:
        """Live and ready, with what a person wants to know first."""
        with self.store.begin(write=False) as transaction:
            instances = transaction.count(None, "Instance")
        body = {
            "status": "ready",
            "version": VERSION,
            "store": self.store.description,
            "instances": instances,
            "now": self.world.now(),
        }
        return Response(200, {"content-type": "application/json"}, msgspec.json.encode(body))


def _is_due(transaction: Transaction, now: float) -> bool:
    next_due = transaction.next_due()
    return next_due is not None and next_due <= now


def _check_size(request: Request) -> None:
    if len(request.body) > LARGEST_BODY:
        raise too_large()


def too_large() -> ServiceError:
    """Source for name and status: the API reference's common errors."""
    return ServiceError.because(
        f"The request body is larger than {LARGEST_BODY} bytes.", kind="RequestEntityTooLargeException", status=413
    )
