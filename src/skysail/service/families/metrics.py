"""An instance's metrics."""

from __future__ import annotations

from skysail.service.dispatch import Family

family = Family("metrics")
