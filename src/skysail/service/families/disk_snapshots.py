"""Snapshots of disks."""

from __future__ import annotations

from skysail.service.dispatch import Family

family = Family("disk_snapshots")
