"""The account's own DNS zones, as others need them: certificates, whose proofs are put there (source: the model)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from skysail.errors import InvalidInputException
from skysail.service.context import Context
from skysail.service.home_region import HOME
from skysail.service.nouns import dns_records
from skysail.service.resources import Resource

DOMAIN = "Domain"


def add_proof(context: Context, proof: Mapping[str, str]) -> dict[str, Any] | None:
    """Put a record (name, type, value) into the zone that it belongs to; gives how that went, None without a zone.

    Done at once, without an entry in the journal (both inferred).
    """
    home = context.in_region(HOME)
    zone = _zone_of(home, dns_records.record_name(proof["name"]))
    if zone is None:
        return None
    asked = {"name": proof["name"], "type": proof["type"], "target": proof["value"]}
    records = zone.document.get("domainEntries", [])
    try:
        new = dns_records.record(zone.name, asked)
        if new not in records:  # another certificate's for the same name
            zone.document["domainEntries"] = dns_records.added(zone.name, records, new)
            home.resources.save(zone)
    except InvalidInputException as error:
        return {"code": "FAILED", "message": error.message}
    return {"code": "SUCCEEDED"}


def _zone_of(home: Context, name: str) -> Resource | None:
    """The closest one above a name."""
    labels = name.split(".")
    above = [".".join(labels[count:]) for count in range(len(labels) - 1)]
    return next((zone for one in above if (zone := home.resources.find(DOMAIN, one)) is not None), None)
