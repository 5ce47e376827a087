"""Disks: create, attach, detach, delete."""

from __future__ import annotations

from skysail.service.dispatch import Family

family = Family("disks")
