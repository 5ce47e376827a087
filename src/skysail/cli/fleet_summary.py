"""What is said beside a listing of many places."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from skysail.cli.failures import reason
from skysail.cli.fleet_sources import Coming, Failure
from skysail.cli.summary import Tally, hidden_line, instances

_NUMBERS = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten", "Eleven", "Twelve")

_MANY = 4
"""Regions of one login that are not named one by one any more."""


def places(count: int) -> str:
    return f"{count:,} place{'' if count == 1 else 's'}"


def progress(tally: Tally, coming: Coming, seconds: float) -> str:
    """31/57 places  1,204 instances  18.4 pages/s  slowest: prod-eu/ap-southeast-3 (2.1 s)"""
    rate = f"  {tally.pages / seconds:.1f} pages/s" if seconds > 0 else ""
    slowest = f"  slowest: {coming.slowest} ({coming.slowest_s:.1f} s)" if coming.slowest else ""
    return f"{coming.done + coming.failed}/{coming.places} places  {instances(tally.count)}{rate}{slowest}"


def summary(tally: Tally, coming: Coming, seconds: float, hidden: Sequence[str] = ()) -> str:
    """2,318 instances in 57 places, 4.2 s"""
    return f"{instances(tally.count)} in {places(coming.places)}, {seconds:.1f} s{hidden_line(hidden)}"


def missing(tally: Tally, coming: Coming, seconds: float, failed: int) -> str:
    """2,318 instances in 55 of 57 places, 4.2 s. Two places are missing:"""
    came = f"{instances(tally.count)} in {coming.places - failed:,} of {places(coming.places)}"
    return f"{came}, {seconds:.1f} s. {are_missing(failed)}"


def are_missing(failed: int) -> str:
    """Two places are missing:"""
    number = _NUMBERS[failed] if failed < len(_NUMBERS) else f"{failed:,}"
    return f"{number} {'place is' if failed == 1 else 'places are'} missing:"


def reasons(failures: Sequence[Failure], *, colour: bool = False, verbose: bool = False) -> str:
    """A line a place: which, why — what to do. Many places of one login that fail alike share one."""
    alike: dict[tuple[str, str], list[str]] = {}
    for failure in failures:
        told = reason(failure.trouble, colour=colour, verbose=verbose)
        alike.setdefault((failure.login, told), []).append(failure.region)
    lines = [
        (login, where, told)
        for (login, told), regions in alike.items()
        for where in ([f"{len(regions)} regions"] if len(regions) >= _MANY else regions)
    ]
    login_width = max(len(login) for login, _, _ in lines)
    where_width = max(len(where) for _, where, _ in lines)
    return "\n".join(f"  {login:{login_width}}  {where:{where_width}}  {told}" for login, where, told in lines)


def left_out(disabled: Sequence[Failure]) -> str:
    """left out, as their accounts have not enabled them: prod-eu/eu-south-2, prod-eu/ap-east-1"""
    places = ", ".join(f"{failure.login}/{failure.region}" for failure in disabled)
    return f"left out, as {'its account has' if len(disabled) == 1 else 'their accounts have'} not enabled it: {places}"


def finished(count: int, checkpoint: Path | None) -> str:
    if checkpoint is None:
        return f"nothing is missing: all of {places(count)} had been walked"
    return f"nothing is missing: {checkpoint} has all of {places(count)}; another file, or none there, begins anew"
