"""Tags on every kind that takes them."""

from __future__ import annotations

from skysail.service.dispatch import Family

family = Family("tags")
