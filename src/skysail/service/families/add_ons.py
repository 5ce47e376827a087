"""Add-ons: automatic snapshots and stopping when idle, switched on and off."""

from __future__ import annotations

from skysail.service.dispatch import Family

family = Family("add_ons")
