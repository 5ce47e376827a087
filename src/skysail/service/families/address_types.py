"""IP address types: dualstack, ipv4, ipv6."""

from __future__ import annotations

from skysail.service.dispatch import Family

family = Family("address_types")
