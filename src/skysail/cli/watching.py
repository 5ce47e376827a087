"""`skysail instances --watch`: one line a change, not a screen drawn anew, so that it can be piped and read aloud."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from skysail.cli.acting import Acting
from skysail.cli.invocation import Invocation
from skysail.cli.options import Connection
from skysail.cli.screen import Screen
from skysail.cli.sifting import Condition, state_of

_EVERY_S = 2.0

Seen = dict[str, tuple[str, str]]
"""State and public address, by name."""


def watch(invocation: Invocation, connection: Connection, conditions: Sequence[Condition], screen: Screen) -> int:
    """Until Ctrl-C."""
    acting = Acting(invocation, connection)
    before = seen(acting.every("get_instances", "instances"), conditions)
    screen.tell(f"watching {len(before):,} instances   {acting.place.in_summary}   Ctrl-C ends it")
    while True:
        invocation.world.sleep(_EVERY_S)
        after = seen(acting.every("get_instances", "instances"), conditions)
        at = datetime.fromtimestamp(acting.now(), UTC).strftime("%H:%M:%S")
        screen.write("".join(f"{at} {change}\n" for change in changes(before, after)))
        before = after


def seen(instances: Sequence[Mapping[str, Any]], conditions: Sequence[Condition]) -> Seen:
    return {
        instance["name"]: (state_of(instance), instance.get("publicIpAddress", ""))
        for instance in instances
        if all(fits(instance) for fits in conditions)
    }


def changes(before: Seen, after: Seen) -> Iterator[str]:
    """web-3 pending → running; web-3 address - → 203.0.113.7; web-4 + pending; web-5 gone"""
    for name in sorted({*before, *after}):
        if name not in after:
            yield f"{name} gone"
        elif name not in before:
            yield f"{name} + {after[name][0]}"
        else:
            (state, address), (new_state, new_address) = before[name], after[name]
            if state != new_state:
                yield f"{name} {state} → {new_state}"
            if address != new_address:
                yield f"{name} address {address or '-'} → {new_address or '-'}"
