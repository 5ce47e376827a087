"""Getting into an instance: access details, and the host keys that are known."""

from __future__ import annotations

from skysail.service.dispatch import Family

family = Family("access")
