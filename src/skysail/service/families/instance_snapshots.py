"""Snapshots of instances."""

from __future__ import annotations

from skysail.service.dispatch import Family

family = Family("instance_snapshots")
