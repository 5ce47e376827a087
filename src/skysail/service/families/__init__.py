"""The operations, one module a noun. A family never imports another one; what they share is below them.

A module is loaded when one of its operations is called, or a change of its is due: `index.py` says which that is.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from skysail.protocol.model import Model
from skysail.service.dispatch import ByModule, Family, Operations
from skysail.service.families.index import OPERATIONS, STEPS


def operations(model: Model) -> Operations:
    """All that skysail has."""
    return Operations(
        model,
        ByModule(OPERATIONS, lambda module: _family(module).operations),
        ByModule(STEPS, lambda module: _family(module).steps),
    )


def __getattr__(name: str) -> Any:
    """`FAMILIES`: all of them, for those who build a service of their own."""
    if name != "FAMILIES":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return tuple(_family(module) for module in sorted({*OPERATIONS.values(), *STEPS.values()}))


def _family(module: str) -> Family:
    family: Family = import_module(f"{__name__}.{module}").family
    return family
