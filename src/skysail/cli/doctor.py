"""`skysail doctor`: whether keys, regions, policy, endpoint and clock are as they should be, a line each."""

from __future__ import annotations

import platform
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import click

from skysail.cli.failures import Status, Trouble
from skysail.cli.invocation import Invocation
from skysail.cli.options import Command, Where, look_options, where_options
from skysail.cli.screen import Screen
from skysail.version import VERSION

if TYPE_CHECKING:
    from skysail.caller.fleet.places import Login
    from skysail.caller.profile import Profile
    from skysail.cli.diagnosis import Finding

HELP = """
  skysail doctor                        every profile, every region
  skysail doctor --profile 'prod*' --region 'eu-*'
  skysail doctor -o json

  which profiles are let in, and to which account; which regions they reach;
  what a listing, a show or a mirror would read and the policy does not allow;
  whose endpoint it is; whether the clock is right. A line each, and what to do.
  It sends Get operations alone; what else the policy allows is not tried.

  --region NAME|GLOB|all  --profile NAME|GLOB  --role-arn ARN   more than once
  --org --role-name ROLE                in each account of the organization
  --endpoint URL                        also: demo, local:fleet.db
  -o text|json
  -q  -v  --color auto|always|never  --debug

  Exit status: 0 all is well; 3 part is not; of no use at all: why, as of every
  command (1 refused, 2 no keys, 5 no connection)
"""

_COLOURS = {"ok": "\x1b[32m", "note": "\x1b[33m", "error": "\x1b[31m"}
_BOLD, _END = "\x1b[1m", "\x1b[0m"


@click.command("doctor", cls=Command, help=HELP)
@where_options
@click.option("-o", "--output", type=click.Choice(["text", "json"]), default="text")
@look_options
@click.pass_obj
def command(invocation: Invocation, where: Where, output: str) -> int:
    from skysail.cli.rendering import json_text  # late: help needs none of it

    screen = Screen(invocation)
    found = list(_findings(invocation, where, screen))
    if output == "json":
        told = [
            {"grade": one.grade, "about": one.about, "told": one.told, "remedy": one.remedy, "status": int(one.status)}
            for one in found
        ]
        screen.write(f"{json_text(told)}\n")
    else:
        width = max(len(one.about) for one in found)
        screen.write("".join(line(one, width, colour=screen.has_colour) for one in found))
    return status_of(found)


def line(finding: Finding, width: int, *, colour: bool) -> str:
    first, bold, end = (_COLOURS[finding.grade], _BOLD, _END) if colour else ("", "", "")
    remedy = f" — {bold}{finding.remedy}{end}" if finding.remedy else ""
    gap = " " * (len("error") - len(finding.grade) + 2)
    return f"{first}{finding.grade}{end}{gap}{finding.about:{width}}  {finding.told}{remedy}\n"


def status_of(findings: Sequence[Finding]) -> Status:
    """Where nobody is let in at all, why; where only part is not as it should be, that."""
    errors = [one for one in findings if one.grade == "error"]
    if not errors:
        return Status.DONE
    return Status.PARTIAL if any(one.lets_in for one in findings) else errors[-1].status


def _findings(invocation: Invocation, where: Where, screen: Screen) -> Iterator[Finding]:
    from skysail.caller.fleet.clients import Places, Reach
    from skysail.caller.fleet.places import chosen_regions
    from skysail.cli import diagnosis
    from skysail.fleets import SOCKETS
    from skysail.opening import open_transport

    environ = invocation.environ
    source, logins, asking = _logins(where, environ)
    profile = _profile(logins[0] if logins else Login(), environ)
    regions = chosen_regions(where.regions or "all")
    home = regions[0] if where.regions else profile.setting("AWS_DEFAULT_REGION", "region") or "us-east-1"
    yield diagnosis.Finding("ok", "skysail", f"{VERSION}, {_beside()}")
    yield from dict.fromkeys(diagnosis.of_endpoint(where.endpoint, _profile(login, environ)) for login in logins)
    places = Places(Reach(SOCKETS, endpoint_url=where.endpoint, source_profile=source), open_transport, 10)
    ward = diagnosis.Ward(places, invocation.world, home)
    try:
        screen.progress(f"asking for {len(logins)} logins")
        found = dict(zip(logins, ward.alive(logins), strict=True))
        alive = [login for login, one in found.items() if isinstance(one, diagnosis.Alive)]
        yield diagnosis.of_clock(one.skew_s for one in found.values() if one.skew_s is not None)
        reached: dict[Login, list[tuple[str, Trouble | None]]] = {}
        for login, region, trouble in ward.regions(alive, regions):
            reached.setdefault(login, []).append((region, trouble))
            screen.progress(f"asking {login} in {region}")
    finally:
        for transport in places.transports():
            transport.close()
    for login, one in found.items():
        name = diagnosis.label(login, _profile(login, environ))
        if isinstance(one, diagnosis.Alive):
            yield from diagnosis.of_login(name, one, reached[login])
        else:
            yield diagnosis.of_refused(name, one.trouble)
    for login in asking:
        told = "wants the code of an MFA device, and is not asked for it unless it is named"
        yield diagnosis.Finding("note", str(login), told, f"skysail doctor --profile {login}")


def _logins(where: Where, environ: Mapping[str, str]) -> tuple[str | None, list[Login], list[Login]]:
    """The profile that roles are assumed with; the logins to look at; those that would ask for a code meanwhile, which
    are left alone where they are not named.
    """
    from skysail.fleets import chosen_places

    source = where.profiles[0] if (where.role_arns or where.organization_role) and where.profiles else None
    named = () if source else where.profiles
    if named or where.role_arns or where.organization_role:
        places = chosen_places(["us-east-1"], named, where.role_arns, where.organization_role, source)
        return source, [place.login for place in places], []
    every = _all_logins(environ)
    asking = [login for login in every if "mfa_serial" in _profile(login, environ).values]
    return source, [login for login in every if login not in asking], asking


def _all_logins(environ: Mapping[str, str]) -> list[Login]:
    """Every profile, and before them the surroundings where they have a key of their own or there is nothing else."""
    from skysail.caller.fleet.places import Login
    from skysail.caller.profile import profile_names

    profiles = [Login(profile=name) for name in profile_names(environ)]
    return [*([Login()] if "AWS_ACCESS_KEY_ID" in environ or not profiles else []), *profiles]


def _profile(login: Login, environ: Mapping[str, str]) -> Profile:
    from skysail.caller.profile import Profile

    return Profile.read(login.profile, environ)


def _beside() -> str:
    import botocore

    return f"botocore {botocore.__version__}, Python {platform.python_version()}"
