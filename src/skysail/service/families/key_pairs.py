"""Key pairs."""

from __future__ import annotations

from skysail.service.dispatch import Family

family = Family("key_pairs")
