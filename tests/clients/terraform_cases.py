"""What must hold of every resource type: applied, read, changed and destroyed, and no plan shows a difference."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from clients.terraform_calls import Kind, Provider, State

Look = Callable[[Any], object]


@dataclass
class Case:
    """A resource type with a configuration, another one that it is changed to, and a look at what must be gone.

    None to look at: what stays behind when Terraform forgets it.
    """

    kind: Kind
    config: State
    changed: State
    replaces: bool
    look: Look | None
    needs: list[tuple[Kind, State]] = field(default_factory=list)


def check(provider: Provider, case: Case) -> None:
    for kind, config in case.needs:
        provider.apply(kind, config)

    state = provider.apply(case.kind, case.config)
    assert provider.refresh(case.kind, state) == state
    assert provider.plan(case.kind, case.config, state) == {}

    difference = provider.plan(case.kind, case.changed, state)
    assert difference
    assert bool(case.kind.replaced & difference.keys()) is case.replaces
    state = provider.apply(case.kind, case.changed, state)
    assert provider.refresh(case.kind, state) == state
    assert provider.plan(case.kind, case.changed, state) == {}

    if case.look is None:
        provider.destroy(case.kind, state)
        return
    assert not is_gone(provider, case.look)
    provider.destroy(case.kind, state)
    assert is_gone(provider, case.look)
    assert provider.refresh(case.kind, state) is None


def is_gone(provider: Provider, look: Look) -> bool:
    """What is looked at is not found; or, where it was a tie between others, there is nothing to see."""
    try:
        return not look(provider.api)
    except provider.api.exceptions.NotFoundException:
        return True
