"""Instances made from snapshots."""

from __future__ import annotations

from skysail.service.dispatch import Family

family = Family("instances_from_snapshot")
