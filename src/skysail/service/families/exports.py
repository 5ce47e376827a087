"""Snapshots exported to EC2, and the stacks made of them."""

from __future__ import annotations

from skysail.service.dispatch import Family

family = Family("exports")
