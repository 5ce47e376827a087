"""A service on a bad day: throttled calls, failures, lost connections, pages of any size. The same day for a seed."""

from __future__ import annotations

from skysail.server import LocalLightsail

_PAGE_SIZES = (1, 2, 3, 5, 20)


def unleash(local: LocalLightsail, share: float) -> None:
    """Have that share of its calls go wrong, in one way or another. A page size that was asked for stays."""
    # Rules meet what those before them let through, so each has a third of all only if its share of the rest grows.
    local.faults.throttle(share=share / 3)
    local.faults.error(share=share / (3 - share), message="Chaos that was asked for.")
    local.faults.cut(share=share / (3 - 2 * share))
    if local.page_size is None:
        local.page_size = lambda: _PAGE_SIZES[int(local.world.fraction() * len(_PAGE_SIZES))]
