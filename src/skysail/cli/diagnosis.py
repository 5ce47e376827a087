"""What `skysail doctor` looks at, and what it makes of it: endpoint, clock, keys, regions, policy.

Only Get operations are sent. What a policy says of acts cannot be known without doing them, and is not tried.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Literal, NamedTuple

from skysail.caller.endpoint import endpoint_source, is_aws, is_local, named_endpoint
from skysail.caller.fleet.clients import FAILURES, Places
from skysail.caller.fleet.identity import account_of
from skysail.caller.fleet.places import FleetPlace, Login
from skysail.caller.profile import Profile
from skysail.caller.sync import Client
from skysail.caller.transport import Transport
from skysail.cli.explanations import BAD_KEY, DENIED, OLD_KEY, explained, means_not_enabled
from skysail.cli.failures import Status, Trouble
from skysail.errors import ServiceError
from skysail.mirroring.reads import ALLOWED
from skysail.opening import open_transport
from skysail.protocol.model import service_model
from skysail.world import World

Grade = Literal["ok", "note", "error"]
_AT_ONCE = 8
_SKEW_TOLD_S = 60
_SKEW_REFUSED_S = 300
"""Further from the service's time than this, a signature is refused (source: AWS's page on Signature Version 4)."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A line of the report: about what or whom, what was found, what to do; `status` is that of an error.

    `lets_in`: it is about a login that is let in.
    """

    grade: Grade
    about: str
    told: str
    remedy: str | None = None
    status: Status = Status.DONE
    lets_in: bool = False


class Alive(NamedTuple):
    """A login that is let in: its account, how many operations it was tried with, which of them its policy lacks, and
    how far the clocks are apart.
    """

    account: str | None
    asked: int
    lacking: tuple[str, ...]
    skew_s: float | None


class Refused(NamedTuple):
    """One that is not, and why; also a refusal tells the service's time."""

    trouble: Trouble
    skew_s: float | None


def label(login: Login, profile: Profile) -> str:
    """The name of a login; without one, where its key comes from."""
    if login == Login():
        return "environment" if "AWS_ACCESS_KEY_ID" in profile.environ else profile.name
    return str(login)


def of_endpoint(argument: str | None, profile: Profile) -> Finding:
    """Where calls go, and who said so. Raises BadEndpointError, SettingError."""
    url, source = named_endpoint(argument, None, profile), endpoint_source(argument, profile)
    if url is None:
        return Finding("ok", "endpoint", "AWS's own, each region's")
    told = f"{url}, by {source}"
    if is_aws(url):
        return Finding("note", "endpoint", f"{told}: the same one for every region")
    return Finding("ok" if is_local(url) else "note", "endpoint", f"{told}: not AWS")


def of_clock(skews: Iterable[float]) -> Finding:
    """`skews` are seconds that this machine's clock is ahead of a service's."""
    found = sorted(skews, key=abs)
    if not found:
        return Finding("note", "clock", "not compared: no service has told its time")
    skew = found[0]
    apart = f"{abs(skew):.0f} s {'ahead of' if skew > 0 else 'behind'} the service's"
    remedy = "set this machine's clock: timedatectl set-ntp true"
    if abs(skew) >= _SKEW_REFUSED_S:
        return Finding("error", "clock", f"{apart}: signatures are refused", remedy, Status.REFUSED)
    if abs(skew) >= _SKEW_TOLD_S:
        return Finding("note", "clock", f"{apart}: from 300 s on signatures are refused", remedy)
    return Finding("ok", "clock", "the same as the service's" if abs(skew) < 2 else apart)


class Ward:
    """The logins under examination, with their connections."""

    def __init__(self, places: Places[Transport], world: World, home: str) -> None:
        self._places = places
        self._world = world
        self._home = home
        self._reads = reads()

    def alive(self, logins: Sequence[Login]) -> Iterator[Alive | Refused]:
        """Each in its turn: what is found of it in its home region, or why it is not let in."""
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            yield from pool.map(self._examined, logins)

    def regions(self, logins: Sequence[Login], regions: Sequence[str]) -> Iterator[tuple[Login, str, Trouble | None]]:
        """Each login in each region, with what it fails with there."""
        asked = [(login, region) for login in logins for region in regions]
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            for (login, region), trouble in zip(asked, pool.map(lambda one: self._trouble(*one), asked), strict=True):
                yield login, region, trouble

    def _examined(self, login: Login) -> Alive | Refused:
        skew: float | None = None
        lacking = []
        try:
            settings = self._places.settings(FleetPlace(login, self._home))
            client = Client(settings, self._places.transport(settings), self._world)
            for operation, arguments in self._reads.items():
                refusal, answer = _asked(client, operation, arguments)
                skew = _skew(answer, self._world.now()) if skew is None else skew
                if refusal is not None and refusal.kind in _NOT_LET_IN:
                    return Refused(explained(refusal, profile=login.profile), skew)
                lacking += [operation] if refusal is not None and refusal.kind in DENIED else []
            account = account_of(settings, open_transport, self._world.now())
        except FAILURES as error:
            return Refused(explained(error, profile=login.profile), skew)
        return Alive(account, len(self._reads), tuple(lacking), skew)

    def _trouble(self, login: Login, region: str) -> Trouble | None:
        try:
            settings = self._places.settings(FleetPlace(login, region))
            Client(settings, self._places.transport(settings), self._world).get_instances()
        except FAILURES as error:
            return explained(error)
        return None


_NOBODY = "skysail-doctor"
"""A name that no resource has: whoever may ask is told so, and whoever may not is denied before (inferred)."""
_SHOWN: dict[str, dict[str, Any]] = {
    "GetInstance": {},
    "GetInstancePortStates": {},
    "GetInstanceMetricData": {
        "metricName": "CPUUtilization",
        "period": 300,
        "startTime": datetime(2024, 1, 1, tzinfo=UTC),
        "endTime": datetime(2024, 1, 1, tzinfo=UTC) + timedelta(hours=1),
        "unit": "Percent",
        "statistics": ["Average"],
    },
}
"""What `show` and `metrics` read besides, and with what."""


def reads() -> dict[str, dict[str, Any]]:
    """All that listings, `show` and a mirror read, with what it is asked for: a name that must be given is nobody's."""
    asked: dict[str, dict[str, Any]] = {}
    for name in sorted({*ALLOWED, *_SHOWN}):
        operation = service_model().operation(name)
        required = service_model().shape(operation.input).required if operation.input else ()
        given = _SHOWN.get(name, {})
        asked[name] = {**{member: _NOBODY for member in required if member not in given}, **given}
    return asked


_NOT_LET_IN = (*BAD_KEY, *OLD_KEY, "AccountSetupInProgressException")


def _asked(client: Client, operation: str, arguments: dict[str, Any]) -> tuple[ServiceError | None, dict[str, Any]]:
    """How it was refused, if it was, and the answer."""
    try:
        return None, getattr(client, service_model().operation(operation).method)(**arguments)
    except ServiceError as error:
        return error, error.response


def _skew(answer: dict[str, Any], now: float) -> float | None:
    date = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("date")
    return None if date is None else now - parsedate_to_datetime(date).timestamp()


def of_login(name: str, found: Alive, in_regions: Sequence[tuple[str, Trouble | None]]) -> Iterator[Finding]:
    """The lines of a login that is let in: its account and regions, what is out of reach, what its policy lacks."""
    reached = sum(trouble is None or trouble.code in DENIED for _, trouble in in_regions)
    account = f"account {found.account}" if found.account else "an account that STS does not tell"
    yield Finding("ok", name, f"{account}, {reached} of {len(in_regions)} regions, {_reads(found)}", lets_in=True)
    for about, fits in _KINDS_OF_TROUBLE:
        regions = [region for region, trouble in in_regions if trouble is not None and fits(trouble)]
        if regions:
            grade, told, remedy, status = about
            yield Finding(grade, name, told.format(_some(regions)), remedy, status)
    if found.lacking:
        told = f"its policy lacks {_some([f'lightsail:{name}' for name in found.lacking])}"
        yield Finding("error", name, told, "allow lightsail:Get*, or these", Status.REFUSED)


_KINDS_OF_TROUBLE: tuple[tuple[tuple[Grade, str, str, Status], Any], ...] = (
    (
        ("note", "not enabled: {}", "usual for regions of choice; leave them out: --skip-disabled", Status.DONE),
        means_not_enabled,
    ),
    (
        ("note", "not allowed in {}", "a policy keeps it out there", Status.DONE),
        lambda trouble: trouble.code in DENIED,
    ),
    (
        ("error", "no connection to {}", "look at the network, HTTPS_PROXY and NO_PROXY", Status.NO_CONNECTION),
        lambda trouble: trouble.status is Status.NO_CONNECTION,
    ),
    (
        ("error", "refused in {}", "skysail instances --region NAME says why", Status.REFUSED),
        lambda trouble: (
            trouble.code not in DENIED and not means_not_enabled(trouble) and trouble.status is not Status.NO_CONNECTION
        ),
    ),
)


def of_refused(name: str, trouble: Trouble) -> Finding:
    """The line of one that is not let in."""
    return Finding("error", name, trouble.what, trouble.remedy, trouble.status)


def _reads(found: Alive) -> str:
    return f"{found.asked - len(found.lacking)} of {found.asked} reads allowed"


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")
