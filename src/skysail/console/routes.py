"""Which function makes which page. A part in braces stands for any text; it is given to the function."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from skysail.console.answers import Answer
from skysail.console.pages import (
    acting,
    calls,
    clock,
    create,
    faults,
    fleet,
    instance,
    likings,
    places,
    resources,
    several,
    sign_in,
)

Make = Callable[..., Answer]

ROUTES: tuple[tuple[str, str, Make], ...] = (
    ("GET", "instances", fleet.fleet),
    ("POST", "instances", acting.many),
    ("POST", "demo", acting.fill_with_demo),
    ("GET", "instances/several", several.several),
    ("GET", "instances/new", create.create),
    ("POST", "instances/new", acting.make),
    ("GET", "instances/{region}/{name}", instance.instance),
    ("GET", "instances/{region}/{name}/{tab}", instance.instance),
    ("POST", "instances/{region}/{name}/{act}", acting.act),
    ("GET", "regions", places.places),
    ("GET", "resources", resources.kinds),
    ("GET", "resources/{kind}", resources.listing),
    ("GET", "resources/{kind}/{region}/{name}", resources.one),
    ("GET", "calls", calls.calls),
    ("GET", "calls/{id}", calls.call),
    ("GET", "faults", faults.faults),
    ("POST", "faults", faults.arm),
    ("POST", "faults/disarm", faults.disarm),
    ("GET", "time", clock.time),
    ("POST", "time/move", clock.move),
    ("POST", "time/run", clock.run),
    ("POST", "time/reset", clock.reset),
    ("GET", "accounts", sign_in.accounts),
    ("GET", "help", likings.help),
    ("POST", "likings", likings.like),
    ("GET", "sign-in", sign_in.form),
    ("POST", "sign-in", sign_in.sign_in),
    ("POST", "sign-out", sign_in.sign_out),
)


def found(method: str, parts: Sequence[str]) -> tuple[Make, list[str]] | None:
    """The function for a path, and what it is given. None for a path that is no page's."""
    for wanted_method, pattern, make in ROUTES:
        wanted = pattern.split("/")
        if wanted_method == method and len(wanted) == len(parts):
            given = [part for want, part in zip(wanted, parts, strict=True) if want.startswith("{")]
            if all(want.startswith("{") or want == part for want, part in zip(wanted, parts, strict=True)):
                return make, given
    return None
