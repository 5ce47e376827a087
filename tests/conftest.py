"""What holds for every test: hypothesis's settings, and an environment without any AWS account."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from hypothesis import settings

from bench import Bench

# No deadline: a slow machine is not a failing test. In CI the examples are the same in every run, so that a
# change never fails for a find that it did not make; elsewhere they are new ones each time.
settings.register_profile("local", deadline=None, print_blob=True)
settings.register_profile("ci", deadline=None, print_blob=True, derandomize=True, database=None)
settings.load_profile("ci" if os.environ.get("CI") else "local")


@pytest.fixture(scope="session", autouse=True)
def no_aws_account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Nobody's keys, profiles, region or endpoint reach a test; one that needs some sets them itself."""
    nowhere = tmp_path_factory.mktemp("home") / "absent"
    with pytest.MonkeyPatch.context() as environment:
        for name in [name for name in os.environ if name.startswith(("AWS_", "SKYSAIL_", "BOTO_"))]:
            environment.delenv(name)
        environment.setenv("AWS_EC2_METADATA_DISABLED", "true")
        environment.setenv("AWS_CONFIG_FILE", str(nowhere / "config"))
        environment.setenv("AWS_SHARED_CREDENTIALS_FILE", str(nowhere / "credentials"))
        yield


@pytest.fixture
def bench() -> Iterator[Bench]:
    """A client and its Lightsail, in memory, with a clock that is moved by hand."""
    bench = Bench()
    yield bench
    bench.close()
