"""One visit of a page: who asks, of which account, and the ways to the service. The only input and output there is.

A `look` is aside: no fault meets it, and it is in nobody's list of calls. An `act` is a call like any program's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar

from skysail.caller.handle import Inhabited, ServerHandle
from skysail.caller.settings import Settings
from skysail.caller.sync import Client
from skysail.caller.transport import InProcess
from skysail.console.asked import Asked, address
from skysail.console.code import Called, Code, codes
from skysail.errors import ServiceError
from skysail.protocol.message import Request, Response
from skysail.protocol.model import service_model
from skysail.protocol.sigv4 import Key
from skysail.world import World

USUAL_REGION = "us-east-1"
_MOST_DONE = 5

Told = TypeVar("Told")


@dataclass(frozen=True, slots=True)
class Ways:
    """To the service: as any program calls it, and as one who only looks on."""

    answer: Callable[[Request], Response]
    look: Callable[[Request], Response]
    world: World
    fill_with_demo: Callable[[str], None] | None = None
    """Gives an account the demo's fleet; None where nobody may be given one from here."""
    catalogues: dict[tuple[str, ...], list[dict[str, Any]]] = field(default_factory=dict)
    """What can be ordered, by operation, region and what is wanted besides: it stays as long as the service runs."""


class Visit:
    """`login` is who has signed in, where a service lists its keys; `account` comes from it, or from the address."""

    def __init__(self, asked: Asked, ways: Ways, login: Key | None) -> None:
        self.asked = asked
        self.login = login
        self._ways = ways
        self.late_s = 0.0
        """By how much answers to acts were to be late, by a fault: so late is the page. No thread waits for that, or a
        few of them would leave none for anybody else.
        """
        self.server = ServerHandle(
            "local:", InProcess(ways.look, self._wait), lambda: self._key, ways.world.now, account=None
        )

    # --- who, when, where ---------------------------------------------------------------------------------

    @cached_property
    def account(self) -> str:
        """Twelve digits; "" where only the key knows."""
        named = self._named_account
        if named:
            return named
        return self.inhabited.account if self.inhabited is not None else ""

    @cached_property
    def inhabited(self) -> Inhabited | None:
        """Where there is anything; None for a key that may not know it."""
        return self.permitted(lambda: self.server.inhabited(self._named_account or None))

    @property
    def now(self) -> float:
        """The service's time; the machine's, for a key that may not know it."""
        return self.clock[0] if self.clock is not None else self._ways.world.now()

    @cached_property
    def clock(self) -> tuple[float, float] | None:
        """The service's time, and how fast it runs."""
        return self.permitted(self.server.clock.reading)

    @cached_property
    def faults(self) -> int:
        """How many are armed."""
        return len(self.permitted(self.server.faults.rules) or ())

    @property
    def machine_time(self) -> float:
        """Seconds since 1970, whatever the service's time is."""
        return self._ways.world.now()

    @property
    def fill_with_demo(self) -> Callable[[str], None] | None:
        """Gives an account the demo's fleet, where that can be done."""
        return self._ways.fill_with_demo

    @property
    def is_vacant(self) -> bool:
        """Whether the account is known to have no instance anywhere."""
        return self.inhabited is not None and not any(self.inhabited.instances.values())

    def with_login(self, key: Key) -> Visit:
        """The same as somebody else's."""
        return Visit(self.asked, self._ways, key)

    @cached_property
    def regions(self) -> list[str]:
        """All that the service knows, in the order of their names."""
        return sorted(one["name"] for one in self.catalogue("get_regions", "regions", USUAL_REGION))

    @cached_property
    def regions_in_use(self) -> list[str]:
        """Those in which the account has anything, as far as that is known: else all."""
        if self.inhabited is None:
            return self.regions
        return sorted(self.inhabited.instances)

    @property
    def endpoint_url(self) -> str:
        """Where programs find the service: where this browser has found it."""
        return f"{'https' if self.asked.is_secure else 'http'}://{self.asked.host}"

    @cached_property
    def done(self) -> list[tuple[str, list[Code]]]:
        """The calls that led here, with their code: by the ids in the address, as far as the service keeps them."""
        found = []
        for id in self.asked.query.all("did")[:_MOST_DONE]:
            for call in self.permitted(lambda id=id: self.server.calls(id=id)) or ():  # type: ignore[misc]
                if made := self.codes_of(call):
                    found.append((str(call["operation"]), made))
        return found

    def codes_of(self, call: Mapping[str, Any]) -> list[Code]:
        """Of a call as the service tells it; none of one that was not understood, or whose sender was not let in."""
        arguments, name = call["arguments"], call.get("operation", "")
        if not isinstance(arguments, dict) or "region" not in call or name not in service_model():
            return []
        operation = service_model().operation(name)
        account = None if self.login is not None else str(call["account"])
        return codes(Called(operation, arguments, call["region"], self.endpoint_url, account))

    def address(self, *parts: str, **query: str | int | Sequence[str] | None) -> str:
        """Of a page of ours; it says whose, where there are several accounts."""
        pairs: list[tuple[str, str]] = []
        if (named := self._named_account) and "account" not in query:
            pairs.append(("account", named))
        for name, value in query.items():
            values = value if isinstance(value, list | tuple) else ["" if value is None else str(value)]
            pairs += [(name, one) for one in values]
        return address(parts, pairs)

    # --- ways to the service ------------------------------------------------------------------------------

    def look(self, region: str) -> Client:
        return self._client(region, self._ways.look)

    def act(self, region: str) -> Client:
        return self._client(region, self._ways.answer)

    def catalogue(self, operation: str, member: str, region: str, **asked: bool) -> list[dict[str, Any]]:
        """All of a listing that never changes."""
        known, key = self._ways.catalogues, (operation, region, *asked)
        if key not in known:
            known[key] = self.every(region, operation, member, **asked)
        return known[key]

    def bundles(self, region: str) -> Mapping[str, Mapping[str, Any]]:
        """By their ids; those too that are no longer to be had, which old instances have."""
        return {one["bundleId"]: one for one in self.catalogue("get_bundles", "bundles", region, includeInactive=True)}

    def every(self, region: str, operation: str, member: str, most: int = 500, **asked: Any) -> list[dict[str, Any]]:
        """What a listing has, through its pages, as far as `most`."""
        client = self.look(region)
        if not client.can_paginate(operation):
            return list(getattr(client, operation)(**asked)[member])
        pages = client.get_paginator(operation).paginate(PaginationConfig={"MaxItems": most}, **asked)
        return [item for page in pages for item in page[member]]

    def permitted(self, ask: Callable[[], Told]) -> Told | None:
        """What a key may be told; None where it may not."""
        try:
            return ask()
        except ServiceError:
            return None

    @property
    def _named_account(self) -> str:
        named = self.asked.query.one("account") or self.asked.form.one("account")
        return "" if self.login is not None or not (named.isascii() and named.isdecimal()) else named

    @cached_property
    def _key(self) -> Key:
        """An open service takes any key: the account's number is one of the account's."""
        return self.login or Key(self._named_account or "local", "console")

    def _client(self, region: str, answer: Callable[[Request], Response]) -> Client:
        key = self.login or Key(self.account or "local", "console")
        settings = Settings(region, "local:", region, lambda: key, max_attempts=1, user_agent_extra="console")
        return Client(settings, InProcess(answer, self._wait), self._ways.world)

    def _wait(self, seconds: float) -> None:
        self.late_s += seconds
