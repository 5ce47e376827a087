"""What a failed test should show of its Lightsail: the last calls, each with a line that makes it again."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Mapping
from typing import Any

from skysail.caller.handle import Fault
from skysail.service.clock import written
from skysail.service.faults import Rule
from skysail.testing.under_test import ClientUnderTest

_MOST = 10
_LONGEST = 300
"""Characters of one call's arguments."""


def told(client: ClientUnderTest) -> str:
    """The last ten calls, oldest first, the time, and the faults that were asked for. Empty where nobody called."""
    calls = client.calls()
    if not calls:
        return ""
    faults: list[Rule | Fault] = [*client.faults.rules()]
    return "\n".join([*_calls(calls), _time(client), *(f"fault: {_fault(rule)}" for rule in faults)])


def _calls(calls: list[dict[str, Any]]) -> Iterator[str]:
    if len(calls) > _MOST:
        yield f"the last {_MOST} of {len(calls)} calls"
    for call in calls[-_MOST:]:
        outcome = f"{call['status']} {call.get('error', '')}".strip()
        yield f"{written(call['at'])}  {outcome:32}  {call.get('region', '')}  {_again(call)}"
        if "message" in call:
            yield f"{'':22}{call['message']}"


def _again(call: Mapping[str, Any]) -> str:
    arguments = json.dumps(call["arguments"], separators=(",", ":")) if call.get("arguments") else ""
    shown = f"{arguments[:_LONGEST]}…" if len(arguments) > _LONGEST else arguments
    return f"skysail call {call.get('operation', '?')}" + (f" --json {shlex.quote(shown)}" if shown else "")


def _time(client: ClientUnderTest) -> str:
    how = {0.0: "stands still", 1.0: "runs as the machine's"}
    rate = client.clock.rate
    return f"clock: {written(client.clock.now())}, {how.get(rate, f'runs {rate:g} times as fast as the machine')}"


def _fault(rule: Rule | Fault) -> str:
    often = "" if rule.first is None else f", the first {rule.first}"
    often += "" if rule.every is None else f", each {rule.every}th"
    often += "" if rule.share is None else f", {rule.share:.0%} of them"
    return f"{rule.kind} {rule.operation}{often}: met {rule.met}, came about {rule.injected} times"
