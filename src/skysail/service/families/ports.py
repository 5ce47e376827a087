"""An instance's firewall."""

from __future__ import annotations

from skysail.service.dispatch import Family

family = Family("ports")
