"""How long something has been there, told. Pure."""

from __future__ import annotations


def age(seconds: float) -> str:
    """How long something has been there, in two units at most: 12s, 5m, 3h, 209d, 1y40d."""
    passed = max(0, int(seconds))
    days = passed // 86_400
    if passed < 60:
        return f"{passed}s"
    if passed < 3600:
        return f"{passed // 60}m"
    if days < 1:
        return f"{passed // 3600}h"
    years, rest = divmod(days, 365)
    if not years:
        return f"{days}d"
    return f"{years}y{rest}d" if rest else f"{years}y"
