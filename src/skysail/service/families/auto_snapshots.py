"""Automatic snapshots of instances and disks, as callers read and delete them."""

from __future__ import annotations

from skysail.service.dispatch import Family

family = Family("auto_snapshots")
