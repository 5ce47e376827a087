"""The fleet of `skysail demo`: a few hundred instances as a small company might have them, the same every time.

A seed: it is ordered with the operations that a user has, on a clock that is moved from a year and a half ago to now.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from skysail.seeds.format import Instance, Region, Seed
from skysail.server import LocalLightsail
from skysail.service.accounts import OneAccount
from skysail.service.hosts import Hosts
from skysail.world import World

ACCOUNT = "111122223333"


class Group(NamedTuple):
    """Instances that do one job in one region: the oldest `oldest_days` old, the others at even distances after it;
    every `stops`th of them is stopped (0: none).
    """

    region: str
    role: str
    size: int
    bundle: str
    blueprint: str
    env: str
    oldest_days: float
    stops: int = 0


GROUPS = (
    Group("us-east-1", "web", 36, "small_3_0", "nginx", "prod", 410),
    Group("us-east-1", "api", 24, "medium_3_0", "nodejs", "prod", 230),
    Group("us-east-1", "shop", 12, "medium_3_0", "wordpress", "prod", 500),
    Group("us-east-1", "batch", 18, "micro_3_0", "debian_12", "prod", 90, stops=3),
    Group("us-east-1", "ci", 10, "large_3_0", "ubuntu_24_04", "dev", 12, stops=2),
    Group("eu-central-1", "web", 30, "small_3_0", "nginx", "prod", 380),
    Group("eu-central-1", "api", 20, "medium_3_0", "nodejs", "prod", 200),
    Group("eu-central-1", "git", 2, "xlarge_3_0", "gitlab", "prod", 530),
    Group("eu-central-1", "blog", 8, "nano_3_0", "ghost_bitnami", "prod", 320, stops=4),
    Group("ap-southeast-2", "web", 16, "small_3_2", "lamp_8_bitnami", "prod", 150),
    Group("ap-southeast-2", "office", 4, "large_win_3_2", "windows_server_2022", "prod", 270, stops=2),
    Group("us-west-2", "staging", 24, "micro_3_0", "ubuntu_24_04", "staging", 60, stops=2),
    Group("us-west-2", "load", 36, "nano_ipv6_3_0", "amazon_linux_2023", "test", 0.2),
)
REGIONS = tuple(dict.fromkeys(group.region for group in GROUPS))


def demo_lightsail(world: World) -> LocalLightsail:
    """A service in memory with the demo's fleet in it, on that world's clock."""
    local = LocalLightsail(world=world, accounts=OneAccount(account=ACCOUNT), hosts=Hosts())
    local.seed(demo())
    return local


def demo() -> Seed:
    return Seed({region: Region(instances=tuple(_instances(region))) for region in REGIONS})


def _instances(region: str) -> Iterator[Instance]:
    for group in GROUPS:
        for number in range(1, group.size + 1 if group.region == region else 1):
            yield Instance(
                name=f"{group.role}-{number}",
                bundle=group.bundle,
                blueprint=group.blueprint,
                zones=("ab"[number % 2],),
                age=f"{group.oldest_days * (1 - (number - 1) / group.size):.6f}d",
                state="stopped" if group.stops and number % group.stops == 0 else "running",
                tags={"role": group.role, "env": group.env},
            )
