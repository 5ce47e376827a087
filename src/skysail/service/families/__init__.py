"""The operations, one module a noun. A family never imports another one; what they share is below them."""

from __future__ import annotations

from skysail.service.dispatch import Family
from skysail.service.families import account, catalogue, instances, operations

FAMILIES: tuple[Family, ...] = (instances.family, catalogue.family, operations.family, account.family)
"""All that skysail has; a service can be built with fewer."""
