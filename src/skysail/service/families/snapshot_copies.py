"""Copies of snapshots, from region to region or of an automatic one."""

from __future__ import annotations

from skysail.service.dispatch import Family

family = Family("snapshot_copies")
