"""How long each change of state takes, in seconds, by pace.

`real` follows what was timed of the real service where anybody did (CreateInstance: 17.9 s between Started and
Succeeded in a published get-operation answer; container services by how long the tests of Terraform's provider take; a
database's backup: 103 s between two published events); the others are inferred.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Literal, get_args

Pace = Literal["instant", "brisk", "real"]
PACES: tuple[Pace, ...] = get_args(Pace)


@dataclass(frozen=True, slots=True)
class Timing:
    create_s: float
    start_s: float
    stop_s: float
    checks_s: float
    """How long an instance's health checks are initializing once it runs."""
    disk_s: float
    """Until a new disk is available."""
    attach_s: float
    detach_s: float
    snapshot_s: float
    """Until a snapshot of an instance or a disk can be used."""
    copy_s: float
    """Until a copy of a snapshot can be used."""
    export_s: float
    stack_s: float
    add_on_s: float
    metadata_s: float
    """Until changed metadata options are applied."""
    https_s: float
    """Until an instance serves HTTPS, or a known step of it is done."""
    verification_s: float
    """Until somebody has followed the link that a contact method was sent."""
    load_balancer_s: float
    """Until a new load balancer takes requests."""
    register_s: float
    """Until a load balancer knows an instance."""
    drain_s: float
    """How long a load balancer gives an instance to end what it does, before it is detached."""
    target_checks_s: float
    """How long a load balancer looks at an instance before it is healthy."""
    tls_deletion_s: float
    """Until a load balancer's deleted certificate is gone."""
    certificate_s: float
    """Until the names of a certificate are proved and it is issued."""
    container_s: float
    """Until a new container service is ready."""
    deployment_s: float
    """Until a deployment has gone live, or has failed."""
    container_update_s: float
    container_deletion_s: float
    puller_role_s: float
    """Until a container service has the role that pulls images from a private registry."""
    distribution_s: float
    """Until all edges have a new or a changed distribution."""
    distribution_deletion_s: float
    cache_reset_s: float
    subdomain_s: float
    """Until a subdomain is there, or is tied to something else."""
    gui_session_s: float
    """Until a GUI session is open, or closed."""
    database_s: float
    """Until a new database is available."""
    database_power_s: float
    """Until a database is stopped, started or rebooted."""
    database_update_s: float
    database_parameters_s: float
    """Until a database's changed parameters are applied, or known to wait for a reboot."""
    database_snapshot_s: float
    database_deletion_s: float
    host_keys_s: float
    """Until the service has seen a new host's keys."""


_REAL = Timing(
    create_s=18,
    start_s=18,
    stop_s=25,
    checks_s=120,
    disk_s=6,
    attach_s=8,
    detach_s=8,
    snapshot_s=180,
    copy_s=300,
    export_s=900,
    stack_s=240,
    add_on_s=10,
    metadata_s=10,
    https_s=120,
    verification_s=60,
    load_balancer_s=120,
    register_s=30,
    drain_s=300,
    target_checks_s=60,
    tls_deletion_s=10,
    certificate_s=45,
    container_s=60,
    deployment_s=110,
    container_update_s=20,
    container_deletion_s=10,
    puller_role_s=30,
    distribution_s=300,
    distribution_deletion_s=60,
    cache_reset_s=60,
    subdomain_s=60,
    gui_session_s=15,
    database_s=420,
    database_power_s=90,
    database_update_s=60,
    database_parameters_s=15,
    database_snapshot_s=103,
    database_deletion_s=180,
    host_keys_s=40,
)
_BRISK = {"create_s": 1.5, "checks_s": 2, "snapshot_s": 2, "copy_s": 2, "export_s": 2, "stack_s": 2, "https_s": 2}


def _all(seconds: float) -> dict[str, float]:
    return {field.name: seconds for field in fields(Timing)}


TIMINGS: dict[Pace, Timing] = {
    "instant": Timing(**_all(0)),
    "brisk": Timing(**(_all(1) | _BRISK)),
    "real": _REAL,
}
