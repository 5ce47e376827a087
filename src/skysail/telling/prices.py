"""What instances cost: list prices, from the built-in catalogue. No service is asked."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from skysail.service.catalogue import Catalogue


@cache
def catalogue() -> Catalogue:
    return Catalogue()


def bundle_of(instance: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """An instance's bundle, or None where the catalogue does not know it."""
    region = instance.get("location", {}).get("regionName", "")
    return catalogue().bundle(region, instance.get("bundleId", ""))


def monthly_usd(instance: Mapping[str, Any]) -> float | None:
    bundle = bundle_of(instance)
    return None if bundle is None else float(bundle["price"])


def told(usd: float | None) -> str:
    """12.00 USD/month"""
    return "price not in the catalogue" if usd is None else f"{usd:,.2f} USD/month"
