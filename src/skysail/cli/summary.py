"""What is said beside a listing: how much it was, that there was nothing, and the command that goes on."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

_ORDER = ("running", "pending", "stopping", "stopped")


class Tally:
    """What has been listed so far; `token` goes on behind it, and is None behind the last page."""

    def __init__(self) -> None:
        self.count = 0
        self.pages = 0
        self.states: Counter[str] = Counter()
        self.token: str | None = None

    def add(self, page: Mapping[str, Any]) -> None:
        instances = page["instances"]
        self.count += len(instances)
        self.pages += 1
        self.states.update(instance.get("state", {}).get("name", "unknown") for instance in instances)
        self.token = page.get("NextToken")


def instances(count: int | str) -> str:
    """1 instance, 2,140 instances; a server that counts no further says a count in words: more than 1,000."""
    return f"{number(count)} instance{'' if count == 1 else 's'}"


def with_others(instance_count: int, resources: int) -> str:
    """12 instances and 30 other resources: what a seed or a store has."""
    others = resources - instance_count
    return instances(instance_count) + (f" and {others:,} other resource{'' if others == 1 else 's'}" if others else "")


def number(count: int | str) -> str:
    return count if isinstance(count, str) else f"{count:,}"


def summary(tally: Tally, place: str, seconds: float, hidden: Sequence[str] = ()) -> str:
    """3 instances: 1 running, 1 pending, 1 stopped (still billed)   us-east-1, profile default, 0.3 s"""
    order = {state: number for number, state in enumerate(_ORDER)}
    states = sorted(tally.states, key=lambda state: (order.get(state, len(order)), state))
    told = ", ".join(f"{tally.states[state]:,} {state}" for state in states)
    billed = " (still billed)" if "stopped" in tally.states else ""
    return f"{instances(tally.count)}: {told}{billed}   {place}, {seconds:.1f} s{hidden_line(hidden)}"


def hidden_line(hidden: Sequence[str]) -> str:
    """A line more, where columns were hidden."""
    if not hidden:
        return ""
    return f"\n({len(hidden)} column{'' if len(hidden) == 1 else 's'} hidden: {', '.join(hidden)}; -o csv has all)"


def progress(tally: Tally, seconds: float) -> str:
    rate = f"  {tally.pages / seconds:.1f} pages/s" if seconds > 0 else ""
    return f"{instances(tally.count)}{rate}"


def more_to_come(tally: Tally, going_on: str) -> str:
    return f"{instances(tally.count)}, more to come: {going_on}"


def interrupted(tally: Tally, going_on: str) -> str:
    if not tally.pages:
        return f"stopped before the first page; again: {going_on}"
    if tally.token is None:
        return f"stopped behind the last of {instances(tally.count)}; nothing is missing"
    return f"stopped at {instances(tally.count)}; what was printed is whole. Go on: {going_on}"


def lost(arguments: Sequence[str]) -> str:
    return (
        f"stopped, and nothing was kept: a table is whole or not at all. Again: {shlex.join(['skysail', *arguments])}"
    )


def go_on_command(
    arguments: Sequence[str], tally: Tally, max_items: int | None, *, is_cut: bool, by_name: bool = False
) -> str:
    """The command line that goes on behind what was listed: the same words with another token, or, `by_name`, with
    --resume last, which has it.

    A listing that --max-items cut goes on with as many again; one that was broken off, with what it still lacked.
    """
    words = _without(_without(arguments, "--starting-token"), "--resume")
    if max_items is not None and not is_cut and tally.count:
        words = [*_without(words, "--max-items"), "--max-items", str(max_items - tally.count)]
    if tally.token is not None:
        words += ["--resume", "last"] if by_name else ["--starting-token", tally.token]
    elif not tally.pages:
        words = list(arguments)
    return shlex.join(["skysail", *words])


def _without(arguments: Sequence[str], option: str) -> list[str]:
    """The words without an option and its value, in either spelling."""
    kept: list[str] = []
    skips_next = False
    for word in arguments:
        if not skips_next and word != option and not word.startswith(f"{option}="):
            kept.append(word)
        skips_next = word == option and not skips_next
    return kept


def nothing(place: str, hint: str | None) -> str:
    return f"nothing: no instances in {place}.{f' {hint}' if hint else ''}"


def elsewhere(
    regions: Mapping[str, str], held: int | str | None, others: Sequence[str] = (), endpoint: str | None = None
) -> str | None:
    """Where there are some: in other regions, or else (`held` in all) in other accounts, `others` by number.

    Where there are none at all, how to come by some. `held` is None, or "", of what tells nothing.
    """
    if regions:
        told = [f"{count} in {region}" for region, count in list(regions.items())[:3]]
        more = f" and {len(regions) - 3} regions more" if len(regions) > 3 else ""
        return f"The store has {', '.join(told)}{more}: --region {next(iter(regions))}"
    if held:
        key = f": AWS_ACCESS_KEY_ID={others[0]} AWS_SECRET_ACCESS_KEY=any" if others else ""
        return f"The store has {number(held)} in other accounts; the access key picks the account{key}"
    if held != 0:
        return None
    if endpoint == "local:":
        return "That is this command's own memory, new each time: local:fleet.db is a store; skysail demo shows a fleet"
    return "The store has none at all: skysail instances create --help, skysail seed --help"


def none_fits(count: int, conditions: Sequence[str], hint: str | None) -> str:
    """nothing: none of 214 instances has state=runing — states are pending, running, stopping, stopped"""
    return f"nothing: none of {instances(count)} has {' and '.join(conditions)}{f' — {hint}' if hint else ''}"
