"""A small run of the fuzzers in `tests/fuzz`, and what they once found; `make fuzz` has long ones."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fuzz.choices import Choices
from fuzz.table import TARGETS

LONG = st.integers(0, 2**64).map(lambda seed: random.Random(seed).randbytes(1_500))


@pytest.mark.parametrize("target", TARGETS)
@given(st.binary(max_size=100) | LONG)
def test_nothing_falls_over(target: str, octets: bytes) -> None:
    TARGETS[target](Choices(octets))
