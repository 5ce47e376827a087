"""`skysail.seed(instances=1000)`: a fleet as a company of that size might have it, the same each time."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from skysail.errors import UsageError
from skysail.seeds.format import AttachedDisk, Instance, Region, Seed, Snapshot
from skysail.service.catalogue import Catalogue


class Role(NamedTuple):
    """What instances are for: `share` of all, `most` in one group, and how their owners treat them."""

    name: str
    share: float
    most: int
    size: str
    blueprint: str
    environments: tuple[str, ...]
    oldest_days: int
    ports: tuple[str | int, ...] | None = None
    stopped: float = 0.0
    static_ip: bool = False
    disk_gb: int = 0
    has_backups: bool = False


ROLES = (
    Role("web", 0.26, 40, "small", "nginx", ("prod", "staging"), 420, (22, 80, 443), static_ip=True),
    Role("api", 0.18, 30, "medium", "nodejs", ("prod", "staging"), 300, ("22/tcp@198.51.100.0/24", 443)),
    Role("worker", 0.18, 60, "micro", "debian_12", ("prod",), 120, (22,), stopped=0.1),
    Role("shop", 0.10, 12, "medium", "wordpress", ("prod",), 600, static_ip=True, has_backups=True),
    Role("db", 0.08, 6, "large", "ubuntu_24_04", ("prod",), 500, (22, 5432), disk_gb=128, has_backups=True),
    Role("ci", 0.08, 20, "large", "ubuntu_24_04", ("dev",), 20, (22,), stopped=0.4),
    Role("dev", 0.12, 20, "nano", "amazon_linux_2023", ("dev", "test"), 60, stopped=0.3),
)


def seed(
    instances: int = 100,
    regions: Sequence[str] = ("us-east-1",),
    *,
    account: str | None = None,
    random_seed: int = 0,
) -> Seed:
    """So many instances over those regions, with their disks, static IPs, snapshots, ports and tags.

    The same for the same arguments. For `LocalLightsail.seed`, `mock(seed=…)`, `skysail seed`.

    Raises UsageError for more than 1,000,000 instances, and for a region that Lightsail does not have.
    """
    if not 0 <= instances <= 1_000_000:
        raise UsageError(f"a seed has 0 to 1,000,000 instances, not {instances}")
    if not regions or len(set(regions)) != len(regions):
        raise UsageError("a seed's regions are names, each once: regions=['us-east-1', 'eu-central-1']")
    dice, catalogue = random.Random(f"{random_seed} {instances} {' '.join(regions)}"), Catalogue()
    for region in regions:
        if not catalogue.is_region(region):
            known = ", ".join(each["name"] for each in catalogue.regions(zones=False, database_zones=False))
            raise UsageError(f"Lightsail has no region {region}; it has {known}")
    sizes = [instances // len(regions) + (place < instances % len(regions)) for place in range(len(regions))]
    return Seed(
        {region: _region(region, size, dice, catalogue) for region, size in zip(regions, sizes, strict=True)}, account
    )


def _region(region: str, size: int, dice: random.Random, catalogue: Catalogue) -> Region:
    zones = [zone.removeprefix(region) for zone in catalogue.zones(region)]
    groups = tuple(
        group for role, count in _counts(size) for group in _groups(role, count, region, zones, dice, catalogue)
    )
    return Region(instances=groups)


def _counts(size: int) -> Iterator[tuple[Role, int]]:
    """How many of each role: the shares rounded so that they make `size`."""
    taken, share = 0, 0.0
    for role in ROLES:
        share += role.share
        upto = size if role is ROLES[-1] else round(size * share)
        yield role, upto - taken
        taken = upto


def _groups(
    role: Role, count: int, region: str, zones: list[str], dice: random.Random, catalogue: Catalogue
) -> Iterator[Instance]:
    first = 1
    while count > 0:
        size = min(count, dice.randint(max(1, role.most // 3), role.most))
        stopped = sum(dice.random() < role.stopped for _ in range(size))
        env = dice.choice(role.environments)
        oldest = dice.randint(role.oldest_days // 4, role.oldest_days)
        for state, part in (("running", size - stopped), ("stopped", stopped)):
            if part:
                yield Instance(
                    name=f"{role.name}-{{n}}",
                    bundle=_bundle(role.size, region, catalogue),
                    blueprint=role.blueprint,
                    count=part,
                    first=first,
                    zones=tuple(zones[:2]),
                    age=f"{oldest}d..{dice.randint(1, 20)}h" if part > 1 else f"{oldest}d",
                    state="running" if state == "running" else "stopped",
                    tags={"role": role.name, "env": env},
                    ports=role.ports,
                    automatic_snapshots=f"{dice.randrange(24):02}:00" if role.has_backups else None,
                    static_ip="{name}-ip" if role.static_ip and env == "prod" else None,
                    disks=(AttachedDisk("{name}-data", role.disk_gb),) if role.disk_gb else (),
                    snapshots=(Snapshot("{name}-before-upgrade", f"{dice.randint(1, 19)}m"),)
                    if role.has_backups
                    else (),
                )
                first += part
        count -= size


def _bundle(size: str, region: str, catalogue: Catalogue) -> str:
    """The region's newest bundle of that size for Linux, with a public IPv4 address."""
    found = [bundle["bundleId"] for bundle in catalogue.bundles(region) if bundle["bundleId"].startswith(f"{size}_3_")]
    return str(found[0])
