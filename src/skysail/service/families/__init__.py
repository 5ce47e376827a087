"""The operations, one module a noun. A family never imports another one; what they share is below them."""

from __future__ import annotations

from skysail.service.dispatch import Family
from skysail.service.families import (
    access,
    account,
    add_ons,
    address_types,
    alarms,
    auto_snapshots,
    catalogue,
    certificates,
    contact_methods,
    disk_snapshots,
    disks,
    exports,
    https_setup,
    instance_snapshots,
    instances,
    instances_from_snapshot,
    key_pairs,
    metadata_options,
    metrics,
    operations,
    ports,
    snapshot_copies,
    static_ips,
    tags,
)

FAMILIES: tuple[Family, ...] = (
    access.family,
    account.family,
    add_ons.family,
    address_types.family,
    alarms.family,
    auto_snapshots.family,
    catalogue.family,
    certificates.family,
    contact_methods.family,
    disk_snapshots.family,
    disks.family,
    exports.family,
    https_setup.family,
    instance_snapshots.family,
    instances.family,
    instances_from_snapshot.family,
    key_pairs.family,
    metadata_options.family,
    metrics.family,
    operations.family,
    ports.family,
    snapshot_copies.family,
    static_ips.family,
    tags.family,
)
"""All that skysail has; a service can be built with fewer."""
