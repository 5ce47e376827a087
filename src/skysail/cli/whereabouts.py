"""Where a command looks: region, account or profile, endpoint; and where else a local service has something."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import msgspec

from skysail.caller.endpoint import before_path, is_aws, is_local
from skysail.caller.settings import Settings
from skysail.caller.sync import Client
from skysail.caller.transport import Transport
from skysail.cli.known_names import named_profile
from skysail.errors import AnswerError, ServiceError, SkysailError
from skysail.protocol.message import Request
from skysail.protocol.ready import ready
from skysail.protocol.sigv4 import sign

if TYPE_CHECKING:
    from skysail.cli.invocation import Invocation
    from skysail.cli.options import Where

_HEALTH = "/_skysail/health"
_ANY_REGION = "us-east-1"


@dataclass(frozen=True, slots=True)
class Place:
    """`endpoint` is None for the region's own; `profile` is None where keys come from elsewhere."""

    region: str
    profile: str | None
    endpoint: str | None

    @property
    def in_summary(self) -> str:
        """us-east-1, profile default"""
        named = [f"endpoint {self.endpoint}"] if self.endpoint else []
        whose = [f"profile {self.profile}"] if self.profile else []
        return ", ".join([self.region, *named, *whose])

    @property
    def in_error(self) -> str:
        """us-east-1 (default)"""
        whose = self.endpoint or self.profile
        return f"{self.region} ({whose})" if whose else self.region

    def in_nothing(self, account: str | None) -> str:
        """us-east-1 (account 111122223333, endpoint http://127.0.0.1:4570)"""
        known = (("account", account), ("profile", self.profile), ("endpoint", self.endpoint))
        told = ", ".join(f"{name} {value}" for name, value in known if value)
        return f"{self.region} ({told})" if told else self.region


def place_of(settings: Settings, profile: str | None, environ: Mapping[str, str]) -> Place:
    """Where a client with these settings looks; `profile` is the one that was asked for."""
    url = settings.endpoint_url
    is_own = is_aws(url)
    return Place(settings.region, named_profile(profile, environ, is_own=is_own), None if is_own else url)


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """What a local service has where nothing was found: the caller's account and, by region, how many of its
    instances ("20+": a page and more); how many there are in all, in words where they are very many, "" if untold; and
    which other accounts have anything. `held` is None for what is no local service.
    """

    account: str | None = None
    regions: Mapping[str, str] = field(default_factory=dict)
    held: int | str | None = None
    others: Sequence[str] = ()


def look_elsewhere(client: Client, connect: Callable[[str], Client], transport: Transport, now: float) -> Elsewhere:
    """Ask a service on this machine what it has elsewhere. Of any other nothing is known, and nothing asked.

    `connect` makes a client for another region. Raises SkysailError.
    """
    settings = client.meta.config
    held = _held(settings, transport) if is_local(settings.endpoint_url) else None
    if held is None:
        return Elsewhere()
    account = _account(settings, transport, now)
    if held == 0 or account is None:
        return Elsewhere(account, {}, held)
    from skysail.caller.handle import ServerHandle  # late: most listings have something

    handle = ServerHandle(settings.endpoint_url, transport, settings.credentials, lambda: now)
    try:
        inhabited = handle.inhabited(account)
    except (ServiceError, AnswerError):  # this key may not be told: what it may list is listed
        return Elsewhere(account, _listed(client, connect), held)
    most = inhabited.counted_to
    regions = {
        name: f"{most:,}+" if count > most else f"{count:,}" for name, count in inhabited.instances.items() if count
    }
    return Elsewhere(account, regions, held, [each for each in inhabited.accounts if each != account])


def _listed(client: Client, connect: Callable[[str], Client]) -> dict[str, str]:
    """How many instances the first page has, by region."""
    found: dict[str, str] = {}
    for region in client.get_regions()["regions"]:
        with connect(region["name"]) as other:
            page = other.get_instances()
        if page["instances"]:
            found[region["name"]] = f"{len(page['instances'])}{'+' if page.get('nextPageToken') else ''}"
    return found


class _Health(msgspec.Struct):
    """The part of skysail's own health answer that is looked at; other programs' answers do not fit.

    How many instances there are, and its time, a server that lists keys tells its administrators alone.
    """

    status: str
    version: str
    instances: int | str = ""
    now: float | None = None


def time_there(client: Client, now: float) -> float:
    """What time it is for a service on this machine, whose clock may be moved; `now` for any other, which is not asked.

    Seconds since 1970. What cannot be known makes no error: `now` is all there is then.
    """
    settings = client.meta.config
    if not is_local(settings.endpoint_url) or settings.endpoint_url == "local:":  # which begins with this process
        return now
    from skysail.opening import open_transport  # late: most services are AWS's

    with suppress(SkysailError), closing(open_transport(settings)) as transport:
        health = _health(settings, transport)
        return now if health is None or health.now is None else health.now
    return now


def time_of(invocation: Invocation, where: Where) -> float:
    """The time of the service that the places share, where they do; else this machine's. Seconds since 1970."""
    from botocore.exceptions import BotoCoreError  # late, as above

    now = invocation.world.now()
    profile = where.profiles[0] if where.profiles else None
    with (
        suppress(SkysailError, BotoCoreError),
        invocation.connect(region_name=_ANY_REGION, profile_name=profile, endpoint_url=where.endpoint) as client,
    ):
        return time_there(client, now)
    return now


def _held(settings: Settings, transport: Transport) -> int | str | None:
    """How many instances the service has in all its accounts, as Elsewhere has it; None for another program."""
    health = _health(settings, transport)
    return None if health is None else health.instances


def _health(settings: Settings, transport: Transport) -> _Health | None:
    answer = transport.send(Request("GET", before_path(settings.endpoint_url) + _HEALTH, {}, b""))
    try:
        return msgspec.json.decode(answer.body, type=_Health) if answer.status == 200 else None
    except msgspec.MsgspecError:
        return None


def _account(settings: Settings, transport: Transport, now: float) -> str | None:
    """The account that the key belongs to, as STS has it."""
    headers = {"content-type": "application/x-www-form-urlencoded"}
    question = Request(
        "POST", f"{before_path(settings.endpoint_url)}/", headers, b"Action=GetCallerIdentity&Version=2011-06-15"
    )
    answer = transport.send(sign(question, settings.credentials(), settings.signing_region, "sts", now))
    found = re.search(rb"<Account>(\d{12})</Account>", answer.body)
    return found and found[1].decode()


ready(_Health)
