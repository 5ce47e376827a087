"""What can be ordered: bundles, blueprints and regions, from the recorded facts in `facts/`.

Members of those files that begin with an underscore are facts about the facts (sources, what was inferred) or have no
place in the API; they are not in the answers. Entries are worked out once and handed out to all: not to be changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import msgspec

FACTS = Path(__file__).with_name("facts")
MIRRORED = "catalogue"
"""The setting of a store that is a mirror: what could be ordered at its source."""
_USUAL_PORTS = ({"protocol": "tcp", "fromPort": 22, "toPort": 22}, {"protocol": "tcp", "fromPort": 80, "toPort": 80})
_USUAL_USER = "ec2-user"

# Regions whose plans come with half the transfer (source: the user guide's FAQ).
_HALF_TRANSFER = frozenset({"ap-south-1", "ap-southeast-2"})
_ZONES = ("availabilityZones", "relationalDatabaseAvailabilityZones")


@dataclass(frozen=True)
class Catalogue:
    """The catalogue found in `folder`: bundles.json, blueprints.json, regions.json.

    `mirrored` is another account's, that is put in its place as far as it goes: `regions`, and `in` each region
    `bundles` and `blueprints`, `databaseBundles` and `databaseBlueprints`, as the API shows them.
    """

    folder: Path = FACTS
    mirrored: Mapping[str, Any] = field(default_factory=dict)
    _by_region: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict, init=False, repr=False)

    @cached_property
    def _bundles(self) -> dict[str, dict[str, Any]]:
        return {bundle["bundleId"]: bundle for bundle in self._read("bundles")["bundles"]}

    @cached_property
    def _variants(self) -> dict[str, str]:
        """The last digit of a region's bundle ids, where it has been seen; it is 0 in most."""
        sightings = self._read("bundles")["_region_suffix"]
        return {region: digit for digit in "012" for region in sightings[digit]["regions"]}

    @cached_property
    def _blueprints(self) -> dict[str, dict[str, Any]]:
        return {blueprint["blueprintId"]: blueprint for blueprint in self._read("blueprints")["blueprints"]}

    @cached_property
    def _public_blueprints(self) -> dict[str, dict[str, Any]]:
        seen = [entry for there in self._elsewhere.values() for entry in there.get("blueprints", ())]
        if seen:
            return {blueprint["blueprintId"]: blueprint for blueprint in seen}
        return {blueprint_id: _public(blueprint) for blueprint_id, blueprint in self._blueprints.items()}

    @cached_property
    def _regions(self) -> dict[str, dict[str, Any]]:
        return {region["name"]: region for region in self.mirrored.get("regions") or self._read("regions")["regions"]}

    @property
    def _elsewhere(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.mirrored.get("in", {})
        return found

    @cached_property
    def _tls_policies(self) -> list[dict[str, Any]]:
        policies: list[dict[str, Any]] = self._read("tls_policies")["tlsPolicies"]
        return policies

    @cached_property
    def _container_powers(self) -> list[dict[str, Any]]:
        powers: list[dict[str, Any]] = self._read("container_powers")["powers"]
        return powers

    @cached_property
    def _distribution_bundles(self) -> list[dict[str, Any]]:
        bundles: list[dict[str, Any]] = [_public(one) for one in self._read("distribution_bundles")["bundles"]]
        return bundles

    @cached_property
    def _bucket_bundles(self) -> list[dict[str, Any]]:
        bundles: list[dict[str, Any]] = self._read("bucket_bundles")["bundles"]
        return bundles

    @cached_property
    def _database_bundles(self) -> list[dict[str, Any]]:
        return [_public(bundle) for bundle in self._read("database_bundles")["bundles"]]

    @cached_property
    def _database_blueprints(self) -> list[dict[str, Any]]:
        blueprints: list[dict[str, Any]] = self._read("database_blueprints")["blueprints"]
        return blueprints

    @cached_property
    def _database_parameters(self) -> dict[str, list[dict[str, Any]]]:
        return self._read("database_parameters")

    def _read(self, name: str) -> dict[str, Any]:
        facts: dict[str, Any] = msgspec.json.decode((self.folder / f"{name}.json").read_bytes())
        return facts

    def is_region(self, name: str) -> bool:
        return name in self._regions

    def zones(self, region: str) -> list[str]:
        """The availability zones of a region, by name."""
        return [zone["zoneName"] for zone in self._regions[region]["availabilityZones"]]

    def bundle(self, region: str, bundle_id: str) -> dict[str, Any] | None:
        """A bundle as the API shows it in a region; None where that region does not have it.

        A bundle's id is another one in some regions: nano_3_0 is nano_3_1 in Mumbai, and known there by that alone.
        """
        return self._bundles_in(region).get(bundle_id)

    def bundles(self, region: str) -> list[dict[str, Any]]:
        return list(self._bundles_in(region).values())

    def _bundles_in(self, region: str) -> dict[str, dict[str, Any]]:
        """By their ids there."""
        found = self._by_region.get(region)
        if found is None:
            entries = self._elsewhere.get(region, {}).get("bundles") or [
                self._in_region(bundle, region) for bundle in self._bundles.values()
            ]
            found = self._by_region[region] = {entry["bundleId"]: entry for entry in entries}
        return found

    def _variant(self, region: str) -> str:
        return self._variants.get(region, "0")

    def _in_region(self, bundle: Mapping[str, Any], region: str) -> dict[str, Any]:
        entry = _public(bundle)
        entry["bundleId"] = entry["bundleId"].removesuffix("0") + self._variant(region)
        if region in _HALF_TRANSFER:
            entry["transferPerMonthInGb"] //= 2
        return entry

    def blueprint(self, blueprint_id: str) -> dict[str, Any] | None:
        """A blueprint as the API shows it."""
        return self._public_blueprints.get(blueprint_id)

    def blueprints(self) -> list[dict[str, Any]]:
        return list(self._public_blueprints.values())

    def username(self, blueprint_id: str) -> str:
        """The user that one logs in as."""
        return str(self._blueprints.get(blueprint_id, {}).get("_username", _USUAL_USER))

    def default_ports(self, blueprint_id: str) -> list[Mapping[str, Any]]:
        """The ports that are open on a new instance: protocol, fromPort, toPort."""
        ports: list[Mapping[str, Any]] = self._blueprints.get(blueprint_id, {}).get("_ports", list(_USUAL_PORTS))
        return ports

    def regions(self, zones: bool, database_zones: bool) -> list[dict[str, Any]]:
        """The regions; zone lists are there in any case, and empty unless asked for (seen)."""
        shown = dict(zip(_ZONES, (zones, database_zones), strict=True))
        return [
            _public(region) | {member: region[member] if shown[member] else [] for member in _ZONES}
            for region in self._regions.values()
        ]

    def tls_policies(self) -> list[dict[str, Any]]:
        """By which load balancers can speak TLS."""
        return self._tls_policies

    def container_powers(self) -> list[dict[str, Any]]:
        """What a container service's nodes can be like."""
        return self._container_powers

    def distribution_bundles(self) -> list[dict[str, Any]]:
        """What can be ordered for a distribution."""
        return self._distribution_bundles

    def bucket_bundles(self) -> list[dict[str, Any]]:
        """What can be ordered for a bucket, in every region alike."""
        return self._bucket_bundles

    def database_zones(self, region: str) -> list[str]:
        """The availability zones of a region in which databases can stand."""
        return [zone["zoneName"] for zone in self._regions[region]["relationalDatabaseAvailabilityZones"]]

    def database_bundles(self, region: str) -> list[dict[str, Any]]:
        """The plans of databases, also those for no new ones; the same in all regions (inferred)."""
        return self._elsewhere.get(region, {}).get("databaseBundles") or self._database_bundles

    def database_bundle(self, region: str, bundle_id: str) -> dict[str, Any] | None:
        return next((one for one in self.database_bundles(region) if one["bundleId"] == bundle_id), None)

    def database_blueprints(self, region: str) -> list[dict[str, Any]]:
        """The engines, by major version, of new databases: ended versions are not listed any more."""
        listed = [blueprint for blueprint in self._database_blueprints if blueprint["_listed"]]
        return self._elsewhere.get(region, {}).get("databaseBlueprints") or [_public(one) for one in listed]

    def database_parameters(self, engine: str, version: str) -> list[dict[str, Any]]:
        """The runtime parameters of an engine, as "8.0.16" or "17.11" has them, by name, with their defaults."""
        number = _numbers(version)
        return [
            _public(one)
            for one in self._database_parameters.get(engine, [])
            if _numbers(one.get("_since", "0")) <= number
            and ("_until" not in one or number[: len(until := _numbers(one["_until"]))] <= until)
        ]


def _numbers(version: str) -> list[int]:
    return [int(part) for part in version.split(".")]


def _public(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in entry.items() if not name.startswith("_")}
