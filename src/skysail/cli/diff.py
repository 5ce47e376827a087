"""`skysail diff`: what differs between two stores, two services, or a store and an account."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import click

from skysail.cli.failures import Status, wrong_usage
from skysail.cli.invocation import Invocation
from skysail.cli.options import Command, look_options
from skysail.cli.screen import Screen

if TYPE_CHECKING:
    from skysail.caller.sync import Client
    from skysail.mirroring.comparing import Difference
    from skysail.server import LocalLightsail

HELP = """
  skysail diff monday.db tuesday.db
  skysail diff fleet.db aws --region us-east-1   a store and your account
  skysail diff fleet.db profile:prod             the account of a profile
  skysail diff fleet.db http://127.0.0.1:4570 -o json

each side is a store (FILE, postgresql://...), a service's URL, aws, or
profile:NAME. Resources by name, members one by one; + is on the right side
alone, - on the left side alone. Ids, times and addresses count; what is only
measured, as an alarm's state, does not. Exits with 0 where nothing differs and
says nothing, else with 1; with 3 where a side does not show all.

  --region NAME     only there; may be repeated. Without: where stores have
                    something, else everywhere
  --account NUMBER  of stores that have several
  --brief           resources alone, without their members
  -o text|json      JSON has all values whole
  -q  -v  --color auto|always|never  --debug
"""
_SIGNS = {"added": "+", "removed": "-", "changed": "~"}
_WIDEST = 60
_UNSEEN = 4


class Side(Protocol):
    """`regions` is None where only asking would tell."""

    @property
    def regions(self) -> set[str] | None: ...
    def client(self, region: str) -> Client: ...


@click.command("diff", cls=Command, help=HELP)
@click.argument("left", metavar="A")
@click.argument("right", metavar="B")
@click.option("--region", multiple=True)
@click.option("--account", metavar="NUMBER")
@click.option("--brief", is_flag=True)
@click.option("-o", "--output", type=click.Choice(["text", "json"]), default="text")
@look_options
@click.pass_obj
def command(
    invocation: Invocation,
    left: str,
    right: str,
    region: tuple[str, ...],
    account: str | None,
    brief: bool,
    output: str,
) -> int:
    # Late: for the command itself, not for its help.
    from skysail.mirroring.comparing import differences, side
    from skysail.protocol.regions import known_regions

    with ExitStack() as opened:
        one, other = (_side(name, account, invocation, opened) for name in (left, right))
        told = [each.regions for each in (one, other)]
        regions = set(region) or (set().union(*(names or () for names in told)) if all(told) else set(known_regions()))
        found: list[Difference] = []
        hidden: dict[str, str] = {}
        for name in sorted(regions):
            before, after = side(one.client(name)), side(other.client(name))
            found += differences(name, before, after)
            hidden |= before.skipped | after.skipped
    screen = Screen(invocation)
    if output == "json":
        screen.write(_as_json(found))
    else:
        screen.write("".join(f"{line}\n" for line in _as_text(found, brief)))
    for kind, why in hidden.items():
        screen.insist(f"not compared: {kind} ({why})")
    return Status.REFUSED if found else Status.PARTIAL if hidden else Status.DONE


def _as_text(found: list[Difference], brief: bool) -> Iterator[str]:
    region = None
    for each in found:
        if each.region != region:
            region = each.region
            yield region
        yield f"  {_SIGNS[each.what]} {each.kind} {each.name}"
        for member in () if brief else each.members:
            yield f"      {member.path}: {_short(member.left)} -> {_short(member.right)}"
    if found:
        counts = [f"{sum(each.what == what for each in found):,} {what}" for what in _SIGNS]
        yield f"{len(found):,} difference{'' if len(found) == 1 else 's'}: {', '.join(counts)}"


def _short(value: Any) -> str:
    text = "nothing" if value is None else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _WIDEST else f"{text[: _WIDEST - 1]}…"


def _as_json(found: list[Difference]) -> str:
    return json.dumps(
        [
            {
                "region": each.region, "kind": each.kind, "name": each.name, "what": each.what,
                "members": [{"path": one.path, "left": one.left, "right": one.right} for one in each.members],
            }
            for each in found
        ],
        indent=2,
    ) + "\n"  # fmt: skip


def _side(name: str, account: str | None, invocation: Invocation, opened: ExitStack) -> Side:
    """Raises CommandError for what is no side."""
    from skysail.server import LocalLightsail, is_database

    if name == "aws" or name.startswith("profile:") or name.startswith(("http://", "https://")):
        endpoint = name if "://" in name else None
        profile = name.removeprefix("profile:") if name.startswith("profile:") else None
        return _Service(invocation, endpoint, profile)
    if not is_database(name):
        path = Path(name.removeprefix("local:")).expanduser()
        if not path.exists():
            raise wrong_usage(f"there is no store {path}", "a side is a store, a service's URL, aws or profile:NAME")
        return _Stored(opened.enter_context(LocalLightsail(path)), account, name)
    return _Stored(opened.enter_context(LocalLightsail(name)), account, name)


class _Service:
    """A side that is asked over the network."""

    regions = None

    def __init__(self, invocation: Invocation, endpoint: str | None, profile: str | None) -> None:
        self._invocation = invocation
        self._endpoint = endpoint
        self._profile = profile

    def client(self, region: str) -> Client:
        return self._invocation.connect(region_name=region, profile_name=self._profile, endpoint_url=self._endpoint)


class _Stored:
    """A side that is a store. Raises CommandError where it has several accounts, and none is named."""

    def __init__(self, local: LocalLightsail, account: str | None, name: str) -> None:
        from skysail.mirroring.reads import LISTINGS

        with local.store.begin(write=False) as transaction:
            places = {place for listing in LISTINGS for place in transaction.places(listing.kind)}
        accounts = sorted({place.account for place in places})
        if account is None and len(accounts) > 1:
            raise wrong_usage(
                f"{name} has {len(accounts)} accounts: {', '.join(accounts[:_UNSEEN])}", f"--account {accounts[0]}"
            )
        self._account = account or next(iter(accounts), "123456789012")
        self.regions: set[str] | None = {place.region for place in places if place.account == self._account}
        self._local = local

    def client(self, region: str) -> Client:
        return self._local.client(region, access_key_id=self._account)
