"""A PostgreSQL primary dies under load: its standby takes over, and all that was answered is there, once.

A small run of what `make failover` does at length.
"""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from failover.harness import Plan, failovers
from failover.pair import Pair
from postgres_server import with_postgres

pytestmark = [pytest.mark.whole, *with_postgres]


def test_the_service_goes_on_with_the_standby_and_nothing_answered_is_lost(tmp_path: Path) -> None:
    with Pair() as pair:
        outages = [outage for outage, _ in failovers(tmp_path, pair, 2, random.Random(0), Plan())]
    assert [outage.how for outage in outages] == ["SIGKILL", "SIGQUIT"]
    assert all(outage.writes_s < 20 for outage in outages), outages
